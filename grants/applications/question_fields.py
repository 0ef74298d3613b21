"""The form's fields for what a call itself asks."""

from datetime import date

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applicants.forms import DATE_PICKER, NOTHING_HIDDEN
from grants.applications.fields import LimitedText, LongText
from grants.pools.models import Question


class SeveralBoxes(forms.CheckboxSelectMultiple):
    """Boxes that tell that they were shown, so that none of them ticked is an answer too."""

    says_when_empty = True

    def value_omitted_from_data(self, data, files, name):
        return name not in data and f"{name}-shown" not in data


def field_for(question):
    """The form field of a question. Cleaned it is what is stored, by `as_stored`."""
    told = {
        "label": question.text_shown,
        "help_text": question.help_shown,
        # What is missing is told by readiness; a draft can be saved with anything missing.
        "required": False,
    }
    match question.kind:
        case Question.Kind.LONG_TEXT:
            return LongText(max_length=question.most, **told)
        case Question.Kind.NUMBER:
            return forms.IntegerField(
                min_value=0,
                max_value=10**9,
                widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
                error_messages={"invalid": gettext_lazy("Write a whole number, like 40.")},
                **told,
            )
        case Question.Kind.DATE:
            return forms.DateField(
                widget=DATE_PICKER,
                error_messages={"invalid": gettext_lazy("Write a date, like 21-11-2026.")},
                **told,
            )
        case Question.Kind.CHOICE:
            choices = [("", _("Choose")), *question.options_shown]
            return forms.ChoiceField(choices=choices, **told)
        case Question.Kind.SEVERAL:
            return forms.MultipleChoiceField(
                choices=question.options_shown, widget=SeveralBoxes, **told
            )
    return LimitedText(max_length=question.most, validators=[NOTHING_HIDDEN], **told)


def as_stored(value):
    """What a field cleaned, as JSON can hold it."""
    return value.isoformat() if isinstance(value, date) else value
