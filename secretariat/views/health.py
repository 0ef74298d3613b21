"""Whether the site can do its work: asked by whatever watches it."""

import logging

from celery import current_app
from django.db import DatabaseError, connection
from django.http import JsonResponse
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def health(request):
    """{"database": ..., "broker": ...}, each "ok" or "down".

    503 without a database. Without a broker it is still 200: the site works, and letters and
    mails follow when the broker is back.
    """
    database, broker = _database(), _broker()
    return JsonResponse(
        {"database": database, "broker": broker}, status=200 if database == "ok" else 503
    )


def _database():
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        log.exception("The database does not answer.")
        return "down"
    return "ok"


def _broker():
    try:
        with current_app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, interval_start=0, timeout=2)
    except (OperationalError, OSError):
        log.warning("The broker does not answer.")
        return "down"
    return "ok"
