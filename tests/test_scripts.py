"""The private cluster and the scripts, run for real in folders of their own."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from gridmap import cluster

ROOT = Path(cluster.__file__).parent.parent

Run = Callable[..., subprocess.CompletedProcess[str]]


def environment(home: Path, **extra: str) -> dict[str, str]:
    own = {k: v for k, v in os.environ.items() if k != "DATABASE_URL" and "GRIDMAP" not in k}
    return own | {"GRIDMAP_HOME": str(home)} | extra


def call(home: Path, command: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run ``cluster.py command`` with its state in ``home``."""
    return subprocess.run(
        [sys.executable, str(ROOT / "gridmap/cluster.py"), command],
        env=environment(home, **extra),
        capture_output=True,
        text=True,
        check=False,
    )


def ask(url: str, question: str) -> object:
    """Ask the database at ``url`` for one value."""
    parts = urlsplit(url)
    host = parse_qs(parts.query)["host"][0]
    with psycopg.connect(
        host=host, port=parts.port or 5432, user=parts.username, dbname=parts.path[1:]
    ) as connection:
        row = connection.execute(question.encode()).fetchone()
    assert row is not None
    return row[0]


@pytest.fixture
def made() -> Iterator[Callable[[str], Path]]:
    """Make short folders that all may enter; what runs in them is stopped at the end."""
    top = Path(tempfile.mkdtemp(prefix="gridmap-"))
    top.chmod(0o755)
    homes: list[Path] = []

    def make(name: str) -> Path:
        home = top / name
        home.mkdir(parents=True)
        homes.append(home)
        return home

    yield make
    for home in homes:
        call(home, "stop")
    shutil.rmtree(top)


pytestmark = pytest.mark.skipif(
    not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")),
    reason="no PostgreSQL on this machine (DATABASE_URL is used instead)",
)


@pytest.mark.parametrize(
    "name",
    ["plain", '网格 地图/it\'s "$HOME" `x`, ok', "deep/" + "/".join(["long" * 5] * 6)],
    ids=["a plain folder", "spaces, Chinese, quotes, a comma", "too long for a socket"],
)
def test_a_cluster_starts_answers_and_stops_in(made: Callable[[str], Path], name: str) -> None:
    home = made(name)
    before = call(home, "url").stdout.strip()
    started = call(home, "start", PGHOST="/nowhere", PGPORT="1", PGDATA="/nowhere", LC_ALL="tr_TR")
    assert started.returncode == 0, started.stderr
    url = started.stdout.strip()
    assert url == before
    assert ask(url, "SELECT current_setting('server_encoding')") == "UTF8"
    assert ask(url, "SELECT datctype FROM pg_database WHERE datname = 'gridmap'") == "C.UTF-8"
    assert ask(url, "SELECT current_setting('fsync')") == "on"
    assert ask(url, "SELECT current_setting('listen_addresses')") == ""
    assert call(home, "status").returncode == 0
    assert call(home, "stop").stdout.strip() == "stopped"
    assert call(home, "status").returncode == 3
    assert call(home, "stop").stdout.strip() == "not running"


def test_starts_at_once_make_one_cluster(made: Callable[[str], Path]) -> None:
    home = made("one")
    with ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(lambda _: call(home, "start"), range(4)))
    assert [run.returncode for run in runs] == [0, 0, 0, 0], [run.stderr for run in runs]
    assert len({run.stdout for run in runs}) == 1


def test_what_a_killed_server_left_does_not_stop_the_next(made: Callable[[str], Path]) -> None:
    home = made("killed")
    url = call(home, "start").stdout.strip()
    ask(url, "SELECT 1")
    pid_file = home / "pg/postmaster.pid"
    lock = home / "run/.s.PGSQL.5432.lock"
    pid, *rest = pid_file.read_text().split("\n")
    os.kill(int(pid), signal.SIGKILL)
    # The number belongs to another living process of the same user by now.
    pid_file.write_text("\n".join([str(os.getpid()), *rest]))
    lock.write_text("\n".join([str(os.getpid()), *rest]))
    again = call(home, "start")
    assert again.returncode == 0, again.stderr
    assert ask(url, "SELECT 1") == 1


def test_an_interrupted_creation_is_begun_anew(made: Callable[[str], Path]) -> None:
    home = made("half")
    (home / "pg.new").mkdir()
    (home / "pg.new/PG_VERSION").write_text("15\n")
    assert call(home, "start").returncode == 0
    assert not (home / "pg.new").exists()


def test_another_database_of_the_same_cluster(made: Callable[[str], Path]) -> None:
    home = made("two")
    url = call(home, "start", GRIDMAP_DB_NAME="bench").stdout.strip()
    assert ask(url, "SELECT current_database()") == "bench"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_tcp_is_opened_on_request_and_asks_for_the_password(made: Callable[[str], Path]) -> None:
    home = made("tcp")
    port = free_port()
    call(home, "start", GRIDMAP_PG_PORT=str(port))
    secret = home / "tcp-password"
    assert secret.stat().st_mode & 0o077 == 0
    there = f"host=127.0.0.1 port={port} user=gridmap dbname=gridmap"
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(there, password="guess")
    with psycopg.connect(there, password=secret.read_text()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert f":{port}" in call(home, "url").stdout


def test_a_cluster_that_cannot_end_in_order_is_ended_all_the_same(
    made: Callable[[str], Path],
) -> None:
    home = made("stuck")
    assert call(home, "start").returncode == 0
    keeper = (home / "pg/postmaster.pid").read_text().split()[0]
    (writer,) = [
        int(line.parent.name)
        for line in Path("/proc").glob("[0-9]*/cmdline")
        if b"checkpointer" in line.read_bytes() and parent_of(line.parent) == keeper
    ]
    os.kill(writer, signal.SIGSTOP)  # as on a machine whose disk does not answer
    assert call(home, "stop").returncode == 0
    assert call(home, "status").returncode == 3
    assert call(home, "start").returncode == 0, "what was written is there again"


def parent_of(process: Path) -> str:
    """The number of a process's parent."""
    return process.joinpath("stat").read_text().rpartition(")")[2].split()[1]


def test_a_port_that_is_none_is_refused_with_advice(made: Callable[[str], Path]) -> None:
    refused = call(made("port"), "start", GRIDMAP_PG_PORT="many")
    assert refused.returncode == 1
    assert "GRIDMAP_PG_PORT" in refused.stderr


def test_database_url_replaces_the_cluster(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GRIDMAP_HOME", str(tmp_path / "never"))
    monkeypatch.setenv("DATABASE_URL", "postgis://elsewhere/town")
    assert cluster.ensure_database_url() == "postgis://elsewhere/town"
    assert not (tmp_path / "never").exists()


as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@as_root
def test_root_runs_the_cluster_of_a_folder_as_its_owner(made: Callable[[str], Path]) -> None:
    home = made("theirs")
    os.chown(home, 65534, -1)
    started = call(home, "start")
    assert started.returncode == 0, started.stderr
    assert {path.stat().st_uid for path in (home / "pg", home / "run", home / "pg/base")} == {65534}


@as_root
def test_root_without_user_namespaces_runs_the_cluster_as_postgres(
    made: Callable[[str], Path], tmp_path: Path
) -> None:
    home = made("chroot")
    (tmp_path / "unshare").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "unshare").chmod(0o755)
    without = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    started = call(home, "start", **without)
    assert started.returncode == 0, started.stderr
    assert (home / "pg").owner() == "postgres"
    assert call(home, "stop").returncode == 0


def script(name: str, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ROOT / "script" / name), *arguments],
        env=os.environ | extra,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_port_in_use_is_said_before_anything_is_done() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused = script("server", GRIDMAP_PORT=str(taken.getsockname()[1]))
    assert refused.returncode == 1
    assert "GRIDMAP_PORT=8001 script/server" in refused.stderr


@pytest.mark.parametrize("port", ["0", "65536", "eight", "-1"])
def test_a_port_that_cannot_be_is_refused(port: str) -> None:
    refused = script("server", GRIDMAP_PORT=port)
    assert refused.returncode == 1
    assert "GRIDMAP_PORT" in refused.stderr


def test_an_unknown_argument_is_refused_and_help_is_given() -> None:
    refused = script("server", "--demo")
    assert refused.returncode == 1
    assert "--help" in refused.stderr
    assert "GRIDMAP_PORT" in script("server", "--help").stdout


def session(leader: int) -> set[int]:
    """Processes that live in the session begun by ``leader``."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _parent, _group, its_session = stat.read_text().rpartition(")")[2].split()[:4]
            if int(its_session) == leader and state != "Z":
                found.add(int(stat.parent.name))
    return found


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def serve_and_end(home: Path, by: signal.Signals) -> None:
    """Run ``script/server`` until it says it serves, end it, and look at what is left."""
    port = free_port()
    server = subprocess.Popen(
        ["env", "--default-signal=INT", str(ROOT / "script/server"), "--no-demo"],
        env=environment(home, GRIDMAP_PORT=str(port)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert server.stdout is not None
    said = ""
    for line in server.stdout:
        said += line
        if line.startswith("Ctrl-C"):
            break
    assert f"http://127.0.0.1:{port}/" in said, said
    assert answers(port)
    assert len(session(server.pid)) >= 3  # the script, the web server, the timekeeper
    if by is signal.SIGINT:
        os.killpg(server.pid, by)  # a terminal sends it to all of them
    else:
        server.send_signal(by)
    rest, _ = server.communicate(timeout=120)
    assert server.returncode == 128 + by, rest
    assert session(server.pid) == set()
    assert not answers(port)
    assert call(home, "status").returncode == 3


def test_the_server_leaves_nothing_behind_and_starts_again(made: Callable[[str], Path]) -> None:
    home = made("served")
    serve_and_end(home, signal.SIGINT)
    serve_and_end(home, signal.SIGTERM)
