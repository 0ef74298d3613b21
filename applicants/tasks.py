from celery import shared_task

from applicants import actions


@shared_task(ignore_result=True)
def forget_who_never_came():
    actions.forget_who_never_came()
