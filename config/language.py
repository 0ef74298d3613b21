"""Danish is what everybody sees first; who chose another language keeps it."""

from django.conf import settings
from django.utils import translation
from django.views.i18n import set_language

from applicants.models import User
from grants.applications import actions as applications

# What stands at somebody who never chose is the first language too.
NOT_CHOSEN = User.Language.DANISH


class ChosenLanguage:
    """The language that was chosen here, in a cookie; else the one that belongs to the person.

    What the browser prefers is not asked. Many phones of Danish teenagers speak English: asking
    the browser would give them the translation, and their letters with it.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with translation.override(chosen_by(request)):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        return response


def chosen_by(request):
    """A code of settings.LANGUAGES. Asks the database only where a session may know somebody."""
    here = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if is_spoken(here):
        return here
    own = getattr(request.user, "language", NOT_CHOSEN)  # who is not logged in has none
    return own if own != NOT_CHOSEN and is_spoken(own) else settings.LANGUAGE_CODE


def is_spoken(code):
    return code in dict(settings.LANGUAGES)


def choose(request):
    """Keep the choice in the cookie, and for somebody logged in with the person."""
    answer = set_language(request)
    chosen = request.POST.get("language", "")
    if request.user.is_authenticated and is_spoken(chosen):
        applications.choose_language(request.user, chosen)
    return answer
