"""A file from a stranger reads nothing but itself, fetches nothing, and never takes us down.

The controls come first: the same files through the bare library do leak and do fetch. Without them
the rest would prove nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import orjson
import pytest
import shapely

from gridmap.errors import BadFile, Refusal
from gridmap.geo import sandbox
from gridmap.geo.files import Checked, checked
from gridmap.geo.rows import Rows
from gridmap.geo.soundness import Caps, Form, sound
from tests.geo.hostile import CANARY, KINDS, Trap, crs, feature, vrt
from tests.sandboxed import needs_sandbox

BARE = "import sys, pyogrio.raw; m, _, g, f = pyogrio.raw.read(sys.argv[1]); print(f, g)"
# These are odd but honest: they are read, and what is bad in them is refused row by row.
READ = {
    "coordinates_beyond_the_world",
    "geometry_is_a_number",
    "kml_links_to_a_file",
    "kml_network_link",
}


class Listener(ThreadingHTTPServer):
    """Hears every request that should not have been made."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        super().__init__(("127.0.0.1", 0), Answer)


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Listener)
        self.server.heard.append(self.path)
        self.send_response(404)
        self.end_headers()

    do_HEAD = do_GET  # noqa: N815 - the library's own spelling

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def listener() -> Iterator[Listener]:
    server = Listener()
    thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def trap(tmp_path: Path, listener: Listener) -> Trap:
    secret = tmp_path / "elsewhere" / "secret.csv"
    secret.parent.mkdir()
    secret.write_text(f"name,WKT\n{CANARY},POINT (1 2)\n", encoding="utf-8")
    room = tmp_path / "upload"
    room.mkdir()
    return Trap(room, secret, listener.server_address[1])


def read(path: Path) -> Rows:
    with checked(path) as file:
        return sandbox.read(file)


def everything(rows: Rows) -> str:
    return repr([rows.layer, rows.crs, dict(rows.columns), list(rows.shapes)])


def kept(rows: Rows, form: Form = Form.POINT) -> list[object]:
    shapes, _ = sound(rows.shapes, rows.numbers, form, lambda places: places, Caps())
    return [shape for shape in shapes if shape is not None]


def test_control_the_bare_library_reads_another_file(trap: Trap) -> None:
    path = trap.write("harmless.geojson", vrt(trap.secret))
    done = subprocess.run([sys.executable, "-c", BARE, path], capture_output=True, check=True)
    assert CANARY in done.stdout.decode()


def test_control_the_bare_library_fetches(trap: Trap, listener: Listener) -> None:
    path = trap.write("harmless.geojson", crs("link", "href")(trap))
    environment = {name: text for name, text in os.environ.items() if "proxy" not in name.lower()}
    subprocess.run(
        [sys.executable, "-c", BARE, path], capture_output=True, check=False, env=environment
    )
    assert listener.heard


@needs_sandbox
@pytest.mark.parametrize("name", sorted(KINDS))
def test_a_hostile_file_is_refused_and_takes_nothing(
    name: str, trap: Trap, listener: Listener
) -> None:
    path = KINDS[name](trap)
    before = sorted(trap.room.iterdir())
    if name in READ:
        rows = read(path)
        said = everything(rows)
        if name.startswith(("coordinates", "geometry")):
            assert kept(rows) == []
    else:
        with pytest.raises(Refusal) as refusal:
            read(path)
        said = str(refusal.value)
        assert said
    assert CANARY not in said
    assert "root:" not in said
    assert listener.heard == []
    assert sorted(trap.room.iterdir()) == before, "something was written beside the file"


@needs_sandbox
@pytest.mark.parametrize("name", ["vrt", "crs link", "linked file", "passwords"])
def test_the_sandbox_alone_holds_what_the_first_check_would_have_let_through(
    name: str, trap: Trap, listener: Listener
) -> None:
    data = {
        "vrt": vrt(trap.secret),
        "crs link": crs("link", "href")(trap),
        "linked file": vrt(f"/vsicurl/http://127.0.0.1:{trap.port}/x.csv", "x"),
        "passwords": vrt("CSV:/etc/passwd", "passwd"),
    }[name]
    path = trap.write("smuggled.geojson", data)
    try:
        said = everything(sandbox.read(Checked("features", "GeoJSON", path, (path,))))
    except BadFile as refusal:
        said = str(refusal)
    assert CANARY not in said
    assert "root:" not in said
    assert listener.heard == []


def test_a_file_vouched_for_still_meets_one_driver_and_limits(trap: Trap) -> None:
    path = trap.write("vouched.geojson", vrt(trap.secret))
    with pytest.raises(BadFile) as refusal:
        sandbox.read(Checked("features", "GeoJSON", path, (path,)), trust=True)
    assert CANARY not in str(refusal.value)


@needs_sandbox
@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (sandbox.Limits(output=1_000), "超出限额"),
        (sandbox.Limits(memory=64 << 20), r"异常结束|超出限额|文件读不出来"),
        (sandbox.Limits(wall=0), "已停止"),
        (sandbox.Limits(rows=10), "超过 10 行"),
    ],
    ids=["bytes written", "memory", "time", "rows"],
)
def test_a_reading_that_costs_too_much_is_stopped(
    trap: Trap, limits: sandbox.Limits, words: str
) -> None:
    one = '{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[1,2]}}'
    many = ",".join([one] * 1_000)
    path = trap.write("many.geojson", f'{{"type":"FeatureCollection","features":[{many}]}}')
    with checked(path) as file, pytest.raises(BadFile, match=words):
        sandbox.read(file, limits=limits)


@needs_sandbox
def test_a_good_file_passes_all_of_it(trap: Trap) -> None:
    rows = read(trap.write("good.geojson", feature(properties='{"name":"甲\'; DROP TABLE"}')))
    assert rows.columns["name"] == ["甲'; DROP TABLE"]
    assert kept(rows) == [shapely.Point(1, 2)]


def test_what_the_child_says_is_not_believed() -> None:
    deep = b"\x01\x07\x00\x00\x00\x01\x00\x00\x00" * 200_000  # kills a parser that recurses
    many = b"\x01\x06\x00\x00\x00\xff\xff\xff\xff"
    nested = b"\x01\x06\x00\x00\x00\x01\x00\x00\x00" + deep
    short = shapely.to_wkb(shapely.LineString([(0, 0), (1, 1)]))[:-8]
    high = shapely.to_wkb(shapely.Point(1, 2, 3))
    texts: list[bytes | None] = [deep, many, nested, short, high, b"", b"\x01", None]
    shapes, problems = sound(texts, np.arange(len(texts)), Form.AREA, lambda places: places, Caps())
    assert [shape for shape in shapes if shape is not None] == []
    assert len(problems) == len(texts)


def test_the_answer_of_the_child_must_be_whole(trap: Trap) -> None:
    frames = sandbox.FRAME.pack(b"B", 2**40) + orjson.dumps({})
    with pytest.raises(BadFile):
        list(sandbox._frames(frames))
