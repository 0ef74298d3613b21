"""Issuing a letter: its words are frozen here, its bytes are made later."""

import secrets

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from grants.letters import outbox, texts
from grants.letters.models import Letter
from workflows import clock

# Without the characters that look alike in print.
CODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def issue(kind, *, pool, to, language, reference, title, facts, link, replaces=None):
    """Freeze a letter and the mail that says it is there. Raises ValueError for missing reasons.

    facts: as letters.texts wants them, without code, verify_url and issued_on.
    link: the path, behind login, where the letter can be read.
    """
    code = "".join(secrets.choice(CODE_ALPHABET) for _place in range(10))
    facts = _completed(facts, code, replaces)
    letter = Letter.objects.create(
        pool=pool,
        kind=kind,
        language=language,
        reference=reference,
        title=title,
        facts=facts,
        html=texts.write(kind, language, facts),
        code=code,
        replaces=replaces,
    )
    with translation.override(language):
        outbox.post(
            to,
            _subject(kind),
            _about(kind) % {"reference": reference},
            link=link,
            letter=letter,
        )
    return letter


def draft(kind, language, facts, *, replaces=None):
    """The HTML of a letter as it would be issued now; nothing is written. Its code is only dots."""
    return texts.write(kind, language, _completed(facts, "·" * 10, replaces))


def _subject(kind):
    if kind == Letter.Kind.MINUTES:
        return _("The minutes are approved")
    return _("There is a letter for you")


def _about(kind):
    """What the mail about a letter says; the answer itself stands in the letter."""
    if kind == Letter.Kind.MINUTES:
        return _("The minutes %(reference)s are kept as PDF. You can read them here:")
    if kind == Letter.Kind.CHANGE:
        return _(
            "We have answered your request for a change in %(reference)s. Log in to read the"
            " letter."
        )
    return _("We have answered your application %(reference)s. Log in to read the letter.")


def _completed(facts, code, replaces):
    """The facts that no case knows: the letter's own code, its date, and what it replaces."""
    own = {
        "code": code,
        "verify_url": settings.SITE_URL + reverse("portal:verify"),
        "issued_on": clock.today().isoformat(),
    }
    return facts | own | ({"replaces": replaces.code} if replaces else {})
