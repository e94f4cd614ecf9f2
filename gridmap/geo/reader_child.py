"""Reads one file of a stranger; runs alone, inside the sandbox of gridmap/geo/sandbox.py.

Started as ``python -I reader_child.py '<request as JSON>'`` with every GDAL driver but one switched
off. It imports nothing of ours and is believed nothing: what it writes are plain numbers, texts and
WKB, which the parent checks byte by byte. Its output is a row of frames, each a letter, a length
(eight bytes, little-endian) and so many bytes:

* ``H`` JSON about the layer: name, crs, fields, first row number, names of the layers in the file
* ``B`` a batch of rows: length of JSON (4 bytes), JSON {column: [values]}, count (4 bytes), count
  lengths of WKB (4 bytes each, -1 for none), the WKB itself
* ``R`` JSON [positions]: rows whose shape was invalid and has been repaired, if that was asked for
* ``E`` JSON {code, message}: why it was not read
* ``Z`` the end; without it the output is incomplete
"""

from __future__ import annotations

import csv
import json
import math
import resource
import struct
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

BATCH = 5_000
REPAIRABLE = 5_000  # vertices
CELL_CHARACTERS = 1_000_000  # of one value of a table


class CannotReadError(Exception):
    """The file cannot be read; the code is one of the parent's own."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def emit(letter: bytes, payload: bytes = b"") -> None:
    """Write one frame."""
    sys.stdout.buffer.write(letter + struct.pack("<Q", len(payload)) + payload)


def emit_batch(columns: dict[str, list[object]], shapes: Sequence[bytes | None]) -> None:
    """Write one batch of rows."""
    try:
        import orjson  # noqa: PLC0415 - nothing is imported before the limits are set

        text = orjson.dumps(columns)
    except TypeError as error:  # a lone surrogate, or a value of no kind we know
        code = "unknown_encoding" if "UTF-8" in str(error) else "broken"
        raise CannotReadError(code, str(error)) from error
    lengths = [-1 if shape is None else len(shape) for shape in shapes]
    emit(
        b"B",
        struct.pack("<I", len(text))
        + text
        + struct.pack(f"<I{len(lengths)}i", len(lengths), *lengths)
        + b"".join(shape for shape in shapes if shape is not None),
    )


def limit(request: dict[str, Any]) -> None:
    """Bound memory, processor time, written bytes and open files before anything is opened."""
    for kind, most in (
        (resource.RLIMIT_AS, request["memory"]),
        (resource.RLIMIT_CPU, request["cpu"]),
        (resource.RLIMIT_FSIZE, request["output"]),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def drivers(_request: dict[str, Any]) -> None:
    """Write the names of the drivers that are switched on."""
    import pyogrio  # noqa: PLC0415

    emit(b"H", json.dumps({"drivers": sorted(pyogrio.list_drivers())}).encode())


def choose_layer(request: dict[str, Any], names: list[str]) -> str:
    """Return the layer asked for, or the only one there is."""
    wanted = request.get("layer")
    if wanted is None and len(names) == 1:
        return names[0]
    if wanted in names:
        return str(wanted)
    code = "no_such_layer" if wanted else "which_layer"
    raise CannotReadError(code, ", ".join(names[:20]))


def plain(values: Any) -> list[object]:
    """Turn a numpy column into values JSON knows; bytes become nothing, NaN becomes null."""
    found = []
    for item in values.tolist():
        value = item.tolist() if hasattr(item, "tolist") else item  # a list inside a feature
        odd = isinstance(value, bytes) or (isinstance(value, float) and not math.isfinite(value))
        found.append(None if odd else value)
    return found


def read_features(request: dict[str, Any]) -> None:
    """Read a file of features by the one driver that is switched on."""
    import pyogrio  # noqa: PLC0415
    from pyogrio.raw import read  # noqa: PLC0415

    switched_on = set(pyogrio.list_drivers())
    if switched_on != {request["driver"]}:
        raise CannotReadError("driver", f"{request['driver']} / {sorted(switched_on)}")
    path = request["path"]
    listed = pyogrio.list_layers(path)
    names = [str(name) for name, _ in listed]
    # Tables without shapes ride along in many a GeoPackage; they are read only if asked for.
    drawn = [str(name) for name, shape in listed if shape is not None]
    only = drawn if len(drawn) == 1 and request.get("layer") is None else names
    layer = choose_layer(request, only)
    meta, _, shapes, columns = read(
        path,
        layer=layer,
        encoding=request.get("encoding"),
        force_2d=True,
        max_features=request["rows"] + 1,
        datetime_as_string=True,
    )
    fields = [str(name) for name in meta["fields"]]
    count = len(columns[0]) if columns else len(shapes) if shapes is not None else 0
    head = {"layer": layer, "layers": names, "crs": meta["crs"], "fields": fields, "first": 1}
    emit(b"H", json.dumps(head).encode())
    if request.get("repair") and shapes is not None:
        shapes = repaired(shapes)
    for start in range(0, count, BATCH):
        piece = slice(start, min(start + BATCH, count))
        part = {name: plain(column[piece]) for name, column in zip(fields, columns, strict=True)}
        none: list[bytes | None] = [None] * (piece.stop - piece.start)
        emit_batch(part, none if shapes is None else shapes[piece].tolist())


def repaired(shapes: Any) -> Any:
    """Return the shapes with invalid ones made valid; only here, where time and memory are bound.

    The method is the one that takes seconds where the usual one takes minutes.
    """
    import shapely  # noqa: PLC0415

    geoms = shapely.from_wkb(shapes)
    invalid = ~shapely.is_valid(geoms) & ~shapely.is_missing(geoms)
    invalid &= shapely.get_num_coordinates(geoms) <= REPAIRABLE
    places = invalid.nonzero()[0]
    if len(places):
        mended = shapely.make_valid(geoms[places], method="structure", keep_collapsed=False)
        shapes = shapes.copy()
        shapes[places] = shapely.to_wkb(mended)
    emit(b"R", json.dumps(places.tolist()).encode())
    return shapes


def emit_table(rows: Iterator[list[object]], head: dict[str, object], most: int) -> None:
    """Write a table whose first row names its columns."""
    names: list[str] = []
    for place, name in enumerate(next(rows, [])):
        clean = str(name).strip() if name not in (None, "") else f"column {place + 1}"
        names.append(clean if clean not in names else f"{clean} {place + 1}")
    if not names:
        raise CannotReadError("empty", "")
    emit(b"H", json.dumps({**head, "crs": None, "fields": names, "first": 2}).encode())
    batch: list[list[object]] = []
    for number, row in enumerate(rows, start=2):
        if any(value not in (None, "") for value in row[len(names) :]):
            raise CannotReadError("too_many_values", str(number))
        if number > most + 2:
            break
        batch.append((row + [None] * len(names))[: len(names)])
        if len(batch) == BATCH:
            emit_columns(names, batch)
            batch = []
    if batch:
        emit_columns(names, batch)


def emit_columns(names: list[str], batch: list[list[object]]) -> None:
    """Write rows of a table as columns."""
    turned = zip(*batch, strict=True)
    columns = {name: list(values) for name, values in zip(names, turned, strict=True)}
    emit_batch(columns, [None] * len(batch))


def read_csv(request: dict[str, Any]) -> None:
    """Read a table of text."""
    csv.field_size_limit(CELL_CHARACTERS)
    with Path(request["path"]).open(encoding=request["encoding"], newline="") as file:
        first = file.readline()
        file.seek(0)
        comma = max(",\t;|", key=first.count)
        rows = csv.reader(file, delimiter=comma, strict=True)
        wanted = (list[object](row) for row in rows if row)
        emit_table(wanted, {"layer": "", "layers": []}, request["rows"])


def tidy(value: object) -> object:
    """Turn a cell of a sheet into what was meant: a code is no decimal number."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    return str(value) if isinstance(value, timedelta) else value


def read_xlsx(request: dict[str, Any]) -> None:
    """Read a sheet of a workbook."""
    from python_calamine import CalamineWorkbook  # noqa: PLC0415

    with CalamineWorkbook.from_path(request["path"]) as book:
        names = list(book.sheet_names)
        name = choose_layer(request, names) if request.get("layer") else names[0]
        sheet = book.get_sheet_by_name(name)
        rows = ([tidy(value) for value in row] for row in sheet.iter_rows())
        filled = (row for row in rows if any(value not in (None, "") for value in row))
        emit_table(filled, {"layer": name, "layers": names}, request["rows"])


TASKS: dict[str, Callable[[dict[str, Any]], None]] = {
    "drivers": drivers,
    "features": read_features,
    "csv": read_csv,
    "xlsx": read_xlsx,
}


def main() -> None:
    """Do what the request says and tell why not, if not."""
    request = json.loads(sys.argv[1])
    limit(request)
    try:
        TASKS[request["task"]](request)
    except CannotReadError as error:
        emit(b"E", json.dumps({"code": error.code, "message": str(error)}).encode())
    except UnicodeError as error:
        emit(b"E", json.dumps({"code": "unknown_encoding", "message": str(error)[:200]}).encode())
    except MemoryError:
        emit(b"E", json.dumps({"code": "too_heavy", "message": ""}).encode())
    except Exception as error:  # noqa: BLE001 - whatever a library says about a broken file
        text = f"{type(error).__name__}: {error}"[:300].replace(request.get("path", "\0"), "…")
        emit(b"E", json.dumps({"code": "broken", "message": text}).encode())
    emit(b"Z")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
