from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from grants.statistics import queries


class CallChoice(forms.ModelChoiceField):
    def label_from_instance(self, call):
        return call.title_shown


class Filters(forms.Form):
    """Which call and which year; nothing chosen is everything."""

    call = CallChoice(
        label=_("Call"), queryset=None, to_field_name="slug", required=False, empty_label=_("All")
    )
    year = forms.TypedChoiceField(label=_("Year"), coerce=int, required=False, empty_value=None)

    def __init__(self, data, *, pool):
        super().__init__(data)
        self.fields["call"].queryset = pool.calls.all()
        self.fields["year"].choices = [
            ("", _("All")),
            *((year, year) for year in queries.years(pool)),
        ]

    def asked(self):
        """The keywords for the queries; what cannot be read filters nothing."""
        given = self.cleaned_data if self.is_valid() else {}
        year = given.get("year")
        return {
            "call": given.get("call"),
            "since": date(year, 1, 1) if year else None,
            "until": date(year, 12, 31) if year else None,
        }
