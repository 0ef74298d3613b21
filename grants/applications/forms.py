"""An application as it is written: one page of several forms that are saved together.

A draft can be saved with anything missing; what is written wrongly is an error, and nothing that
was typed is lost by it. What is missing is told by `readiness`.
"""

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applicants.forms import DATE_PICKER, ApplicantForm, NothingCutOff, WantedLater
from grants.applications import answers
from grants.applications.models import Application, BudgetLine
from grants.pools.forms import MoneyField
from grants.pools.models import Contribution, Municipality
from workflows.lifecycle import ApplicationStatus

MOST_PARTS = 5
MOST_LINES = 40


class LimitedText(forms.CharField):
    """Text whose limit is told beforehand and never cut off by the browser."""

    def __init__(self, *, max_length, help_text="", **kwargs):
        limit = format_lazy(_("At most {most} characters."), most=max_length)
        told = format_lazy("{} {}", help_text, limit) if help_text else limit
        super().__init__(max_length=max_length, help_text=told, **kwargs)

    def widget_attrs(self, widget):
        return {}


class LongText(LimitedText):
    """Text of several lines."""

    def __init__(self, **kwargs):
        super().__init__(**{"widget": forms.Textarea(attrs={"rows": 6})} | kwargs)

    def to_python(self, value):
        # Browsers send two characters for each line break; people count one.
        return super().to_python(value).replace("\r\n", "\n")


class PercentField(forms.IntegerField):
    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})

    def __init__(self, **kwargs):
        super().__init__(min_value=1, max_value=100, **kwargs)

    def to_python(self, value):
        return super().to_python(value.replace("%", "") if isinstance(value, str) else value)

    def widget_attrs(self, widget):
        return {}


class Places:
    """The municipalities to choose among: those that pay into the pool first."""

    def __init__(self, pool):
        pays = Contribution.objects.filter(pool=pool, municipality=OuterRef("pk"))
        self.by_pk = {
            str(place.pk): place
            for place in Municipality.objects.annotate(pays=Exists(pays)).order_by("place")
        }

    def field(self, **kwargs):
        return forms.TypedChoiceField(
            choices=self._choices(),
            coerce=lambda pk: self.by_pk.get(str(pk), pk),
            empty_value=None,
            **{"required": False} | kwargs,
        )

    def _choices(self):
        ours = [(pk, place.name) for pk, place in self.by_pk.items() if place.pays]
        others = [(pk, place.name) for pk, place in self.by_pk.items() if not place.pays]
        groups = [(gettext("Part of the pool"), ours), (gettext("Other municipalities"), others)]
        return [("", gettext("Choose")), *[group for group in groups if group[1]]]


class AnswersForm(NothingCutOff, WantedLater, forms.ModelForm):
    """What the applicant writes about the idea and the money."""

    wanted = (
        *["home", "title", "summary", "art_form", "activity", "audience", "newness"],
        *["starts_on", "ends_on", "amount_applied_for", "least_workable"],
    )

    # What the writer has seen: somebody else's save in between is not overwritten unseen.
    version = forms.IntegerField(widget=forms.HiddenInput)
    art_form = forms.ChoiceField(
        label=_("Art form"), choices=[("", _("Choose")), *Application.ArtForm.choices]
    )
    amount_applied_for = MoneyField(label=_("How much you apply for, in kroner"))
    least_workable = MoneyField(
        label=_("The least that still works, in kroner"),
        help_text=_("What if you get less? The smallest amount you can do it for."),
    )

    class Meta:
        model = Application
        fields = (
            *["home", "title", "summary", "art_form", "activity", "audience", "newness"],
            *["place", "starts_on", "ends_on", "amount_applied_for", "least_workable"],
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
        self.fields["home"] = places.field(label=_("The municipality you live in"), required=True)
        self.initial["version"] = self.instance.version

    def clean(self):
        said = self.cleaned_data
        if _are_given(said, "starts_on", "ends_on") and said["ends_on"] < said["starts_on"]:
            self.add_error("ends_on", _("It ends before it begins. Correct one of the dates."))
        if said.get("ends_on") and not said.get("starts_on") and "starts_on" not in self.errors:
            self.add_error("starts_on", _("Say when it begins too."))
        wanted = "amount_applied_for"
        if _are_given(said, wanted, "least_workable") and said["least_workable"] > said[wanted]:
            self.add_error(
                "least_workable", _("That is more than you apply for. Write the same or less.")
            )


class Row(NothingCutOff, forms.Form):
    """One of several alike; `called` says which, since their fields have the same labels."""

    def __init__(self, *args, called="", **kwargs):
        super().__init__(*args, **kwargs)
        self.called = called


class Rows(forms.BaseFormSet):
    """The rows under one heading."""

    def __init__(self, *args, heading, **kwargs):
        super().__init__(*args, **kwargs)
        self.heading = heading

    def get_form_kwargs(self, index):
        called = gettext("%(heading)s, line %(number)s")
        said = {"heading": self.heading, "number": (index or 0) + 1}
        return super().get_form_kwargs(index) | {"called": called % said}


class PartRow(Row):
    """A municipality where it happens, and how much of it."""

    def __init__(self, *args, places, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["municipality"] = places.field(label=_("Municipality"))
        self.fields["percent"] = PercentField(label=_("Percent"), required=False)


class PartRows(Rows):
    """Where it happens. Who leaves percentages empty gets what is left in equal shares."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.extra = max(2, 3 - len(self.initial or []))

    def clean(self):
        """Sets `parts`: [(municipality, percent)]."""
        rows = [row for row in self.forms if any(row.cleaned_data.values())]
        seen = set()
        for row in rows:
            place = row.cleaned_data.get("municipality")
            if place is None:
                row.add_error("municipality", _("Choose the municipality."))
            elif place in seen:
                row.add_error("municipality", _("This municipality is there already."))
            seen.add(place)
        self.parts = _shared_out(rows)


class LineRow(Row):
    """One line of the budget."""

    text = forms.CharField(label=_("What"), max_length=120, required=False)
    amount = MoneyField(label=_("Kroner"), required=False)

    def clean(self):
        text, amount = self.cleaned_data.get("text"), self.cleaned_data.get("amount")
        if text and amount is None and "amount" not in self.errors:
            self.add_error("amount", _("Write how much it is, or empty the line."))
        if amount is not None and not text and "text" not in self.errors:
            self.add_error("text", _("Write what the money is for, or empty the line."))


class LineRows(Rows):
    """The expenses, or the income, with some empty lines to go on writing in."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.extra = max(2, 4 - len(self.initial or []))

    def lines(self, kind):
        """[(kind, text, amount in øre)]"""
        said = [row.cleaned_data for row in self.forms if row.cleaned_data.get("text")]
        return [(kind, each["text"], each["amount"]) for each in said]


PartFormSet = forms.formset_factory(
    PartRow, PartRows, max_num=MOST_PARTS, absolute_max=MOST_PARTS, validate_max=True
)
LineFormSet = forms.formset_factory(
    LineRow, LineRows, max_num=MOST_LINES, absolute_max=MOST_LINES, validate_max=True
)


class WholeForm:
    """Everything on the page: who, the answers, where, and the budget. Reads like one form."""

    def __init__(self, application, data=None):
        self.application = application
        places = Places(application.pool)
        self.who = ApplicantForm(
            data, instance=application.applicant, is_locked=_is_known(application)
        )
        self.answers = AnswersForm(data, instance=application, places=places)
        self.where = PartFormSet(
            data,
            prefix="where",
            heading=gettext("Where it happens"),
            initial=[
                {"municipality": part.municipality_id, "percent": part.percent}
                for part in application.municipal_parts.all()
            ],
            form_kwargs={"places": places},
        )
        lines = list(application.budget_lines.all())
        self.expenses, self.income = (
            LineFormSet(
                data,
                prefix=kind,
                heading=heading,
                initial=[{"text": ln.text, "amount": ln.amount} for ln in lines if ln.kind == kind],
            )
            for kind, heading in (
                (BudgetLine.Kind.EXPENSE, gettext("Expenses")),
                (BudgetLine.Kind.INCOME, gettext("Other income")),
            )
        )
        self.meanwhile = []

    def is_valid(self):
        # All are asked, so that all errors show at once.
        return all([part.is_valid() for part in self._parts()])  # noqa: C419

    @property
    def errors(self):
        return [each.errors for each in self._single_forms() if each.errors] or (
            self.non_field_errors()
        )

    def non_field_errors(self):
        rows = [error for rows in self._row_sets() for error in rows.non_form_errors()]
        return [error for each in (self.who, self.answers) for error in each.non_field_errors()] + (
            rows
        )

    def __iter__(self):
        for each in self._single_forms():
            yield from each

    def to_save(self):
        """What actions.save_answers wants, by its names."""
        return {
            "answers": {name: self.answers.cleaned_data[name] for name in AnswersForm.Meta.fields},
            "applicant": {name: self.who.cleaned_data[name] for name in ApplicantForm.Meta.fields},
            "parts": self.where.parts,
            "lines": [
                *self.expenses.lines(BudgetLine.Kind.EXPENSE),
                *self.income.lines(BudgetLine.Kind.INCOME),
            ],
        }

    def show_conflict(self, sentence):
        """Somebody saved in between: say what, keep what was typed, and let the next save win."""
        saved = Application.objects.select_related("call__pool", "applicant", "home").get(
            pk=self.application.pk
        )
        if saved.status not in {ApplicationStatus.DRAFT, ApplicationStatus.INCOMPLETE}:
            sentence = _("It has been sent in the meantime. Copy what you want to keep from here.")
        self.answers.add_error(None, sentence)
        typed = _by_field(**self.to_save())
        there = _by_field(**_saved(saved))
        self.meanwhile = [
            answer
            for section in answers.sections(saved)
            for answer in section.answers
            if typed[answer.field] != there[answer.field]
        ]
        self.answers.data = self.answers.data.copy()
        self.answers.data["version"] = saved.version

    def _parts(self):
        return [self.who, self.answers, *self._row_sets()]

    def _row_sets(self):
        return [self.where, self.expenses, self.income]

    def _single_forms(self):
        return [self.who, self.answers, *[row for rows in self._row_sets() for row in rows]]


def _is_known(application):
    """Whether another case of the applicant has been sent with the name and birth date."""
    others = application.applicant.applications.exclude(pk=application.pk)
    return others.exclude(submitted_at=None).exists()


def _are_given(said, *names):
    return all(said.get(name) is not None for name in names)


def _saved(application):
    """What is in the database now, in the shape of WholeForm.to_save."""
    parts = application.municipal_parts.select_related("municipality")
    return {
        "answers": {name: getattr(application, name) for name in AnswersForm.Meta.fields},
        "applicant": {
            name: getattr(application.applicant, name) for name in ApplicantForm.Meta.fields
        },
        "parts": [(part.municipality, part.percent) for part in parts],
        "lines": [(line.kind, line.text, line.amount) for line in application.budget_lines.all()],
    }


def _by_field(*, answers, applicant, parts, lines):
    """The same, by the names that grants.applications.answers gives."""
    budget = {
        kind: [(text, amount) for each, text, amount in lines if each == kind]
        for kind in BudgetLine.Kind.values
    }
    return {**answers, **applicant, **budget, "municipal_parts": {*parts}}


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
