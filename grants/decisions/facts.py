"""What a letter about a decision says, gathered as grants.letters.texts wants it."""

from django.utils import translation
from django.utils.translation import gettext as _

from grants.decisions import instalments
from grants.pools.models import ComplaintGuidance
from workflows.machine import Refusal


def guidance_for(decision):
    """The newest complaint guidance for this kind of decision. Raises Refusal without one."""
    return newest_guidance(decision.application.pool, decision.kind)


def newest_guidance(pool, kind):
    """The newest complaint guidance of a kind. Raises Refusal without one."""
    ours = ComplaintGuidance.objects.filter(pool=pool, kind=kind)
    newest = ours.order_by("-version").first()
    if newest is None:  # forvaltningsloven § 25: no such letter without it
        raise Refusal(_("The pool has no complaint guidance for this kind of decision. Write one."))
    return newest


def of(decision, *, grant, shares, guidance):
    """The facts of a decision in the application's language. grant: None for a rejection.

    Neither of them has to be saved: a letter can be seen before it is sent.
    """
    application = decision.application
    language = application.language
    told = of_case(application, signed_by=decision.decided_by) | {
        "amount_applied_for": application.amount_applied_for,
        "recommended": _recommended(application),
        "deviation_reason": decision.deviation_reason,
        "guideline": _guideline(decision, language),
        "criterion": _criterion(decision, language),
        "fact": decision.fact,
        "complaint_guidance": guidance_in(guidance, language),
    }
    return told if grant is None else told | _of_grant(grant, shares)


def of_case(application, *, signed_by):
    """What any letter says of a case: which it is, who writes, and to whom."""
    pool = application.pool
    return {
        "reference": application.reference,
        "title": application.title,
        "applicant_name": application.applicant.name,
        "recipient_address": application.applicant.address_lines,
        "plural": application.applicant.is_many,
        "pool_name": pool.name,
        "authority_name": pool.authority,
        "authority_address": [pool.street, f"{pool.postal_code} {pool.town}"],
        "caseworker_name": signed_by.name,
        "caseworker_title": _title_of(signed_by, pool),
        "currency": pool.currency,
        "contact": {"email": pool.email, "phone": pool.phone},
    }


def guidance_in(guidance, language):
    return {
        "version": str(guidance.version),
        "paragraphs": guidance.text_in(language).split("\n\n"),
    }


def _of_grant(grant, shares):
    return {
        "amount_awarded": grant.amount_awarded,
        "conditions": grant.conditions,
        "accept_by": grant.accept_by.isoformat(),
        "instalments": _instalments(grant),
        "municipal_shares": [
            {"name": share.municipality.name, "amount": share.amount} for share in shares
        ],
        "report_due_on": grant.report_by.isoformat(),
    }


def _instalments(grant):
    with translation.override(grant.application.language):
        told = {
            "advance": (_("Advance"), _("when you have said yes")),
            "final": (_("Final instalment"), _("when your final report is approved")),
        }
        return [
            {"label": told[kind][0], "amount": amount, "when": told[kind][1]}
            for kind, amount in instalments.parts(grant.amount_awarded, grant.call.advance_percent)
        ]


def _recommended(application):
    """What the committee recommended, as the letter's code; empty where it was not asked."""
    recommendation = application.recommendations.first()
    if recommendation is None:
        return ""
    if not recommendation.amount:
        return "none"
    return "full" if recommendation.amount == application.amount_applied_for else "less"


def _guideline(decision, language):
    rule = decision.guideline
    return {"number": rule.paragraph, "text": rule.text_in(language)} if rule else None


def _criterion(decision, language):
    weighed = decision.criterion
    if weighed is None:
        return None
    return {"name": weighed.name_in(language), "text": weighed.text_in(language)}


def _title_of(user, pool):
    role = user.pool_roles.filter(pool=pool, role="caseworker").first()
    return role.title if role else ""
