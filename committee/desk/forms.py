"""The paper on which a member judges an application, and what is cast from it."""

from dataclasses import dataclass

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from committee.desk.queries import criteria_of
from committee.tally import BEST
from committee.votes.models import Vote
from grants.pools.models import Criterion
from grants.pools.money import money, ore


@dataclass(frozen=True)
class Judged:
    """A criterion as the paper asks for it. weight: of `in_all`."""

    criterion: Criterion
    weight: int
    in_all: int
    score: BoundField
    note: BoundField

    @property
    def scale(self):
        """[(score, what it means)]; nothing where the call does not say."""
        texts = self.criterion.scale_shown
        return list(enumerate(texts)) if any(texts) else []


class PaperForm(forms.Form):
    """A score and a note for each criterion, and what one says: as far as one has come.

    What is wrong is said, and keeps nothing else from being saved.
    """

    answer = forms.ChoiceField(
        label=_("What do you say?"),
        required=False,
        widget=forms.RadioSelect(attrs={"class": "tickets"}),
    )
    less = forms.CharField(
        label=_("How much, if less?"),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, data=None, *, window, paper=None):
        self.application, self.weights = window.application, window.weights
        self._criteria = criteria_of(window)
        super().__init__(data, initial=_written(self.application, paper))
        for criterion in self._criteria:
            self.fields[f"score-{criterion.pk}"] = _score_of(criterion)
            self.fields[f"note-{criterion.pk}"] = _note_on(criterion)
        self.fields["answer"].choices = [
            ("all", gettext("For: give %(amount)s") % {"amount": self._said("amount_applied_for")}),
            ("less", gettext("For, but give less")),
            ("against", gettext("Against")),
            ("abstain", gettext("Abstain")),
        ]
        self.fields["less"].help_text = gettext(
            "Less than %(least)s does not work, and is never recommended."
        ) % {"least": self._said("least_workable")}
        for field in self.fields.values():
            field.is_conditional = True  # nothing is marked as what can be skipped

    @property
    def criteria(self):
        """The criteria with their fields: [Judged]."""
        in_all = sum(self.weights.values())
        return [
            Judged(
                criterion=criterion,
                weight=self.weights[str(criterion.pk)],
                in_all=in_all,
                score=self[f"score-{criterion.pk}"],
                note=self[f"note-{criterion.pk}"],
            )
            for criterion in self._criteria
        ]

    def clean(self):
        answer = self.cleaned_data.get("answer")
        if answer == "less":
            self._clean_less()
        elif answer == "all":
            self.cleaned_data["amount"] = self.application.amount_applied_for
        else:
            self.cleaned_data["amount"] = 0
        is_for = answer in {"all", "less"}
        self.cleaned_data["choice"] = Vote.Choice.FOR if is_for else answer

    def said(self):
        """What votes.actions.save_assessment takes: only what was sent, as far as it is right."""
        sent = {"scores": self._sent("score"), "notes": self._sent("note")}
        if "answer" in self.data and "answer" in self.cleaned_data:
            sent |= {name: self.cleaned_data[name] for name in ("choice", "amount")}
        return sent

    def sentences(self):
        """{name of a field: what is wrong with it}."""
        return {name: " ".join(errors) for name, errors in self.errors.items()}

    def _sent(self, kind):
        names = {key: f"{kind}-{key}" for key in self.weights}
        told = self.cleaned_data
        return {
            key: told[name] for key, name in names.items() if name in self.data and name in told
        }

    def _clean_less(self):
        """An amount stays what was typed, also where it cannot be cast: the paper is the member's
        own. 0 is none yet."""
        try:
            amount = ore(self.cleaned_data.get("less", ""))
        except ValueError:
            amount = 0
        self.cleaned_data["amount"] = amount
        if sentence := self._wrong_with(amount):
            self.add_error("less", sentence)

    def _wrong_with(self, amount):
        if amount <= 0:
            return gettext("Write the amount you would give, such as 12.500.")
        if amount >= self.application.amount_applied_for:
            return gettext("Write less than %(amount)s, or choose to give it all.") % {
                "amount": self._said("amount_applied_for")
            }
        if amount < self.application.least_workable:
            return gettext(
                "It does not work for less than %(least)s: vote against, or give at least that."
            ) % {"least": self._said("least_workable")}
        return ""

    def _said(self, field):
        return money(getattr(self.application, field), self.application.currency)


class VoteForm(PaperForm):
    """The same paper, cast: with an answer, and a score for each criterion unless one abstains."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["answer"].required = True
        self.fields["answer"].error_messages["required"] = gettext(
            "Choose whether you are for, against, or abstain."
        )

    def clean(self):
        super().clean()
        if self.cleaned_data["choice"] == Vote.Choice.ABSTAIN:
            return
        for key in self.weights:
            if self.cleaned_data.get(f"score-{key}") == "":
                self.add_error(f"score-{key}", _("Give it a score from 0 to 5, or abstain."))

    def cast(self):
        """What votes.actions.cast_vote takes."""
        told = self.cleaned_data
        scores = {key: told[f"score-{key}"] for key in self.weights if told[f"score-{key}"] != ""}
        return {"choice": told["choice"], "amount": told["amount"], "scores": scores}


class DemandForm(forms.Form):
    use_required_attribute = False

    reason = forms.CharField(
        label=_("What do you have to talk about?"),
        max_length=1000,
        widget=forms.Textarea,
        error_messages={"required": _("Write the reason.")},
    )


def _score_of(criterion):
    meanings = enumerate(criterion.scale_shown)
    return forms.TypedChoiceField(
        label=criterion.name_shown,
        choices=[(str(score), meaning) for score, meaning in meanings if score <= BEST],
        coerce=int,
        required=False,
        widget=forms.RadioSelect,
    )


def _note_on(criterion):
    return forms.CharField(
        label=gettext("Your note on “%(criterion)s”") % {"criterion": criterion.name_shown},
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def _written(application, paper):
    """The form as the paper was filled in."""
    if paper is None:
        return {}
    written = {f"score-{key}": score for key, score in paper.scores.items()}
    written |= {f"note-{key}": text for key, text in paper.notes.items()}
    if paper.choice != Vote.Choice.FOR:
        return written | {"answer": paper.choice}
    if paper.amount == application.amount_applied_for:
        return written | {"answer": "all"}
    kroner, rest = divmod(paper.amount or 0, 100)
    less = f"{kroner},{rest:02}" if rest else str(kroner or "")
    return written | {"answer": "less", "less": less}
