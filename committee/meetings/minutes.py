"""The minutes of a meeting, as the facts that their letter is written from."""

from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _

from committee.allocations.models import Allocation
from committee.meetings import queries
from workflows import clock


def reference(meeting):
    """ "M12-2026-03-20": no application has one like it."""
    return f"M{meeting.pk}-{_local(meeting.starts_at):%Y-%m-%d}"


def title(meeting, language):
    with translation.override(language):
        day = formats.date_format(_local(meeting.starts_at), "DATE_FORMAT")
        return _("%(committee)s, %(day)s") % {"committee": meeting.committee.name, "day": day}


def facts(meeting, language, *, approver=None, checkpoint=""):
    """What letters.texts wants for minutes (MinutesFacts). Without an approver it is a draft."""
    pool, there = meeting.pool, queries.attending(meeting)
    with translation.override(language):
        return {
            "reference": reference(meeting),
            "title": title(meeting, language),
            "pool_name": pool.name,
            "authority_name": pool.authority,
            "authority_address": [pool.street, f"{pool.postal_code} {pool.town}"],
            "contact": {"email": pool.email, "phone": pool.phone},
            "currency": pool.currency,
            "committee_name": meeting.committee.name,
            "held_on": _local(meeting.opened_at).date().isoformat(),
            "began": _time(meeting.opened_at),
            "ended": _time(meeting.ended_at) if meeting.ended_at else "",
            "place": meeting.place,
            "is_online": bool(meeting.link),
            "present": [_seated(member) for member in there.present],
            "absent": [_seated(member) for member in there.absent],
            "has_quorum": there.quorum is not None and there.quorum.is_met,
            "points": [
                _point(number, point)
                for number, point in enumerate(queries.points(meeting, None), start=1)
            ],
            "adopted": [_adopted(each, language) for each in adopted_in(meeting)],
            "text": meeting.minutes,
            "approver_name": str(approver) if approver else "",
            "approver_is_chair": _is_chair(meeting, approver),
            "checkpoint": checkpoint,
        }


def _seated(member):
    return {
        "name": str(member),
        "seat": member.seat,
        "is_chair": member.is_chair,
        "is_substitute": member.is_substitute,
    }


def _point(number, point):
    application = point.application
    final = point.anew or point.before
    recommendation = final.recommendation
    return {
        "number": number,
        "reference": application.reference,
        "title": application.title,
        "applicant_name": application.name_shown,
        "amount_applied_for": application.amount_applied_for,
        "why": point.item.why,
        "aside": [str(member) for member in point.aside],
        "before": _outcome(point.result),
        "anew": _outcome(point.result_anew) if point.result_anew else None,
        "is_secret": point.is_secret,
        "changed": [] if point.is_secret else [_changed(*each) for each in point.changes],
        "note": point.item.note,
        "is_recommended": recommendation is not None,
        "is_given": recommendation is not None and recommendation.amount > 0,
        "amount_recommended": recommendation.amount if recommendation else 0,
    }


def _outcome(result):
    counted = result.tally
    return {
        "votes_for": counted.votes_for,
        "votes_against": counted.votes_against,
        "abstentions": counted.abstentions,
        "cast": counted.cast,
        "entitled": counted.entitled,
        "mean": result.both,
        "mean_young": result.young,
        "mean_staff": result.staff,
        "outcome": counted.outcome,
        "amount": counted.recommended,
    }


def _changed(before, after):
    return {
        "name": str(after.member),
        "choice_before": before.choice if before else "",
        "amount_before": before.amount if before else 0,
        "mean_before": before.mean if before else "",
        "choice": after.choice,
        "amount": after.amount,
        "mean": after.mean,
    }


def adopted_in(meeting):
    """The allocations that were adopted while the meeting was held."""
    until = meeting.ended_at or clock.now()
    found = Allocation.objects.filter(
        committee=meeting.committee, adopted_at__range=(meeting.opened_at, until)
    )
    return found.select_related("call").order_by("adopted_at")


def _adopted(allocation, language):
    # Who got how much stands in the allocation itself: it tells of applications that are not
    # on this agenda, and from which others stand aside.
    return {
        "call_title": allocation.call.title_in(language),
        "rule": allocation.rule,
        "sha256": allocation.sha256,
    }


def _is_chair(meeting, approver):
    if approver is None:
        return False
    return meeting.committee.members.filter(user=approver, is_chair=True).exists()


def _local(moment):
    return timezone.localtime(moment, clock.LOCAL)


def _time(moment):
    return formats.date_format(_local(moment), "TIME_FORMAT")
