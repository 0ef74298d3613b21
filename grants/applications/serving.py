"""Handing out a file to somebody who has come through a door: as download, never to be run."""

import logging

from django.http import FileResponse, Http404, HttpResponse

from grants.applications import attaching

log = logging.getLogger(__name__)

# Kept by nobody in between, taken for nothing but what it is said to be, and let do nothing.
HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def download(attachment):
    """The bytes as they came, piece by piece. Raises Http404 when they are not there any more."""
    try:
        file = attaching.storage().open(attachment.path)
    except FileNotFoundError:
        log.error("The file of attachment %s is missing", attachment.pk)
        raise Http404 from None
    return FileResponse(
        file,
        as_attachment=True,
        filename=attachment.name,
        content_type=attachment.content_type,
        headers=HEADERS,
    )


def thumbnail(attachment):
    """The small picture. Raises Http404 for what is no picture."""
    if not attachment.thumbnail:
        raise Http404
    small = bytes(attachment.thumbnail)
    return HttpResponse(small, content_type="image/jpeg", headers=HEADERS)
