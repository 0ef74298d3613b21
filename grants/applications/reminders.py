"""Reminders: somebody is told that a day comes near, once for each thing and day."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from grants.applications.models import Application, InformationRequest, Reminder
from grants.letters import outbox
from workflows import audit, clock
from workflows.audit import SYSTEM
from workflows.lifecycle import ApplicationStatus

# Enough to still do something about it, near enough not to be put off again.
DAYS_BEFORE_AN_ANSWER = 3
DAYS_BEFORE_A_DEADLINE = 3


@transaction.atomic
def remind(application, what, *, due_on, subject, text, can_wait=False):
    """Tell the contact of the day, unless they have been told. Returns whether it was told now.

    subject, text: lazy, so that they are said in the application's language; text may name
    %(reference)s and %(day)s. can_wait: as letters.outbox.post has it.
    """
    _reminder, is_new = Reminder.objects.get_or_create(
        application=application, what=what, due_on=due_on
    )
    if not is_new:
        return False
    audit.record(application, "reminded", by=SYSTEM, what=str(what), due_on=due_on.isoformat())
    with translation.override(application.language):
        said = {"reference": application.reference, "day": date_format(due_on, "DATE_FORMAT")}
        outbox.post(
            application.contact,
            str(subject),
            str(text) % said,
            link=application.get_absolute_url(),
            can_wait=can_wait,
        )
    return True


def remind_of_answers():
    """Who has not answered the secretariat, three days before the day. Returns how many."""
    today = clock.today()
    waiting = InformationRequest.objects.filter(
        application__status=ApplicationStatus.INCOMPLETE,
        answered_at=None,
        answer_by__range=(today, today + timedelta(days=DAYS_BEFORE_AN_ANSWER)),
    )
    return sum(
        remind(
            request.application,
            Reminder.What.ANSWER,
            due_on=request.answer_by,
            subject=_("We still wait for your answer"),
            text=_(
                "Something is missing in your application %(reference)s, and we need your answer"
                " by %(day)s. Log in to see what."
            ),
        )
        for request in waiting.select_related("application__contact")
    )


def remind_of_drafts():
    """Who has a draft that is not sent, three days before its call closes. Returns how many."""
    drafts = Application.objects.filter(
        status=ApplicationStatus.DRAFT,
        call__closes_at__gt=clock.now(),
        call__closes_at__date__lte=clock.today() + timedelta(days=DAYS_BEFORE_A_DEADLINE),
    )
    # Whoever has sent another one to the call has not forgotten it.
    sent = Application.objects.filter(
        call=OuterRef("call"), contact=OuterRef("contact"), submitted_at__isnull=False
    )
    return sum(
        remind(
            draft,
            Reminder.What.DRAFT,
            due_on=draft.call.closes_at.astimezone(clock.LOCAL).date(),
            subject=_("Your application has not been sent yet"),
            text=_(
                "Your draft %(reference)s is saved, and it has not been sent. The deadline is"
                " %(day)s. Log in to see what is missing, then send it."
            ),
            can_wait=True,
        )
        for draft in drafts.exclude(Exists(sent)).select_related("contact", "call")
    )
