"""Closed votes counted again from what is stored, and compared with what was found then."""

from dataclasses import dataclass

from committee import tally
from committee.votes import queries
from workflows.audit import subject_code
from workflows.models import LogEntry


@dataclass(frozen=True)
class Recount:
    """How many closed votes fit, and the first that does not: its reference, and in what way."""

    fitting: int
    misfit: tuple[str, str] | None = None


def recount(reference=""):
    """Count every closed vote again, or those on one application, up to the first misfit."""
    closed = queries.windows().filter(closed_at__isnull=False).order_by("closed_at", "pk")
    if reference:
        closed = closed.filter(application__reference=reference)
    fitting = 0
    for window in closed.iterator(chunk_size=500):
        if why := _misfit(window):
            return Recount(fitting, (window.application.reference, why))
        fitting += 1
    return Recount(fitting)


def _misfit(window):
    """In what way the stored vote does not come to what it came to when it closed, or None."""
    if window.counted is None:
        return "what it was counted from is not there"
    try:
        poll = queries.poll(window)
    except (KeyError, TypeError, ValueError):
        return "there are ballots that cannot have been cast"
    if tally.record(tally.tally(poll)) != window.result:
        return "the result is not what the ballots come to"
    seal = tally.seal(poll, window.salt)
    if seal != window.seal:
        return "the seal is not that of the ballots"
    if seal != _logged_hash(window):
        return "the log has another hash"
    return None


def _logged_hash(window):
    logged = LogEntry.objects.filter(
        subject=subject_code(window.application), event="vote_closed", facts__window=window.pk
    )
    return logged.values_list("facts__hash", flat=True).first()
