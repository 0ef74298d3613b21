"""Drafts that were never sent: their writers are told, and then the words go."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from grants.applications.models import Application, Reminder
from grants.applications.reminders import remind
from secretariat.my_data import actions, retention
from workflows import audit, clock
from workflows.audit import SYSTEM

# Time to copy what one wants to keep.
DAYS_BEFORE = 14
# Less than six months and the days before: only such drafts are looked at one by one.
LOOKED_AT_AFTER = timedelta(days=160)


def tell_of_drafts():
    """Who has a draft that goes in fourteen days. Returns how many were told now.

    Whoever was not told in time is told now, and the draft waits for fourteen days.
    """
    today = clock.today()
    first_day = today + timedelta(days=DAYS_BEFORE)
    return sum(
        remind(
            draft,
            Reminder.What.GOES,
            due_on=max(retention.goes_on(draft), first_day),
            subject=_("Your draft is going to be deleted"),
            text=_(
                "You have not sent your draft %(reference)s. On %(day)s we delete what you have"
                " written in it. Log in before then if you want to keep some of it."
            ),
        )
        for draft in _standing().select_related("contact")
        if retention.goes_on(draft) <= first_day and not _told_of(draft)
    )


def let_drafts_go():
    """Empty the drafts whose day has come, each by itself. Returns how many."""
    return sum(_let_go(draft.pk) for draft in _standing() if _is_over(draft))


def _standing():
    """Drafts with words in them that were never sent, of calls that have been closed for long.

    A rolling call does not close: there it is the draft that nobody has written in for long.
    """
    long_ago = clock.now() - LOOKED_AT_AFTER
    return (
        Application.objects.filter(
            Q(emptied_at=None) | Q(written_at__gt=F("emptied_at")),
            Q(call__closes_at__lt=long_ago) | Q(call__closes_at=None, written_at__lt=long_ago),
            submitted_at=None,
        )
        .select_related("call")
        .order_by("pk")
    )


@transaction.atomic
def _let_go(pk):
    """False where it was sent, or written in, at the last moment."""
    draft = _standing().select_for_update(of=("self",), no_key=True).filter(pk=pk).first()
    if draft is None or not _is_over(draft):
        return False
    actions.empty(draft)
    audit.record(draft, "draft_emptied", by=SYSTEM)
    return True


def _is_over(draft):
    told = _told_of(draft)
    return told is not None and told.due_on <= clock.today()


def _told_of(draft):
    """The Reminder that names the day, or None: not told, or written in since."""
    told = draft.reminders.filter(what=Reminder.What.GOES, due_on__gte=retention.goes_on(draft))
    return told.first()
