import logging

from celery import shared_task

from grants.letters import outbox

log = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def sweep():
    """Make the letters that lack bytes, then send the mails that wait. Twice does no harm."""
    letters, _mails = outbox.waiting()
    for letter in letters:
        _or_log(outbox.make_bytes, letter)
    _letters, mails = outbox.waiting()
    for mail in mails:
        _or_log(outbox.send, mail)


@shared_task(ignore_result=True)
def gather_digests():
    """The daily mail of those who are told once a day."""
    outbox.gather_digests()


def _or_log(act, pk):
    try:
        act(pk)
    except Exception:  # one that fails must not keep the others waiting
        log.exception("%s failed for %s", act.__name__, pk)
