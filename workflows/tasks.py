from celery import shared_task

from workflows import audit


@shared_task
def checkpoint():
    """The hourly seal."""
    audit.checkpoint("hourly")
