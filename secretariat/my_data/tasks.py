from celery import shared_task

from secretariat.my_data import unsent


@shared_task(ignore_result=True)
def let_drafts_go():
    unsent.tell_of_drafts()
    unsent.let_drafts_go()
