from celery import shared_task

from grants.applications import attaching, reminders


@shared_task(ignore_result=True)
def remind():
    reminders.remind_of_answers()
    reminders.remind_of_drafts()


@shared_task(ignore_result=True)
def sweep_files():
    attaching.sweep()
