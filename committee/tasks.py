from celery import shared_task

from committee.votes import actions


@shared_task(ignore_result=True)
def close_votes():
    actions.close_due_votes()
