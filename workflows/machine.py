"""take(): the only writer of a status."""

from django.db import transaction
from django.utils.translation import gettext as _

from workflows import audit
from workflows.audit import SYSTEM
from workflows.lifecycle import Role, edge_from, edges


class Refusal(Exception):
    """What was asked for cannot be done now; `sentence` tells the person why."""

    def __init__(self, sentence, code="refused"):
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code


def roles_on(row, by):
    """The roles that `by` (a user or SYSTEM) has on the row."""
    return frozenset({Role.SYSTEM}) if by is SYSTEM else frozenset(row.roles_of(by))


def want_role(row, by, roles):
    """Refuse whoever has none of the roles on the row."""
    if not frozenset(roles) & roles_on(row, by):
        raise Refusal(_("You do not have the role that this takes."), code="role")


def obstacle(row, edge, by):
    """The sentence that stands in the way of an edge, or None."""
    return getattr(row, edge.unless)(by) if edge.unless else None


def steps_open_to(row, by):
    """The edges that `by` could take now: the right role, and nothing in the way."""
    roles = roles_on(row, by)
    here = [edge for edge in edges(type(row)) if edge.source == row.status and edge.roles & roles]
    return [edge for edge in here if not obstacle(row, edge, by)]


@transaction.atomic
def begin(row, *, by, **facts):
    """Save a new row in its first status, with the log entry that says so."""
    row.save(force_insert=True)
    audit.record(row, "begin", by=by, from_status="", to_status=row.status, **facts)
    return row


@transaction.atomic
def take(name, row, *, by, **facts):
    """Move the row by the step `name`: lock, roles, obstacle, step, save, log entry.

    by: a user, or SYSTEM. facts: codes and amounts for the log, never a person's words.
    The row that was handed in gets the new status. Raises Refusal, and then nothing has happened.
    """
    fresh = type(row)._base_manager.select_for_update(of=("self",)).get(pk=row.pk)
    if fresh.status != row.status:
        raise Refusal(_("Somebody else was faster. Look at the page again."), code="faster")
    edge = edge_from(type(row), name, fresh.status)
    if edge is None:
        raise Refusal(_("That cannot be done now: the status does not allow it."), code="status")
    want_role(fresh, by, edge.roles)
    if sentence := obstacle(fresh, edge, by):
        raise Refusal(sentence, code="obstacle")
    getattr(fresh, name)()
    fresh.save(update_fields=["status"])
    audit.record(fresh, name, by=by, from_status=row.status, to_status=fresh.status, **facts)
    row.status = fresh.status
