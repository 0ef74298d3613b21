"""Who wants one mail a day gets one: what can wait waits for it, and nothing else does."""

from threading import Thread

import pytest
from django.core import mail as mailbox
from django.db import IntegrityError, connection, transaction

from applicants.models import User
from grants.applications import actions as applications
from grants.letters import outbox, tasks
from grants.letters.models import Mail
from tests import factories


@pytest.fixture
def asta(cast):
    cast.asta.told = User.Told.DAILY
    cast.asta.language = "en"
    cast.asta.save()
    return cast.asta


def post(to, subject="Hej", *, can_wait=True, link="/a/"):
    return outbox.post(to, subject, "Se her.", link=link, can_wait=can_wait)


@pytest.mark.django_db
def test_what_can_wait_is_not_sent_before_the_afternoon(asta):
    post(asta)
    tasks.sweep()
    assert mailbox.outbox == []
    tasks.gather_digests()
    tasks.sweep()
    assert [sent.to for sent in mailbox.outbox] == [[asta.email]]


@pytest.mark.django_db
def test_the_daily_mail_lists_subjects_and_links_and_says_how_to_change_it(asta, settings):
    post(asta, "Vi har modtaget din ansøgning", link="/applications/UKP-2026-0001/")
    post(asta, "Din rapport er godkendt", link="/applications/UKP-2026-0002/")
    tasks.gather_digests()
    tasks.sweep()
    text = mailbox.outbox[0].body
    first = f"Vi har modtaget din ansøgning\n{settings.SITE_URL}/applications/UKP-2026-0001/"
    assert first in text
    assert f"Din rapport er godkendt\n{settings.SITE_URL}/applications/UKP-2026-0002/" in text
    assert text.index("modtaget") < text.index("godkendt")
    assert text.endswith("/my/data/you/\n")
    assert "This has happened since yesterday" in text
    assert "Se her." not in text


@pytest.mark.django_db
def test_the_law_does_not_wait(asta):
    post(asta, can_wait=False)
    tasks.sweep()
    assert len(mailbox.outbox) == 1


@pytest.mark.django_db
def test_who_is_told_at_once_is_told_at_once(cast):
    post(cast.bo)
    tasks.sweep()
    assert len(mailbox.outbox) == 1


@pytest.mark.django_db
def test_a_second_time_gathers_nothing(asta):
    post(asta)
    tasks.gather_digests()
    tasks.gather_digests()
    assert Mail.objects.filter(is_for_digest=False).count() == 1


@pytest.mark.django_db
def test_a_day_without_news_has_no_mail(asta):
    tasks.gather_digests()
    assert not Mail.objects.exists()


@pytest.mark.django_db
def test_each_gets_their_own(asta, cast):
    User.objects.filter(pk=cast.bo.pk).update(told="daily")
    post(asta, "Til Asta")
    post(User.objects.get(pk=cast.bo.pk), "Til Bo")
    assert outbox.gather_digests() == 2
    tasks.sweep()
    told = {sent.to[0]: sent.body for sent in mailbox.outbox}
    assert "Til Bo" not in told[asta.email]
    assert "Til Asta" not in told[cast.bo.email]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_mail(asta):
    post(asta)

    def gather():
        try:
            outbox.gather_digests()
        finally:
            connection.close()

    threads = [Thread(target=gather) for _place in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Mail.objects.filter(is_for_digest=False).count() == 1
    assert Mail.objects.get(is_for_digest=True).digest_id


@pytest.mark.django_db(transaction=True)
def test_what_another_is_gathering_is_left_alone(asta):
    waiting = post(asta)
    with transaction.atomic():
        Mail.objects.select_for_update().get(pk=waiting.pk)
        counts = []

        def gather():
            try:
                counts.append(outbox.gather_digests())
            finally:
                connection.close()

        other = Thread(target=gather)
        other.start()
        other.join(timeout=10)
        assert counts == [0]
    assert outbox.gather_digests() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE grants_mail SET claimed_at = now()",  # sent by itself
        "UPDATE grants_mail SET is_for_digest = false",
        "UPDATE grants_mail SET link = '/b/'",
    ],
)
def test_the_database_keeps_what_waits_for_the_digest(asta, statement):
    post(asta)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db
def test_a_mail_is_in_one_digest(asta):
    post(asta)
    outbox.gather_digests()
    another = post(asta, can_wait=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        Mail.objects.filter(is_for_digest=True).update(digest=another)


@pytest.mark.django_db
def test_which_mails_of_a_case_wait(world, cast, asta):
    """The receipt and the thanks wait; questions, letters and reclaims do not."""
    factories.application_at("reclaimed", world, cast)
    waited = set(Mail.objects.filter(to=asta, is_for_digest=True).values_list("subject", flat=True))
    at_once = Mail.objects.filter(to=asta, is_for_digest=False)
    assert len(waited) == 1
    assert len(at_once) >= 3  # the letter, the hearing, the reclaim


@pytest.mark.django_db
def test_a_request_for_more_does_not_wait(world, cast, asta):
    application = factories.application_at("submitted", world, cast)
    before = Mail.objects.filter(is_for_digest=False).count()
    applications.ask_for_more(
        application, by=cast.frida, question="Hvor?", answer_by=factories.MONDAY.date()
    )
    assert Mail.objects.filter(to=asta, is_for_digest=False).count() == before + 1


@pytest.mark.django_db
def test_who_has_closed_the_account_is_not_written_to(asta):
    post(asta, can_wait=False)
    User.objects.filter(pk=asta.pk).update(closed_at=factories.MONDAY)
    tasks.sweep()
    assert mailbox.outbox == []


def test_the_afternoon_is_the_danish_one():
    from config.celery import app  # an import of Celery's app, not of Django's settings

    assert str(app.timezone) == "Europe/Copenhagen"
    gathers = app.conf.beat_schedule["gather the daily mails"]
    assert gathers["schedule"].hour == {16}
