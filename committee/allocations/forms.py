from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from committee import elections
from committee.allocation import Limit
from committee.allocations.models import Allocation
from grants.applications.models import Application
from grants.pools.forms import MoneyField

LIMITS = range(1, 4)
LARGEST_FILE = 5_000_000
# Ballots x projects x how often shares may be raised: what is counted in some seconds.
MOST_TO_COUNT = 200_000_000


class TermsForm(forms.Form):
    """By which rule, beside which other one, and within which limits; it lives in the address."""

    rule = forms.ChoiceField(label=_("Rule"), choices=Allocation.Rule)
    other = forms.ChoiceField(
        label=_("Compare with"), choices=[("", "-"), *Allocation.Rule.choices], required=False
    )
    step = MoneyField(label=_("Raise equal shares by, for each voter"), zero=True, required=False)

    def __init__(self, data, *, windows, step):
        chosen = {"rule": Allocation.Rule.RANKED, "step": step}
        super().__init__(data if "rule" in data else None, initial=chosen)
        places = {
            part.municipality
            for window in windows
            for part in window.application.municipal_parts.all()
        }
        parts = [(f"municipality {each.key_text}", each.name) for each in _in_order(places)]
        parts += [(f"art_form {code}", label) for code, label in Application.ArtForm.choices]
        for number in LIMITS:
            self.fields[f"part-{number}"] = forms.ChoiceField(
                label=_("Municipality or art form"), choices=[("", "-"), *parts], required=False
            )
            self.fields[f"floor-{number}"] = MoneyField(label=_("At least"), required=False)
            self.fields[f"ceiling-{number}"] = MoneyField(
                label=_("At most"), required=False, zero=True
            )

    @property
    def first_fields(self):
        return [self[name] for name in ("rule", "other", "step")]

    @property
    def limit_rows(self):
        return [[self[f"{name}-{n}"] for name in ("part", "floor", "ceiling")] for n in LIMITS]

    @property
    def has_limits(self):
        return any(field.data for row in self.limit_rows for field in row)

    def clean(self):
        told = self.cleaned_data
        limits = {}
        for number in LIMITS:
            part, floor = told.get(f"part-{number}"), told.get(f"floor-{number}") or 0
            ceiling = told.get(f"ceiling-{number}")
            if not part:
                continue
            if ceiling is not None and ceiling < floor:
                self.add_error(f"ceiling-{number}", _("Write at least as much as the least."))
            elif part in limits:
                self.add_error(f"part-{number}", _("It is there twice."))
            else:
                of, _space, code = part.partition(" ")
                limits[part] = Limit(of, code, floor, ceiling)
        told["limits"] = tuple(limits.values())

    @property
    def chosen(self):
        """(rule, the other or "", limits, step or None); as it begins where nothing is chosen."""
        if not self.is_bound:
            return self.initial["rule"], "", (), None
        told = self.cleaned_data
        return told["rule"], told["other"], told["limits"], told["step"]


def _in_order(municipalities):
    return sorted(municipalities, key=lambda each: each.place)


class CompareForm(forms.Form):
    other = forms.ChoiceField(
        label=_("Compare with"), choices=[("", "-"), *Allocation.Rule.choices], required=False
    )


class MoveForm(forms.Form):
    amount = MoneyField(label=_("Amount"), zero=True, help_text=_("0 takes it out."))
    reason = forms.CharField(label=_("Why?"), max_length=1000, widget=forms.Textarea)


class ElectionForm(forms.Form):
    """A .pb file to be counted again; `counted` holds what is in it."""

    file = forms.FileField(
        label=_("An election in the .pb format"),
        widget=forms.FileInput(attrs={"accept": ".pb,.csv,text/plain"}),
    )
    rule = forms.ChoiceField(label=_("Rule"), choices=Allocation.Rule)
    other = forms.ChoiceField(
        label=_("Compare with"), choices=[("", "-"), *Allocation.Rule.choices], required=False
    )

    def clean_file(self):
        given = self.cleaned_data["file"]
        if given.size > LARGEST_FILE:
            raise forms.ValidationError(_("The file is too large. 5 MB is the most."))
        try:
            election = elections.read(given.read().decode("utf-8-sig"))
            self.counted = elections.count(election)
        except UnicodeDecodeError as error:
            raise forms.ValidationError(_("The file is not text. Choose a .pb file.")) from error
        except elections.Unreadable as error:
            raise forms.ValidationError(
                gettext("The file cannot be read: %(why)s") % {"why": error}
            ) from error
        if _work(self.counted) > MOST_TO_COUNT:
            raise forms.ValidationError(
                _("The election is too large to be counted here. Use the command instead.")
            )
        return given


def _work(counted):
    dearest = max((each.amount for each in counted.applications), default=0)
    raises = dearest // counted.terms.step if counted.terms.step else 1
    return len(counted.applications) * len(counted.votes) * max(raises, 1)
