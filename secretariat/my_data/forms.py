"""What one can correct about oneself."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from applicants.forms import NothingCutOff
from applicants.models import Applicant, User


class MeForm(NothingCutOff, forms.ModelForm):
    """The name, the language, and how one is told."""

    class Meta:
        model = User
        fields = ("name", "language", "told")
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "language": forms.RadioSelect,
            "told": forms.RadioSelect,
        }
        labels = {
            "name": _("Your own name"),
            "language": _("Which language do you want?"),
            "told": _("How do you want to be told?"),
        }
        help_texts = {
            "language": _("On the pages, in mails, and in the letters that are still to come."),
            "told": _(
                "Letters, questions to you, and what is about your money are always sent at once."
            ),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = settings.LANGUAGES
        self.fields["told"].choices = User.Told.choices


class ReachForm(NothingCutOff, forms.ModelForm):
    """How somebody who applies is reached."""

    class Meta:
        model = Applicant
        fields = ("phone", "street", "postal_code", "town", "is_protected")
        widgets = {
            "phone": forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
            "street": forms.TextInput(attrs={"autocomplete": "street-address"}),
            "postal_code": forms.TextInput(attrs={"autocomplete": "postal-code"}),
            "town": forms.TextInput(attrs={"autocomplete": "address-level2"}),
        }
        help_texts = {
            "is_protected": _(
                "Tick this if the authorities hide your name and address. Then only those who "
                "write to you and who pay you see them: not the committee, not the readers, and "
                "they are in no list that leaves the house."
            ),
        }


class SureForm(forms.Form):
    """One more yes, before what cannot be undone."""

    is_sure = forms.BooleanField(
        label=_("Yes, close my account"),
        error_messages={"required": _("Tick it if you want to close your account.")},
    )
