"""Asking a virus scanner (clamd) about a file, before it is kept."""

import logging
import socket
import struct

from django.conf import settings
from django.utils.translation import gettext as _

from grants.applications.files import FileRefused

log = logging.getLogger(__name__)

PATIENCE = 20  # seconds, for each thing that is waited for
LONGEST_ANSWER = 4096


def scan(upload):
    """Say nothing when the file is clean, or when no scanner is set up (settings.CLAMD is empty).

    Raises FileRefused when something was found, and when the scanner does not answer: what was not
    looked at is not kept.
    """
    if not settings.CLAMD:
        return
    try:
        answer = _ask(upload)
    except OSError as error:
        log.error("The scanner at %s does not answer: %s", settings.CLAMD, error)
        raise FileRefused(_not_now()) from None
    if answer == "stream: OK":
        return
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        log.warning("The scanner found %s", answer[len("stream: ") : -len(" FOUND")])
        raise FileRefused(
            _("There is a virus in this file, so we do not keep it. Send it from another device.")
        )
    log.error("The scanner at %s answers %r", settings.CLAMD, answer[:200])
    if "size limit" in answer:
        raise FileRefused(_("The file is too large to be looked at for viruses. Make it smaller."))
    raise FileRefused(_not_now())


def _not_now():
    return _("We cannot look at the file for viruses right now. Try again in a few minutes.")


def _ask(upload):
    """clamd's INSTREAM: each piece with its length in four bytes, an empty one at the end."""
    upload.seek(0)
    with _connected() as clamd:
        try:
            clamd.sendall(b"zINSTREAM\0")
            for piece in upload.chunks():
                clamd.sendall(struct.pack(">L", len(piece)) + piece)
            clamd.sendall(struct.pack(">L", 0))
        except (BrokenPipeError, ConnectionResetError):
            pass  # it had enough, and has said why
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
            piece = clamd.recv(LONGEST_ANSWER)
            if not piece:
                break
            answer += piece
    upload.seek(0)
    return answer.rstrip(b"\0").decode("utf-8", "replace").strip()


def _connected():
    """settings.CLAMD is the path of a socket, or host:port."""
    if settings.CLAMD.startswith("/"):
        clamd = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        clamd.settimeout(PATIENCE)
        try:
            clamd.connect(settings.CLAMD)
        except OSError:
            clamd.close()
            raise
        return clamd
    host, _colon, port = settings.CLAMD.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=PATIENCE)
