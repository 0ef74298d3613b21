"""The id that each request carries: into the log, the answer and the error page."""

import logging
import re
import uuid
from contextvars import ContextVar

_request_id: ContextVar[str] = ContextVar("request_id", default="-")


class RequestId:
    """Each request gets an id, which stands in the log, in the answer and on the error page."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.id = uuid.uuid4().hex[:12]
        token = _request_id.set(request.id)
        try:
            response = self.get_response(request)
            response["X-Request-Id"] = request.id
            return response
        finally:
            _request_id.reset(token)


class HideSecretPaths(logging.Filter):
    """A link that opens without login is a key: its token stays out of the log."""

    TOKEN = re.compile(r"(/consent/)[^/\s?]+")

    def filter(self, record):
        message = record.getMessage()
        if self.TOKEN.search(message):
            record.msg, record.args = self.TOKEN.sub(r"\1…", message), ()
        return True


class AddRequestId(logging.Filter):
    def filter(self, record):
        record.request_id = _request_id.get()
        return True
