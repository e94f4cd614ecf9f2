"""Step two of reading a stranger's file: a process that can do nothing but read it.

The child sees the file, Python and nothing else: no network, no other file, no database; it has
exactly one GDAL driver, so much memory and so much time. What it writes is checked byte by byte.
Measured: a driver list alone still fetched a linked system of coordinates and read local files
through a GeoPackage; the two together let nothing through.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import orjson

from gridmap.errors import BadFile, UntrustedFile
from gridmap.geo.files import Checked
from gridmap.geo.rows import Rows

CHILD = Path(__file__).with_name("reader_child.py")
FRAME = struct.Struct("<cQ")
QUIET = {  # for GDAL and the libraries below it
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_HTTP_PROXY": "127.0.0.1:1",
    "GDAL_HTTPS_PROXY": "127.0.0.1:1",
    "GDAL_PAM_ENABLED": "NO",
    "OGR_GEOJSON_MAX_OBJ_SIZE": "50",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PROJ_NETWORK": "OFF",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUTF8": "1",
}
# What the child says of a file it cannot read -> what we say.
REASONS: Mapping[str, Callable[[str], BadFile]] = {
    "which_layer": lambda said: BadFile(
        "文件有多个图层，请用 --source-layer 选一个：%(reason)s", reason=said
    ),
    "no_such_layer": lambda said: BadFile("文件中没有这个图层；现有：%(reason)s", reason=said),
    "unknown_encoding": lambda said: BadFile(
        "无法识别文字编码，请用 --encoding 指明：%(reason)s", reason=said
    ),
    "too_many_values": lambda said: BadFile("第 %(row)s 行的值比表头的列多", row=said),
    "empty": lambda _said: BadFile("文件里没有内容"),
    "too_heavy": lambda _said: BadFile("读这个文件所需的内存或读出的内容超出限额"),
    "driver": lambda said: BadFile("读取程序不可用：%(reason)s", reason=said),
}


@dataclass(frozen=True)
class Limits:
    """What one reading may cost.

    Attributes:
        memory: bytes of address space.
        cpu: seconds of processor time.
        wall: seconds until it is stopped.
        output: bytes it may write.
        rows: rows it may hand over.
    """

    memory: int = 1 << 30
    cpu: int = 15
    wall: int = 20
    output: int = 256 << 20
    rows: int = 500_000


TRUSTED = Limits(memory=8 << 30, cpu=600, wall=900, output=2 << 30, rows=5_000_000)


def read(
    file: Checked,
    *,
    layer: str | None = None,
    limits: Limits | None = None,
    trust: bool = False,
    repair: bool = False,
) -> Rows:
    """Read a checked file in a process of its own.

    Args:
        file: what `gridmap.geo.files.checked` let pass.
        layer: which layer of it, if there are several.
        limits: what it may cost.
        trust: read without the sandbox, for an operator who vouches for the file; the process of
            its own, the one driver and the limits stay.
        repair: make invalid shapes valid while they are read, and say which.

    Raises:
        UntrustedFile: there is no working sandbox here and nobody vouched for the file.
        BadFile: it cannot be read, or not within the limits.
    """
    fault = None if trust else sandbox_fault()
    if fault is not None:
        raise fault
    limits = limits or (TRUSTED if trust else Limits())
    request = {"task": file.task, "driver": file.driver, "layer": layer, "encoding": file.encoding}
    request["repair"] = "yes" if repair else None
    if file.driver == "ESRI Shapefile":
        request["layer"] = None  # the archive was asked for it already
    with TemporaryDirectory(prefix="gridmap-rows-") as room:
        output = _run(request, file, limits, Path(room), sandboxed=not trust)
        return _rows(output, file, limits)


@cache
def sandbox_fault() -> UntrustedFile | None:
    """Return why files of strangers cannot be read on this machine; None if they can.

    Found out by trying, once a process: a harmless file must be read, and a file that points at
    another must not be.
    """
    if shutil.which("bwrap") is None:
        return UntrustedFile(
            "本机没有 bubblewrap（bwrap），不能安全地读取文件：请安装它；"
            "确信文件来源可靠时可加 --trust-file"
        )
    with TemporaryDirectory(prefix="gridmap-try-") as folder:
        room = Path(folder)
        secret = room / "secret.csv"
        secret.write_text("name,WKT\nCANARY,POINT (1 2)\n", encoding="utf-8")
        good, bad = room / "good.geojson", room / "bad.geojson"
        good.write_bytes(
            orjson.dumps(
                {
                    "type": "Feature",
                    "properties": {"name": "good"},
                    "geometry": {"type": "Point", "coordinates": [1, 2]},
                }
            )
        )
        bad.write_text(
            '<OGRVRTDataSource><OGRVRTLayer name="l">'
            f"<SrcDataSource>{secret}</SrcDataSource><SrcLayer>secret</SrcLayer>"
            "</OGRVRTLayer></OGRVRTDataSource>",
            encoding="utf-8",
        )
        return _try(good, bad, room)


def _try(good: Path, bad: Path, room: Path) -> UntrustedFile | None:
    request = {"task": "features", "driver": "GeoJSON"}
    answers: list[int | str] = []
    for path in (good, bad):
        file = Checked("features", "GeoJSON", path, (path,))
        try:
            output = _run(request, file, Limits(), room, sandboxed=True)
            answers.append(len(_rows(output, file, Limits())))
        except BadFile as refusal:
            answers.append(str(refusal))
    if answers[0] != 1:
        return UntrustedFile(
            "本机的沙箱不能启动（%(reason)s）；确信文件来源可靠时可加 --trust-file",
            reason=str(answers[0]),
        )
    if isinstance(answers[1], str):
        return None
    return UntrustedFile("沙箱没有拦住自检用的恶意文件；确信文件来源可靠时可加 --trust-file")


@cache
def _every_driver(*, sandboxed: bool) -> tuple[str, ...]:
    """The names of all GDAL drivers, so that all but one can be switched off."""
    nothing = Checked("drivers", "", CHILD, ())
    with TemporaryDirectory(prefix="gridmap-drivers-") as room:
        output = _run({"task": "drivers"}, nothing, Limits(), Path(room), sandboxed=sandboxed)
        head = next(payload for letter, payload in _frames(output) if letter == b"H")
    return tuple(orjson.loads(head)["drivers"])


def _run(
    request: Mapping[str, str | None], file: Checked, limits: Limits, room: Path, *, sandboxed: bool
) -> bytes:
    """Run the child and return what it wrote."""
    inside = {piece: f"/in/{piece.name}" if sandboxed else str(piece) for piece in file.pieces}
    main = inside.get(file.main, "")
    if sandboxed and len(file.pieces) == 1:
        main = inside[file.main] = f"/in/data{file.main.suffix.lower()}"
    environment = {**QUIET, "PATH": "/usr/bin:/bin", "HOME": "/tmp"}  # noqa: S108 - its own
    if request["task"] == "features":
        drivers = _every_driver(sandboxed=sandboxed)
        skipped = [name for name in drivers if name != file.driver]
        environment["GDAL_SKIP"] = environment["OGR_SKIP"] = ",".join(skipped)
    bounds = {"memory": limits.memory, "cpu": limits.cpu, "output": limits.output}
    wish = {**request, **bounds, "path": main, "rows": limits.rows}
    command = [sys.executable, "-I", str(CHILD), orjson.dumps(wish).decode()]
    if sandboxed:
        command = [*_walls(inside), *command]
    output, complaint = room / "output", room / "complaint"
    with output.open("wb") as out, complaint.open("wb") as err:
        try:
            done = subprocess.run(  # noqa: S603 - our own child, arguments of our making
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                timeout=limits.wall,
                env=environment,
                cwd="/",
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise BadFile("读文件超过 %(seconds)d 秒，已停止", seconds=limits.wall) from error
    if output.stat().st_size >= limits.output:
        raise REASONS["too_heavy"]("")
    return _whole(output, complaint, done.returncode)


def _walls(inside: dict[Path, str]) -> list[str]:
    """The command that shuts the child in: Python and the file, read-only, and nothing else."""
    seen = [Path("/usr"), Path(sys.base_prefix), Path(sys.prefix), CHILD]
    links = [path for path in ("lib", "lib64", "lib32", "bin") if Path("/", path).is_symlink()]
    plain = [Path("/", path) for path in ("lib", "lib64", "bin") if path not in links]
    walls = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    walls += ["--uid", "65534", "--gid", "65534", "--size", str(64 << 20), "--tmpfs", "/tmp"]  # noqa: S108 - inside
    walls += ["--dev", "/dev"]
    for path in (*seen, *(path for path in plain if path.exists())):
        walls += ["--ro-bind", str(path), str(path)]
    for name in links:
        walls += ["--symlink", str(Path("/", name).readlink()), f"/{name}"]
    for path, name in inside.items():
        walls += ["--ro-bind", str(path), name]
    return [*walls, "--chdir", "/tmp"]  # noqa: S108 - inside


def _whole(output: Path, complaint: Path, code: int) -> bytes:
    """What the child wrote, if it wrote it to the end."""
    data = output.read_bytes()
    if data.endswith(FRAME.pack(b"Z", 0)):
        return data
    words = complaint.read_bytes()[-300:].decode("utf-8", "replace").strip()
    last = words.splitlines()[-1] if words else ""
    raise BadFile("读文件的进程异常结束（%(code)d）：%(reason)s", code=code, reason=last)


def _frames(output: bytes) -> Iterator[tuple[bytes, memoryview]]:
    view, place = memoryview(output), 0
    while place + FRAME.size <= len(view):
        letter, length = FRAME.unpack_from(view, place)
        place += FRAME.size
        if place + length > len(view):
            raise BadFile("读文件的进程异常结束（%(code)d）：%(reason)s", code=0, reason="…")
        yield letter, view[place : place + length]
        place += length


def _rows(output: bytes, file: Checked, limits: Limits) -> Rows:
    """Turn what the child wrote into rows."""
    head: dict[str, object] = {}
    columns: dict[str, list[object]] = {}
    shapes: list[bytes | None] = []
    mended: list[int] = []
    for letter, payload in _frames(output):
        if letter == b"E":
            said = orjson.loads(payload)
            reason = str(said["message"])[:300]
            refusal = REASONS.get(str(said["code"]))
            raise refusal(reason) if refusal else BadFile("文件读不出来：%(reason)s", reason=reason)
        if letter == b"H":
            head = orjson.loads(payload)
            columns = {str(name): [] for name in head["fields"]}  # type: ignore[attr-defined]
        elif letter == b"R":
            mended = orjson.loads(payload)
        elif letter == b"B":
            _add_batch(payload, columns, shapes)
    if len(shapes) > limits.rows:
        raise BadFile("文件超过 %(most)d 行", most=limits.rows)
    first = 2 if head.get("first") == 2 else 1  # noqa: PLR2004 - sheets begin below their header
    crs = file.crs or (str(head["crs"]) if head.get("crs") else None)
    numbers = np.arange(first, first + len(shapes), dtype=np.int64)
    repaired = frozenset(int(place) + first for place in mended)
    return Rows(str(head.get("layer", "")), crs, numbers, columns, shapes, repaired)


def _add_batch(
    payload: memoryview, columns: dict[str, list[object]], shapes: list[bytes | None]
) -> None:
    width = int.from_bytes(payload[:4], "little")
    part = orjson.loads(payload[4 : 4 + width])
    place = 4 + width
    count = int.from_bytes(payload[place : place + 4], "little")
    lengths = np.frombuffer(payload, dtype="<i4", count=count, offset=place + 4)
    place += 4 + 4 * count
    for length in lengths.tolist():
        shapes.append(None if length < 0 else bytes(payload[place : place + length]))
        place += max(length, 0)
    for name, values in columns.items():
        if len(part[name]) != count:
            raise BadFile("读文件的进程异常结束（%(code)d）：%(reason)s", code=0, reason=name)
        values.extend(part[name])
