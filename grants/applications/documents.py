"""What the applicant wrote, as one hash: receipts and consents say to what they belong."""

import hashlib
import json


def document_hash(application):
    """SHA-256 of what the applicant wrote, for receipts and consents."""
    told = ("title", "summary", "activity", "audience", "newness", "amount_applied_for")
    written = {
        "reference": application.reference,
        **{name: getattr(application, name) for name in told},
        "is_public": application.is_public,
        "days": [str(application.starts_on), str(application.ends_on)],
        "own": application.own_answers,
        "parts": sorted([*key, share] for key, share in application.municipal_weights().items()),
        "budget": [
            [line.kind, line.text, line.amount, line.nature]
            for line in application.budget_lines.all()
        ],
        "attachments": sorted(
            application.attachments.filter(
                purpose__in=["application", "answer"], removed_at=None
            ).values_list("sha256", flat=True)
        ),
    }
    text = json.dumps(written, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
