"""What allauth asks us about: its sentences in our words, and the way on after logging in."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

# In the session: where somebody was on the way to, however many codes and addresses it takes.
GO_ON_AT = "go_on_at"

BE_CALM = _("That was many times in a row. Wait some minutes, then ask for a new code.")


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_code": _("That is not the code. Look at the newest mail from us and try again."),
        "too_many_login_attempts": BE_CALM,
        "rate_limited": BE_CALM,
    }

    def get_login_stages(self):
        """The code alone. A passkey is another way in and no second lock: a phone can get lost."""
        return ["allauth.account.stages.LoginByCodeStage"]

    def is_reauthentication_required(self, *, app, **kwargs):
        """Never: a passkey on a lost phone must be removable. Each change is told by mail."""
        return False

    def get_login_redirect_url(self, request):
        return request.session.pop(GO_ON_AT, None) or super().get_login_redirect_url(request)


class PasskeyAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("That passkey did not work here. Get a code by e-mail instead."),
    }

    def generate_authenticator_name(self, user, type):
        number = user.authenticator_set.filter(type=type).count() + 1
        return gettext("Passkey %(number)s") % {"number": number}

    def get_public_key_credential_rp_entity(self):
        return super().get_public_key_credential_rp_entity() | {"name": "Ungepuljen"}
