"""What people fill in while they follow their case."""

from dataclasses import dataclass

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from applicants.forms import DATE_PICKER, FirstApplicantForm, NothingCutOff, WantedLater
from grants.applications import readiness
from grants.applications.fields import LimitedText, LongText
from grants.applications.models import Application, BudgetLine, new_key
from grants.decisions.budgets import Line
from grants.decisions.models import ChangeRequest
from grants.payouts import accounts
from grants.payouts.models import FinalReport
from grants.pools.forms import MoneyField
from grants.pools.money import ore

LARGEST_FILE = 10_000_000  # bytes; our own letters have some tens of thousands


class StartForm(FirstApplicantForm):
    """The idea and who has it: what is worth keeping before anybody logs in."""

    title = LimitedText(
        label=_("Title"),
        max_length=Application._meta.get_field("title").max_length,
        help_text=_("Short enough for a poster."),
    )
    summary = LongText(
        label=_("The idea in short"),
        max_length=Application._meta.get_field("summary").max_length,
        help_text=_("In two or three sentences, so that a stranger gets it at once."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    field_order = ("title", "summary", *FirstApplicantForm.field_order)


class MoreForm(forms.Form):
    """The answer to what the secretariat asks for."""

    answer = LongText(label=_("Your answer"), max_length=3000)

    def __init__(self, *args, application, **kwargs):
        super().__init__(*args, **kwargs)
        self.application = application

    def clean(self):
        for missing in readiness.missing(self.application):
            self.add_error(None, missing.sentence)


class HearingForm(forms.Form):
    """What the applicant says to a step that the secretariat considers."""

    answer = LongText(label=_("Your answer"), max_length=3000)


class StoryForm(NothingCutOff, WantedLater, forms.ModelForm):
    """The final report: what happened."""

    wanted = ("happened",)

    class Meta:
        model = FinalReport
        fields = ("happened", "deviations")
        field_classes = {"happened": LongText, "deviations": LongText}
        labels = {"happened": _("What happened?"), "deviations": _("What went otherwise?")}
        help_texts = {
            "happened": _("What did you do, and what came of it? Tell it as it was."),
            "deviations": _("What was not as you had written, and why? It is no shame."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["happened"].widget = forms.Textarea(attrs={"rows": 10})
        self.fields["deviations"].widget = forms.Textarea(attrs={"rows": 5})


class HeadCount(forms.IntegerField):
    """How many people: a number as it is typed, without the browser's arrows."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})

    def __init__(self, **kwargs):
        super().__init__(min_value=0, max_value=1_000_000, **kwargs)

    def widget_attrs(self, widget):
        return {}


class PeopleForm(NothingCutOff, WantedLater, forms.Form):
    """The final report: who came. Cleaned it has `participants` and `ages` {band: how many}."""

    wanted = ("participants",)

    participants = HeadCount(
        label=_("How many took part?"),
        help_text=_("You who made it, and those who came. A good guess will do."),
    )

    def __init__(self, *args, report, **kwargs):
        super().__init__(*args, **kwargs)
        for band, label in FinalReport.BANDS.items():
            self.fields[f"ages-{band}"] = HeadCount(label=label, required=False)
        if report is not None:
            ages = {f"ages-{band}": count for band, count in report.ages.items()}
            self.initial = {"participants": report.participants, **ages}

    @property
    def bands(self):
        return [self[f"ages-{band}"] for band in FinalReport.BANDS]

    def clean(self):
        said = self.cleaned_data
        given = {band: said.get(f"ages-{band}") for band in FinalReport.BANDS}
        ages = {band: count for band, count in given.items() if count is not None}
        participants = said.get("participants")
        if participants is not None and sum(ages.values()) > participants:
            self.add_error(
                "participants",
                _("The ages come to %(sum)s people, and that is more. Correct one of the two.")
                % {"sum": sum(ages.values())},
            )
        return {"participants": participants, "ages": ages}


@dataclass(frozen=True)
class ShownLine:
    """A line as the page has it: its name and what was agreed, or a field to name it in."""

    label: str
    agreed: int | None
    text: forms.BoundField | None
    amount: forms.BoundField


class LinesForm(NothingCutOff, forms.Form):
    """Amounts beside the lines of the agreed budget, and empty lines for what is not in it."""

    EMPTY_LINES = 2
    MOST_OTHERS = 20
    other_label = _("Not in the budget: what?")

    def __init__(self, data=None, *, rows):
        """rows: [accounts.Row], the agreed ones and the others."""
        super().__init__(data)
        self.agreed = [row for row in rows if row.agreed is not None]
        for row in self.agreed:
            name = f"line-{row.key}"
            self._add(name, row.kind, label=row.text, initial=row.amount)
            self.fields[name].widget.attrs["data-agreed"] = True
        others = [row for row in rows if row.agreed is None]
        self.others = {
            kind: self._add_others(kind, [row for row in others if row.kind == kind])
            for kind in BudgetLine.Kind.values
        }

    def clean(self):
        for name in self._names_of_others():
            if self.cleaned_data.get(f"{name}-amount") and not self.cleaned_data[f"{name}-text"]:
                self.add_error(f"{name}-text", _("Write what the money is for, or empty the line."))

    def lines(self):
        """[accounts.Told]: what has been filled in."""
        said = self.cleaned_data
        agreed = [
            accounts.Told(row.key, row.kind, row.text, said.get(f"line-{row.key}"))
            for row in self.agreed
        ]
        others = [
            accounts.Told("", kind, said.get(f"{name}-text", ""), said.get(f"{name}-amount"))
            for name, kind in self._names_of_others().items()
        ]
        told = [each for each in agreed if each.amount is not None]
        return told + [each for each in others if each.text or each.amount is not None]

    def sums(self, grant):
        """(income with the grant, expenses) of what stands in the fields now, in øre."""
        income, expenses = grant, 0
        for line in self.expenses:
            expenses += _typed(line.amount)
        for line in self.income:
            income += _typed(line.amount)
        return income, expenses

    def is_complete(self):
        """Whether every agreed line has an amount in its field now."""
        return all(self[f"line-{row.key}"].value() not in (None, "") for row in self.agreed)

    @property
    def expenses(self):
        return self._shown(BudgetLine.Kind.EXPENSE)

    @property
    def income(self):
        return self._shown(BudgetLine.Kind.INCOME)

    def _names_of_others(self):
        return {name: kind for kind, names in self.others.items() for name in names}

    def _shown(self, kind):
        agreed = [
            ShownLine(row.text, row.agreed, None, self[f"line-{row.key}"])
            for row in self.agreed
            if row.kind == kind
        ]
        others = [
            ShownLine("", None, self[f"{name}-text"], self[f"{name}-amount"])
            for name in self.others[kind]
        ]
        return agreed + others

    def _add_others(self, kind, rows):
        """Fields for the lines that are there, and some empty ones; returns their names."""
        # Somebody else may have taken lines away meanwhile: what was typed in them stays.
        sent = sum(f"{kind}-{number}-text" in self.data for number in range(self.MOST_OTHERS))
        count = min(max(len(rows) + self.EMPTY_LINES, sent), self.MOST_OTHERS)
        names = [f"{kind}-{number}" for number in range(count)]
        for number, name in enumerate(names):
            row = rows[number] if number < len(rows) else None
            self.fields[f"{name}-text"] = forms.CharField(
                label=_("What"), max_length=120, required=False, initial=row and row.text
            )
            self._add(f"{name}-amount", kind, label=_("Kroner"), initial=row and row.amount)
        return names

    def _add(self, name, kind, **kwargs):
        field = MoneyField(required=False, zero=True, **kwargs)
        field.widget.attrs["data-amount"] = kind
        self.fields[name] = field


def _typed(field):
    """The øre in a field, whatever was typed there; what cannot be read counts as nothing."""
    value = field.value()
    if isinstance(value, str):
        try:
            return ore(value)
        except ValueError:
            return 0
    return value or 0


class ChangeKind(forms.Form):
    """What shall change: asked first, so that only its own questions follow."""

    kind = forms.ChoiceField(
        label=_("What do you want to change?"),
        choices=[
            (ChangeRequest.Kind.DATES, _("The dates of the project")),
            (ChangeRequest.Kind.BUDGET, _("What the money is spent on")),
            (ChangeRequest.Kind.EXTENSION, _("More time for the report")),
            (ChangeRequest.Kind.GIVE_UP, _("Give the project up")),
        ],
        widget=forms.RadioSelect(attrs={"class": "tickets"}),
        error_messages={"required": _("Choose what you want to change.")},
    )


class Why(NothingCutOff, forms.Form):
    """The reason for a change: every kind of it wants one."""

    reason = LongText(
        label=_("Why?"),
        max_length=2000,
        help_text=_("A few lines. It helps us to say yes."),
        error_messages={"required": _("Write why.")},
    )

    def wish(self):
        """What changes.ask_for_change wants, by its names."""
        return self.cleaned_data


class OtherDates(Why):
    starts_on = forms.DateField(label=_("Begins"), widget=DATE_PICKER)
    ends_on = forms.DateField(label=_("Ends"), widget=DATE_PICKER)
    field_order = ("starts_on", "ends_on", "reason")

    def clean(self):
        said = self.cleaned_data
        if said.get("starts_on") and said.get("ends_on") and said["ends_on"] < said["starts_on"]:
            self.add_error("ends_on", _("It ends before it begins. Correct one of the dates."))


class OtherBudget(LinesForm):
    """The budget as it shall be. An emptied line goes; a named one is new."""

    other_label = _("New line: what?")

    reason = LongText(
        label=_("Why?"), max_length=2000, error_messages={"required": _("Write why.")}
    )

    def clean(self):
        super().clean()
        for name in self._names_of_others():
            if self.cleaned_data.get(f"{name}-text") and not self.cleaned_data[f"{name}-amount"]:
                self.add_error(f"{name}-amount", _("Write how much it is, or empty the line."))

    def wish(self):
        lines = [
            Line(each.key or new_key(), each.kind, each.text, each.amount)
            for each in self.lines()
            if each.amount
        ]
        return {"lines": lines, "reason": self.cleaned_data["reason"]}


class MoreTime(Why):
    report_by = forms.DateField(label=_("When can you send the report?"), widget=DATE_PICKER)
    field_order = ("report_by", "reason")

    def __init__(self, *args, agreed, **kwargs):
        super().__init__(*args, **kwargs)
        self.agreed = agreed

    def clean_report_by(self):
        day = self.cleaned_data["report_by"]
        if day <= self.agreed.report_by:
            raise ValidationError(
                _("Choose a day after %(day)s, which is agreed now.")
                % {"day": date_format(self.agreed.report_by)}
            )
        return day


class VerifyForm(forms.Form):
    """A letter's code, and the file that somebody was given."""

    code = forms.CharField(
        label=_("The code in the letter"),
        max_length=20,
        help_text=_("Ten letters and digits at the bottom of the letter."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    letter = forms.FileField(
        label=_("The letter as a PDF"),
        required=False,
        help_text=_("It is compared and not kept."),
        widget=forms.FileInput(attrs={"accept": "application/pdf"}),
    )

    def clean_letter(self):
        upload = self.cleaned_data["letter"]
        if upload and upload.size > LARGEST_FILE:
            raise ValidationError(_("That file is too large to be a letter from us."))
        return upload
