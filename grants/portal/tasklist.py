"""The parts of an application that is being written, with what is missing in each."""

from django.urls import reverse
from django.utils.translation import gettext as _

from grants.applications import own_questions, readiness
from grants.applications.permissions import says_who_applies
from grants.applications.sections import SECTIONS
from workflows.lifecycle import ApplicationStatus


def is_open(application, section, user):
    """Whether the user can write the section: the secretariat may have asked about others only."""
    if section == "who" and not says_who_applies(application, user):
        return False
    if application.status != ApplicationStatus.INCOMPLETE:
        return section in SECTIONS
    asked_about = _asked_about(application)
    return section in SECTIONS and (not asked_about or section in asked_about)


def address(application, section):
    """Where the section is written."""
    if section == "files":
        return reverse("portal:files", args=[application.reference])
    if section in SECTIONS:
        return reverse("portal:write", args=[application.reference, section])
    return reverse("portal:check", args=[application.reference])


def of(application, user, current=None):
    """The tasks for components/task_list.html, in the order in which they are done."""
    lacking = {each.section for each in readiness.missing(application)}
    return [
        {
            "url": address(application, code),
            "label": SECTIONS[code].name,
            "hint": SECTIONS[code].about,
            "is_current": code == current,
            "code": "todo" if code in lacking else "done",
            "status": _("Something is missing") if code in lacking else _("Done"),
        }
        for code in _codes(application, user)
    ]


def first(application, user):
    """Where one goes on writing: the first section that can be written."""
    return address(application, next(iter(_codes(application, user)), "check"))


def after(application, section, user):
    """The code of the section that comes next, or "check" after the last."""
    codes = [*_codes(application, user), "check"]
    return codes[codes.index(section) + 1] if section in codes else "check"


def beside(application, section, user):
    """What a page of the application shows of the others: the tasks, and which step this is."""
    codes = _codes(application, user)
    return {
        "tasks": of(application, user, section),
        "step": codes.index(section) + 1 if section in codes else len(codes),
        "steps": len(codes),
    }


def _asked_about(application):
    """The sections that the secretariat's open request names."""
    if hasattr(application, "open_sections"):  # the writer's door has asked already
        return application.open_sections
    asked = application.information_requests.filter(answered_at=None).first()
    return asked.sections if asked else []


def _codes(application, user):
    """Those that can be written now, and of the call's own questions only if it has any."""
    has_own = any(
        question.kind != question.Kind.FILE for question in own_questions.asked_now(application)
    )
    return [
        code
        for code in SECTIONS
        if is_open(application, code, user) and (has_own or code != "more")
    ]
