"""The one entrance: an e-mail address, and the code that is sent to it."""

from allauth.account.utils import get_next_redirect_url
from allauth.account.views import ConfirmLoginCodeView, RequestLoginCodeView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from applicants import actions, passkeys
from applicants.adapter import GO_ON_AT


class AskForCode(RequestLoginCodeView):
    """The address. What happens then is the same whether it is known or new."""

    def form_valid(self, form):
        if on_the_way_to := self.get_next_url():
            self.request.session[GO_ON_AT] = on_the_way_to
        form._user = actions.expect(form.cleaned_data["email"], language=self.request.LANGUAGE_CODE)
        super().form_valid(form)
        return redirect("account_confirm_login_code")

    def _redirect_to_pending_stage(self, request, stage):
        """Nowhere: who comes back here while a code is under way wants to change the address."""


class TypeCode(ConfirmLoginCodeView):
    """The code. Without one under way, or after its time, one begins again with the address."""

    _process = None

    def dispatch(self, request, *args, **kwargs):
        answer = super().dispatch(request, *args, **kwargs)
        if self._process is None and request.user.is_anonymous:
            messages.info(
                request,
                _("No code is under way in this browser. Write your address, and we send one."),
            )
        return answer


@require_POST
@login_required
def no_passkey_now(request):
    """The offer is put away until the next time somebody logs in with a code."""
    passkeys.put_away(request)
    return redirect(get_next_redirect_url(request) or settings.LOGIN_REDIRECT_URL)
