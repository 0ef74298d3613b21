"""When a passkey is worth offering: not before somebody has been let in by a code."""

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator

PUT_AWAY = "no_passkey_now"


def is_worth_offering(request):
    """Whether this login was by a code, there is no passkey yet, and the offer was not put away."""
    came_by = [record["method"] for record in get_authentication_records(request, request.user)]
    if came_by[-1:] != ["code"] or PUT_AWAY in request.session:
        return False
    return not Authenticator.objects.filter(user=request.user).exists()


def put_away(request):
    request.session[PUT_AWAY] = True
