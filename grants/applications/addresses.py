"""The addresses that applicants type: whose they must not be, and how often they are written to."""

from datetime import datetime, time

from django.db.models import Q
from django.utils.translation import gettext_lazy

from applicants.models import User
from grants.pools.permissions import pool_roles
from workflows import audit, clock
from workflows.machine import Refusal
from workflows.models import LogEntry

MOST_TO_ONE_A_DAY = 5
# What sends a mail to an address that somebody else has typed.
WRITTEN_TO = ("member_invited", "contact_offered", "guardian_asked")

# One sentence for all of it: nobody learns here who works for a pool, or is written to by others.
CANNOT_BE_NAMED = gettext_lazy("This address cannot be named. Write to the secretariat.")
A_LOT = gettext_lazy("That was a lot for one day. Go on tomorrow, or write to us.")


def without_tag(email):
    """The address in small letters, without what stands between "+" and "@": one mailbox."""
    local, _at, domain = email.lower().rpartition("@")
    return f"{local.split('+')[0]}@{domain}"


def roles_behind(email, pool_id):
    """The roles in the pool of whoever has the address, as a set of codes."""
    known = User.objects.filter(email=email.lower()).first()
    return pool_roles(known, pool_id) if known else set()


def acts_today(application, by, *events):
    """How often it was done today: by this user in all cases, and by anybody in this one."""
    theirs = Q(actor=audit.actor_code(by)) | Q(stream=application.stream)
    return _today(*events).filter(theirs).count()


def has_enough(user):
    """Whether the address has got as many of these mails today as anybody gets, from everybody."""
    mails = _today(*WRITTEN_TO).filter(facts__person=audit.actor_code(user))
    return mails.count() >= MOST_TO_ONE_A_DAY


def refuse_who_has_enough(user):
    if has_enough(user):
        raise Refusal(str(A_LOT))


def _today(*events):
    midnight = datetime.combine(clock.today(), time.min, tzinfo=clock.LOCAL)
    return LogEntry.objects.filter(event__in=events, at__gte=midnight)
