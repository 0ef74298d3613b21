"""Danish is what everybody sees first; who chose another language keeps it."""

from django.conf import settings
from django.utils import translation


class ChosenLanguage:
    """The language that was chosen here, in a cookie; what the browser prefers is not asked.

    Many phones of Danish teenagers speak English: asking the browser would give them the
    translation, and their letters with it.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        known = chosen in dict(settings.LANGUAGES)
        with translation.override(chosen if known else settings.LANGUAGE_CODE):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        return response
