"""Writing an application: a section a page, each answer saved as it is typed."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from grants.applications import actions, advice, answers
from grants.applications.actions import CAN_BE_WRITTEN
from grants.applications.forms import Writing
from grants.applications.permissions import is_kept_from, written_application
from grants.applications.queries import as_saved, shares_of, sums_of
from grants.applications.sections import section_of
from grants.portal import kept, tasklist
from workflows import clock


@login_required
def write(request, reference, section):
    """One section. What is written rightly is saved, also when something beside it is wrong."""
    application = written_application(request.user, reference)
    is_late = application.status not in CAN_BE_WRITTEN
    if is_late and request.method != "POST":
        return redirect(application)
    if not tasklist.is_open(application, section, request.user):
        raise Http404
    if section == "files":
        return redirect("portal:files", reference)
    form = Writing(application, section, request.POST if request.method == "POST" else None)
    seen, meanwhile = application.version, []
    if request.method == "POST" and not is_late:
        is_right = form.is_valid()
        saved = actions.save_answers(
            application, by=request.user, given=form.given(), seen=seen_of(request)
        )
        if is_right and not saved.elsewhere:
            return redirect(_where_next(request, application, section))
        seen = saved.version
        elsewhere = answers.of_names(as_saved(application), saved.elsewhere)
        meanwhile = [(answer.label, answer.text) for answer in elsewhere]
    return render(
        request,
        "portal/write.html",
        {
            "application": application,
            "form": form,
            "section": form.section,
            "is_late": is_late,  # what was typed is shown, to be copied
            "seen": seen,
            "writer": kept.mark(request.user),
            "meanwhile": meanwhile,
            "advice": advice.OF["lines"],
            "words": _words(),
            "sums": sums_of(application) if form.lines else None,
            "shares": shares_of(application) if form.parts else None,
            **tasklist.beside(application, section, request.user),
        },
    )


@require_POST
@login_required
def save(request, reference, section):
    """One answer as it is typed. 200 with what is wrong or was changed elsewhere, 409 if sent."""
    application = written_application(request.user, reference)
    if not tasklist.is_open(application, section, request.user):
        raise Http404
    form = Writing(application, section, request.POST, is_one_answer=True)
    form.is_valid()
    saved = actions.save_answers(
        application, by=request.user, given=form.given(), seen=seen_of(request)
    )
    now = time_format(clock.now().astimezone(clock.LOCAL))
    return JsonResponse(
        {
            "version": saved.version,
            "names": saved.names,
            "told": _("Saved at %(time)s.") % {"time": now},
            "errors": form.sentences(),
            "elsewhere": _values(application, section, saved.elsewhere),
        }
    )


@require_safe
@login_required
def changes(request, reference, section):
    """What others on the team have written in the section since the version `seen`."""
    application = written_application(request.user, reference)
    if is_kept_from(application, request.user, section):
        raise Http404
    seen = seen_of(request)
    versions = {
        name: version
        for name, version in application.versions.items()
        if version > seen and section_of(name) == section
    }
    return JsonResponse(
        {
            "version": application.version,
            "is_open": application.status in CAN_BE_WRITTEN,
            "versions": versions,
            "values": _values(application, section, versions),
        },
        headers={"Cache-Control": "no-store"},
    )


def _words():
    """What the page says by JavaScript, in the language of the moment."""
    return {
        "saved": _("Everything is saved."),
        "offline": _("No connection. What you write is kept here, and sent when you are back."),
        "kept": _("You wrote this here earlier, and it had not been sent."),
        "logged_out": _("You have been logged out. Log in again: what you wrote is kept here."),
        "sent": _("The application has been sent in the meantime, so it cannot be changed."),
        "problem": _("It could not be saved. What you write is kept here; we try again."),
        "left": _("Characters left: {count}"),
        "over": _("Too many characters: {count}"),
        "changed": _("Somebody else has changed this meanwhile."),
        "empty": _("(empty)"),
        "updated": _("Somebody else on the team has just written here."),
    }


def seen_of(request):
    """The version that the writer had in front of them; without one, nothing has been seen."""
    typed = (request.POST or request.GET).get("seen", "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else 0


def _values(application, section, names):
    return Writing(as_saved(application), section).values(names) if names else {}


def _where_next(request, application, section):
    if "later" in request.POST:
        return application.get_absolute_url()
    following = tasklist.after(application, section, request.user)
    return tasklist.address(application, following)
