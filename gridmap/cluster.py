"""The private PostGIS of this checkout: made on first use, kept in ``.gridmap/``, met at a socket.

Nothing here is used when ``DATABASE_URL`` is set. Standard library only: it runs before the virtual
environment exists. From a shell: ``python3 gridmap/cluster.py start | stop | status | url``.

It listens on no TCP port unless ``GRIDMAP_PG_PORT`` asks for one, so it meets no other PostgreSQL
of the machine. ``GRIDMAP_HOME`` moves the folder, ``GRIDMAP_DB_NAME`` names another database in it.
"""

import contextlib
import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from subprocess import CompletedProcess
from typing import NamedTuple
from urllib.parse import quote

BASE = Path(__file__).resolve().parent.parent
ROLE = "gridmap"
PORT = 5432
SUN_PATH = 107  # bytes of sockaddr_un.sun_path without its terminator, on Linux
PACKAGE = "postgresql-15-postgis-3"
STOPS_IN = "10"  # seconds for an orderly end


class ClusterError(RuntimeError):
    """Why there is no database, and what to do about it."""


class Keeper(NamedTuple):
    """Who runs the server (PostgreSQL refuses uid 0), and the command that makes it so."""

    uid: int
    prefix: tuple[str, ...]


def home() -> Path:
    """Return the folder of this checkout's own state."""
    return Path(os.environ.get("GRIDMAP_HOME") or BASE / ".gridmap").absolute()


def database() -> str:
    return os.environ.get("GRIDMAP_DB_NAME") or "gridmap"


def _owner(*places: Path) -> int:
    """Return the uid of the first place that exists."""
    for place in places:
        with contextlib.suppress(FileNotFoundError):
            return place.stat().st_uid
    return os.geteuid()


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def keeper(root: Path) -> Keeper:
    """Return who runs the cluster under ``root``.

    A cluster that exists belongs to whoever made it; a new one to the owner of the checkout, so
    that ``sudo script/server`` in a user's checkout makes a cluster which that user can run.
    """
    if os.geteuid() != 0:
        return Keeper(os.geteuid(), ())
    uid = _owner(root / "pg", home(), BASE)
    if uid != 0:
        with contextlib.suppress(KeyError):
            return Keeper(uid, ("runuser", "-u", pwd.getpwuid(uid).pw_name, "--"))
    # The server sees itself as uid 1000; outside, its files stay root's and nothing is chowned.
    # A chroot and most containers do not allow it.
    namespace = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
    if shutil.which("unshare") and _run([*namespace, "true"], Path("/")).returncode == 0:
        return Keeper(0, namespace)
    try:
        return Keeper(pwd.getpwnam("postgres").pw_uid, ("runuser", "-u", "postgres", "--"))
    except KeyError as missing:
        raise ClusterError(
            "PostgreSQL does not run as root, and there is neither a user namespace nor a user "
            f"'postgres' here: apt-get install {PACKAGE}, or run this as another user"
        ) from missing


def place() -> Path:
    """Return the folder that holds ``pg/``, ``run/`` and the log; it need not exist yet.

    It is ``home()``, or ``/var/lib/gridmap/…`` where root must use ``postgres`` and home is 0700.
    """
    mine = home()
    spare = Path("/var/lib/gridmap") / hashlib.sha256(os.fsencode(mine)).hexdigest()[:12]
    if os.geteuid() != 0 or (mine / "pg").exists():
        return mine
    if (spare / "pg").exists():
        return spare
    above = next(folder for folder in (mine, *mine.parents) if folder.exists())
    reach = [*keeper(mine).prefix, "test", "-x", str(above)]
    return mine if _run(reach, Path("/")).returncode == 0 else spare


def socket_dir(root: Path) -> Path:
    """Return the socket's folder: beside the data, or in ``/tmp`` when its path is too long.

    Nor may it hold a comma: libpq would read a list of hosts.
    """
    beside = root / "run"
    if len(os.fsencode(beside / ".s.PGSQL.65535")) <= SUN_PATH and "," not in str(beside):
        return beside
    mark = hashlib.sha256(os.fsencode(root)).hexdigest()[:12]
    return Path("/tmp") / f"gridmap-{mark}"  # noqa: S108 - only its owner may enter (_folder)


def port(root: Path) -> int:
    """Return the port of the server that runs, or else of the one that would be started."""
    with contextlib.suppress(OSError, IndexError, ValueError):
        if server(root / "pg"):
            return int((root / "pg" / "postmaster.pid").read_text().splitlines()[3])
    asked = os.environ.get("GRIDMAP_PG_PORT") or str(PORT)
    if not asked.isdecimal() or not 0 < int(asked) < 1 << 16:
        raise ClusterError(f"GRIDMAP_PG_PORT is {asked!r}: give a port number, or unset it")
    return int(asked)


def url() -> str:
    """Return the database's address, whether the server runs or not."""
    root = place()
    number = port(root)
    there = ROLE + "@" + ("" if number == PORT else f":{number}")
    host = quote(str(socket_dir(root)), safe="")
    return f"postgis://{there}/{quote(database(), safe='')}?host={host}"


def binaries(data: Path) -> Path:
    """Return the tools of the newest PostgreSQL that has PostGIS, or of the one of ``data``."""
    found = {
        int(tool.parents[1].name): tool.parent
        for tool in Path("/usr/lib/postgresql").glob("*/bin/initdb")
        if Path(f"/usr/share/postgresql/{tool.parents[1].name}/extension/postgis.control").exists()
    }
    if (data / "PG_VERSION").exists():
        version = int((data / "PG_VERSION").read_text())
        if version in found:
            return found[version]
        raise ClusterError(
            f"{data} was made by PostgreSQL {version}, which is not here with PostGIS: install "
            f"postgresql-{version}-postgis-3, or move {data} away and begin with an empty database"
        )
    if not found:
        raise ClusterError(
            f"no PostgreSQL with PostGIS found: apt-get install {PACKAGE} (script/server does it), "
            "or set DATABASE_URL to a PostGIS database"
        )
    return found[max(found)]


def _run(command: Sequence[str], cwd: Path, **extra: str) -> CompletedProcess[str]:
    """Run a command to its end, deaf to the caller's PG* variables and language."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return subprocess.run(
        command,
        check=False,
        cwd=cwd,
        env=env | extra | {"LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )


def _uses(process: Path, data: Path) -> bool:
    """Tell whether a process is a PostgreSQL of ``data``: each has it as its working directory."""
    try:
        return (process / "cwd").readlink() == data.resolve()
    except PermissionError:
        # Root without CAP_SYS_PTRACE (Docker's default) may not look: judge by name and owner.
        with contextlib.suppress(OSError):
            is_postgres = (process / "comm").read_text().strip() == "postgres"
            return is_postgres and process.stat().st_uid == data.stat().st_uid
        return False
    except OSError:
        return False


def server(data: Path) -> int | None:
    """Return the pid of the server that really runs on ``data``, if one does."""
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None
    return pid if _uses(Path(f"/proc/{pid}"), data) else None


def _clear_leftovers(data: Path, sockets: Path) -> None:
    """Remove the locks of a server that died: its pid may be another process by now.

    Not before its back ends are gone, which outlive it by a moment: two servers ruin the data.
    """
    until = time.monotonic() + 15
    while alive := [p.name for p in Path("/proc").glob("[0-9]*") if _uses(p, data)]:
        if time.monotonic() > until:
            raise ClusterError(f"{data} is still in use by processes {', '.join(alive)}: end them")
        time.sleep(0.2)
    for leftover in (data / "postmaster.pid", *sockets.glob(".s.PGSQL.*")):
        leftover.unlink(missing_ok=True)


def _give(path: Path | int, uid: int) -> None:
    if os.geteuid() == 0:
        os.chown(path, uid, -1)


def _folder(folder: Path, who: Keeper) -> None:
    """Make a folder that only the keeper may enter; refuse one that somebody else laid there."""
    folder.mkdir(parents=True, exist_ok=True)
    found = folder.lstat()
    if stat.S_ISLNK(found.st_mode) or found.st_uid not in (os.geteuid(), who.uid):
        raise ClusterError(f"{folder} belongs to {_name(found.st_uid)}: remove it and try again")
    _give(folder, who.uid)
    folder.chmod(0o700)


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Hold this checkout's cluster lock: two starts at once become one after the other."""
    top = home()
    try:
        if not top.exists():
            top.mkdir(parents=True)
            _give(top, _owner(top.parent))
        lock = (top / "cluster.lock").open("a")
    except PermissionError as refused:
        name = _name(_owner(top, BASE))
        raise ClusterError(
            f"{top} belongs to {name}: run this as {name}, or set GRIDMAP_HOME to a folder of yours"
        ) from refused
    with lock:
        _give(lock.fileno(), _owner(top))
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _create(root: Path, who: Keeper) -> None:
    """Make the data directory under another name, so that an interrupted try is no cluster."""
    data, half = root / "pg", root / "pg.new"
    _say(f"making a private PostgreSQL in {root}")
    if half.exists():
        shutil.rmtree(half)
    _folder(half, who)
    form = ["-U", ROLE, "-EUTF8", "--locale=C.UTF-8"]
    form += ["--auth-local=trust", "--auth-host=scram-sha-256"]
    initdb = str(binaries(data) / "initdb")
    made = _run([*who.prefix, initdb, "-D", str(half), *form], root)
    if made.returncode:
        raise ClusterError(f"initdb failed:\n{made.stdout}\nIs the disk full, or {root} read-only?")
    with (half / "postgresql.conf").open("a") as conf:
        conf.write("\ninclude_if_exists = 'gridmap.conf'\n")
    half.rename(data)


def _configure(root: Path, who: Keeper) -> None:
    sockets = str(socket_dir(root)).replace('"', '""').replace("\\", "\\\\").replace("'", "''")
    listen = "127.0.0.1" if os.environ.get("GRIDMAP_PG_PORT") else ""
    settings = (BASE / "gridmap" / "cluster.conf").read_text(encoding="utf-8")
    settings += f"unix_socket_directories = '\"{sockets}\"'\nunix_socket_permissions = 0700\n"
    settings += f"listen_addresses = '{listen}'\nport = {port(root)}\n"
    conf = root / "pg" / "gridmap.conf"
    conf.write_text(settings, encoding="utf-8")
    _give(conf, who.uid)


def _launch(root: Path, who: Keeper) -> None:
    data, sockets, log = root / "pg", socket_dir(root), root / "postgres.log"
    _clear_leftovers(data, sockets)
    _folder(sockets, who)
    _configure(root, who)
    log.touch(mode=0o600)
    _give(log, who.uid)
    # pg_ctl hands its arguments to a shell; the environment and a relative name need no quotes.
    start_it = [str(binaries(data) / "pg_ctl"), "-w", "-t", "120", "-l", log.name, "start"]
    started = _run([*who.prefix, *start_it], root, PGDATA=str(data))
    if started.returncode:
        said = log.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise ClusterError(f"PostgreSQL did not start:\n{started.stdout}{said}\nMore in {log}")
    if os.environ.get("GRIDMAP_PG_PORT"):
        _sql(root, f"ALTER ROLE {ROLE} PASSWORD '{_password(root, who)}'")


def _password(root: Path, who: Keeper) -> str:
    """Return the role's password for TCP (QGIS, psql); it is kept where only its owner reads."""
    secret = root / "tcp-password"
    if not secret.exists():
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_urlsafe(18))
        _give(secret, who.uid)
    return secret.read_text()


def _sql(root: Path, statement: str) -> str:
    where = ["-h", str(socket_dir(root)), "-p", str(port(root)), "-U", ROLE, "-d", "postgres"]
    psql = str(binaries(root / "pg") / "psql")
    answer = _run([psql, *where, "-XAtqc", statement], Path("/"))
    if answer.returncode:
        raise ClusterError(f"the private PostgreSQL does not answer:\n{answer.stdout}")
    return answer.stdout.strip()


def _say(text: str) -> None:
    sys.stderr.write(f"gridmap: {text}\n")


def start() -> str:
    """Start the cluster unless it runs, make the database unless it is there; return its URL."""
    with _alone():
        root = place()
        who = keeper(root)
        data = root / "pg"
        if root != home():
            _folder(root, who)
        if not data.exists():
            _create(root, who)
        if os.geteuid() not in (0, data.stat().st_uid):
            name = _name(data.stat().st_uid)
            raise ClusterError(f"{data} belongs to {name}: run this as {name}")
        if server(data) is None:
            _launch(root, who)
        if database() not in _sql(root, "SELECT datname FROM pg_database").splitlines():
            _sql(root, 'CREATE DATABASE "{}"'.format(database().replace('"', '""')))
        return url()


def stop() -> str:
    """Stop the cluster if it runs; tell which it was."""
    with _alone():
        root = place()
        data = root / "pg"
        if server(data) is None:
            return "not running"
        # A last checkpoint may take long; without it the next start replays the log.
        for way in ("fast", "immediate"):
            stop_it = [str(binaries(data) / "pg_ctl"), "-m", way, "-w", "-t", STOPS_IN, "stop"]
            stopped = _run([*keeper(root).prefix, *stop_it], root, PGDATA=str(data))
            if stopped.returncode == 0:
                return "stopped"
        raise ClusterError(f"PostgreSQL did not stop:\n{stopped.stdout}")


def ensure_database_url() -> str:
    """Make sure that ``DATABASE_URL`` names a database that answers; return it."""
    if not os.environ.get("DATABASE_URL"):
        os.environ["DATABASE_URL"] = start()
    return os.environ["DATABASE_URL"]


def status() -> str:
    """Tell whether the cluster runs and how to reach it."""
    root = place()
    if (pid := server(root / "pg")) is None:
        return f"not running ({root})"
    words = f"running (pid {pid}) in {root}\n{url()}"
    if (root / "tcp-password").exists():
        words += f"\nTCP: 127.0.0.1:{port(root)}, user {ROLE}, password in {root}/tcp-password"
    return words


def main(arguments: Sequence[str]) -> int:
    """Do what the one argument says; 0 done, 1 refused, 2 not understood, 3 not running."""
    commands = {"start": start, "stop": stop, "status": status, "url": url}
    command = " ".join(arguments)
    if command not in commands:
        _say("usage: python3 gridmap/cluster.py " + " | ".join(commands))
        return 2
    try:
        answer = commands[command]()
    except ClusterError as refusal:
        _say(str(refusal))
        return 1
    sys.stdout.write(f"{answer}\n")
    return 3 if command == "status" and answer.startswith("not") else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
