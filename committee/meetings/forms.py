from datetime import timedelta

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from committee.tally import BEST
from committee.votes.models import Vote
from grants.pools.forms import MoneyField
from grants.pools.money import money
from workflows import clock


class TimeForm(forms.Form):
    """When and where a meeting is."""

    starts_at = forms.DateTimeField(
        label=_("When does it begin?"),
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
    )
    minutes = forms.TypedChoiceField(
        label=_("How long is it?"),
        choices=[
            (30, _("Half an hour")),
            (60, _("1 hour")),
            (90, _("1 hour and a half")),
            (120, _("2 hours")),
            (180, _("3 hours")),
            (240, _("4 hours")),
            (480, _("A whole day")),
        ],
        coerce=int,
        initial=120,
    )
    place = forms.CharField(
        label=_("Place"),
        help_text=_("Write a place, a link to meet online, or both."),
        max_length=140,
        required=False,
    )
    link = forms.URLField(
        label=_("Link to the online meeting"),
        max_length=300,
        required=False,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("place", "link"):
            self.fields[name].is_conditional = True
        field = self.fields["minutes"]
        length = self.get_initial_for_field(field, "minutes")
        if length not in dict(field.choices):
            own = (length, gettext("%(minutes)s minutes") % {"minutes": length})
            field.choices = [*field.choices, own]

    def clean(self):
        told = self.cleaned_data
        if not told.get("place") and not told.get("link") and "link" not in self.errors:
            self.add_error("place", _("Write a place, or a link to meet online."))

    def clean_starts_at(self):
        starts_at = self.cleaned_data["starts_at"]
        if starts_at <= clock.now():
            raise forms.ValidationError(_("Choose a time that lies ahead."))
        return starts_at

    def given(self):
        """What actions.move_meeting takes."""
        told = self.cleaned_data
        return {
            "starts_at": told["starts_at"],
            "ends_at": told["starts_at"] + timedelta(minutes=told["minutes"]),
            "place": told["place"],
            "link": told["link"],
        }


def time_of(meeting):
    """What a TimeForm begins with, for a meeting that is moved."""
    length = int((meeting.ends_at - meeting.starts_at).total_seconds()) // 60
    return {
        "starts_at": meeting.starts_at,
        "minutes": length,
        "place": meeting.place,
        "link": meeting.link,
    }


class AgendaForm(forms.Form):
    """Which applications are talked about: what the rules propose is ticked."""

    chosen = forms.MultipleChoiceField(
        label=_("What is talked about?"),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "tickets"}),
    )

    def __init__(self, *args, candidates, **kwargs):
        super().__init__(*args, **kwargs)
        shown = [each for each in candidates if not each.is_shut]
        self.fields["chosen"].choices = [
            (each.application.reference, _told(each)) for each in shown
        ]
        self.fields["chosen"].initial = [each.application.reference for each in shown if each.why]


def _told(candidate):
    application = candidate.application
    named = f"{application.title} ({application.name_shown})"
    return f"{named}: {candidate.why_label}" if candidate.why else named


class CallForm(AgendaForm, TimeForm):
    """Call a meeting: when, where, and about what."""

    field_order = ["starts_at", "minutes", "place", "link", "chosen"]

    def given(self):
        """What actions.call_meeting takes."""
        return super().given() | {"chosen": self.cleaned_data["chosen"]}


class AttendanceForm(forms.Form):
    """Who is there."""

    present = forms.TypedMultipleChoiceField(
        label=_("Who is there?"),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "tickets"}),
    )

    def __init__(self, *args, attending, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["present"].choices = [
            (member.pk, _seat_of(member)) for member, _is_present in attending.rows
        ]
        self.fields["present"].initial = [member.pk for member in attending.present]
        self.fields["present"].is_conditional = True  # nobody reads "you can skip this" here


def _seat_of(member):
    parts = [str(member), member.get_seat_display()]
    if member.is_chair:
        parts.append(gettext("chair"))
    if member.is_substitute:
        parts.append(gettext("substitute"))
    return ", ".join(map(str, parts))


class NoteForm(forms.Form):
    """What was said about one application; has_changed() is against what the page showed."""

    text = forms.CharField(
        label=_("What was said"),
        help_text=_("It stands in the minutes. Who stands aside does not read it."),
        required=False,
        max_length=3000,
        # Somebody else may have written since: what was not touched here must not undo that.
        show_hidden_initial=True,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class MinutesForm(forms.Form):
    text = forms.CharField(
        label=_("Other matters"),
        help_text=_(
            "Who was there, the votes and their results are in the minutes already. "
            "What was said about an application belongs to its point."
        ),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 8}),
    )


class ChangeForm(forms.Form):
    """One's vote as it is, to be changed."""

    choice = forms.ChoiceField(
        label=_("What do you say?"),
        choices=Vote.Choice,
        widget=forms.RadioSelect(attrs={"class": "tickets"}),
    )
    amount = MoneyField(label=_("How much, in kroner? Only if you are for"), required=False)

    def __init__(self, *args, window, vote, **kwargs):
        application = self.application = window.application
        self.weights = window.weights
        super().__init__(*args, initial=_voted(vote), **kwargs)
        self.fields["amount"].is_conditional = True
        self.fields["amount"].help_text = gettext("From %(least)s to %(most)s") % {
            "least": self._said("least_workable"),
            "most": self._said("amount_applied_for"),
        }
        for criterion in application.call.criteria.all():
            if str(criterion.pk) in self.weights:
                field = forms.TypedChoiceField(
                    label=criterion.name_shown,
                    choices=[("", "-"), *((score, score) for score in range(BEST + 1))],
                    coerce=int,
                    empty_value=None,
                    required=False,
                )
                field.is_conditional = True
                self.fields[f"score-{criterion.pk}"] = field

    def clean(self):
        told = self.cleaned_data
        if "amount" in told and (sentence := self._wrong_with(told.get("choice"), told["amount"])):
            self.add_error("amount", sentence)
        if told.get("choice") in {Vote.Choice.FOR, Vote.Choice.AGAINST}:
            for key in self.weights:
                if told.get(f"score-{key}") is None:
                    self.add_error(f"score-{key}", _("Give it from 0 to 5."))

    def _wrong_with(self, choice, amount):
        """The sentence about the amount (øre or None), or "". One that was there and is left as it
        was says nothing of its own: who was for and is against now need not empty it."""
        if choice in {Vote.Choice.AGAINST, Vote.Choice.ABSTAIN}:
            if amount and "amount" in self.changed_data:
                return gettext("You write an amount, so choose “For”, or leave this empty.")
        elif choice == Vote.Choice.FOR:
            if not amount:
                return gettext("Write the amount you would give, such as 12.500.")
            if amount > self.application.amount_applied_for:
                return gettext("No more than %(most)s is applied for. Write less.") % {
                    "most": self._said("amount_applied_for")
                }
            if amount < self.application.least_workable:
                return gettext(
                    "It does not work for less than %(least)s: vote against, or give at least that."
                ) % {"least": self._said("least_workable")}
        return ""

    def _said(self, field):
        return money(getattr(self.application, field), self.application.currency)

    def given(self):
        """What actions.change_vote takes."""
        told = self.cleaned_data
        scores = {key: told[f"score-{key}"] for key in self.weights}
        return {
            "choice": told["choice"],
            "amount": told["amount"] or 0,
            "scores": {key: score for key, score in scores.items() if score is not None},
        }


def _voted(vote):
    """The form as the vote was given: with an amount only where it is for one."""
    if vote is None:
        return {}
    scores = {f"score-{key}": score for key, score in vote.scores.items()}
    return {"choice": vote.choice, "amount": vote.amount or None, **scores}
