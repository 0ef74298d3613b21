"""The demo's two conveniences. Outside the demo both are 404."""

import email
import email.policy
from datetime import UTC
from functools import wraps
from pathlib import Path

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from applicants.models import User
from secretariat.navigation import DEMO_DOMAIN, start_page

# What Django writes between two mails of one file.
BETWEEN_MAILS = b"-" * 79 + b"\n"
SHOWN = 60


def demo_only(view):
    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not settings.DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@demo_only
@require_POST
def become(request):
    """Be another person of the demo, on that person's first page; nobody is a visitor."""
    number = request.POST.get("person", "")
    if not number.isdecimal():
        logout(request)
        return redirect("portal:front")
    person = get_object_or_404(User, pk=number, email__endswith=DEMO_DOMAIN, is_active=True)
    login(request, person, backend="django.contrib.auth.backends.ModelBackend")
    return redirect(start_page(person))


@demo_only
def mails(request):
    """The mails that were sent, newest first; login codes can be read here."""
    return render(request, "desk/mails.html", {"mails": _mails(), "shown": SHOWN})


def _mails():
    """The newest mails in the folder that Django writes them to instead of sending."""
    folder = Path(settings.EMAIL_FILE_PATH)
    files = sorted(folder.glob("*.log"), key=lambda file: file.stat().st_mtime, reverse=True)
    found = []
    for file in files:
        found += [_mail(text) for text in file.read_bytes().split(BETWEEN_MAILS) if text.strip()]
        if len(found) >= SHOWN:
            break
    return sorted(found, key=lambda mail: mail["at"], reverse=True)[:SHOWN]


def _mail(text):
    message = email.message_from_bytes(text, policy=email.policy.default)
    body = message.get_body(("plain",))
    return {
        "to": message["To"],
        "subject": message["Subject"],
        "at": _sent_at(message),
        "text": body.get_content() if body else "",
    }


def _sent_at(message):
    """The aware moment; Django writes UTC as "-0000", which reads as a time without a zone."""
    at = message["Date"].datetime
    return at if at.tzinfo else at.replace(tzinfo=UTC)
