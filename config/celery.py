import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("ungepuljen")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(
    [
        *["workflows", "committee", "secretariat.my_data"],
        *["grants.letters", "grants.applications", "grants.decisions", "grants.payouts"],
    ]
)
