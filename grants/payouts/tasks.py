from celery import shared_task

from grants.payouts import actions


@shared_task(ignore_result=True)
def remind():
    actions.remind_of_reports()
