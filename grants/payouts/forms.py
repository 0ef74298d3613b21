from django import forms
from django.utils.translation import gettext_lazy as _

from workflows import clock


class Picked(forms.Form):
    """The rows that were ticked in a list; only rows that the caller may see."""

    pick = forms.ModelMultipleChoiceField(queryset=None)

    def __init__(self, data, *, rows):
        super().__init__(data)
        self.fields["pick"].queryset = rows


class Day(forms.Form):
    """The day on which something happened; not one that lies ahead."""

    paid_on = forms.DateField(
        label=_("Date"),
        help_text=_("The day on the account statement."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    def clean_paid_on(self):
        day = self.cleaned_data["paid_on"]
        if day > clock.today():
            raise forms.ValidationError(_("The date lies ahead. Choose today or earlier."))
        return day


class BankReason(forms.Form):
    """Why the bank sent a payout back."""

    reason = forms.CharField(
        label=_("What does the bank say?"),
        help_text=_("Short, for example: the account is closed. The applicant cannot read it."),
        max_length=140,
    )


class ReportNote(forms.Form):
    """What is missing in a final report."""

    note = forms.CharField(
        label=_("What is missing?"),
        help_text=_("The applicant reads this. Write what to do, in plain words."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class Seen(forms.Form):
    """Which sending of a report was read before it is approved."""

    seen = forms.DateTimeField()
