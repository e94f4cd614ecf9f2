"""Step one of reading a stranger's file: refuse what is not what its name says, unopened.

Nothing here runs a geographic library. The format follows from the name and must be borne out by
the content; whatever could make a library look elsewhere (virtual tables, linked systems of
coordinates, entities, archives that unpack to a disk full) is refused or taken out.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import orjson

from gridmap.errors import BadFile
from gridmap.geo import archives, encodings

MEGABYTE = 1 << 20
BOM = b"\xef\xbb\xbf"
GEOJSON_TYPES = frozenset(
    {
        "FeatureCollection",
        "Feature",
        "Point",
        "MultiPoint",
        "LineString",
        "MultiLineString",
        "Polygon",
        "MultiPolygon",
        "GeometryCollection",
    }
)
# The names GeoJSON files give to plain longitude and latitude; any other is read as its number.
CRS_NAME = re.compile(r"^(?:urn:(?:ogc|x-ogc):def:crs:)?(?:OGC|EPSG):[0-9.]*:?(CRS84|\d{4,6})$")
XML_ROOT = re.compile(rb"<(?:\w+:)?(\w+)[\s>/]")
SCHEMA_ROWS = 5_000


@dataclass(frozen=True)
class Checked:
    """A file that may be handed to the reader.

    Attributes:
        task: what the reading child does: features, csv or xlsx.
        driver: the one GDAL driver for it, "" where none is needed.
        main: the file to be opened.
        pieces: every file the reader may see; of a shapefile, several side by side.
        encoding: the encoding of its texts, where the format leaves that open.
        crs: what was taken out of a GeoJSON file about its coordinates.
    """

    task: str
    driver: str
    main: Path
    pieces: tuple[Path, ...]
    encoding: str | None = None
    crs: str | None = None


@dataclass(frozen=True)
class _Case:
    """One file under check."""

    path: Path
    room: Path  # private folder for what must be written anew
    encoding: str | None
    layer: str | None
    most: int

    def data(self) -> bytes:
        return self.path.read_bytes()


@contextmanager
def checked(
    path: Path, *, encoding: str | None = None, layer: str | None = None, most: int = 200 * MEGABYTE
) -> Iterator[Checked]:
    """Check a file and hand it out for as long as the context lasts.

    Args:
        path: the file as it was given.
        encoding: encoding of its texts, if the giver knows it better than the file.
        layer: which shapefile of an archive, by name, if there are several.
        most: bytes it may have, unpacked.

    Raises:
        BadFile: it is not what its name says, or holds what no honest file holds.
    """
    if encoding is not None:
        encodings.known(encoding)
    check = CHECKS.get(path.suffix.lower())
    if check is None:
        raise BadFile(
            "不认识“%(suffix)s”格式；可读的格式：%(known)s",
            suffix=path.suffix,
            known=" ".join(sorted(CHECKS)),
        )
    if not path.is_file():
        raise BadFile("找不到文件 %(name)s", name=path.name)
    size = path.stat().st_size
    if size == 0:
        raise BadFile("文件是空的")
    if size > most:
        raise BadFile("文件太大：%(size)d 兆，最多 %(most)d 兆", size=size >> 20, most=most >> 20)
    with TemporaryDirectory(prefix="gridmap-read-") as folder:
        yield check(_Case(path.resolve(), Path(folder), encoding, layer, most))


def not_as_named(path: Path) -> BadFile:
    """The refusal of a file whose content is another than its name says."""
    return BadFile("文件内容不是 %(suffix)s 格式", suffix=path.suffix.lower())


def _copy(case: _Case, data: bytes, suffix: str) -> Path:
    copy = case.room / f"data{suffix}"
    copy.write_bytes(data)
    return copy


def _geojson(case: _Case) -> Checked:
    data = case.data().removeprefix(BOM)
    if not data.lstrip().startswith(b"{"):
        raise not_as_named(case.path)
    data = encodings.to_utf8(data, case.encoding)
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BadFile("不是合格的 GeoJSON：%(reason)s", reason=str(error)) from error
    if document.get("type") not in GEOJSON_TYPES:
        raise not_as_named(case.path)
    crs = _named_crs(document)
    document.pop("crs", None)
    copy = _copy(case, orjson.dumps(document), ".geojson")
    return Checked("features", "GeoJSON", copy, (copy,), crs=crs)


def _named_crs(document: dict[str, object]) -> str | None:
    """What the file says of its coordinates. A link is never followed: it is refused."""
    crs = document.get("crs")
    if crs is None:
        return None
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    found = CRS_NAME.match(name) if isinstance(name, str) else None
    if found is None or not isinstance(crs, dict) or crs.get("type") != "name":
        raise BadFile("GeoJSON 的 crs 成员不是一个坐标系名称；删去它，用 --srid 说明坐标系")
    return "EPSG:4326" if found[1] == "CRS84" else f"EPSG:{found[1]}"


def _geopackage(case: _Case) -> Checked:
    with case.path.open("rb") as file:
        if file.read(16) != b"SQLite format 3\0":
            raise not_as_named(case.path)
    address = f"file:{quote(str(case.path))}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as base:
            base.execute("PRAGMA trusted_schema=OFF")
            _schema_is_plain(base)
    except sqlite3.Error as error:
        raise BadFile("GeoPackage 已损坏：%(reason)s", reason=str(error)) from error
    copy = case.room / "data.gpkg"  # a file of its own: GDAL may want its journal beside it
    shutil.copyfile(case.path, copy)
    return Checked("features", "GPKG", copy, (copy,))


def _schema_is_plain(base: sqlite3.Connection) -> None:
    """Refuse what runs when it is read: views, virtual tables, triggers of anybody's making."""
    schema = base.execute(
        "SELECT type, name, coalesce(sql, '') FROM sqlite_master LIMIT ?", [SCHEMA_ROWS + 1]
    ).fetchall()
    names = {name for _, name, _ in schema}
    if len(schema) > SCHEMA_ROWS or "gpkg_contents" not in names:
        raise BadFile("不是合格的 GeoPackage")
    for kind, name, sql in schema:
        virtual = re.match(r"\s*CREATE\s+VIRTUAL\s+TABLE\b", str(sql), re.IGNORECASE)
        rtree = re.search(r"\bUSING\s+\"?rtree\"?\s*\(", str(sql), re.IGNORECASE)
        own = re.match(r"(rtree|trigger|gpkg|fgti)_", str(name))
        if kind == "view" or (virtual and not rtree) or (kind == "trigger" and not own):
            raise BadFile("GeoPackage 含有不允许的内容：%(kind)s %(name)s", kind=kind, name=name)


def _root(data: bytes) -> bytes | None:
    """The name of the first element, past declarations and comments."""
    place = 0
    for opening, ending in ((b"<?", b"?>"), (b"<!--", b"-->")) * 20:
        ahead = data[place : place + MEGABYTE]
        place += len(ahead) - len(ahead.lstrip())
        if data.startswith(opening, place):
            place = data.find(ending, place) + len(ending)
    found = XML_ROOT.match(data, place)
    return found[1] if found else None


def _xml(driver: str, root: str) -> Callable[[_Case], Checked]:
    def check(case: _Case) -> Checked:
        data = case.data().removeprefix(BOM)
        if not data.lstrip().startswith(b"<"):
            raise not_as_named(case.path)
        if re.search(rb"<!(DOCTYPE|ENTITY)", data, re.IGNORECASE):
            raise BadFile("XML 文件不得含有 DOCTYPE 或 ENTITY")
        if _root(data) != root.encode():
            raise not_as_named(case.path)
        data = encodings.to_utf8(data, case.encoding)
        data = re.sub(rb"^\s*<\?xml[^>]*\?>", b'<?xml version="1.0" encoding="UTF-8"?>', data)
        copy = _copy(case, data, f".{root}")
        return Checked("features", driver, copy, (copy,))

    return check


def _osm(case: _Case) -> Checked:
    with case.path.open("rb") as file:
        if b"OSMHeader" not in file.read(32):
            raise not_as_named(case.path)
    return Checked("features", "OSM", case.path, (case.path,))


def _csv(case: _Case) -> Checked:
    data = case.data()
    if b"\0" in data[:MEGABYTE] or data.removeprefix(BOM).lstrip().startswith((b"<", b"{")):
        raise not_as_named(case.path)
    copy = _copy(case, encodings.to_utf8(data.removeprefix(BOM), case.encoding), ".csv")
    return Checked("csv", "", copy, (copy,), encoding="utf-8")


def _xlsx(case: _Case) -> Checked:
    names = archives.look(case.path, most=case.most, entries=500, ratio=200)
    if "xl/workbook.xml" not in names:
        raise not_as_named(case.path)
    return Checked("xlsx", "", case.path, (case.path,))


def _zip(case: _Case) -> Checked:
    main = archives.unpack(case.path, case.room, layer=case.layer, most=case.most)
    inner = _Case(main, case.room, case.encoding, case.layer, case.most)
    return CHECKS[main.suffix.lower()](inner)


def _shapefile(case: _Case) -> Checked:
    with case.path.open("rb") as file:
        if file.read(4) != b"\x00\x00\x27\x0a":
            raise not_as_named(case.path)
    beside = {
        piece.suffix.lower(): piece
        for piece in case.path.parent.glob("*")
        if piece.stem == case.path.stem and piece.suffix.lower() in archives.SHAPEFILE
    }
    missing = [suffix for suffix in (".shx", ".dbf") if suffix not in beside]
    if missing:
        raise BadFile("shapefile 缺少 %(pieces)s 文件", pieces="、".join(missing))
    encoding = case.encoding or encodings.of_dbf(beside[".dbf"], beside.get(".cpg"))
    pieces = []
    for suffix, piece in beside.items():
        copy = case.room / f"data{suffix}"
        if piece != copy and suffix != ".cpg":  # the encoding is said by us, not by the file
            shutil.copyfile(piece, copy)
        if suffix != ".cpg":
            pieces.append(copy)
    return Checked("features", "ESRI Shapefile", case.room / "data.shp", tuple(pieces), encoding)


CHECKS: dict[str, Callable[[_Case], Checked]] = {
    ".geojson": _geojson,
    ".json": _geojson,
    ".gpkg": _geopackage,
    ".kml": _xml("LIBKML", "kml"),
    ".gpx": _xml("GPX", "gpx"),
    ".pbf": _osm,
    ".csv": _csv,
    ".xlsx": _xlsx,
    ".shp": _shapefile,
    ".zip": _zip,
}
