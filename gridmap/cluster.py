"""The private PostGIS of this checkout: made on first use, kept under ``.gridmap/``, reached by a Unix socket.

Nothing here is used when ``DATABASE_URL`` is set. Standard library only: it runs before the virtual
environment exists. From a shell: ``python3 gridmap/cluster.py start | stop | status | url``.

It listens on no TCP port unless ``GRIDMAP_PG_PORT`` asks for one, so it meets no other PostgreSQL of
the machine. ``GRIDMAP_HOME`` moves the folder, ``GRIDMAP_DB_NAME`` names another database in it.
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
from typing import NamedTuple
from urllib.parse import quote

BASE = Path(__file__).resolve().parent.parent
ROLE = "gridmap"
PORT = 5432
# sockaddr_un.sun_path holds 107 bytes and a terminator on Linux.
SUN_PATH = 107
LOG_LIMIT = 20 * 1024 * 1024
PACKAGES = "postgresql-15-postgis-3"

SETTINGS = """\
# Written by gridmap/cluster.py at every start: change it there.
unix_socket_directories = {socket}
unix_socket_permissions = 0700
listen_addresses = {listen}
port = {port}
max_connections = 100
timezone = 'UTC'
# For two cores and a few GiB: enough for a city, modest beside a browser and an editor.
shared_buffers = '256MB'
effective_cache_size = '4GB'
work_mem = '16MB'
maintenance_work_mem = '256MB'
max_wal_size = '2GB'
checkpoint_timeout = '15min'
random_page_cost = 1.1
# Compiling costs more than it saves on queries that must answer in milliseconds.
jit = off
"""


class ClusterError(RuntimeError):
    """Why there is no database, and what to do about it."""


class Keeper(NamedTuple):
    """Who runs the server: PostgreSQL refuses uid 0."""

    uid: int
    prefix: tuple[str, ...]


def home() -> Path:
    """Return the folder of this checkout's own state; ``.gridmap`` unless ``GRIDMAP_HOME`` says other."""
    return Path(os.environ.get("GRIDMAP_HOME") or BASE / ".gridmap").absolute()


def database() -> str:
    return os.environ.get("GRIDMAP_DB_NAME") or "gridmap"


# --- where it lies and whose it is -----------------------------------------------------------


def _owner(*places: Path) -> int:
    """Return the uid of the first place that exists."""
    for place in places:
        with contextlib.suppress(FileNotFoundError):
            return place.stat().st_uid
    return os.geteuid()


def _user_namespaces() -> bool:
    """Tell whether root may appear as uid 1000 (not in a chroot, seldom in a container)."""
    if not shutil.which("unshare"):
        return False
    probe = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "true"]
    return _run(probe, Path("/")).returncode == 0


def keeper(root: Path) -> Keeper:
    """Return who runs the cluster under ``root``.

    A cluster that exists belongs to whoever made it; a new one to the owner of the checkout, so that
    ``sudo script/server`` in a user's checkout makes a cluster that this user can run afterwards.
    """
    if os.geteuid() != 0:
        return Keeper(os.geteuid(), ())
    uid = _owner(root / "pg", home(), BASE)
    if uid != 0:
        with contextlib.suppress(KeyError):
            return Keeper(uid, ("runuser", "-u", pwd.getpwuid(uid).pw_name, "--"))
    if _user_namespaces():
        # The server sees itself as uid 1000; outside, its files stay root's and nothing is chowned.
        return Keeper(0, ("unshare", "--user", "--map-user=1000", "--map-group=1000"))
    try:
        return Keeper(pwd.getpwnam("postgres").pw_uid, ("runuser", "-u", "postgres", "--"))
    except KeyError as missing:
        raise ClusterError(
            "PostgreSQL does not run as root, and there is neither a user namespace nor a user "
            f"'postgres' here: apt-get install {PACKAGES}, or run this as another user"
        ) from missing


def place() -> Path:
    """Return the folder that holds ``pg/``, ``run/`` and the log; it need not exist yet.

    It is ``home()``, unless root must run the server as ``postgres`` and that user cannot get there
    (a checkout under ``/root``, mode 0700): then a folder under ``/var/lib/gridmap``.
    """
    mine = home()
    spare = Path("/var/lib/gridmap") / hashlib.sha256(os.fsencode(mine)).hexdigest()[:12]
    if (mine / "pg").exists() or os.geteuid() != 0:
        return mine
    if (spare / "pg").exists():
        return spare
    above = next(folder for folder in (mine, *mine.parents) if folder.exists())
    reach = [*keeper(mine).prefix, "test", "-x", str(above)]
    return mine if _run(reach, Path("/")).returncode == 0 else spare


def socket_dir(root: Path) -> Path:
    """Return the socket's folder: beside the data, or under ``/tmp`` when its path will not do.

    The path must fit into ``sun_path``, and libpq reads a comma in a host as a list of hosts.
    """
    beside = root / "run"
    room = SUN_PATH - len("/.s.PGSQL.65535")
    if len(os.fsencode(beside)) <= room and "," not in str(beside):
        return beside
    mark = hashlib.sha256(os.fsencode(root)).hexdigest()[:12]
    return Path("/tmp") / f"gridmap-{_owner(root / 'pg', root, BASE)}-{mark}"  # noqa: S108


def port(root: Path) -> int:
    """Return the port of the server that runs, or else of the one that would be started."""
    with contextlib.suppress(OSError, IndexError, ValueError):
        if server(root / "pg"):
            return int((root / "pg" / "postmaster.pid").read_text().splitlines()[3])
    asked = os.environ.get("GRIDMAP_PG_PORT") or str(PORT)
    if not asked.isdecimal() or not 0 < int(asked) < 65536:  # noqa: PLR2004
        raise ClusterError(f"GRIDMAP_PG_PORT is {asked!r}: give a port number, or unset it")
    return int(asked)


def url() -> str:
    """Return the database's address, whether the server runs or not."""
    root = place()
    number = port(root)
    tail = "" if number == PORT else f"&port={number}"
    host = quote(str(socket_dir(root)), safe="")
    return f"postgis://{ROLE}@/{quote(database(), safe='')}?host={host}{tail}"


def binaries(data: Path) -> Path:
    """Return the newest PostgreSQL that has PostGIS, or the one that made ``data``."""
    found: dict[int, Path] = {}
    for tool in Path("/usr/lib/postgresql").glob("*/bin/initdb"):
        version = tool.parent.parent.name
        control = Path(f"/usr/share/postgresql/{version}/extension/postgis.control")
        if version.isdecimal() and control.exists():
            found[int(version)] = tool.parent
    if (config := shutil.which("pg_config")) and not found:
        answer = _run([config, "--bindir", "--sharedir", "--version"], Path("/")).stdout.split("\n")
        if (Path(answer[1]) / "extension/postgis.control").exists():
            found[int(answer[2].split()[1].split(".")[0])] = Path(answer[0])
    with contextlib.suppress(FileNotFoundError):
        made_by = int((data / "PG_VERSION").read_text())
        if made_by not in found:
            raise ClusterError(
                f"{data} was made by PostgreSQL {made_by}, which is not here with PostGIS: install "
                f"postgresql-{made_by}-postgis-3, or move {data} away to begin with an empty database"
            )
        return found[made_by]
    if not found:
        raise ClusterError(
            f"no PostgreSQL with PostGIS found: apt-get install {PACKAGES} (script/server does it), "
            "or set DATABASE_URL to a PostGIS database"
        )
    return found[max(found)]


# --- what runs -------------------------------------------------------------------------------


def _run(command: Sequence[str | Path], cwd: Path, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, deaf to the caller's PG* variables and language."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    env.update(extra, LC_ALL="C.UTF-8")
    return subprocess.run(
        [str(part) for part in command],
        check=False,
        cwd=cwd,
        env=env,
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

    Only when no process works in ``data`` any more: the back ends of a killed server live on for a
    moment, and a second server beside them would ruin the data.
    """
    leftovers = [f for f in (data / "postmaster.pid", *sockets.glob(".s.PGSQL.*")) if f.exists()]
    until = time.monotonic() + 15
    while leftovers:
        alive = [p.name for p in Path("/proc").glob("[0-9]*") if _uses(p, data)]
        if not alive:
            for leftover in leftovers:
                leftover.unlink(missing_ok=True)
            return
        if time.monotonic() > until:
            raise ClusterError(f"{data} is still in use by processes {', '.join(alive)}: end them")
        time.sleep(0.2)


def _folder(folder: Path, who: Keeper) -> None:
    """Make a folder that only the keeper may enter; refuse one that somebody else laid there."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        os.chown(folder, who.uid, -1)
    found = folder.lstat()
    if stat.S_ISLNK(found.st_mode) or found.st_uid != who.uid:
        raise ClusterError(f"{folder} belongs to somebody else: remove it and try again")
    folder.chmod(0o700)


@contextlib.contextmanager
def _alone(who: Keeper) -> Iterator[None]:
    """Hold this checkout's cluster lock: two starts at once become one after the other."""
    top = home()
    fresh = not top.exists()
    try:
        top.mkdir(parents=True, exist_ok=True)
        if fresh and os.geteuid() == 0:
            os.chown(top, _owner(BASE) if "GRIDMAP_HOME" not in os.environ else who.uid, -1)
        lock = (top / "cluster.lock").open("a")
    except PermissionError as refused:
        name = pwd.getpwuid(_owner(top, BASE)).pw_name
        raise ClusterError(
            f"{top} belongs to {name}: run this as {name}, or choose another folder by GRIDMAP_HOME"
        ) from refused
    with lock:
        if os.geteuid() == 0:
            os.chown(lock.fileno(), _owner(top), -1)
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _create(root: Path, who: Keeper) -> None:
    """Make the data directory under another name first, so that an interrupted try is no cluster."""
    data, half = root / "pg", root / "pg.new"
    tools = binaries(data)
    _say(f"making a private PostgreSQL in {root}")
    if half.exists():
        shutil.rmtree(half)
    _folder(half, who)
    made = _run(
        [
            *who.prefix,
            tools / "initdb",
            *("-D", half, "-U", ROLE, "-E", "UTF8", "--locale=C.UTF-8"),
            *("--auth-local=trust", "--auth-host=scram-sha-256"),
        ],
        root,
    )
    if made.returncode:
        raise ClusterError(f"initdb failed:\n{made.stdout}\nIs the disk full, or {root} read-only?")
    with (half / "postgresql.conf").open("a") as conf:
        conf.write("\ninclude_if_exists = 'gridmap.conf'\n")
    half.rename(data)


def _configure(root: Path, who: Keeper) -> None:
    def quoted(text: str) -> str:
        return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"

    sockets = str(socket_dir(root)).replace('"', '""')
    listen = "127.0.0.1" if os.environ.get("GRIDMAP_PG_PORT") else ""
    conf = root / "pg" / "gridmap.conf"
    conf.write_text(
        SETTINGS.format(socket=quoted(f'"{sockets}"'), listen=quoted(listen), port=port(root))
    )
    if os.geteuid() == 0:
        os.chown(conf, who.uid, -1)


def _launch(root: Path, who: Keeper) -> None:
    data, sockets, log = root / "pg", socket_dir(root), root / "postgres.log"
    _clear_leftovers(data, sockets)
    _folder(sockets, who)
    _configure(root, who)
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))
    log.touch(mode=0o600)
    if os.geteuid() == 0:
        os.chown(log, who.uid, -1)
    # pg_ctl passes its arguments through a shell; the environment and a relative name need no quotes.
    control = [*who.prefix, binaries(data) / "pg_ctl", "-w", "-t", "120", "-l", log.name, "start"]
    started = _run(control, root, PGDATA=str(data))
    if started.returncode:
        said = log.read_text(errors="replace")[-2000:] if log.exists() else ""
        raise ClusterError(f"PostgreSQL did not start:\n{started.stdout}{said}\nMore in {log}")


def _sql(root: Path, name: str, statement: str) -> str:
    psql = binaries(root / "pg") / "psql"
    where = ["-h", socket_dir(root), "-p", str(port(root)), "-U", ROLE, "-d", name]
    answer = _run([psql, *where, "-XAtqc", statement], Path("/"))
    if answer.returncode:
        raise ClusterError(f"the private PostgreSQL does not answer:\n{answer.stdout}")
    return answer.stdout.strip()


def _open_tcp(root: Path, who: Keeper) -> None:
    """Give the role a password for TCP (QGIS, psql from elsewhere); kept where only its owner reads."""
    secret = root / "tcp-password"
    if not secret.exists():
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_urlsafe(18))
        if os.geteuid() == 0:
            os.chown(secret, who.uid, -1)
    _sql(root, "postgres", f"ALTER ROLE {ROLE} PASSWORD '{secret.read_text()}'")


def _say(text: str) -> None:
    sys.stderr.write(f"gridmap: {text}\n")


# --- what others call ------------------------------------------------------------------------


def start() -> str:
    """Start the cluster unless it runs, make the database unless it is there; return its address."""
    root = place()
    who = keeper(root)
    with _alone(who):
        data = root / "pg"
        if root != home():
            _folder(root, who)
        if not data.exists():
            _create(root, who)
        if os.geteuid() not in (0, data.stat().st_uid):
            name = pwd.getpwuid(data.stat().st_uid).pw_name
            raise ClusterError(f"{data} belongs to {name}: run this as {name}")
        if server(data) is None:
            _launch(root, who)
            if os.environ.get("GRIDMAP_PG_PORT"):
                _open_tcp(root, who)
        name = database().replace("'", "''")
        if not _sql(root, "postgres", f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):  # noqa: S608
            identifier = database().replace('"', '""')
            _sql(root, "postgres", f'CREATE DATABASE "{identifier}"')
    return url()


def stop() -> bool:
    """Stop the cluster; tell whether there was one to stop."""
    root = place()
    who = keeper(root)
    with _alone(who):
        data = root / "pg"
        if server(data) is None:
            return False
        control = [*who.prefix, binaries(data) / "pg_ctl", "-m", "fast", "-w", "-t", "120", "stop"]
        stopped = _run(control, root, PGDATA=str(data))
        if stopped.returncode:
            raise ClusterError(f"PostgreSQL did not stop:\n{stopped.stdout}")
        return True


def ensure_database_url() -> str:
    """Make sure that ``DATABASE_URL`` names a database that answers; return it."""
    if not os.environ.get("DATABASE_URL"):
        os.environ["DATABASE_URL"] = start()
    return os.environ["DATABASE_URL"]


def status() -> tuple[bool, str]:
    """Tell whether the cluster runs, and in words how to reach it."""
    root = place()
    pid = server(root / "pg")
    if pid is None:
        return False, f"not running ({root})"
    words = f"running (pid {pid}) in {root}\n{url()}"
    if (root / "tcp-password").exists():
        words += f"\nTCP: 127.0.0.1:{port(root)}, user {ROLE}, password in {root / 'tcp-password'}"
    return True, words


def main(arguments: Sequence[str]) -> int:
    command = arguments[0] if len(arguments) == 1 else ""
    code = 0
    try:
        if command == "start":
            answer = start()
        elif command == "stop":
            answer = "stopped" if stop() else "not running"
        elif command == "url":
            answer = url()
        elif command == "status":
            runs, answer = status()
            code = 0 if runs else 3
        else:
            answer, code = "usage: python3 gridmap/cluster.py start | stop | status | url", 2
    except ClusterError as refusal:
        answer, code = f"gridmap: {refusal}", 1
    (sys.stdout if code in (0, 3) else sys.stderr).write(f"{answer}\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
