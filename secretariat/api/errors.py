"""How the API says no: one shape, in one place."""

import logging

from django.core.signals import got_request_exception
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from workflows.machine import Refusal

log = logging.getLogger(__name__)


def answer(exc, context):
    """Every error as {"code", "detail"}: a Refusal is 409 with its sentence, a wrong body 400.

    400 has "fields" too: {field: [sentences]}. What nobody expected is 500, with the request's id.
    """
    if isinstance(exc, Refusal):
        return _told(409, exc.code, exc.sentence)
    response = exception_handler(exc, context)
    if response is None:
        return _unexpected(exc, context["request"])
    if isinstance(exc, ValidationError):
        sentence = _("Something in it is wrong. Correct it and send it again.")
        return _told(400, "invalid", sentence, fields=response.data)
    if response.status_code == 404:
        sentence = _("There is nothing here, or nothing that you may see.")
        return _told(404, "not_found", sentence)
    detail = response.data["detail"]
    response.data = {"code": detail.code, "detail": detail}
    return response


def _unexpected(exc, request):
    got_request_exception.send(sender=answer, request=request)
    log.error("%s %r failed.", request.method, request.path, exc_info=exc)
    sentence = _("Something went wrong here, and nothing has been changed. Try again later.")
    return _told(500, "unexpected", sentence, request_id=request.id)


def _told(status, code, sentence, **more):
    return Response({"code": code, "detail": sentence, **more}, status=status)


# --- The same as the schema tells it --------------------------------------------------------


class ProblemSerializer(serializers.Serializer):
    code = serializers.CharField(help_text="For programs: the same in every language.")
    detail = serializers.CharField(help_text="For people, in the language that was asked for.")


class WrongBodySerializer(ProblemSerializer):
    fields = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        help_text="What is wrong with which field.",
    )


def documented(*statuses):
    """{status: response} for extend_schema, each with an example."""
    return {status: _DOCUMENTED[status] for status in statuses}


def _response(shape, description, **example):
    return OpenApiResponse(shape, description, [OpenApiExample(example["code"], value=example)])


_DOCUMENTED = {
    400: _response(
        WrongBodySerializer,
        "The body is not what the step wants.",
        code="invalid",
        detail="Something in it is wrong. Correct it and send it again.",
        fields={"amount": ["This field is required."]},
    ),
    403: _response(
        ProblemSerializer,
        "Nobody is logged in, or the CSRF token is missing.",
        code="not_authenticated",
        detail="Authentication credentials were not provided.",
    ),
    404: _response(
        ProblemSerializer,
        "There is no such thing, or none that is yours to see.",
        code="not_found",
        detail="There is nothing here, or nothing that you may see.",
    ),
    409: _response(
        ProblemSerializer,
        "It cannot be done now. The sentence, the same as on the page, says what is in the way.",
        code="obstacle",
        detail="The deadline has passed, so it can no longer be sent.",
    ),
}
