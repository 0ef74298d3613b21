from celery import shared_task

from grants.decisions import actions


@shared_task(ignore_result=True)
def lapse_unanswered():
    actions.lapse_unanswered()


@shared_task(ignore_result=True)
def remind():
    actions.remind_of_grants()
