"""What is filled in about the people around an application: guardians and the team."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from applicants.forms import NothingCutOff
from grants.applications.addresses import without_tag
from grants.applications.fields import YesOrNo
from grants.applications.models import TeamMember


class OtherAddresses(NothingCutOff):
    """Put before a form with an e-mail address that must not be one of these."""

    taken: str

    def __init__(self, *args, not_these=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.not_these = {without_tag(email) for email in not_these}

    def clean_email(self):
        email = self.cleaned_data["email"].lower()
        if without_tag(email) in self.not_these:
            raise ValidationError(self.taken)
        return email


class GuardianForm(OtherAddresses, forms.Form):
    """The parent or guardian of somebody under 18."""

    taken = _("A parent or guardian is somebody else than you. Write their own address.")

    name = forms.CharField(label=_("Their name"), max_length=140)
    email = forms.EmailField(
        label=_("Their e-mail address"),
        help_text=_("We send them a link. They need no password and no app."),
    )
    relation = forms.CharField(
        label=_("What they are to you"), max_length=60, help_text=_("Mother, father, guardian ...")
    )
    custody_is_joint = YesOrNo(
        label=_("Do two parents or guardians share the custody of you?"),
        help_text=_("Then both have to say yes. Ask at home if you are not sure."),
    )


class ConsentForm(NothingCutOff, forms.Form):
    """A guardian's yes, to the document that they have read."""

    name = forms.CharField(
        label=_("Your full name"),
        max_length=140,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    relation = forms.CharField(
        label=_("What you are to the young person"),
        max_length=60,
        help_text=_("Mother, father, guardian ..."),
    )
    is_joint = YesOrNo(
        label=_("Do you share the custody with somebody?"),
        help_text=_("Then the other one has to say yes too, with a link of their own."),
    )
    document = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args, document, **kwargs):
        super().__init__(*args, initial=kwargs.pop("initial", {}) | {"document": document})
        self.document_now = document

    def clean(self):
        if self.cleaned_data.get("document") != self.document_now:
            self.data = self.data.copy()
            self.data["document"] = self.document_now
            raise ValidationError(
                _("The application was changed while you read. Read it again, then say yes.")
            )

    def said(self):
        """What grants.applications.guardians wants to know."""
        return {name: self.cleaned_data[name] for name in ("name", "relation", "is_joint")}


class InvitationForm(OtherAddresses, forms.Form):
    """Somebody for the team, and what they may do."""

    taken = _("That is the contact's own address. Write the address of somebody else.")

    name = forms.CharField(label=_("Their name"), max_length=140)
    email = forms.EmailField(
        label=_("Their e-mail address"),
        help_text=_("We write to them. They log in with this address, without a password."),
    )
    access = forms.ChoiceField(
        label=_("What they can do"),
        choices=TeamMember.Access,
        initial=TeamMember.Access.WRITE,
        widget=forms.RadioSelect,
    )
