"""What the one-minute check asks: no more than the rules of the call want to know."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applicants.forms import DATE_PICKER, WantedLater
from applicants.models import Applicant
from grants.applications.fields import Places
from grants.pools.forms import MoneyField
from grants.pools.rules import Facts
from workflows import clock

ELSEWHERE = "elsewhere"
OLDEST = 120


class CheckForm(WantedLater, forms.Form):
    """Age, municipality, date and amount, and who applies and where if the call has rules for it.

    Anything can be left open. It asks for an age and not for a birth date, since the answers stand
    in the address of the page.
    """

    age = forms.IntegerField(
        label=_("How old are you?"),
        min_value=0,
        max_value=OLDEST,
        help_text=_("In whole years. In a group: the one who will be the contact."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    kind = forms.ChoiceField(
        label=_("Who applies?"),
        choices=Applicant.Kind.choices,
        widget=forms.RadioSelect(attrs={"class": "tickets"}),
    )
    starts_on = forms.DateField(
        label=_("When does it begin?"),
        widget=DATE_PICKER,
        help_text=_("If you do not know yet, make a guess."),
        error_messages={"invalid": _("Write a date, like 21-11-2026.")},
    )
    ends_on = forms.DateField(
        label=_("When does it end?"),
        widget=DATE_PICKER,
        error_messages={"invalid": _("Write a date, like 21-11-2026.")},
    )
    amount = MoneyField(label=_("How much do you need, in kroner?"))

    def __init__(self, *args, pool, rules, **kwargs):
        super().__init__(*args, **kwargs)
        self.rules = rules
        places = Places(pool)
        self.fields["home"] = places.field(label=_("Which municipality do you live in?"))
        self.fields["places"] = forms.MultipleChoiceField(
            label=_("Where does it happen?"),
            help_text=_("Tick all of them."),
            choices=lambda: _where(places),
            widget=forms.CheckboxSelectMultiple,
        )
        for name in self._not_asked():
            del self.fields[name]
        self.order_fields(["age", "kind", "home", "places", "starts_on", "ends_on", "amount"])
        self._places = places
        self.wanted = tuple(self.fields)
        self._require(True)

    def facts(self):
        """The Facts that were told, on the day that it is today."""
        told = self.cleaned_data
        home = told.get("home")
        where = told.get("places")
        return Facts(
            applied_on=clock.today(),
            age=told.get("age"),
            kind=told.get("kind") or None,
            home=home.key if home else None,
            places=frozenset(self._key(each) for each in where) if where else None,
            starts_on=told.get("starts_on"),
            ends_on=told.get("ends_on"),
            amount=told.get("amount"),
        )

    def _key(self, chosen):
        return ("", ELSEWHERE) if chosen == ELSEWHERE else self._places.by_pk[chosen].key

    def _not_asked(self):
        rules = self.rules
        if set(rules.kinds) >= set(Applicant.Kind.values):
            yield "kind"
        if rules.residence in ("anywhere", "home") and rules.least_municipalities <= 1:
            yield "places"
        if not rules.black_outs:
            yield "ends_on"


def _where(places):
    ours = [(pk, place.name) for pk, place in places.by_pk.items() if place.pays]
    return [*ours, (ELSEWHERE, gettext("Somewhere else"))]
