from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from committee.review.models import Declaration, Recusal
from committee.votes.models import Vote
from grants.pools.money import money, ore


class VoteForm(forms.Form):
    """All, less, nothing or no opinion, and a score for each criterion."""

    answer = forms.ChoiceField(
        label=_("What do you say?"), widget=forms.RadioSelect(attrs={"class": "tickets"})
    )
    less = forms.CharField(
        label=_("How much, if less?"),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, *args, window, vote=None, **kwargs):
        self.application, self.weights = window.application, window.weights
        super().__init__(*args, initial=_answered(self.application, vote), **kwargs)
        for criterion in self.application.call.criteria.all():
            if str(criterion.pk) in self.weights:
                self.fields[f"score-{criterion.pk}"] = forms.TypedChoiceField(
                    label=criterion.name_shown,
                    choices=[(str(score), str(score)) for score in range(6)],
                    coerce=int,
                    required=False,
                    widget=forms.RadioSelect,
                )
        self.fields["answer"].choices = [
            ("all", gettext("For: give %(amount)s") % {"amount": self._said("amount_applied_for")}),
            ("less", gettext("For, but give less")),
            ("against", gettext("Against")),
            ("abstain", gettext("Abstain")),
        ]
        self.fields["less"].help_text = gettext(
            "Less than %(least)s does not work, and is never recommended."
        ) % {"least": self._said("least_workable")}

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

    def given(self):
        """What actions.cast_vote takes."""
        told = self.cleaned_data
        scores = {key: told[f"score-{key}"] for key in self.weights if told[f"score-{key}"] != ""}
        return {"choice": told["choice"], "amount": told["amount"], "scores": scores}

    def _clean_less(self):
        try:
            amount = ore(self.cleaned_data.get("less", ""))
        except ValueError:
            amount = 0
        if amount <= 0:
            self.add_error("less", _("Write the amount you would give, such as 12.500."))
        elif amount >= self.application.amount_applied_for:
            self.add_error(
                "less",
                gettext("Write less than %(amount)s, or choose to give it all.")
                % {"amount": self._said("amount_applied_for")},
            )
        elif amount < self.application.least_workable:
            self.add_error(
                "less",
                gettext(
                    "It does not work for less than %(least)s: vote against, or give at least that."
                )
                % {"least": self._said("least_workable")},
            )
        self.cleaned_data["amount"] = amount

    def _said(self, field):
        return money(getattr(self.application, field), self.application.currency)


def _answered(application, vote):
    """The form as it was filled in for the vote."""
    if vote is None:
        return {}
    scores = {f"score-{key}": score for key, score in vote.scores.items()}
    if vote.choice != Vote.Choice.FOR:
        return {"answer": vote.choice, **scores}
    if vote.amount == application.amount_applied_for:
        return {"answer": "all", **scores}
    kroner, rest = divmod(vote.amount, 100)
    return {"answer": "less", "less": f"{kroner},{rest:02}" if rest else str(kroner), **scores}


class RecusalForm(forms.Form):
    ground = forms.ChoiceField(
        label=_("Why do you stand aside?"),
        choices=Recusal.Ground,
        widget=forms.RadioSelect(attrs={"class": "tickets"}),
    )


class DeclarationForm(forms.Form):
    answer = forms.ChoiceField(
        label=_("Do you have a conflict?"),
        choices=Declaration.Answer,
        widget=forms.RadioSelect(attrs={"class": "tickets"}),
    )
    ground = forms.ChoiceField(
        label=_("Why do you stand aside?"),
        choices=[("", "-"), *Recusal.Ground.choices],
        required=False,
    )
    note = forms.CharField(
        label=_("What makes you unsure?"), required=False, max_length=1000, widget=forms.Textarea
    )
