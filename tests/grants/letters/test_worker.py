"""A real worker and a real broker, killed and stopped: one letter with bytes, one mail."""

import email
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
import redis
from celery import current_app
from django.conf import settings
from django.db import connection

from config import services
from grants.letters.models import Letter, Mail
from tests import factories

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PATIENCE = 60


@pytest.fixture
def broker(tmp_path, monkeypatch):
    """A broker of this test's own, which it may stop and start."""
    with services.Services(tmp_path / "services", disposable=True) as own:
        monkeypatch.setattr(current_app.conf, "broker_url", own.broker)
        current_app._after_fork()  # forget the connections to the other broker
        yield own
    current_app._after_fork()


@pytest.fixture
def mails_sent(tmp_path):
    """Every mail that any worker of this test has sent."""

    def read():
        files = [each.read_text() for each in (tmp_path / "mail").glob("*.log")]
        each_mail = [text for file in files for text in file.split("-" * 79) if text.strip()]
        return [email.message_from_string(text.lstrip()) for text in each_mail]

    return read


@contextmanager
def worker(broker, home):
    """A Celery worker in a process group of its own."""
    database = broker.database_web.replace(
        f"/{services.DATABASE}?", f"/{connection.settings_dict['NAME']}?"
    ).replace(str(broker.run), connection.settings_dict["OPTIONS"]["host"])
    environment = os.environ | {
        "DATABASE_URL": database,
        "BROKER_URL": broker.broker,
        "LOCAL_DIR": str(home),
        "DEBUG": "1",
    }
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "--concurrency=1"]
    with open(home / "worker.log", "ab") as log:
        process = subprocess.Popen(
            command,
            env=environment,
            cwd=settings.BASE_DIR,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(PATIENCE)


def test_a_worker_killed_while_it_makes_a_letter_leaves_one_letter_and_one_mail(
    broker, mails_sent, tmp_path, world, cast
):
    """Slow: two Celery workers start, and the first is killed with SIGKILL."""
    application = factories.application_at("decided", world, cast)
    with worker(broker, tmp_path) as first:
        _until(lambda: current_app.control.ping(timeout=0.5))
        factories._announce(application, world, cast)
        _until(lambda: Letter.objects.exclude(claimed_at=None).exists(), pause=0.001)
        os.killpg(first.pid, signal.SIGKILL)
        first.wait(PATIENCE)
    assert not Letter.objects.exclude(rendered_at=None).exists(), "killed too late to tell"
    assert Mail.objects.get(letter__isnull=False).claimed_at is None

    with worker(broker, tmp_path):
        current_app.send_task("grants.letters.tasks.sweep")
        _until(lambda: Mail.objects.exclude(sent_at=None).filter(letter__isnull=False).exists())
    letter = Letter.objects.get()
    assert bytes(letter.pdf).startswith(b"%PDF-1.7")
    assert len(_about_letters(mails_sent())) == 1


def test_with_the_broker_down_the_act_happens_and_the_letter_follows(
    broker, mails_sent, tmp_path, world, cast, caplog
):
    """Slow: the broker is stopped and started, and a worker with it."""
    application = factories.application_at("decided", world, cast)
    redis.Redis(unix_socket_path=str(broker.valkey_socket)).shutdown(nosave=True)

    factories._announce(application, world, cast)
    assert "The broker does not answer" in caplog.text
    application.refresh_from_db()
    assert application.status == "awarded"
    assert Letter.objects.get().rendered_at is None

    assert broker.ensure() == ["valkey"]
    with worker(broker, tmp_path):
        current_app.send_task("grants.letters.tasks.sweep")
        _until(lambda: Mail.objects.exclude(sent_at=None).filter(letter__isnull=False).exists())
    assert len(_about_letters(mails_sent())) == 1


def _until(true, pause=0.1):
    give_up_at = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < give_up_at, "It did not happen within a minute."
        time.sleep(pause)


def _about_letters(mails):
    return [mail for mail in mails if "letter" in mail["Subject"] or "brev" in mail["Subject"]]
