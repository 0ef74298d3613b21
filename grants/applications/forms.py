"""An application as it is written: a page a section, and on it several forms saved together.

A draft can be saved with anything missing; what is written wrongly is an error, and nothing that
was typed is lost by it. What is missing is told by `readiness`.
"""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applicants.forms import DATE_PICKER, ApplicantForm, NothingCutOff, WantedLater
from grants.applications import advice, own_questions, question_fields
from grants.applications.fields import (
    LimitedText,
    LongText,
    PercentField,
    Places,
    SomePlace,
    YesOrNo,
)
from grants.applications.models import Application, BudgetLine, new_key
from grants.applications.sections import SECTIONS
from grants.pools.forms import MoneyField

PARTS = 5
EMPTY_LINES = 3
LINE = re.compile(r"line-([0-9a-z]{1,16})-(kind|text|amount|nature)$")


class Partly:
    """Put before a form: it has only the `names` that its page has, or that the browser sent."""

    def __init__(self, *args, names, **kwargs):
        super().__init__(*args, **kwargs)
        for name in set(self.fields) - set(names):
            del self.fields[name]


class WhoForm(Partly, ApplicantForm):
    """Who applies, among the answers."""

    is_protected = YesOrNo(
        label=_("Are your name and address protected?"),
        required=False,
        help_text=_(
            "Say yes if the authorities hide your name and address. Then the committee does not "
            "see them."
        ),
    )

    def clean_is_protected(self):
        return bool(self.cleaned_data["is_protected"])


class AnswersForm(Partly, NothingCutOff, WantedLater, forms.ModelForm):
    """What the applicant writes about the idea and the money."""

    art_form = forms.ChoiceField(
        label=_("Art form"), choices=[("", _("Choose")), *Application.ArtForm.choices]
    )
    is_public = YesOrNo(
        label=_("Can everybody come?"), help_text=_("Is it open to others than yourselves?")
    )
    amount_applied_for = MoneyField(label=_("How much you apply for, in kroner"))
    least_workable = MoneyField(
        label=_("The least that still works, in kroner"),
        help_text=_("What if you get less? The smallest amount you can do it for."),
    )

    class Meta:
        model = Application
        fields = (
            *["home", "title", "summary", "art_form", "activity", "audience", "is_public"],
            *["newness", "place", "starts_on", "ends_on", "amount_applied_for", "least_workable"],
        )
        field_classes = {
            "title": LimitedText,
            **dict.fromkeys(["summary", "activity", "audience", "newness"], LongText),
        }
        widgets = {
            "summary": forms.Textarea({"rows": 3}),
            **dict.fromkeys(["activity", "audience", "newness"], forms.Textarea({"rows": 6})),
            **dict.fromkeys(["starts_on", "ends_on"], DATE_PICKER),
        }
        help_texts = {
            "title": _("Short enough for a poster."),
            "summary": _("In two or three sentences, so that a stranger gets it at once."),
            "activity": _("Step by step: what do you do, who does it, when and where?"),
            "audience": _("Who comes, and how can other young people join in?"),
            "newness": _("What is missing today that your idea would give?"),
        }
        error_messages = {
            "starts_on": {"invalid": _("Write a date, like 21-11-2026.")},
            "ends_on": {"invalid": _("Write a date, like 21-11-2026.")},
        }

    def __init__(self, *args, places, **kwargs):
        super().__init__(*args, **kwargs)
        if "home" in self.fields:
            told = {"label": _("The municipality you live in"), "required": False}
            self.fields["home"] = places.field(**told) if places else SomePlace(**told)
        self.wanted = [name for name in self.fields if name != "place"]
        self._require(True)

    def clean(self):
        said = self.cleaned_data
        if _are_given(said, "starts_on", "ends_on") and said["ends_on"] < said["starts_on"]:
            self.add_error("ends_on", _("It ends before it begins. Correct one of the dates."))
        wanted = "amount_applied_for"
        if _are_given(said, wanted, "least_workable") and said["least_workable"] > said[wanted]:
            self.add_error(
                "least_workable", _("That is more than you apply for. Write the same or less.")
            )


class OwnForm(NothingCutOff, forms.Form):
    """What the call itself asks. Each field carries its question."""

    def __init__(self, *args, application, names=None, **kwargs):
        super().__init__(*args, **kwargs)
        for question in own_questions.questions_of(application):
            name = f"own-{question.code}"
            if question.kind == question.Kind.FILE or (names is not None and name not in names):
                continue
            self.fields[name] = question_fields.field_for(question)
            self.fields[name].question = question
            self.fields[name].is_asked = own_questions.is_asked(question, application)
            self.initial[name] = own_questions.value_of(question, application)


class Row(NothingCutOff, forms.Form):
    """One of several alike; `called` says which, since their fields have the same labels."""

    use_required_attribute = False

    def __init__(self, *args, called, **kwargs):
        super().__init__(*args, **kwargs)
        self.called = called


class PartRow(Row):
    """A municipality where it happens, and how much of it."""

    municipality = SomePlace(label=_("Municipality"), required=False)
    percent = PercentField(label=_("Percent"), required=False)

    def __init__(self, *args, places, **kwargs):
        super().__init__(*args, **kwargs)
        if places is not None:
            self.fields["municipality"] = places.field(label=_("Municipality"))


class LineRow(Row):
    """One line of the budget. A draft's line can lack its amount or what it is for."""

    text = forms.CharField(label=_("What"), max_length=120, required=False)
    amount = MoneyField(label=_("Kroner"), required=False)
    nature = forms.ChoiceField(label=_("What kind of money"), required=False)

    def __init__(self, *args, key, kind, **kwargs):
        super().__init__(*args, prefix=f"line-{key}", **kwargs)
        self.key, self.kind = key, kind
        natures = (
            BudgetLine.EXPENSE_NATURES
            if kind == BudgetLine.Kind.EXPENSE
            else BudgetLine.INCOME_NATURES
        )
        self.fields["nature"].choices = [(nature.value, nature.label) for nature in natures]

    def line(self):
        """What actions.save_answers wants of it; None for an empty line."""
        said = self.cleaned_data
        if not said["text"] and said["amount"] is None:
            return None
        return {**said, "kind": self.kind}


class Writing:
    """One section of an application as it is written. Reads like one form.

    is_one_answer: the browser sends a field or a row at a time, and only what came is looked at.
    """

    def __init__(self, application, section, data=None, *, is_one_answer=False):
        self.application, self.section, self.data = application, SECTIONS[section], data
        self.is_one_answer = is_one_answer
        # The list is for choosing: what comes by itself is looked up where it is saved.
        self.places = None if is_one_answer else Places(application.pool)
        self.who = self._form(
            WhoForm, instance=application.applicant, is_locked=_is_known(application)
        )
        self.answers = self._form(AnswersForm, instance=application, places=self.places)
        self.own = self._own()
        for form in (self.who, self.answers):
            for name, field in form.fields.items():
                field.advice = advice.OF.get(name)
        self.parts = self._parts() if "parts" in self.section.fields else []
        self.lines = self._lines() if "lines" in self.section.fields else []
        self.part_errors = []
        self.shares = []

    def is_valid(self):
        # All are asked, so that all errors show at once.
        are_valid = [each.is_valid() for each in self._single_forms()]
        if all(row.is_valid() for row in self.parts):
            self._share_out()
        return all(are_valid) and not self.errors

    @property
    def errors(self):
        return [each.errors for each in self._single_forms() if each.errors] or self.part_errors

    def non_field_errors(self):
        said = [error for each in self._single_forms() for error in each.non_field_errors()]
        return said + self.part_errors

    def __iter__(self):
        for each in self._single_forms():
            yield from each

    def given(self):
        """What was changed and written rightly, as actions.save_answers wants it."""
        given = {}
        for form in (self.who, self.answers, self.own):
            given |= {
                name: _as_saved(form, name)
                for name in form.changed_data
                if name in form.cleaned_data and not _was_left_out(form, name)
            }
        if self._parts_were_sent() and not self._parts_are_wrong() and self._parts_changed():
            given["parts"] = self.shares
        for row in self.lines:
            if (self.is_one_answer or row.has_changed()) and not row.errors:
                given[f"line-{row.key}"] = row.line()
        return given

    def rows(self, kind):
        return [row for row in self.lines if row.kind == kind]

    def sentences(self):
        """{name of an input: what is wrong in it}; "parts" for what is wrong with them together."""
        wrong = {field.html_name: " ".join(field.errors) for field in self if field.errors}
        return wrong | ({"parts": " ".join(self.part_errors)} if self.part_errors else {})

    def values(self, names):
        """{name of an input: its value now}, as text or a list of it, of what has these names.

        None, by the row's own name, for a line that has been taken away.
        """
        wanted = [field for field in self if _unit(field.html_name) in names]
        there = {field.html_name: as_typed(field) for field in wanted}
        rows = {f"line-{row.key}": row.kind for row in self.lines}
        there |= {f"{name}-kind": kind for name, kind in rows.items() if name in names}
        return there | {n: None for n in names if n.startswith("line-") and n not in rows}

    @property
    def most_parts(self):
        """So many municipalities can be named: at least one more than the call asks for."""
        return max(PARTS, self.application.call.least_municipalities + 1)

    @property
    def expenses(self):
        return self.rows(BudgetLine.Kind.EXPENSE)

    @property
    def income(self):
        return self.rows(BudgetLine.Kind.INCOME)

    # --- how it is put together ---------------------------------------------------------------

    def _form(self, form_class, **kwargs):
        names = self._names(form_class)
        return form_class(self.data if names else None, names=names, **kwargs)

    def _names(self, form_class):
        """The fields of this section that the form has; of one answer, those that came."""
        names = [name for name in self.section.fields if name in form_class.base_fields]
        if self.is_one_answer:
            return [name for name in names if name in self.data]
        return names

    def _own(self):
        if self.section.code != "more":
            return forms.Form(self.data)
        sent = None
        if self.is_one_answer:
            sent = {name.removesuffix("-shown") for name in self.data if name.startswith("own-")}
        return OwnForm(self.data, application=self.application, names=sent)

    def _parts(self):
        if self.is_one_answer and not self._parts_were_sent():
            return []
        saved = [] if self.is_one_answer else self._saved_parts()
        return [
            PartRow(
                self.data,
                prefix=f"part-{place}",
                places=self.places,
                initial=saved[place] if place < len(saved) else {},
                called=_called(gettext("Where it happens"), place + 1),
            )
            for place in range(self.most_parts)
        ]

    def _saved_parts(self):
        return [
            {"municipality": part.municipality_id, "percent": part.percent}
            for part in self.application.municipal_parts.all()
        ]

    def _parts_were_sent(self):
        return self.data is not None and any(name.startswith("part-") for name in self.data)

    def _parts_are_wrong(self):
        return bool(self.part_errors) or any(row.errors for row in self.parts)

    def _parts_changed(self):
        return self.is_one_answer or any(row.has_changed() for row in self.parts)

    def _lines(self):
        """The saved lines, those that were typed into, and some empty ones to go on with."""
        saved = {} if self.is_one_answer else self._saved_lines()
        sent = self._sent_lines()
        kinds = {key: line["kind"] for key, line in saved.items()} | sent
        if not self.is_one_answer:
            for kind in BudgetLine.Kind.values:
                empty = EMPTY_LINES if self.data is None else 0
                kinds |= {new_key(): kind for _place in range(empty)}
        numbers = dict.fromkeys(BudgetLine.Kind.values, 0)
        rows = []
        for key, kind in kinds.items():
            numbers[kind] += 1
            rows.append(
                LineRow(
                    # A line that somebody else added is not in what was sent.
                    self.data if self.data is None or key in sent else None,
                    key=key,
                    kind=kind,
                    initial=saved.get(key, {}),
                    called=_called(HEADINGS[kind], numbers[kind]),
                )
            )
        return [row for row in rows if row.is_bound or self.data is None]

    def _saved_lines(self):
        return {
            line.key: {
                "kind": line.kind,
                "text": line.text,
                "amount": line.amount,
                "nature": line.nature,
            }
            for line in self.application.budget_lines.all()
        }

    def _sent_lines(self):
        """{key: kind} of the lines that came, in their order."""
        found = {}
        for name in self.data or ():
            if match := LINE.match(name):
                kind = self.data.get(f"line-{match[1]}-kind")
                if kind in BudgetLine.Kind.values:
                    found[match[1]] = kind
        return found

    def _single_forms(self):
        forms_ = (self.who, self.answers, self.own)
        return [form for form in forms_ if form.fields] + [*self.parts, *self.lines]

    def _share_out(self):
        """Sets `shares`: [(municipality, percent)]; without percentages the rest in equal parts."""
        rows = [row for row in self.parts if any(row.cleaned_data.values())]
        seen = set()
        for row in rows:
            place = row.cleaned_data.get("municipality")
            if place is None:
                row.add_error("municipality", _("Choose the municipality."))
            elif place in seen:
                row.add_error("municipality", _("This municipality is there already."))
            seen.add(place)
        try:
            self.shares = _shared_out(rows)
        except ValidationError as error:
            self.part_errors = error.messages


HEADINGS = {
    BudgetLine.Kind.EXPENSE: _("Expenses"),
    BudgetLine.Kind.INCOME: _("Other income"),
}


def _called(heading, number):
    return gettext("%(heading)s, line %(number)s") % {"heading": heading, "number": number}


def _unit(name):
    """What the input `name` is saved as a part of: "parts", a "line-KEY", or itself."""
    if name.startswith("part-"):
        return "parts"
    return name.rpartition("-")[0] if name.startswith("line-") else name


def as_typed(field):
    """The value of a bound field as its input has it."""
    value = field.field.widget.format_value(field.value())
    if isinstance(value, list) and not getattr(
        field.field.widget, "allow_multiple_selected", False
    ):
        return value[0] if value else ""
    return "" if value is None else value


def _as_saved(form, name):
    """The value, with the question it answers if the call itself asks it."""
    value, question = form.cleaned_data[name], getattr(form.fields[name], "question", None)
    return (question, question_fields.as_stored(value)) if question else value


def _was_left_out(form, name):
    """Whether the browser did not send the field at all: a radio that nobody has chosen."""
    widget = form.fields[name].widget
    return widget.value_omitted_from_data(form.data, form.files, form.add_prefix(name))


def _is_known(application):
    """Whether this or another case has been sent with the applicant's name and birth date."""
    if application.submitted_at:
        return True
    if hasattr(application, "is_known"):  # the writer's door has asked already
        return application.is_known
    others = application.applicant.applications.exclude(pk=application.pk)
    return others.exclude(submitted_at=None).exists()


def _are_given(said, *names):
    return all(said.get(name) is not None for name in names)


def _shared_out(rows):
    """[(municipality, percent)]: what is left goes to the rows without a percentage, equally."""
    blank = [row for row in rows if row.cleaned_data.get("percent") is None]
    left = 100 - sum(row.cleaned_data.get("percent") or 0 for row in rows)
    if blank and left < len(blank):
        raise ValidationError(_("The percentages are more than 100 already. Write less."))
    each, first = divmod(left, len(blank)) if blank else (0, 0)
    for place, row in enumerate(blank):
        row.cleaned_data["percent"] = each + (1 if place < first else 0)
    return [(row.cleaned_data.get("municipality"), row.cleaned_data["percent"]) for row in rows]
