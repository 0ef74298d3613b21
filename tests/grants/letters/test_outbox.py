"""A letter is a row before it is bytes, a mail is a row before it is sent."""

import hashlib

import pytest
from django.core import mail as mailbox

from grants.letters import outbox, tasks
from grants.letters.models import Letter, Mail
from tests import factories
from workflows import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def announced(world, cast):
    application = factories.application_at("awarded", world, cast)
    Mail.objects.filter(letter=None).update(claimed_at=clock.now(), sent_at=clock.now())
    return application


def test_an_announced_letter_has_its_words_and_not_yet_its_bytes(announced):
    letter = Letter.objects.get()
    assert "10.000,00" in letter.html
    assert (letter.pdf, letter.sha256) == (None, "")


def test_the_sweep_makes_the_bytes_and_then_sends_the_mail(announced):
    tasks.sweep()
    letter = Letter.objects.get()
    assert hashlib.sha256(letter.pdf).hexdigest() == letter.sha256
    assert [sent.to for sent in mailbox.outbox] == [["asta@example.org"]]
    assert announced.get_absolute_url() in mailbox.outbox[0].body


def test_the_mail_says_nothing_about_the_case(announced):
    tasks.sweep()
    sent = mailbox.outbox[0]
    told = sent.subject + sent.body
    for private in ["Natteradio", "10.000", "tilsagn", "afslag", "Asta"]:
        assert private not in told


def test_a_mail_about_a_letter_waits_for_the_letters_bytes(announced):
    letters, mails = outbox.waiting()
    assert (len(letters), mails) == (1, [])


def test_sweeping_twice_sends_once(announced):
    tasks.sweep()
    tasks.sweep()
    assert len(mailbox.outbox) == 1


def test_making_the_bytes_again_changes_nothing(announced):
    letter = Letter.objects.get()
    outbox.make_bytes(letter.pk)
    first = Letter.objects.get().sha256
    outbox.make_bytes(letter.pk)
    assert Letter.objects.get().sha256 == first


def test_a_mail_claimed_and_never_marked_as_sent_is_listed_and_not_sent_again(
    announced, monkeypatch
):
    def killed(self):
        raise SystemExit  # as a process that ends between the server's yes and sent_at

    outbox.make_bytes(Letter.objects.get().pk)
    monkeypatch.setattr("django.core.mail.EmailMessage.send", killed)
    about_the_letter = Mail.objects.get(letter__isnull=False)
    with pytest.raises(SystemExit):
        outbox.send(about_the_letter.pk)
    monkeypatch.undo()
    tasks.sweep()
    assert mailbox.outbox == []
    assert list(outbox.maybe_sent()) == [about_the_letter]


def test_one_letter_that_cannot_be_made_does_not_keep_the_others_waiting(
    announced, monkeypatch, caplog
):
    def broken(*args, **kwargs):
        raise ValueError("no such glyph")

    monkeypatch.setattr("grants.letters.rendering.render", broken)
    outbox.post(announced.contact, "Hej", "Se her.", link="/")
    tasks.sweep()
    assert "no such glyph" in caplog.text
    assert [sent.subject for sent in mailbox.outbox] == ["Hej"]
