"""Links that open without login. The database never holds one, only what it is made from.

A mail is a row before it is sent: its text carries a seed, and only the server's own key makes the
token of it, at the moment of sending. Who reads the tables or a backup can open nothing.
"""

import hashlib
import re
import secrets

from django.utils.crypto import salted_hmac

SEED = re.compile(r"seed~[0-9a-f]{32}")


def new_seed():
    """What stands in a path in the token's place until the mail is sent."""
    return f"seed~{secrets.token_hex(16)}"


def token(seed):
    """The token that the seed stands for: 64 hexadecimal digits."""
    return salted_hmac("grants.letters.secret_links", seed, algorithm="sha256").hexdigest()


def fingerprint(token):
    """What a token is looked up by: its SHA-256."""
    return hashlib.sha256(token.encode()).hexdigest()


def with_tokens(text):
    """The text with a token for each seed, as it leaves the house."""
    return SEED.sub(lambda found: token(found[0]), text)
