"""The files of an application: sending, seeing, removing them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from grants.applications import attaching, serving
from grants.applications.models import Attachment
from grants.portal import permissions, places


@login_required
def files(request, reference):
    """What is attached, and the forms that add to it. Each file sent is judged by itself."""
    application, _roles = permissions.case_for(request.user, reference)
    if request.method == "POST":
        return _attach(request, application)
    shown = places.written(application, by=request.user)
    context = {
        "application": application,
        "places": shown,
        "is_alone": len(shown) == 1,  # then the page's heading is the place's
        "is_changeable": any(place.is_changeable for place in shown),
    }
    return render(request, "portal/files.html", context)


@require_safe
@login_required
def attachment(request, reference, pk):
    return serving.download(permissions.attachment_for(request.user, reference, pk))


@require_safe
@login_required
def thumbnail(request, reference, pk):
    return serving.thumbnail(permissions.attachment_for(request.user, reference, pk))


@require_POST
@login_required
def remove(request, reference, pk):
    found = permissions.attachment_for(request.user, reference, pk)
    attaching.remove(found, by=request.user)
    messages.success(request, _("“%(name)s” is removed.") % {"name": found.name})
    return _back(reference, found.purpose)


def _attach(request, application):
    purpose, question = request.POST.get("purpose"), request.POST.get("question", "")
    if purpose not in Attachment.Purpose.values:
        raise Http404
    kept, refused = attaching.attach_each(
        application,
        request.FILES.getlist("files"),
        purpose=purpose,
        question=question,
        is_agreed="is_agreed" in request.POST,
        by=request.user,
    )
    if request.headers.get("X-Sends") == "one":
        return _told_to_the_script(request, application, purpose, question, refused)
    _tell(request, kept, refused)
    return _back(application.reference, purpose)


def _tell(request, kept, refused):
    for name, sentence in refused:
        messages.error(request, f"{name}: {sentence}")
    if kept:
        told = ngettext("%(count)s file is saved.", "%(count)s files are saved.", len(kept))
        messages.success(request, told % {"count": len(kept)})
    elif not refused:
        messages.error(request, _("Choose a file first."))


def _told_to_the_script(request, application, purpose, question, refused):
    """static/js/files.js sends one at a time: the list as it is now, or why not."""
    if refused:
        _name, sentence = refused[0]
        return HttpResponse(sentence, status=422, content_type="text/plain; charset=utf-8")
    context = {"place": places.one(application, purpose, question, by=request.user)}
    return render(request, "portal/parts/attachment_list.html", context, status=201)


def _back(reference, purpose):
    of_the_report = purpose in attaching.REPORTED
    return redirect("portal:report" if of_the_report else "portal:files", reference)
