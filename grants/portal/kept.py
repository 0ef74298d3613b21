"""Whose the words are that wait: in a browser (static/js/kept.js), or over a login.

No other person's words come up for whoever uses the same computer next.
"""

from django.core.signing import BadSignature, Signer
from django.utils.crypto import salted_hmac

_SIGNER = Signer(salt="written by")


def mark(user):
    """A mark of the writer that does not tell who it is: nobody else's words come up at theirs."""
    return salted_hmac("kept in the browser", str(user.pk)).hexdigest()[:16]


def signed_mark(user):
    """The mark as a form carries it: nobody makes one who was not logged in."""
    return _SIGNER.sign(mark(user))


def mark_in(signed):
    """The mark that a form carried, or "" if it is none of ours."""
    try:
        return _SIGNER.unsign(signed)
    except BadSignature:
        return ""
