"""The page for a mistake of ours, with the number under which the log has it."""

from django.http import HttpResponseServerError
from django.template.loader import render_to_string


def server_error(request):
    """No database and no menu is asked here: they may be what broke."""
    told = {"request_id": getattr(request, "id", "")}
    return HttpResponseServerError(render_to_string("500.html", told))
