"""What is kept sealed: bytes that only this system opens, each bound to its own row.

AES-256-GCM. A sealed value is: version (1 byte), length of the key's id (1 byte), the id (ASCII),
nonce (12 bytes), ciphertext with its tag (16 bytes longer than what was sealed). What it is about
is sealed with it and not stored: a value that was moved to another row does not open.
"""

import base64
import binascii
import os
import re
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

VERSION = 1
KEY_LENGTH = 32
# Random ones are safe for four thousand million values a key (NIST SP 800-38D, 8.3).
NONCE_LENGTH = 12
TAG_LENGTH = 16
KEY_ID = re.compile(r"[A-Za-z0-9_.-]{1,20}")


class SealError(Exception):
    """Something sealed does not open, or keys are not as they must be. Tells no secret."""


class UnknownKey(SealError):
    """It was sealed with a key that DATA_KEYS does not name."""


class Tampered(SealError):
    """It is not what was sealed, or not about what it was sealed for."""


@dataclass(frozen=True)
class Keys:
    """The keys by their ids; `current` seals, all of them open. Never printed."""

    current: str
    by_id: dict[str, bytes] = field(repr=False)


def read_keys(text: str) -> Keys:
    """ "id:base64,id:base64", the current one first. Raises SealError, and names no key."""
    by_id: dict[str, bytes] = {}
    for part in text.split(","):
        key_id, _colon, encoded = part.strip().partition(":")
        if not KEY_ID.fullmatch(key_id):
            raise SealError("A key has an id in front, up to 20 letters or digits: id:base64.")
        if key_id in by_id:
            raise SealError(f"The key {key_id} is there twice.")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            raise SealError(f"The key {key_id} is not base64.") from None
        if len(key) != KEY_LENGTH:
            raise SealError(f"The key {key_id} has {len(key)} bytes instead of {KEY_LENGTH}.")
        by_id[key_id] = key
    return Keys(current=next(iter(by_id)), by_id=by_id)


def seal(plain: bytes, about: str) -> bytes:
    """Seal with the current key. about: what it belongs to, "bankaccount:17:2"."""
    head, nonce = current_head(), os.urandom(NONCE_LENGTH)
    key = AESGCM(_keys().by_id[_keys().current])
    return head + nonce + key.encrypt(nonce, plain, head + about.encode())


def unseal(sealed: bytes, about: str) -> bytes:
    """What was sealed. Raises UnknownKey or Tampered."""
    key_id = key_of(sealed)
    key = _keys().by_id.get(key_id)
    if key is None:
        raise UnknownKey(f"{about} is sealed with the key {key_id}, which DATA_KEYS lacks.")
    head, rest = sealed[: 2 + len(key_id)], sealed[2 + len(key_id) :]
    nonce, ciphertext = rest[:NONCE_LENGTH], rest[NONCE_LENGTH:]
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, head + about.encode())
    except InvalidTag:
        raise Tampered(f"{about} is not what was sealed for it.") from None


def key_of(sealed: bytes) -> str:
    """The id of the key that it was sealed with. Raises Tampered where it is no sealed value."""
    shortest = 2 + NONCE_LENGTH + TAG_LENGTH
    if len(sealed) < shortest or sealed[0] != VERSION or len(sealed) < shortest + sealed[1]:
        raise Tampered("That is no sealed value.")
    key_id = sealed[2 : 2 + sealed[1]].decode("ascii", "replace")
    if not KEY_ID.fullmatch(key_id):
        raise Tampered("That is no sealed value.")
    return key_id


def current_head() -> bytes:
    """How everything begins that is sealed with the current key."""
    key_id = _keys().current.encode()
    return bytes([VERSION, len(key_id)]) + key_id


def _keys() -> Keys:
    keys: Keys = settings.DATA_KEYS
    return keys
