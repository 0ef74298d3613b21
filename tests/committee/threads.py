"""Acts at the same moment, on two real connections."""

from datetime import timedelta
from threading import Barrier, Thread

from django.db import connection

from grants.applications.models import Application
from tests import factories
from workflows import clock
from workflows.machine import Refusal

NOW = factories.MONDAY + timedelta(days=4)


class Act(Thread):
    """One act on a connection of its own; `refusal` is the sentence's code when it was refused."""

    def __init__(self, act, before=lambda: None):
        super().__init__(daemon=True)
        self.act, self.before, self.refusal, self.error = act, before, None, None

    def run(self):
        try:
            self.before()
            with clock.at(NOW):
                self.act()
        except Refusal as refusal:
            self.refusal = refusal.code
        except Exception as error:
            self.error = error
        finally:
            connection.close()

    def ended(self):
        self.join(timeout=20)
        assert not self.is_alive()
        assert self.error is None
        return self.refusal


def again(application):
    return Application.objects.get(pk=application.pk)


def waits(thread):
    thread.join(timeout=0.5)
    return thread.is_alive()


def at_once(*acts):
    """The codes of their refusals, "" for what was done, in order."""
    barrier = Barrier(len(acts))
    threads = [Act(act, before=barrier.wait) for act in acts]
    for thread in threads:
        thread.start()
    return sorted(thread.ended() or "" for thread in threads)
