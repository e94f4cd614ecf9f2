"""City M: 10,000 cells, 400,000 buildings, 5,000,000 incidents (150,000 open), in its own database.

Seeded, written by binary COPY with the triggers off; what the triggers would have kept (places,
roll-up, display tables) is filled set-wise after it. Kept and used again while its stamp is right.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
import psycopg
import shapely

from bench import ground

SEED = 20260
INCIDENTS = 5_000_000
OPEN = 150_000
CHUNK = 500_000
CATEGORIES = 20
CITY = 1
NOW = np.datetime64("2026-11-23T00:00:00", "us")
PG_EPOCH = np.datetime64("2000-01-01T00:00:00", "us")
DAY_US = 86_400_000_000
EMPTY = ("text", "address")  # columns of incidents that hold nothing
# What is reported, four signs and their initials each: a column of fixed width is written at once.
REPORTED = (
    "暴露垃圾 bllj", "路灯不亮 ldbl", "井盖破损 jgps", "乱堆物料 ldwl", "噪声扰民 zsrm",
    "占道经营 zdjy", "违规停车 wgtc", "污水外溢 wswy", "绿化损坏 lhsh", "道路积水 dljs",
    "消防隐患 xfyh", "邻里纠纷 lljf", "高空抛物 gkpw", "流浪犬只 llqz", "非法广告 ffgg",
    "电线杂乱 dxzl", "墙体脱落 qttl", "独居探访 djtf", "油烟扰民 yyrm", "渣土撒漏 ztsl",
)  # fmt: skip
# Everything below hangs on ids given in order: cell 1 + row * SIDE + column, and so on.


def _version() -> str:
    """Return a name for what the city is made by: this folder's and the tables' own SQL."""
    here = Path(__file__).parent
    layers = here.parent / "gridmap" / "layers"
    made_by = [*here.glob("sql/*.sql"), *layers.glob("sql/*.sql"), *layers.glob("migrations/0*.py")]
    digest = hashlib.sha256()
    for path in (here / "city.py", here / "ground.py", *sorted(made_by)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


STAMP = f"city M, seed {SEED}, version {_version()}"


def present(link: psycopg.Connection) -> bool:
    """Return whether the city is there as this version makes it."""
    found = link.execute(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database "
        "WHERE datname = current_database()"
    ).fetchone()
    return found is not None and found[0] == STAMP


def make(link: psycopg.Connection) -> None:
    """Make the city in a migrated database that holds nothing else."""
    link.execute("SET session_replication_role = replica")
    link.execute("SET synchronous_commit = off")
    link.execute("SET maintenance_work_mem = '512MB'")
    with _step("ground, communities, cells"):
        _areas(link)
    with _step("streets, lanes, buildings"):
        _things(link)
    with _step("chiefs and visits"):
        _people(link)
    with _step("incidents"), _without_indexes(link, "layers_incident"):
        _incidents(link)
    with _step("statistics of the tables"):
        link.execute("ANALYZE")
    with _step("roll-up"):
        link.execute(_text("roll_up"))
    with _step("display tables"):
        link.execute("SELECT gridmap_redraw()")
    link.execute("SET session_replication_role = origin")
    name = psycopg.sql.Identifier(link.info.dbname)
    link.execute(psycopg.sql.SQL("COMMENT ON DATABASE {} IS {}").format(name, STAMP))
    with _step("vacuum"):
        link.execute("VACUUM ANALYZE")


@contextmanager
def _step(what: str) -> Iterator[None]:
    start = time.monotonic()
    print(f"  {what} …", end=" ", flush=True)
    yield
    print(f"{time.monotonic() - start:.0f} s", flush=True)


@contextmanager
def _without_indexes(link: psycopg.Connection, table: str) -> Iterator[None]:
    """Built after the rows, an index costs a fraction; those behind constraints stay."""
    indexes = link.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index AS i "
        "WHERE i.indrelid = %s::regclass AND NOT EXISTS "
        "(SELECT FROM pg_constraint AS c WHERE c.conindid = i.indexrelid)",
        [table],
    ).fetchall()
    for name, _ in indexes:
        link.execute(f"DROP INDEX {name}")
    yield
    for _, definition in indexes:
        link.execute(definition)


def _text(name: str) -> str:
    return (Path(__file__).parent / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def _copy(link: psycopg.Connection, target: str, types: list[str], rows: Iterator[object]) -> None:
    with (
        link.cursor() as cursor,
        cursor.copy(f"COPY {target} FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)  # type: ignore[arg-type]


def _wkb(shapes: npt.NDArray[np.object_]) -> list[bytes]:
    return list(shapely.to_wkb(shapely.set_srid(shapes, 4326), include_srid=True))


def _staged(link: psycopg.Connection, name: str, shapes: npt.NDArray[np.object_]) -> None:
    """Put shapes with ids from 1 into a temporary table."""
    link.execute(f"CREATE TEMP TABLE {name} (id bigint, geom geometry)")
    _copy(link, name, ["int8", "bytea"], enumerate(_wkb(shapes), start=1))
    link.execute(f"ANALYZE {name}")


def _areas(link: psycopg.Connection) -> None:
    quilt = ground.Quilt(SEED)
    for name, size in {"s_cell": 1, "s_community": 5, "s_subdistrict": 20}.items():
        _staged(link, name, quilt.blocks(size))
    _staged(link, "s_lane", quilt.lanes())
    _staged(link, "s_street", quilt.streets(5))
    link.execute(_text("areas"))


def _things(link: psycopg.Connection) -> None:
    _staged(link, "s_building", ground.buildings(SEED + 1))
    link.execute(_text("things"))


def _people(link: psycopg.Connection) -> None:
    link.execute(_text("people"))


def _incidents(link: psycopg.Connection) -> None:
    """Fixed-width rows in the binary format of COPY, made by numpy, half a million at a time."""
    for start in range(0, INCIDENTS, CHUNK):
        ids = np.arange(start, start + CHUNK)
        is_open = ids % (INCIDENTS // OPEN) == 0
        dice = np.random.default_rng([SEED, start])
        for rows in (ids[is_open], ids[~is_open]):
            if len(rows):
                _copy_incidents(link, rows, dice)


def _copy_incidents(
    link: psycopg.Connection, ids: npt.NDArray[np.int64], dice: np.random.Generator
) -> None:
    still_open = bool(ids[0] % (INCIDENTS // OPEN) == 0)
    cell = dice.integers(0, ground.SIDE**2, len(ids))
    row, column = np.divmod(cell, ground.SIDE)
    inside = dice.uniform(0.2, 0.8, (len(ids), 2))
    place = ground.degrees((np.stack([column, row], axis=-1) + inside) * ground.PITCH)
    age = dice.integers(0, 6 * DAY_US if still_open else 365 * DAY_US, len(ids))
    reported = (NOW - PG_EPOCH).astype(np.int64) - age
    light = dice.choice([1, 1, 1, 1, 2, 3, 3, 4], len(ids)) if still_open else 0 * ids
    due = reported + dice.integers(2, 5, len(ids)) * DAY_US
    kind = dice.integers(1, CATEGORIES + 1, len(ids))
    community = 1 + row // 5 * (ground.SIDE // 5) + column // 5
    points = np.zeros(
        len(ids), [("order", "u1"), ("type", "<u4"), ("srid", "<u4"), ("xy", "<f8", 2)]
    )
    points["order"], points["type"], points["srid"], points["xy"] = 1, 0x20000001, 4326, place
    columns: dict[str, npt.NDArray[np.generic]] = {
        "id": (ids + 1).astype(">i8"),
        "number": np.char.mod("%010d", ids).astype("S10"),
        "title": np.full(len(ids), "rubbish", "S7"),
        "search": _searched(kind, cell),
        "place": points,
        "source": np.full(len(ids), "worker", "S6"),
        "reported_at": reported.astype(">i8"),
        "filed_at": reported.astype(">i8"),
        "soon_at": (due - DAY_US // 2).astype(">i8"),
        "due": due.astype(">i8"),
        "light": light.astype(">i2"),
        "category_id": kind.astype(">i8"),
        "cell_id": (cell + 1).astype(">i8"),
        "reported_cell_id": (cell + 1).astype(">i8"),
        "city_id": np.full(len(ids), CITY).astype(">i8"),
        "community_id": community.astype(">i8"),
        "department_id": dice.integers(1, 6, len(ids)).astype(">i8"),
        "parked": (light == 4).astype("u1"),  # noqa: PLR2004 -- the light of parked ones
        "urgent": np.zeros(len(ids), "u1"),
    }
    if still_open:
        columns["state"] = np.full(len(ids), "filed", "S5")
    else:
        columns["state"] = np.full(len(ids), "closed", "S6")
        columns["closed_at"] = (reported + DAY_US).astype(">i8")
    target = f"layers_incident ({', '.join([*columns, *EMPTY])})"
    with (
        link.cursor() as cursor,
        cursor.copy(f"COPY {target} FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.write(_binary(columns))


def _searched(kind: npt.NDArray[np.int64], cell: npt.NDArray[np.int64]) -> npt.NDArray[np.bytes_]:
    """Return what is looked in: 暴露垃圾 bllj 04321路."""
    words = np.array([f"{words} ".encode() for words in REPORTED])[kind - 1]
    numbered = np.char.add(np.char.mod("%05d", cell).astype("S5"), "路".encode())
    return np.char.add(words, numbered)


def _binary(columns: dict[str, npt.NDArray[np.generic]]) -> bytes:
    """Return columns of fixed width, and those that are empty, in COPY's binary format."""
    fields: list[tuple[str, object]] = [("fields", ">i2")]
    for name, values in columns.items():
        fields += [(f"{name} length", ">i4"), (name, values.dtype)]
    fields += [(f"{name} length", ">i4") for name in EMPTY]
    rows = np.zeros(len(columns["id"]), fields)
    rows["fields"] = len(columns) + len(EMPTY)
    for name, values in columns.items():
        rows[f"{name} length"] = values.dtype.itemsize
        rows[name] = values
    return b"PGCOPY\n\xff\r\n\0" + bytes(8) + rows.tobytes() + b"\xff\xff"
