"""The working list of the desk: cases, how many there are, and what needs a look."""

from datetime import timedelta

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Collate

from grants.applications.models import Application, MunicipalPart
from grants.decisions import changes
from grants.decisions.models import ChangeRequest, Decision, Grant
from grants.letters import outbox
from grants.letters.models import Letter
from workflows import clock
from workflows.lifecycle import ApplicationStatus

STUCK_AFTER = timedelta(minutes=10)
LOOK_BACK = timedelta(days=30)

# æ, ø, å after z and in that order: the database has no Danish collation, and these three
# characters stand behind z in the alphabet that it has.
_IN_DANISH_ORDER = Collate(
    Func(
        F("title"),
        Value("ABCDEFGHIJKLMNOPQRSTUVWXYZÆæØøÅå"),
        Value("abcdefghijklmnopqrstuvwxyz{{||}}"),
        function="translate",
        output_field=CharField(),
    ),
    "C",
)
_IN_ORDER_OF_LIFE = Case(
    *(When(status=status, then=place) for place, status in enumerate(ApplicationStatus.values)),
    output_field=IntegerField(),
)
SORTS = {
    "reference": F("reference"),
    "title": _IN_DANISH_ORDER,
    "status": _IN_ORDER_OF_LIFE,
    "municipality": F("home__place"),
    "amount": F("amount_applied_for"),
    "decided": F("amount_decided"),
    "sent": F("submitted_at"),
}


def cases(found):
    """The rows of the list: each case with what is decided, told or not."""
    standing = Decision.objects.filter(application=OuterRef("pk"), withdrawn_at=None)
    return found.select_related("call__pool", "applicant", "home").annotate(
        amount_decided=Subquery(standing.values("amount_awarded")[:1])
    )


def narrowed(found, *, call=None, art_form="", municipality=None, words=""):
    """The cases that fit the filters. words: in reference, title, or a name not protected."""
    if call:
        found = found.filter(call=call)
    if art_form:
        found = found.filter(art_form=art_form)
    if municipality:
        part = MunicipalPart.objects.filter(application=OuterRef("pk"), municipality=municipality)
        found = found.filter(Q(home=municipality) | Exists(part))
    for word in words.split():
        name = Q(applicant__name__icontains=word, applicant__is_protected=False)
        found = found.filter(Q(reference__icontains=word) | Q(title__icontains=word) | name)
    return found


def ordered(found, sort):
    """By one of SORTS, "-" in front for the other way; the newest first otherwise."""
    key = SORTS.get(sort.removeprefix("-"))
    if key is None:
        return found.order_by("-submitted_at", "-pk")
    turned = key.desc(nulls_last=True) if sort.startswith("-") else key.asc(nulls_last=True)
    return found.order_by(turned, "-pk")


def counted(found):
    """[(status, how many, øre applied for)] in the order of a case's life."""
    rows = (
        found.order_by().values("status").annotate(count=Count("pk"), sum=Sum("amount_applied_for"))
    )
    by_status = {row["status"]: row for row in rows}
    return [
        (status, by_status[status]["count"], by_status[status]["sum"] or 0)
        for status in ApplicationStatus
        if status in by_status
    ]


def needs_a_look(pools):
    """What did not go by itself: {"mails", "letters", "replaced", "count"}, last thirty days.

    Mails that may or may not have been sent, letters that still have no bytes, and letters in
    which characters were replaced.
    """
    since = clock.now() - LOOK_BACK
    letters = Letter.objects.filter(pool__in=pools, issued_at__gt=since).defer(
        "pdf", "html", "facts"
    )
    ours = Q(letter__pool__in=pools) | Q(letter=None) & (
        Exists(Application.objects.filter(contact=OuterRef("to"), call__pool__in=pools))
        | Q(to__pool_roles__pool__in=pools)
    )
    mails = outbox.maybe_sent().filter(ours, claimed_at__gt=since).select_related("to").distinct()
    looks = {
        "mails": list(mails.filter(claimed_at__lt=clock.now() - STUCK_AFTER)),
        "letters": list(letters.filter(rendered_at=None, issued_at__lt=clock.now() - STUCK_AFTER)),
        "replaced": list(letters.exclude(replaced_characters=[])),
    }
    count = sum(map(len, looks.values()))
    return looks | {"count": count} if count else None


def changes_asked_for(pools, found):
    """Requests for a change that wait for an answer, the oldest first; of these cases only."""
    waiting = ChangeRequest.objects.filter(
        answered_at=None,
        application__in=found.filter(call__pool__in=pools, status=ApplicationStatus.ACCEPTED),
    )
    return waiting.select_related("application__call__pool").order_by("asked_at")


def open_change(application):
    """What the grantee asks for, beside what is agreed: {"request", "agreed", "rows", ...}."""
    request = application.change_requests.filter(answered_at=None).first()
    return request and of_change(request)


def of_change(request):
    """A request for a change as the desk reads it.

    rows: [(text, kind, øre agreed or None, øre wished or None, whether it wants permission)].
    """
    agreed = changes.what_is_agreed(request.grant)
    before = {line.key: line for line in agreed.lines}
    after = {line["key"]: line for line in request.lines}
    asks = changes.lines_to_ask_about(request) if after else set()
    rows = [
        (
            after[key]["text"] if key in after else before[key].text,
            after[key]["kind"] if key in after else before[key].kind,
            before[key].amount if key in before else None,
            after[key]["amount"] if key in after else None,
            key in asks,
        )
        for key in [*before, *[key for key in after if key not in before]]
    ]
    return {
        "request": request,
        "agreed": agreed,
        "rows": rows if after else [],
        "report_by_after": changes.report_by_after(request),
        "is_paid": bool(request.grant.amount_disbursed()),
    }


def decided(found):
    """The standing decisions of these cases that nobody has been told yet."""
    return (
        Decision.objects.filter(
            application__in=found.filter(status=ApplicationStatus.DECIDED), withdrawn_at=None
        )
        .select_related(
            "application__call__pool", "application__applicant", "application__home", "decided_by"
        )
        .order_by("application__call", "application__reference")
    )


def left_in(calls):
    """{call: øre that is not given yet}."""
    given = dict(
        Grant.objects.filter(call__in=calls, ended_at=None)
        .order_by()
        .values_list("call")
        .annotate(sum=Sum("amount_awarded"))
    )
    return {call: call.budget - given.get(call.pk, 0) for call in calls}
