"""The demo with its real supervisor, gunicorn, Celery and servers, around an empty site."""

import os
import sys

from celery import Celery

from config import demo

app = Celery("small", broker=os.environ.get("BROKER_URL"), fixups=[])


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"here"]


if __name__ == "__main__":
    demo.preparation = lambda: [sys.executable, "-c", "pass"]
    real = demo.web_server, demo.celery

    def of_this_module(command):
        return [part.replace("config.wsgi", __spec__.name) for part in command]

    demo.web_server = lambda site: of_this_module(real[0](site))
    demo.celery = lambda *arguments: [
        part.replace("--app=config", f"--app={__spec__.name}") for part in real[1](*arguments)
    ]
    demo.main()
