"""What the applicant's pages show."""

import re

from django.db.models import Exists, OuterRef, Prefetch, Q

from grants.letters.models import Letter
from grants.payouts.models import Payout
from grants.pools.models import Call, Municipality, Pool
from workflows import clock

CLOSED_CALLS_SHOWN = 6


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
        pool.pays = Municipality.objects.filter(contributions__pool=pool).distinct()
    return pools


def guidelines(pool, language):
    """[(paragraph, text)] of what a rejection can refer to, in the language. § 10 is after § 9."""
    told = [(each.paragraph, each.text_in(language)) for each in pool.guidelines.all()]
    return sorted(told, key=_by_number)


def announced_decisions(application):
    """The decisions that the applicant has been told, the newest first, without the bytes."""
    return (
        application.decisions.exclude(letter=None)
        .select_related("letter")
        .defer("letter__pdf", "letter__html", "letter__facts")
        .order_by("-announced_at")
    )


def instalments(grant):
    """The parts of a grant, each with its payouts, the newest first."""
    newest_first = Payout.objects.order_by("-planned_at", "-pk")
    return grant.instalments.order_by("kind").prefetch_related(
        Prefetch("payouts", queryset=newest_first)
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
