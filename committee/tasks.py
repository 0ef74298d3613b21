from celery import shared_task

from committee.votes import actions, reminders


@shared_task(ignore_result=True)
def close_votes():
    actions.close_due_votes()


@shared_task(ignore_result=True)
def remind_members():
    reminders.remind_members()
