"""Files that no honest person makes: each a kind of attack seen in the field or tried by us."""

from __future__ import annotations

import json
import sqlite3
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyogrio
import shapely

CANARY = "CANARY-7F3A"


@dataclass(frozen=True)
class Trap:
    """Where a hostile file may do its harm, and where we would see it."""

    room: Path
    secret: Path  # a file nobody gave us, with the canary in it
    port: int  # of a listener that nobody should talk to

    def write(self, name: str, data: str | bytes) -> Path:
        path = self.room / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return path


Maker = Callable[[Trap], Path]
Data = Callable[[Trap], str | bytes]
KINDS: dict[str, Maker] = {}


def kind(maker: Maker) -> Maker:
    KINDS[maker.__name__] = maker
    return maker


def vrt(source: object, layer: str = "secret") -> str:
    return (
        f'<OGRVRTDataSource><OGRVRTLayer name="l"><SrcDataSource>{source}</SrcDataSource>'
        f"<SrcLayer>{layer}</SrcLayer></OGRVRTLayer></OGRVRTDataSource>"
    )


def feature(geometry: str = '{"type":"Point","coordinates":[1,2]}', properties: str = "{}") -> str:
    return (
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":'
        f'{properties},"geometry":{geometry}}}]}}'
    )


def _named(suffix: str) -> None:
    def maker(trap: Trap) -> Path:
        return trap.write(f"vrt.{suffix}", vrt(trap.secret))

    KINDS[f"vrt_named_{suffix.replace('.', '_')}"] = maker


for ending in ("geojson", "json", "kml", "gpx", "csv", "gpkg", "shp", "zip", "xlsx", "osm.pbf"):
    _named(ending)


def _text(name: str, suffix: str, data: Callable[[Trap], str | bytes]) -> None:
    def maker(trap: Trap) -> Path:
        return trap.write(f"{name}.{suffix}", data(trap))

    KINDS[name] = maker


def address(trap: Trap, path: str) -> str:
    return f"http://127.0.0.1:{trap.port}/{path}"


def crs(kind_: str, key: str) -> Callable[[Trap], str]:
    def data(trap: Trap) -> str:
        said = {"type": kind_, "properties": {key: address(trap, kind_)}}
        return json.dumps({**json.loads(feature()), "crs": said})

    return data


def gdalg(source: Callable[[Trap], str]) -> Callable[[Trap], str]:
    def data(trap: Trap) -> str:
        line = f"gdal vector pipeline ! read {source(trap)}"
        return json.dumps({"type": "gdal_streamed_alg", "command_line": line})

    return data


def kml(inner: str, before: str = "") -> str:
    return (
        f'<?xml version="1.0"?>{before}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
        f"{inner}</Document></kml>"
    )


def gpx(inner: str, before: str = "") -> str:
    return (
        f'<?xml version="1.0"?>{before}<gpx version="1.1" '
        f'xmlns="http://www.topografix.com/GPX/1/1">{inner}</gpx>'
    )


def mark(name: str = "a") -> str:
    return (
        f"<Placemark><name>{name}</name><Point><coordinates>1,2</coordinates></Point></Placemark>"
    )


def entity(trap: Trap, root: str) -> str:
    return f'<!DOCTYPE {root} [<!ENTITY x SYSTEM "file://{trap.secret}">]>'


def laughs(root: str) -> str:
    lines = '<!ENTITY l0 "' + "x" * 1000 + '">'
    for number in range(1, 10):
        lines += f'<!ENTITY l{number} "' + f"&l{number - 1};" * 10 + '">'
    return f"<!DOCTYPE {root} [{lines}]>"


def nested(depth: int) -> str:
    point = '{"type":"Point","coordinates":[1,2]}'
    return '{"type":"GeometryCollection","geometries":[' * depth + point + "]}" * depth


TEXTS: dict[str, Data] = {
    "vrt_fetches_by_curl": lambda t: vrt(f"/vsicurl/{address(t, 'curl.csv')}", "curl"),
    "vrt_fetches_by_http": lambda t: vrt(address(t, "http.geojson"), "x"),
    "vrt_reads_passwords": lambda _t: vrt("CSV:/etc/passwd", "passwd"),
    "pipeline_reads_a_file": gdalg(lambda t: str(t.secret)),
    "pipeline_fetches": gdalg(lambda t: f"/vsicurl/{address(t, 'gdalg.csv')}"),
    "wfs_description": lambda t: (
        f"<OGRWFSDataSource><URL>{address(t, 'wfs')}</URL></OGRWFSDataSource>"
    ),
    "crs_link": crs("link", "href"),
    "crs_url": crs("url", "url"),
    "crs_name_is_an_address": crs("name", "name"),
    "collections_nested_20000": lambda _t: feature(nested(20_000)),
    "properties_nested_100000": lambda _t: feature(
        properties='{"a":' + "[" * 100_000 + "]" * 100_000 + "}"
    ),
    "brackets_without_end": lambda _t: '{"type":' + "[" * 1_000_000,
    "coordinates_nan": lambda _t: feature('{"type":"Point","coordinates":[NaN,NaN]}'),
    "coordinates_infinite": lambda _t: feature('{"type":"Point","coordinates":[1e999,2]}'),
    "coordinates_beyond_the_world": lambda _t: feature(
        '{"type":"Point","coordinates":[1117.6,226.2]}'
    ),
    "coordinates_are_words": lambda _t: feature('{"type":"Point","coordinates":["a","b"]}'),
    "geometry_is_a_number": lambda _t: feature("7"),
    "lone_surrogate": lambda _t: feature(properties='{"name":"\\ud800"}'),
    "no_encoding_at_all": lambda _t: (
        feature(properties='{"name":"X"}').encode().replace(b"X", b"\xff\xfe\x80")
    ),
    "cut_off_geojson": lambda _t: feature()[:-20],
    "nothing": lambda _t: b"",
    "a_list": lambda _t: "[1, 2, 3]",
}
for name, data in TEXTS.items():
    _text(name, "geojson", data)

KMLS: dict[str, Data] = {
    "kml_entity_reads_a_file": lambda t: kml(mark("&x;"), entity(t, "kml")),
    "kml_billion_laughs": lambda _t: kml(mark("&l9;"), laughs("kml")),
    "kml_in_utf16_hides_its_entities": lambda t: kml(mark("&x;"), entity(t, "kml")).encode(
        "utf-16"
    ),
    "kml_network_link": lambda t: kml(
        f"<NetworkLink><Link><href>{address(t, 'link.kml')}</href></Link></NetworkLink>{mark()}"
    ),
    "kml_links_to_a_file": lambda t: kml(
        f"<NetworkLink><Link><href>{t.secret}</href></Link></NetworkLink>{mark()}"
    ),
}
for name, data in KMLS.items():
    _text(name, "kml", data)

for name, data in {
    "gpx_entity_reads_a_file": lambda t: gpx(
        '<wpt lat="1" lon="2"><name>&x;</name></wpt>', entity(t, "gpx")
    ),
    "gpx_billion_laughs": lambda _t: gpx(
        '<wpt lat="1" lon="2"><name>&l9;</name></wpt>', laughs("gpx")
    ),
}.items():
    _text(name, "gpx", data)

_text("csv_with_nul", "csv", lambda _t: b"name,lng,lat\na\0b,1,2\n")
_text("csv_with_a_giant_value", "csv", lambda _t: b"name\n" + b"x" * 3_000_000 + b"\n")
_text("csv_with_more_values_than_names", "csv", lambda _t: b"name,lng\na,1,2,3\n")
_text("csv_with_an_open_quote", "csv", lambda _t: b'name,lng\n"a,1\n' * 3)


def geopackage(trap: Trap, name: str) -> Path:
    """An honest GeoPackage with one point, as GDAL writes it."""
    path = trap.room / f"{name}.gpkg"
    pyogrio.raw.write(
        path,
        geometry=[shapely.to_wkb(shapely.Point(1, 2))],
        field_data=[],
        fields=[],
        layer="t",
        driver="GPKG",
        geometry_type="Point",
        crs="EPSG:4326",
    )
    return path


def _gpkg(name: str, *statements: str, table: str = "", listed: str = "") -> None:
    def maker(trap: Trap) -> Path:
        path = geopackage(trap, name)
        with sqlite3.connect(path) as base:
            for statement in statements:
                base.execute(statement.replace("{port}", str(trap.port)))
            if listed:
                base.execute(
                    "INSERT INTO gpkg_contents (table_name, data_type, identifier)"
                    " VALUES (?, 'attributes', ?)",
                    [listed, listed],
                )
            if table:
                base.execute("PRAGMA writable_schema = 1")
                base.execute(
                    "INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql)"
                    " VALUES ('table', 'evil', 'evil', 0, ?)",
                    [table.replace("{secret}", str(trap.secret))],
                )
        base.close()
        return path

    KINDS[name] = maker


_gpkg(
    "gpkg_reads_text_by_a_virtual_table",
    table="CREATE VIRTUAL TABLE evil USING VirtualText('{secret}','UTF-8',1,COMMA)",
    listed="evil",
)
_gpkg(
    "gpkg_reads_any_format_by_a_virtual_table",
    table="CREATE VIRTUAL TABLE evil USING VirtualOGR('{secret}')",
    listed="evil",
)
_gpkg(
    "gpkg_hides_its_virtual_table",
    table="create  virtual\ttable evil using VirtualText('{secret}','UTF-8',1,COMMA)",
    listed="evil",
)
_gpkg("gpkg_view_reads_a_file", "CREATE VIEW v AS SELECT 1 AS fid, 'x' AS name", listed="v")
_gpkg(
    "gpkg_view_without_end",
    "CREATE VIEW v AS WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)"
    " SELECT x AS fid FROM c",
    listed="v",
)
_gpkg("gpkg_trigger", "CREATE TRIGGER evil AFTER INSERT ON t BEGIN SELECT 1; END")


@kind
def gpkg_cut_off(trap: Trap) -> Path:
    path = geopackage(trap, "whole")
    return trap.write("cut.gpkg", path.read_bytes()[:20_000])


@kind
def sqlite_that_is_no_geopackage(trap: Trap) -> Path:
    path = trap.room / "plain.gpkg"
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE t (a)")
    base.close()
    return path


def _zip(name: str, files: dict[str, Callable[[Trap], str | bytes]], **info: int) -> None:
    def maker(trap: Trap) -> Path:
        path = trap.room / f"{name}.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for inner, data in files.items():
                entry = zipfile.ZipInfo(inner)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = info.get("attributes", 0)
                archive.writestr(entry, data(trap))
        return path

    KINDS[name] = maker


_zip("zip_holds_a_vrt", {"a.vrt": lambda t: vrt(t.secret)})
_zip(
    "zip_holds_a_vrt_named_shp",
    {"a.shp": lambda t: vrt(t.secret), "a.dbf": lambda _t: "x", "a.shx": lambda _t: "x"},
)
_zip("zip_holds_a_vrt_named_geojson", {"a.geojson": lambda t: vrt(t.secret)})
_zip("zip_points_outside", {"../../pwned.geojson": lambda _t: feature()})
_zip("zip_points_to_the_root", {"/root/pwned.geojson": lambda _t: feature()})
_zip(
    "zip_holds_a_symbolic_link",
    {"a.geojson": lambda t: str(t.secret)},
    attributes=0o120777 << 16,
)
_zip("zip_holds_a_zip", {"a.zip": lambda _t: b"PK\3\4"})
_zip("zip_bomb", {"a.geojson": lambda _t: b" " * 60_000_000})
_zip("zip_of_many", {f"{number}.geojson": lambda _t: feature() for number in range(60)})
_zip("zip_of_two_layers", {"a.geojson": lambda _t: feature(), "b.geojson": lambda _t: feature()})


@kind
def zip_is_encrypted(trap: Trap) -> Path:
    path = KINDS["zip_of_two_layers"](trap)
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    return trap.write("encrypted.zip", bytes(data))


@kind
def zip_lies_about_its_sizes(trap: Trap) -> Path:
    path = KINDS["zip_bomb"](trap)
    data = bytearray(path.read_bytes())
    central = data.index(b"PK\1\2")
    struct.pack_into("<I", data, central + 24, 1_000)
    return trap.write("lies.zip", bytes(data))


@kind
def zip_cut_off(trap: Trap) -> Path:
    return trap.write("cut.zip", KINDS["zip_of_two_layers"](trap).read_bytes()[:-30])


@kind
def shapefile_lies_about_its_sizes(trap: Trap) -> Path:
    head = struct.pack(">7i", 9994, 0, 0, 0, 0, 0, 0x7FFFFFFF)
    head += struct.pack("<2i8d", 1000, 5, 0, 0, 1, 1, 0, 0, 0, 0)
    record = struct.pack(">2i", 1, 0x3FFFFFFF)
    record += struct.pack("<i4d2i", 5, 0, 0, 1, 1, 0x3FFFFFFF, 0x3FFFFFFF) + b"\0" * 64
    index = head[:24] + struct.pack(">i", 58) + head[28:] + struct.pack(">2i", 50, 0x3FFFFFFF)
    table = struct.pack("<B3BIHH20x", 3, 126, 1, 1, 0x7FFFFFFF, 65, 0xFFFF)
    table += b"NAME".ljust(11, b"\0") + b"C" + b"\0" * 4 + b"\xff" + b"\0" * 15 + b"\r"
    trap.write("lie.shx", index)
    trap.write("lie.dbf", table)
    return trap.write("lie.shp", head + record)


@kind
def workbook_without_a_book(trap: Trap) -> Path:
    path = trap.room / "empty.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    return path


@kind
def workbook_bomb(trap: Trap) -> Path:
    path = trap.room / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/sharedStrings.xml", b"<t/>" * 20_000_000)
    return path


@kind
def unknown_ending(trap: Trap) -> Path:
    return trap.write("layer.vrt", vrt(trap.secret))
