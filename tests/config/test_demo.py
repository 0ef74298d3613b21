"""Whatever is killed, Ctrl-C or the next start leaves no process behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

from config import demo
from config.services import CHECKOUT

# The demo starts gunicorn, Celery and both servers each time.
pytestmark = pytest.mark.slow

PATIENCE = 60  # seconds
PROGRAMS = [
    ["gunicorn"],
    ["celery", "worker"],
    ["celery", "beat"],
    ["bin/postgres"],
    ["valkey-server"],
]


class Running:
    """A demo in a terminal of its own, and what it says."""

    def __init__(self, home, *, before=(), **environment):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = str(free.getsockname()[1])
        settings = {"LOCAL_DIR": str(home), "PORT": port, "MAKELEVEL": ""} | environment
        self.process = subprocess.Popen(
            [*before, sys.executable, "-um", "tests.config.small_demo"],
            cwd=CHECKOUT,
            env=os.environ | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.said = ""
        self.listener = threading.Thread(target=self.listen)
        self.listener.start()

    def listen(self):
        for line in self.process.stdout:
            self.said += line

    def wait_for(self, words, *, times=1):
        give_up_at = time.monotonic() + PATIENCE
        while len(found := re.findall(words, self.said)) < times:
            assert time.monotonic() < give_up_at, f"waited for {words!r} in:\n{self.said}"
            time.sleep(0.05)
        return found[-1]

    def press_ctrl_c(self):
        os.killpg(self.process.pid, signal.SIGINT)
        self.end()

    def end(self):
        self.process.wait(PATIENCE)
        self.listener.join(PATIENCE)
        self.process.stdout.close()


@pytest.fixture
def home():
    """A short path, so that the sockets lie inside it and every process can be told by it."""
    with tempfile.TemporaryDirectory(prefix="demo-") as folder:
        home = Path(folder, "local")
        yield home
        for pid in processes_of(home):  # only when a test failed
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def processes_of(home, *words):
    """The processes that know this folder by environment, command or place, as a list of pids."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ")
            known = command + (process / "environ").read_bytes()
            known += os.readlink(process / "cwd").encode()
            if str(home).encode() in known and all(word.encode() in command for word in words):
                found.append(int(process.name))
    return sorted(found)


def wait_until_there(home, *words):
    """The pid of such a process: the worker begins a little after the web."""
    give_up_at = time.monotonic() + PATIENCE
    while not (found := processes_of(home, *words)):
        assert time.monotonic() < give_up_at, words
        time.sleep(0.05)
    return found[0]


def wait_until_gone(home, *words):
    give_up_at = time.monotonic() + PATIENCE
    while left := processes_of(home, *words):
        assert time.monotonic() < give_up_at, left
        time.sleep(0.05)


def test_what_is_killed_is_started_again_and_ctrl_c_ends_all(home):
    running = Running(home)
    site = running.wait_for(r"runs at (\S+)")
    for words in PROGRAMS:
        os.kill(wait_until_there(home, *words), signal.SIGKILL)
    running.wait_for("is started again", times=len(PROGRAMS))
    second = Running(home)
    second.end()
    assert f"It runs already: {site}" in second.said
    assert second.process.returncode == 1
    assert all(processes_of(home, *words) for words in PROGRAMS)
    running.press_ctrl_c()
    assert processes_of(home) == []
    assert running.process.returncode == 0


def test_a_killed_demo_takes_its_programs_along_and_the_next_one_stops_the_servers(home):
    killed = Running(home)
    killed.wait_for("runs at")
    killed.process.kill()
    killed.end()
    wait_until_gone(home, "bin/python")  # the servers stay
    assert processes_of(home, "bin/postgres")
    left = subprocess.Popen(["sleep", "60"], env={demo.MARK: str(home)})
    following = Running(home)
    site = following.wait_for(r"runs at (\S+)")
    assert urllib.request.urlopen(site).read() == b"here"
    assert len(processes_of(home, "gunicorn", "--bind")) == 2  # one master, one worker
    assert left.wait(PATIENCE) == -signal.SIGTERM
    following.press_ctrl_c()
    assert processes_of(home) == []


def test_the_demo_ends_when_make_is_killed(home):
    starter = "import os, subprocess, sys; subprocess.run(sys.argv[1:])"
    running = Running(home, before=[sys.executable, "-c", starter], MAKELEVEL="1")
    running.wait_for("runs at")
    running.process.kill()
    running.end()
    wait_until_gone(home)


def test_a_port_that_is_taken_gives_way_to_the_next():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert demo.free_port(port) > port


def test_a_strangers_process_is_never_ended(home):
    stranger = subprocess.Popen(["sleep", "60"], env={demo.MARK: f"{home}-2"})
    ours = subprocess.Popen(["sleep", "60"], env={demo.MARK: str(home)})
    time.sleep(0.1)  # until exec has given them their environment
    demo.end_marked(home)
    assert ours.wait(PATIENCE) == -signal.SIGTERM
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()
