"""What a call asks besides the standard questions, and what was answered.

An answer lies in Application.own_answers as {code: {"question": pk, "value": ...}}: the version
that was asked stays with it. Values are text, whole numbers, ISO dates, or codes of options.
"""

from datetime import date

from django.utils.formats import date_format

from grants.pools.models import Question

# What a condition can ask about besides other questions of the call.
STANDARD = ("kind", "art_form", "is_public")


def questions_of(application):
    """The questions that the application is to answer, conditions not looked at, in their order.

    While it is a draft these are the newest versions; afterwards those of the day it was sent.
    """
    asked = Question.objects.filter(call_id=application.call_id)
    if application.submitted_at:
        asked = asked.filter(created_at__lte=application.submitted_at)
    newest = asked.order_by("code", "-version").distinct("code")
    return sorted(
        (question for question in newest if not question.is_retired),
        key=lambda question: (question.position, question.code),
    )


def asked_now(application):
    """Those whose conditions hold with what has been answered so far."""
    questions = questions_of(application)
    return [question for question in questions if is_asked(question, application)]


def is_asked(question, application):
    """Whether the condition of the question holds. No condition always does."""
    if not question.ask_if:
        return True
    answer = _answer_to(question.ask_if, application)
    given = answer if isinstance(answer, list) else [answer]
    return question.ask_if_answer in {_as_code(each) for each in given}


def value_of(question, application):
    """What was answered, or None."""
    return application.own_answers.get(question.code, {}).get("value")


def answered(application):
    """[(question as it was asked, value)] of everything that was answered and still is asked."""
    told = application.own_answers
    versions = Question.objects.in_bulk([each["question"] for each in told.values()])
    asked = sorted(versions.values(), key=lambda question: (question.position, question.code))
    return [
        (question, told[question.code]["value"])
        for question in asked
        if told[question.code]["value"] not in (None, "", []) and is_asked(question, application)
    ]


def as_text(question, value):
    """The answer as people read it."""
    labels = dict(question.options_shown)
    match question.kind:
        case Question.Kind.CHOICE:
            return labels.get(value, value)
        case Question.Kind.SEVERAL:
            return ", ".join(labels.get(each, each) for each in value)
        case Question.Kind.DATE:
            return date_format(date.fromisoformat(value))
    return str(value)


def _answer_to(name, application):
    if name == "kind":
        return application.applicant.kind
    if name in STANDARD:
        return getattr(application, name)
    return application.own_answers.get(name, {}).get("value")


def _as_code(answer):
    """Yes and no as a condition writes them."""
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    return "" if answer is None else str(answer)
