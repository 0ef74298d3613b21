"""What has happened to a case, in the words and with the discretion of a letter to its applicant.

Only what is named here is told: what the house does between receiving and announcing is one
sentence, "Under review".
"""

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applicants.models import User
from grants.applications.models import UNDER_REVIEW
from workflows.models import LogEntry

SENTENCES = {
    ("application", "begin"): gettext_lazy("The draft was begun"),
    ("application", "submit"): gettext_lazy("The application was sent"),
    ("application", "ask_for_more"): gettext_lazy("We asked for more information"),
    ("application", "resubmit"): gettext_lazy("The answer was sent"),
    ("application", "award"): gettext_lazy("A grant was given"),
    ("application", "reject"): gettext_lazy("A rejection was given"),
    ("application", "accept_grant"): gettext_lazy("Yes was said to the grant"),
    ("application", "decline_grant"): gettext_lazy("No was said to the grant"),
    ("application", "lapse"): gettext_lazy("The grant lapsed"),
    ("application", "withdraw"): gettext_lazy("The application was withdrawn"),
    ("application", "draft_emptied"): gettext_lazy("What was written in the draft was deleted"),
    ("application", "complete"): gettext_lazy("The case was closed"),
    ("application", "reclaim"): gettext_lazy("The money was asked back"),
    ("application", "reopen"): gettext_lazy("The case was taken up again"),
    ("application", "member_invited"): gettext_lazy("Somebody was invited to the team"),
    ("application", "member_changed"): gettext_lazy("What somebody can do was changed"),
    ("application", "member_left"): gettext_lazy("Somebody left the team"),
    ("application", "member_removed"): gettext_lazy("Somebody was taken off the team"),
    ("application", "contact_offered"): gettext_lazy("Somebody was asked to be the contact"),
    ("application", "contact_declined"): gettext_lazy("The contact stays as it was"),
    ("application", "contact_handed_over"): gettext_lazy("Somebody else is the contact now"),
    ("application", "guardian_named"): gettext_lazy("A parent or guardian was named"),
    ("application", "guardian_asked"): gettext_lazy("A parent or guardian was asked for consent"),
    ("application", "guardian_removed"): gettext_lazy("A wrong address was taken off the list"),
    ("application", "consent_given"): gettext_lazy("A parent or guardian gave consent"),
    ("application", "consent_outdated"): gettext_lazy(
        "The text was changed, so the earlier consent no longer counts"
    ),
    ("application", "consent_withdrawn"): gettext_lazy(
        "A parent or guardian took the consent back"
    ),
    ("application", "account_named"): gettext_lazy("A bank account was named"),
    ("application", "heard"): gettext_lazy("We asked for your view before a decision"),
    ("application", "hearing_answered"): gettext_lazy("The hearing was answered"),
    ("application", "change_asked"): gettext_lazy("A change was asked for"),
    ("application", "change_made"): gettext_lazy("The budget was changed a little"),
    ("application", "change_granted"): gettext_lazy("We said yes to a change"),
    ("application", "change_refused"): gettext_lazy("We said no to a change"),
    ("application", "reminded"): gettext_lazy("We sent a reminder"),
    ("application", "repayment_asked"): gettext_lazy("Money is to be paid back"),
    ("application", "repayment_settled"): gettext_lazy("Money has been paid back"),
    ("payout", "send"): gettext_lazy("Money was sent to the bank"),
    ("payout", "confirm"): gettext_lazy("Money was paid out"),
    ("payout", "bounce"): gettext_lazy("The bank sent the money back"),
    ("finalreport", "submit"): gettext_lazy("The final report was sent"),
    ("finalreport", "return_report"): gettext_lazy("The final report was sent back"),
    ("finalreport", "approve_report"): gettext_lazy("The final report was approved"),
}


def of(application, viewer):
    """The timeline for components/timeline.html, newest first: [{at, what, who}]."""
    log = list(LogEntry.objects.filter(stream=application.stream).order_by("-number"))
    names = _names(application, log, viewer)
    told = [(entry, _sentence(entry)) for entry in log]
    return [
        {"at": entry.at, "what": what, "who": names.get(entry.actor, _the_house(entry))}
        for entry, what in told
        if what
    ]


def _sentence(entry):
    """What the applicant may know of it; empty for what stays in the house."""
    subject = entry.subject.split(":")[0]
    if sentence := SENTENCES.get((subject, entry.event)):
        return sentence
    begins_review = entry.to_status in UNDER_REVIEW and entry.from_status not in UNDER_REVIEW
    return _("Under review") if subject == "application" and begins_review else ""


def _names(application, log, viewer):
    """{actor code: name} of the people on the applicant's side, who has left the team too."""
    have_been = {entry.facts.get(key, "") for entry in log for key in ("person", "before")}
    people = User.objects.filter(
        Q(pk__in=[application.contact_id, *_numbers(have_been)])
        | Q(memberships__application=application)
        | Q(guardianships__applicant=application.applicant_id)
    )
    names = {f"user:{user.pk}": str(user) for user in people}
    return names | {f"user:{viewer.pk}": _("you")}


def _numbers(codes):
    """The users' numbers in "user:17"."""
    return [int(code.partition(":")[2]) for code in codes if code.startswith("user:")]


def _the_house(entry):
    return "" if entry.actor == "system" else _("the secretariat")
