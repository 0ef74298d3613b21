"""Where somebody goes who has just logged in."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect

from secretariat.navigation import start_page


@login_required
def start(request):
    """On to the page where this person begins the day."""
    return redirect(start_page(request.user))
