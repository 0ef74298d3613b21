"""What people fill in while they follow their case."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from applicants.forms import WantedLater
from grants.applications import readiness
from grants.applications.forms import LongText
from grants.payouts.models import FinalReport
from grants.pools.forms import MoneyField

LARGEST_FILE = 10_000_000  # bytes; our own letters have some tens of thousands


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


class ReportForm(WantedLater, forms.ModelForm):
    """The final report: it can be saved half done, and is sent whole."""

    wanted = ("happened", "participants", "income", "expenses")

    income = MoneyField(
        label=_("Income in all, in kroner"),
        zero=True,
        help_text=_("The grant, your own money and everything else that came in."),
    )
    expenses = MoneyField(label=_("Expenses in all, in kroner"), zero=True)

    class Meta:
        model = FinalReport
        fields = ("happened", "participants", "income", "expenses")
        field_classes = {"happened": LongText}
        labels = {"happened": _("What happened?"), "participants": _("How many took part?")}
        help_texts = {"happened": _("What came of it, and what would you do differently?")}
        widgets = {"participants": forms.TextInput(attrs={"inputmode": "numeric"})}

    def __init__(self, *args, is_sent=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.is_sent = is_sent
        self.fields["happened"].widget = forms.Textarea(attrs={"rows": 10})

    def clean(self):
        for name in self.fields if self.is_sent else ():
            if name not in self.errors and self.cleaned_data.get(name) in (None, ""):
                self.add_error(name, _("Fill this in before you send the report."))


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
