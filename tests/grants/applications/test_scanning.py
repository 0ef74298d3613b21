"""A scanner that finds nothing, finds something, is silent, talks nonsense, or is not there."""

import socket
import struct
import threading
import time
from contextlib import contextmanager
from tempfile import TemporaryDirectory

import pytest

from grants.applications import scanning
from grants.applications.files import FileRefused
from tests.grants.applications.samples import upload

CONTENT = b"x" * 200_000


class FakeClamd(threading.Thread):
    """A clamd that reads one INSTREAM, keeps what it was sent, and answers."""

    def __init__(self, server, answer, *, reads=None):
        super().__init__(daemon=True)
        self.server, self.answer, self.reads = server, answer, reads
        self.command, self.received = b"", b""

    def run(self):
        connection, _address = self.server.accept()
        with connection, connection.makefile("rb") as stream:
            self.command = stream.read(10)
            while length := struct.unpack(">L", stream.read(4))[0]:
                self.received += stream.read(length)
                if self.reads is not None and len(self.received) >= self.reads:
                    break
            if self.answer is None:
                time.sleep(1)
            else:
                connection.sendall(self.answer)


@pytest.fixture
def clamd(settings, monkeypatch):
    """clamd(answer): one that answers so, at settings.CLAMD; over TCP, or at a path."""
    monkeypatch.setattr(scanning, "PATIENCE", 0.3)

    @contextmanager
    def started(answer, *, path="", **how):
        with socket.socket(socket.AF_UNIX if path else socket.AF_INET) as server:
            server.bind(path or ("127.0.0.1", 0))
            server.listen()
            settings.CLAMD = path or "127.0.0.1:{1}".format(*server.getsockname())
            fake = FakeClamd(server, answer, **how)
            fake.start()
            yield fake
            fake.join(timeout=5)

    return started


def sentence():
    with pytest.raises(FileRefused) as refusal:
        scanning.scan(upload("x.pdf", CONTENT))
    return refusal.value.sentence


def test_without_a_scanner_nothing_is_asked(settings):
    assert settings.CLAMD == ""
    scanning.scan(upload("x.pdf", CONTENT))


def test_a_clean_file_is_sent_whole(clamd):
    with clamd(b"stream: OK\0") as fake:
        scanning.scan(upload("x.pdf", CONTENT))
    assert fake.command == b"zINSTREAM\0"
    assert fake.received == CONTENT


def test_the_scanner_can_listen_at_a_path(clamd):
    with TemporaryDirectory() as short, clamd(b"stream: OK\0", path=f"{short}/clamd.ctl") as fake:
        scanning.scan(upload("x.pdf", CONTENT))
    assert fake.received == CONTENT


def test_a_virus_is_refused_and_its_name_is_logged(clamd, caplog):
    with clamd(b"stream: Eicar-Test-Signature FOUND\0"):
        assert "There is a virus" in sentence()
    assert "Eicar-Test-Signature" in caplog.text
    assert "x.pdf" not in caplog.text


@pytest.mark.parametrize("answer", [None, b"", b"stream: ", b"hello\0", b"\xff\xfe", b"FOUND OK\0"])
def test_silence_and_nonsense_are_no_yes(clamd, caplog, answer):
    with clamd(answer):
        assert "Try again" in sentence()
    assert caplog.records[-1].levelname == "ERROR"


@pytest.mark.parametrize("reads", [None, 1000])
def test_a_file_that_is_too_large_for_it_is_told_so(clamd, caplog, reads):
    """Also when it hangs up in the middle."""
    with clamd(b"INSTREAM size limit exceeded. ERROR\0", reads=reads):
        assert "too large" in sentence()
    assert caplog.records[-1].levelname == "ERROR"


def test_nobody_there_is_no_yes(settings, caplog):
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        settings.CLAMD = "127.0.0.1:{1}".format(*unheard.getsockname())
        assert "Try again" in sentence()
    settings.CLAMD = "/nowhere/clamd.ctl"
    assert "Try again" in sentence()
    assert "does not answer" in caplog.text
