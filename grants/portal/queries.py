"""What the applicant's pages show."""

import re

from django.db.models import Exists, OuterRef, Prefetch, Q

from grants.applications import answers
from grants.applications.models import Consent
from grants.applications.permissions import is_kept_from
from grants.letters.models import Letter
from grants.payouts.models import Payout
from grants.pools.models import Call, Municipality, Pool
from workflows import clock

CLOSED_CALLS_SHOWN = 6
EXAMPLES_SHOWN = 6


def calls_to_show():
    """{"open": ..., "upcoming": ..., "closed": ...}: lists of calls, what comes first on top."""
    now = clock.now()
    calls = Call.objects.select_related("pool")
    is_over = Q(closes_at__lt=now)
    return {
        "open": list(calls.filter(opens_at__lte=now).exclude(is_over).order_by("closes_at")),
        "upcoming": list(calls.filter(opens_at__gt=now).order_by("opens_at")),
        "closed": list(calls.filter(is_over).order_by("-closes_at")[:CLOSED_CALLS_SHOWN]),
    }


def pools_to_show():
    """The pools, each with `pays`: the municipalities that pay into it."""
    pools = list(Pool.objects.order_by("pk"))
    for pool in pools:
        pool.pays = municipalities_of(pool)
    return pools


def phase(call):
    """Where a call is today: "soon", "open" or "closed"."""
    if call.is_open:
        return "open"
    return "closed" if call.closes_at and call.closes_at < clock.now() else "soon"


def municipalities_of(pool):
    """Those that pay into the pool."""
    return Municipality.objects.filter(contributions__pool=pool).distinct()


def examples(pool):
    """What got money before, the newest first."""
    return pool.examples.select_related("municipality")[:EXAMPLES_SHOWN]


def consultants(pool):
    """Whom one can ask, in the order of the municipalities."""
    return pool.consultants.select_related("municipality")


def consultants_in(pool, municipality):
    """Whom one can ask in one municipality: maybe nobody."""
    return consultants(pool).filter(municipality=municipality)


def guidelines(pool, language):
    """[(paragraph, text)] of what a rejection can refer to, in the language. § 10 is after § 9."""
    told = [(each.paragraph, each.text_in(language)) for each in pool.guidelines.all()]
    return sorted(told, key=_by_number)


def sections_for(application, user):
    """What was written, for one of its people; who a protected one is, for the contact alone."""
    sections = answers.sections(application)
    return [each for each in sections if not is_kept_from(application, user, each.code)]


def announced_decisions(application):
    """The decisions that the applicant has been told, the newest first, without the bytes."""
    return (
        application.decisions.exclude(letter=None)
        .select_related("letter")
        .defer("letter__pdf", "letter__html", "letter__facts")
        .order_by("-announced_at")
    )


def guardians(application):
    """The parents or guardians who are named, the first one on top.

    Each has `consent` (the yes to this application that stands, or None), `asked_until` (when the
    newest link ends, None where no link works) and `has_answered` (a yes to any application).
    """
    named = list(application.applicant.guardians.select_related("user").order_by("pk"))
    given = list(Consent.objects.filter(guardian__in=named))
    standing = {
        each.guardian_id: each
        for each in given
        if each.application_id == application.pk and each.withdrawn_at is None
    }
    links = application.consent_links.filter(used_at=None, expires_at__gt=clock.now())
    asked_until = {each.guardian_id: each.expires_at for each in links.order_by("pk")}
    for each in named:
        each.consent = standing.get(each.pk)
        each.asked_until = asked_until.get(each.pk)
        each.has_answered = each.pk in {consent.guardian_id for consent in given}
    return named


def changes(application):
    """The changes that were asked for, the newest first, with their letters without the bytes."""
    return application.change_requests.select_related("letter").defer(
        "letter__pdf", "letter__html", "letter__facts"
    )


def instalments(grant):
    """The parts of a grant, each with its payouts, the newest first."""
    newest_first = Payout.objects.order_by("-planned_at", "-pk")
    return (
        grant.instalments.counted()
        .filter(to_pay__gt=0)
        .order_by("kind")
        .prefetch_related(Prefetch("payouts", queryset=newest_first))
    )


def _by_number(guideline):
    parts = re.split(r"(\d+)", guideline[0])
    return [int(part) if part.isdecimal() else part for part in parts]


def letter_by_code(code):
    """The letter with this code in whatever way it was typed, or None; its bytes are not read."""
    bare = "".join(character for character in code.upper() if character.isalnum())
    newer = Letter.objects.filter(replaces=OuterRef("pk"))
    letters = Letter.objects.exclude(rendered_at=None).filter(code=bare)
    return letters.only("sha256").annotate(is_replaced=Exists(newer)).first()
