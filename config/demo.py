"""`make demo`: the whole system on one machine, and nothing of it left after Ctrl-C.

Every process started here carries a mark in its environment, forks included. What must end is
found by that mark and not by a record of pids, so no other program is ever hit. See
docs/decisions/0011-demo-processes.md.
"""

import contextlib
import ctypes
import fcntl
import hashlib
import os
import secrets
import select
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from config.services import CHECKOUT, WEB, Services, ServicesError, hold, local_dir

MARK = "UNGEPULJEN_DEMO"
PATIENCE = 10  # seconds that processes get to end by themselves
BEAT = 1  # second between two looks at what runs
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> None:
    for sign in STOPS:
        signal.signal(sign, signal.default_int_handler)
    if os.environ.get("MAKELEVEL"):
        _end_with_make()
    try:
        run(local_dir().resolve(), int(os.environ.get("PORT") or 8000))
    except (ServicesError, DemoError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        print("\nEverything has ended.")


class DemoError(Exception):
    """The demo cannot go on; the message says why."""


def run(home: Path, port: int) -> None:
    """Run the demo in this folder until Ctrl-C."""
    home.mkdir(parents=True, exist_ok=True)
    try:
        running = hold(home / "demo.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise DemoError(f"It runs already: {(home / 'demo.lock').read_text()}") from None
    with running:
        end_marked(home)  # what a killed demo left
        with Services(home) as services:
            try:
                site = f"http://localhost:{free_port(port)}"
                running.truncate(0)
                running.write(site.encode())
                running.flush()
                keep_running(home, services, site)
            finally:
                for sign in STOPS:
                    signal.signal(sign, signal.SIG_IGN)
                print("\nEnding the demo ...", flush=True)
                end_marked(home)


def keep_running(home: Path, services: Services, site: str) -> NoReturn:
    """Prepare the database, start the programs, and start again what dies."""
    shared = {
        MARK: str(home),
        "BROKER_URL": services.broker,
        "DEBUG": "",
        "DEMO": "1",
        "LOCAL_DIR": str(home),
        "SECRET_KEY": secret_key(home),
        "SITE_URL": site,
    }
    as_owner = os.environ | shared | {"DATABASE_URL": services.database}
    as_web = os.environ | shared | {"DATABASE_URL": services.database_web}

    if _start(preparation(), as_owner, None).wait():
        raise DemoError("The database could not be prepared; see above.")
    programs = {
        "web": Program(home, web_server(site), as_web),
        "worker": Program(home, celery("worker", "--concurrency=2"), as_web),
        "beat": Program(home, celery("beat", f"--schedule={home / 'beat-schedule'}"), as_web),
    }
    programs["web"].start("web")
    while not answers(site):  # the others wait: a start is mostly work for the processor
        programs["web"].start_again_if_dead("web")
        time.sleep(0.1)
    programs["worker"].start("worker")
    programs["beat"].start("beat")
    print(f"\n  Ungepuljen runs at {site}\n  Logs: {home / 'log'}    Ctrl-C ends it all.\n")
    sys.stdout.flush()
    while True:
        time.sleep(BEAT)
        for name in services.ensure():
            print(f"{name} had ended and is started again.", flush=True)
        for name, program in programs.items():
            program.start_again_if_dead(name)


class Program:
    """A process that is started again when it was killed, or ended after some time."""

    def __init__(self, home: Path, command: list[str], environment: dict[str, str]) -> None:
        self.home = home
        self.command = command
        self.environment = environment

    def start(self, name: str) -> None:
        self.log = self.home / "log" / f"{name}.log"
        self.process = _start(self.command, self.environment, self.log)
        self.started_at = time.monotonic()

    def start_again_if_dead(self, name: str) -> None:
        if self.process.poll() is None:
            return
        end_marked(self.home, session=self.process.pid)  # its own children
        young = time.monotonic() - self.started_at < PATIENCE
        if young and self.process.returncode >= 0:
            raise DemoError(f"{name} ends at once. Its last words, from {self.log}:\n{self.tail()}")
        print(f"{name} had ended and is started again.", flush=True)
        self.start(name)

    def tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])


def secret_key(home: Path) -> str:
    """This demo's own, kept so that one stays logged in."""
    kept = home / "secret-key"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_hex(32))
    return kept.read_text()


def preparation() -> list[str]:
    return [sys.executable, "-m", "config.demo", "prepare"]


def web_server(site: str) -> list[str]:
    port = site.rpartition(":")[2]
    return [
        *(sys.executable, "-m", "gunicorn", "config.wsgi", f"--bind=127.0.0.1:{port}"),
        *("--threads=8", "--no-control-socket", "--graceful-timeout=3"),
    ]


def celery(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "celery", "--app=config", *arguments, "--loglevel=INFO"]


def prepare() -> None:
    """Bring the database and the static files up to date; in one process, to start fast."""
    import django  # only this process of the demo is a Django process
    from django.core.management import call_command

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("grant_web_role", WEB)
    collect_static_files()
    call_command("demo_data", if_empty=True)
    call_command("demo_people")


def collect_static_files() -> None:
    """Collect and compress them when one has changed: it takes as long as all the rest."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    found = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            seen = os.stat(storage.path(path))
            found.update(f"{path} {seen.st_size} {seen.st_mtime_ns}\n".encode())
    made_from = Path(settings.STATIC_ROOT, "made-from.txt")
    if made_from.exists() and made_from.read_text() == found.hexdigest():
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    made_from.write_text(found.hexdigest())


def free_port(wanted: int) -> int:
    """This port, or the next one that nobody listens on."""
    for port in range(wanted, wanted + 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port != wanted:
            print(f"Port {wanted} is taken; using {port}.")
        return port
    raise DemoError(f"No port from {wanted} to {wanted + 99} is free: set PORT.")


def answers(site: str) -> bool:
    try:
        urllib.request.urlopen(site, timeout=10).close()
    except urllib.error.HTTPError:
        return True  # an error page is an answer
    except OSError:
        return False
    return True


def end_marked(home: Path, *, session: int | None = None) -> None:
    """End every process that carries this folder's mark: politely, then by force."""
    give_up_at = time.monotonic() + PATIENCE
    asked: set[int] = set()
    while left := dict(marked(home, session)):
        by_force = time.monotonic() > give_up_at
        for pid, handle in left.items():
            if by_force:
                _signal(handle, signal.SIGKILL)
            elif pid not in asked and _parent(pid) not in left:  # it ends its own children
                _signal(handle, signal.SIGTERM)
                asked.add(pid)
        select.select(left.values(), [], [], 0.2)
        for handle in left.values():
            os.close(handle)


def marked(home: Path, session: int | None) -> Iterator[tuple[int, int]]:
    """The living processes with this folder's mark, each with a handle that is surely theirs."""
    mark = f"{MARK}={home}".encode()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        pid = int(entry.name)
        try:
            handle = os.pidfd_open(pid)
        except OSError:
            continue
        try:
            found = mark in (entry / "environ").read_bytes().split(b"\0")
            found = found and session in (None, os.getsid(pid))
        except OSError:
            found = False  # it has ended, or is another user's
        if found:
            yield pid, handle
        else:
            os.close(handle)


def _signal(handle: int, sign: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(handle, sign)


def _parent(pid: int) -> int | None:
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]
    except OSError:
        return None
    return int(after_name.split()[1])


def _start(
    command: list[str], environment: dict[str, str], log: Path | None
) -> subprocess.Popen[bytes]:
    """Start a process that Ctrl-C does not reach, but that ends when the demo is killed."""
    output = log.open("ab") if log else None
    try:
        return subprocess.Popen(
            ["setpriv", "--pdeathsig=TERM", "--", *command],
            cwd=CHECKOUT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    finally:
        if output:
            output.close()


def _end_with_make() -> None:
    """Get a SIGTERM when make is killed: Ctrl-C would not come this far any more."""
    set_parent_death_signal = 1  # PR_SET_PDEATHSIG of linux/prctl.h
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)


if __name__ == "__main__":
    prepare() if sys.argv[1:] == ["prepare"] else main()
