"""My data: what is held, correcting it, and closing the account."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from grants.pools.models import Pool
from secretariat.my_data import actions, queries
from secretariat.my_data.forms import MeForm, ReachForm, SureForm
from workflows import clock


@require_safe
@login_required
def show(request):
    """All that is held, the first rows of each part."""
    context = {
        "parts": queries.told(request.user),
        "applicants": request.user.applicants.order_by("pk"),
        "pools": Pool.objects.order_by("pk"),
        "shown": queries.SHOWN,
    }
    return render(request, "my_data/show.html", context)


@require_safe
@login_required
def download(request):
    """All of it as JSON, piece by piece."""
    return StreamingHttpResponse(
        queries.as_json(request.user),
        content_type="application/json",
        headers={
            "Content-Disposition": f'attachment; filename="my-data-{clock.today()}.json"',
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


@require_http_methods(["GET", "POST"])
@login_required
def you(request):
    """Name, language, how one is told."""
    form = MeForm(request.POST or None, instance=request.user)
    if not form.is_valid():
        context = {"form": form, "title": _("You, and how we write to you")}
        return render(request, "my_data/form.html", context)
    actions.correct_me(request.user, **form.cleaned_data)
    with translation.override(form.cleaned_data["language"]):
        messages.success(request, _("Saved."))
    answer = redirect("my_data:show")
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        form.cleaned_data["language"],
        max_age=settings.LANGUAGE_COOKIE_AGE,
        path=settings.LANGUAGE_COOKIE_PATH,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
    )
    return answer


@require_http_methods(["GET", "POST"])
@login_required
def applicant(request, pk):
    """Phone, address, and whether they are protected, of one whom the user applies as."""
    applies = get_object_or_404(request.user.applicants, pk=pk)
    form = ReachForm(request.POST or None, instance=applies)
    if not form.is_valid():
        title = _("How to reach %(name)s") % {"name": applies}
        return render(request, "my_data/form.html", {"form": form, "title": title})
    actions.correct_applicant(applies, by=request.user, **form.cleaned_data)
    messages.success(request, _("Saved."))
    return redirect("my_data:show")


@require_http_methods(["GET", "POST"])
@login_required
def close(request):
    """What goes, what stays and why; then the closing."""
    form = SureForm(request.POST or None)
    if not form.is_valid():
        context = {
            "form": form,
            "obstacles": actions.obstacles(request.user),
            "drafts": actions.never_sent(request.user).count(),
            "withdrawn": actions.to_be_withdrawn(request.user),
            "kept": actions.kept_cases(request.user),
        }
        return render(request, "my_data/close.html", context)
    actions.close_account(request.user)
    logout(request)
    messages.success(request, _("Your account is closed. Thank you for being here."))
    return redirect("portal:front")
