"""Letters and mails on their way: rows first, bytes and delivery later, by the worker."""

import logging

from celery import current_app
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from kombu.exceptions import OperationalError

from grants.letters.models import Letter, Mail
from workflows import clock

log = logging.getLogger(__name__)


def post(to, subject, text, *, link, letter=None):
    """A mail to a user: a notice and a link behind login, no personal content.

    link: a path on the site. Goes out after commit; with a letter, when the letter has its bytes.
    """
    whole = f"{text}\n\n{settings.SITE_URL}{link}\n"
    mail = Mail.objects.create(to=to, subject=subject, text=whole, letter=letter)
    wake()
    return mail


def wake():
    """Tell the worker, after commit, that there is something to do.

    The one place that sends a task by its name. A broker that is down is logged and nothing
    more: the sweeper comes within the minute.
    """
    transaction.on_commit(_send_task, robust=True)


def waiting():
    """The ids of letters without bytes and of mails that can be sent, oldest first."""
    letters = Letter.objects.filter(rendered_at=None).order_by("id")
    mails = Mail.objects.filter(claimed_at=None).exclude(
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
        EmailMessage(mail.subject, mail.text, to=[mail.to.email], connection=server).send()
    Mail.objects.filter(pk=mail_id).update(sent_at=clock.now())


def _send_task():
    try:
        current_app.send_task("grants.letters.tasks.sweep", retry=False)
    except (OperationalError, OSError):
        log.warning("The broker does not answer; letters and mails wait for the sweeper.")
