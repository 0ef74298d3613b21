"""How a refusal reaches the person."""

from django.contrib import messages
from django.http import HttpResponseRedirect, JsonResponse
from django.utils.http import url_has_allowed_host_and_scheme

from workflows.machine import Refusal


class Refusals:
    """A Refusal becomes a message on the page one came from; a script gets 409 and the sentence."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not isinstance(exception, Refusal):
            return None
        if request.headers.get("Accept") == "application/json":  # a script of ours asks
            return JsonResponse(
                {"sentence": exception.sentence, "code": exception.code}, status=409
            )
        messages.error(request, exception.sentence)
        return HttpResponseRedirect(_where_from(request))


def _where_from(request):
    referer = request.META.get("HTTP_REFERER", "")
    if url_has_allowed_host_and_scheme(referer, {request.get_host()}, request.is_secure()):
        return referer
    return "/"
