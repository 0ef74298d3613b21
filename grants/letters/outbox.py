"""Letters and mails on their way: rows first, bytes and delivery later, by the worker."""

import logging

from celery import current_app
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from applicants.models import User
from grants.letters import secret_links
from grants.letters.models import Letter, Mail
from workflows import clock

log = logging.getLogger(__name__)


def post(to, subject, text, *, link, letter=None, can_wait=False):
    """A mail to a user: a notice and a link behind login, no personal content.

    link: a path on the site. Goes out after commit; with a letter, when the letter has its bytes.
    can_wait: neither does the law want it sent nor has anybody to act on it at once. It then goes
    into the daily mail of those who want no more than that.
    """
    mail = Mail.objects.create(
        to=to,
        subject=subject,
        text=f"{text}\n\n{settings.SITE_URL}{link}\n",
        link=link,
        letter=letter,
        is_for_digest=can_wait and to.told == User.Told.DAILY,
    )
    wake()
    return mail


def gather_digests():
    """One mail to each who is told once a day, with what has come since. Returns how many.

    Twice, or two at once, gathers nothing twice: a mail is in one digest.
    """
    waiting_people = Mail.objects.filter(is_for_digest=True, digest=None).order_by("to")
    people = User.objects.in_bulk(set(waiting_people.values_list("to", flat=True)))
    return sum(_gather_digest(user) for user in people.values())


@transaction.atomic
def _gather_digest(user):
    """Whether there was something to tell."""
    mails = list(
        Mail.objects.select_for_update(skip_locked=True)  # somebody else's digest has them
        .filter(to=user, is_for_digest=True, digest=None)
        .order_by("id")
    )
    if not mails:
        return False
    with translation.override(user.language):
        digest = post(
            user,
            _("News about your applications"),
            "\n\n".join([_("This has happened since yesterday:"), *map(_told_in_digest, mails)])
            + "\n\n"
            + _("You are told once a day. You can change that here:"),
            link=reverse("my_data:you"),
        )
    Mail.objects.filter(pk__in=[mail.pk for mail in mails]).update(digest=digest)
    return True


def _told_in_digest(mail):
    return f"{mail.subject}\n{settings.SITE_URL}{mail.link}"


def wake():
    """Tell the worker, after commit, that there is something to do.

    The one place that sends a task by its name. A broker that is down is logged and nothing
    more: the sweeper comes within the minute.
    """
    transaction.on_commit(_send_task, robust=True)


def waiting():
    """The ids of letters without bytes and of mails that can be sent, oldest first.

    Who has closed the account has no address any more, and gets letters on paper.
    """
    letters = Letter.objects.filter(rendered_at=None).order_by("id")
    mails = Mail.objects.filter(claimed_at=None, is_for_digest=False, to__closed_at=None).exclude(
        letter__rendered_at=None, letter__isnull=False
    )
    return list(letters.values_list("pk", flat=True)), list(
        mails.order_by("id").values_list("pk", flat=True)
    )


def maybe_sent():
    """Mails that were claimed and never marked as sent: for a person to look at."""
    return Mail.objects.filter(claimed_at__isnull=False, sent_at=None)


def make_bytes(letter_id):
    """Render the letter once. Somebody else's work in progress is left alone.

    The row stays locked while the bytes are made: a worker that is killed lets go of it, and the
    next one makes the letter. claimed_at tells that one began.
    """
    from grants.letters import rendering  # takes a second and Pango, which a web process spares

    Letter.objects.filter(pk=letter_id, rendered_at=None).update(claimed_at=clock.now())
    with transaction.atomic():
        letter = (
            Letter.objects.select_for_update(skip_locked=True)
            .filter(pk=letter_id, rendered_at=None)
            .first()
        )
        if letter is None:
            return
        rendered = rendering.render(
            letter.html,
            language=letter.language,
            title=letter.title,
            identifier=letter.code,
            created=letter.issued_at,
        )
        letter.pdf = rendered.pdf
        letter.sha256 = rendered.sha256
        letter.replaced_characters = rendered.replaced
        letter.rendered_at = clock.now()
        letter.save(update_fields=["pdf", "sha256", "replaced_characters", "rendered_at"])


def send(mail_id):
    """Send the mail once. Killed between the server's yes and sent_at, it stays "maybe sent".

    A server that does not answer is found out before the mail is claimed: then it waits.
    """
    with get_connection() as server:
        if not Mail.objects.filter(pk=mail_id, claimed_at=None).update(claimed_at=clock.now()):
            return
        mail = Mail.objects.select_related("to").get(pk=mail_id)
        text = secret_links.with_tokens(mail.text)
        EmailMessage(mail.subject, text, to=[mail.to.email], connection=server).send()
    Mail.objects.filter(pk=mail_id).update(sent_at=clock.now())


def _send_task():
    try:
        current_app.send_task("grants.letters.tasks.sweep", retry=False)
    except (OperationalError, OSError):
        log.warning("The broker does not answer; letters and mails wait for the sweeper.")
