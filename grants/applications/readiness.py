"""What an application lacks before it can be sent."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from grants.applications import own_questions
from grants.applications.facts import facts_of
from grants.applications.sections import SECTIONS, section_of
from grants.pools.rules import Rules, judge

# Years: a slip of the finger, and beyond 9999 no day for the report could be counted.
FURTHEST_END = 10


@dataclass(frozen=True)
class Missing:
    """One thing that is missing: its form field, and a sentence that says what to do."""

    field: str
    sentence: str

    @property
    def section(self):
        return section_of(self.field)


def missing(application):
    """Everything that keeps the application from being sent, in the order of the form."""
    lacking = [Missing(*each) for each in _unanswered(application) if each[1] is not None]
    broken = [
        Missing(verdict.field, verdict.sentence)
        for verdict in judge(Rules.of(application.call), facts_of(application))
        if verdict.holds is False
    ]
    order = list(SECTIONS)
    return sorted(lacking + broken, key=lambda each: order.index(each.section))


def _unanswered(application):
    yield "title", _unless(application.title, _("Give the project a title."))
    yield "summary", _unless(application.summary, _("Tell the idea in short."))
    yield "art_form", _unless(application.art_form, _("Choose an art form."))
    yield "activity", _unless(application.activity, _("Tell what will happen."))
    yield (
        "audience",
        _unless(application.audience, _("Tell who it is for, and how others can join.")),
    )
    yield (
        "is_public",
        None if application.is_public is not None else _("Say if everybody can come."),
    )
    yield "newness", _unless(application.newness, _("Tell why it is new or needed."))
    yield "starts_on", None if application.starts_on else _("Say when it begins.")
    yield "ends_on", _end(application)
    yield from _own(application)
    yield (
        "amount_applied_for",
        None if application.amount_applied_for else _("Say how much you apply for."),
    )
    yield "least_workable", _least(application)
    yield "home", _unless(application.home_id, _("Choose the municipality you live in."))
    yield "municipal_parts", _parts(application)
    yield "budget", _budget(application)


def _unless(value, sentence):
    return None if value and str(value).strip() else sentence


def _end(application):
    if application.ends_on is None:
        return _("Say when it ends.")
    if application.ends_on.year > application.applied_on.year + FURTHEST_END:
        return _("It ends more than ten years from now. Check the year.")
    return None


def _least(application):
    least, sought = application.least_workable, application.amount_applied_for
    if least is None:
        return _("Say the least that still works.")
    if sought is not None and least > sought:
        return _("The least that still works is more than you apply for. Write the same or less.")
    return None


def _own(application):
    """What the call itself asks and has to know; a file is answered by an attachment."""
    files = {
        attached.question
        for attached in application.attachments.all()
        if attached.removed_at is None and attached.purpose == attached.Purpose.ANSWER
    }
    for question in own_questions.asked_now(application):
        value = own_questions.value_of(question, application)
        is_answered = question.code in files or value not in (None, "", [])
        if question.is_required and not is_answered:
            is_file = question.kind == question.Kind.FILE
            yield (
                "files" if is_file else f"own-{question.code}",
                _("Answer “%(question)s”.") % {"question": question.text_shown},
            )


def _parts(application):
    percents = [part.percent for part in application.municipal_parts.all()]
    if not percents:
        return _("Choose at least one municipality where it happens.")
    if sum(percents) != 100:
        return _("The municipalities' percentages add up to %(sum)s. Make them add up to 100.") % {
            "sum": sum(percents)
        }
    return None


def _budget(application):
    lines = list(application.budget_lines.all())
    if any(line.amount is None for line in lines):
        return _("A line of the budget lacks its amount. Write it, or empty the line.")
    if any(not line.text.strip() for line in lines):
        return _("A line of the budget does not say what it is for. Write it, or empty the line.")
    if not any(line.kind == "expense" for line in lines):
        return _("Write at least one expense in the budget.")
    return None
