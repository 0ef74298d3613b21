"""What was typed is not lost with the session or the token: one page offers to send it again.

Only to a browser that posted it from our own pages. It goes with a fresh token, and only when the
person presses the button: nobody else can send on somebody's behalf by it.
"""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _

from applicants.adapter import GO_ON_AT
from grants.portal.kept import mark, mark_in

KEPT = "kept_post"  # in the session: {path, fields: [(name, value)], had_files, writer: a mark}
MOST_KEPT = 100_000  # characters
# A form with one of these in it is typed anew: nothing secret is echoed, or lies in a session.
SECRETS = {"code", "credential", "password", "iban", "registration", "number", "cpr"}


def csrf_failure(request, reason=""):
    """403, with what was typed if it came from here. `reason` is Django's, for developers."""
    fields = _typed(request) if _is_from_here(request) else None
    if fields is None:
        return render(request, "403_csrf.html", status=403)
    return _offer(
        request,
        {"path": request.get_full_path(), "fields": fields, "had_files": bool(request.FILES)},
        status=403,
    )


@login_required
def again(request):
    """What was kept over logging in; somebody else than the writer never sees it."""
    kept = request.session.get(KEPT)
    if kept and kept.get("writer") != mark(request.user):
        del request.session[KEPT]
        kept = None
    return _offer(request, kept) if kept else redirect(settings.LOGIN_REDIRECT_URL)


class KeptOverLogin:
    """Keeps what somebody posts to an applicant's page after their login has ended.

    The token was right by then, so it came from a page of ours. Only a form that carries the signed
    mark of its writer is kept: for them alone, and a visitor cannot fill sessions. Scripts keep
    their own words.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        answer = self.get_response(request)
        if request.method != "POST" or not _is_an_applicants_page(request):
            return answer
        if request.user.is_authenticated and answer.status_code < 400:
            _forget(request)
        elif _asks_for_login(answer) and _is_a_page_load(request):
            return _keep(request) or answer
        return answer


def _keep(request):
    fields, writer = _typed(request), mark_in(request.POST.get("writer", ""))
    if fields is None or not writer:
        return None
    request.session[KEPT] = {
        "path": request.get_full_path(),
        "fields": fields,
        "had_files": bool(request.FILES),
        "writer": writer,
    }
    request.session[GO_ON_AT] = resolve_url("send_again")
    messages.info(
        request, _("You were away for a long time. What you wrote is kept: log in to send it.")
    )
    return redirect(settings.LOGIN_URL)


def _forget(request):
    """Once it has been sent again, it is where it belongs."""
    if request.session.get(KEPT, {}).get("path") == request.get_full_path():
        del request.session[KEPT]


def _offer(request, kept, status=200):
    return render(request, "send_again.html", kept, status=status)


def _typed(request):
    """[(name, value)] of a form, or None where it is too much, or has a secret in it."""
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken"
    ]
    is_secret = not SECRETS.isdisjoint(request.POST)
    is_too_much = sum(len(name) + len(value) for name, value in fields) > MOST_KEPT
    return None if is_secret or is_too_much else fields


def _is_from_here(request):
    """Whether the browser says that one of our pages sent it. A browser cannot be made to lie."""
    ours = {f"{request.scheme}://{request.get_host()}", settings.SITE_URL}
    if "Origin" in request.headers:
        return request.headers["Origin"] in ours
    return request.headers.get("Referer", "").startswith(tuple(f"{each}/" for each in ours))


def _is_an_applicants_page(request):
    match = request.resolver_match
    return match is not None and match.namespace == "portal"


def _asks_for_login(answer):
    return answer.status_code == 302 and answer.url.startswith(
        f"{resolve_url(settings.LOGIN_URL)}?"
    )


def _is_a_page_load(request):
    return not request.htmx and request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
