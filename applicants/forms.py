"""Who applies, and which bank account: as people write them."""

import re
from datetime import date

from allauth.account.fields import EmailField
from allauth.account.forms import ConfirmLoginCodeForm, RequestLoginCodeForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from stdnum.dk import cvr

from applicants import accounts
from applicants.models import Applicant, User
from workflows import clock

DATE_PICKER = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})

# What a person reads for each code of applicants.accounts.AccountError, and at which field.
ACCOUNT_ERRORS = {
    "registration_digits": (
        "registration",
        _("The registration number has four digits. Write the zeros in front too."),
    ),
    "account_missing": ("number", _("Write the account number too.")),
    "account_digits": ("number", _("The account number has digits only.")),
    "account_too_long": (
        "number",
        _("The account number has at most ten digits. Write the registration number by itself."),
    ),
    "iban_country": (
        "iban",
        _("An IBAN begins with two letters of a country, like DK or SE."),
    ),
    "iban_length": (
        "iban",
        _("The IBAN has too few or too many characters. Copy all of it."),
    ),
    "iban_check_digits": ("iban", _("The IBAN has a typing error. Check each digit.")),
    "iban_form": (
        "iban",
        _("That is no IBAN. It begins with two letters and two digits, like DK50."),
    ),
}


# Control characters, line and paragraph separators, and what turns the direction of a line.
# What joins emoji to one, or belongs to a script, is none of them.
HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
NOTHING_HIDDEN = RegexValidator(
    HIDDEN,
    _("There are invisible characters in this, as it happens when one copies. Type it by hand."),
    code="hidden",
    inverse_match=True,
)


class NothingHidden:
    """Put before a form: its fields of one line take nothing that the eye does not see.

    In a name it could make one thing look like another. Text of several lines is stored as typed.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.CharField) and isinstance(field.widget, forms.TextInput):
                field.validators.append(NOTHING_HIDDEN)


class NothingCutOff(NothingHidden):
    """Put before a form: what is too long is told, with its limit.

    Else the browser cuts it off without a word, and counts an emoji as two.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("maxlength", None)


class WantedLater:
    """Put before a form: the `wanted` fields can be missing now, but not be skipped for good."""

    use_required_attribute = False
    wanted: tuple[str, ...] = ()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._require(True)

    def full_clean(self):
        self._require(False)
        super().full_clean()
        self._require(True)

    def _require(self, is_required):
        for name in self.wanted:
            self.fields[name].required = is_required


class AddressForm(NothingCutOff, RequestLoginCodeForm):
    """Where the code is sent."""

    email = EmailField(
        label=_("Your e-mail address"),
        max_length=User._meta.get_field("email").max_length,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class CodeForm(NothingCutOff, ConfirmLoginCodeForm):
    """The code from the mail; small letters and a missing dash are no mistake."""

    code = forms.CharField(
        label=_("The code in the mail"),
        max_length=40,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
    )


class PasskeyForm(NothingCutOff, AddWebAuthnForm):
    """What the browser made, and what its person calls it."""

    passwordless = None  # each of them is
    name = forms.CharField(label=_("What you call it"), max_length=60, required=False)


class PasskeyNameForm(NothingCutOff, EditWebAuthnForm):
    name = forms.CharField(label=_("What you call it"), max_length=60)


class ApplicantForm(NothingCutOff, forms.ModelForm):
    """Who applies. What others have been told about already can be locked."""

    # Who was judged by these in a case that has been sent stays the same.
    IDENTITY = ("kind", "name", "cvr", "birth_date")

    # Longer than the number, since people write DK in front and spaces in between.
    cvr = forms.CharField(
        label=_("CVR number"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        help_text=_("Eight digits. Only for associations that have one."),
    )

    class Meta:
        model = Applicant
        fields = (
            *["kind", "name", "cvr", "birth_date", "phone"],
            *["street", "postal_code", "town", "is_protected"],
        )
        widgets = {
            "kind": forms.RadioSelect(attrs={"class": "tickets"}),
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "birth_date": DATE_PICKER,
            "phone": forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
            "street": forms.TextInput(attrs={"autocomplete": "street-address"}),
            "postal_code": forms.TextInput(attrs={"autocomplete": "postal-code"}),
            "town": forms.TextInput(attrs={"autocomplete": "address-level2"}),
        }
        help_texts = {
            "name": _("Your own full name, or the name of the group or association."),
            "birth_date": _("Yours, since you are the contact person."),
            "is_protected": _(
                "Tick this if the authorities hide your name and address. Then the committee "
                "does not see them."
            ),
        }
        error_messages = {
            "name": {"required": _("Write the name of who applies.")},
            "birth_date": {
                "required": _("Write your birth date, so that we know what the rules are for you.")
            },
        }

    def __init__(self, *args, is_locked=False, **kwargs):
        super().__init__(*args, **kwargs)
        # Without an empty choice: a person applies unless something else is said.
        self.fields["kind"].choices = Applicant.Kind.choices
        for name in self.IDENTITY if is_locked else ():
            self.fields[name].disabled = True
            self.fields[name].help_text = _(
                "An application has been sent with this, so it stays as it is."
            )

    def clean_birth_date(self):
        born = self.cleaned_data["birth_date"]
        if not date(1900, 1, 1) <= born < clock.today():
            raise ValidationError(
                _("Write the day you were born, with all four digits of the year.")
            )
        return born

    def clean_cvr(self):
        typed = self.cleaned_data["cvr"]
        if typed and not cvr.is_valid(typed):
            raise ValidationError(_("That is no CVR number. Look it up at virk.dk, eight digits."))
        return cvr.compact(typed) if typed else ""


class FirstApplicantForm(ApplicantForm):
    """Who applies, as little of it as a draft needs, together with who writes."""

    cvr = None  # asked with the rest, among the answers
    contact_name = forms.CharField(
        label=_("Your own name"),
        max_length=140,
        required=False,
        help_text=_("If you write for a group or an association."),
    )
    field_order = ("kind", "name", "contact_name")

    class Meta(ApplicantForm.Meta):
        fields = ("kind", "name", "birth_date")


class AccountForm(NothingCutOff, WantedLater, forms.Form):
    """A bank account: registration and account number, or an IBAN. Cleaned it is `iban`."""

    wanted = ("registration", "number")

    holder = forms.CharField(
        label=_("Who the account belongs to"), max_length=70, help_text=_("The name the bank has.")
    )
    registration = forms.CharField(
        label=_("Registration number"),
        max_length=10,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    number = forms.CharField(
        label=_("Account number"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    iban = forms.CharField(
        label=_("Or the IBAN"),
        max_length=50,
        required=False,
        help_text=_("Only for an account outside Denmark, or if it is easier for you."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )

    def clean(self):
        typed = {name: self.cleaned_data.get(name, "") for name in ("registration", "number")}
        iban = self.cleaned_data.get("iban", "")
        if iban and any(typed.values()):
            self.add_error("iban", _("Write either the two numbers or the IBAN, not both."))
            return
        try:
            self.cleaned_data["iban"] = (
                accounts.check_iban(iban)
                if iban
                else accounts.danish_iban(typed["registration"], typed["number"])
            )
        except accounts.AccountError as error:
            self.add_error(*ACCOUNT_ERRORS[error.code])
