"""Honest files of every format are read; texts come out in the right signs."""

from __future__ import annotations

import sqlite3
import zipfile
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
import xlsxwriter

from gridmap.errors import BadFile, BadValue
from gridmap.geo import sandbox
from gridmap.geo.files import checked
from gridmap.geo.rows import Rows
from tests.sandboxed import needs_sandbox

NAMES = ["榕树巷", "石坎巷"]
pytestmark = needs_sandbox


def read(path: Path, *, layer: str | None = None, encoding: str | None = None) -> Rows:
    with checked(path, layer=layer, encoding=encoding) as file:
        return sandbox.read(file, layer=layer)


def written(path: Path, driver: str, encoding: str | None = None) -> Path:
    """Two points with Chinese names, as GDAL writes them."""
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb([shapely.Point(117.6, 26.2), shapely.Point(117.7, 26.3)]),
        field_data=[np.array(NAMES, dtype=object), np.array([3, 4])],
        fields=["name", "floors"],
        driver=driver,
        geometry_type="Point",
        crs="EPSG:4490",
        encoding=encoding,
    )
    return path


def zipped(folder: Path, target: Path, inside: str = "") -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for piece in folder.iterdir():
            archive.write(piece, f"{inside}{piece.name}")
    return target


@pytest.mark.parametrize(
    ("name", "driver"), [("a.geojson", "GeoJSON"), ("a.gpkg", "GPKG"), ("a.kml", "LIBKML")]
)
def test_formats_with_names_in_unicode(tmp_path: Path, name: str, driver: str) -> None:
    rows = read(written(tmp_path / name, driver))
    assert list(rows.columns.get("name") or rows.columns["Name"]) == NAMES
    assert rows.numbers.tolist() == [1, 2]
    assert [shapely.from_wkb(shape).x for shape in rows.shapes] == [117.6, 117.7]


@pytest.mark.parametrize("encoding", ["UTF-8", "GB18030"])
@pytest.mark.parametrize("said", ["with .cpg", "without .cpg"])
@pytest.mark.parametrize("inside", ["", "数据/街巷/"], ids=["flat", "in a folder"])
def test_a_zipped_shapefile_in_either_encoding(
    tmp_path: Path, encoding: str, said: str, inside: str
) -> None:
    folder = tmp_path / "shp"
    folder.mkdir()
    written(folder / "lanes.shp", "ESRI Shapefile", encoding)
    if said == "without .cpg":
        (folder / "lanes.cpg").unlink(missing_ok=True)
    rows = read(zipped(folder, tmp_path / "lanes.zip", inside))
    assert list(rows.columns["name"]) == NAMES
    assert rows.crs == "EPSG:4490"


def test_a_cpg_that_lies_is_not_believed(tmp_path: Path) -> None:
    folder = tmp_path / "shp"
    folder.mkdir()
    written(folder / "lanes.shp", "ESRI Shapefile", "GB18030")
    (folder / "lanes.cpg").write_text("UTF-8")
    assert list(read(zipped(folder, tmp_path / "a.zip")).columns["name"]) == NAMES


def test_what_a_mac_puts_into_an_archive_is_left_there(tmp_path: Path) -> None:
    folder = tmp_path / "shp"
    folder.mkdir()
    written(folder / "lanes.shp", "ESRI Shapefile")
    path = zipped(folder, tmp_path / "a.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("__MACOSX/._lanes.shp", b"\x00\x05\x16\x07")
        archive.writestr("__MACOSX/strange.bin", b"?")
        archive.writestr(".DS_Store", b"?")
    assert list(read(path).columns["name"]) == NAMES


def test_a_shapefile_without_its_table_is_refused(tmp_path: Path) -> None:
    written(tmp_path / "lanes.shp", "ESRI Shapefile")
    (tmp_path / "lanes.dbf").unlink()
    with pytest.raises(BadFile, match=r"\.dbf"):
        read(tmp_path / "lanes.shp")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("comma", [",", ";", "\t"])
def test_a_table_of_text(tmp_path: Path, encoding: str, comma: str) -> None:
    path = tmp_path / "a.csv"
    lines = ["name,lng,lat", '"榕树,巷",117.6,26.2', "石坎巷,117.7,26.3", ""]
    text = "\r\n".join(lines) if comma == "," else "\n".join(lines).replace('"榕树,巷"', "榕树巷")
    if comma != ",":
        text = text.replace(",", comma)
    path.write_text(text, encoding=encoding, newline="")
    rows = read(path)
    assert list(rows.columns) == ["name", "lng", "lat"]
    assert str(rows.columns["name"][0]).replace(",", "") == NAMES[0]
    assert rows.numbers.tolist() == [2, 3]
    assert list(rows.shapes) == [None, None]


def test_a_workbook(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("楼栋")
        for line, row in enumerate([["code", "name", "floors"], [350404001001, "一号楼", 6]]):
            sheet.write_row(line, 0, row)
        book.add_worksheet("说明").write(0, 0, "演示")
    rows = read(path)
    assert dict(rows.columns) == {"code": [350404001001], "name": ["一号楼"], "floors": [6]}
    assert list(read(path, layer="说明").columns) == ["演示"]
    with pytest.raises(BadFile, match="楼栋"):
        read(path, layer="没有")


def test_a_track_of_a_receiver(tmp_path: Path) -> None:
    path = tmp_path / "a.gpx"
    path.write_text(
        '<?xml version="1.0"?><!-- a walk --><gpx version="1.1" '
        'xmlns="http://www.topografix.com/GPX/1/1"><trk><name>巡查</name><trkseg>'
        '<trkpt lat="26.2" lon="117.6"/><trkpt lat="26.3" lon="117.7"/></trkseg></trk></gpx>',
        encoding="utf-8",
    )
    with pytest.raises(BadFile, match="tracks"):
        read(path)
    rows = read(path, layer="tracks")
    assert rows.columns["name"] == ["巡查"]


def test_tables_without_shapes_ride_along_in_a_geopackage(tmp_path: Path) -> None:
    path = written(tmp_path / "a.gpkg", "GPKG")
    with sqlite3.connect(path) as base:
        base.execute("PRAGMA journal_mode = WAL")  # as QGIS leaves it behind
        base.execute("CREATE TABLE layer_styles (id INTEGER PRIMARY KEY, style TEXT)")
    base.close()
    assert list(read(path).columns["name"]) == NAMES


def test_a_geojson_in_gbk_and_one_with_a_mark_at_its_head(tmp_path: Path) -> None:
    text = written(tmp_path / "a.geojson", "GeoJSON").read_text(encoding="utf-8")
    for encoding in ("gb18030", "utf-8-sig"):
        (tmp_path / "b.geojson").write_text(text, encoding=encoding)
        assert list(read(tmp_path / "b.geojson").columns["name"]) == NAMES


@pytest.mark.parametrize(
    ("name", "crs"),
    [
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326"),
        ("urn:ogc:def:crs:EPSG::4490", "EPSG:4490"),
        ("EPSG:4548", "EPSG:4548"),
    ],
)
def test_the_named_system_of_a_geojson_is_read_by_us_alone(
    tmp_path: Path, name: str, crs: str
) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(
        f'{{"type":"Point","coordinates":[1,2],"crs":{{"type":"name","properties":{{"name":"{name}"}}}}}}'
    )
    assert read(path).crs == crs


def test_heights_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_text('{"type":"Point","coordinates":[1,2,3]}')
    assert shapely.from_wkb(read(path).shapes[0]) == shapely.Point(1, 2)


def test_repair_happens_in_the_sandbox_and_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(
        '{"type":"FeatureCollection","features":['
        '{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":'
        "[[[0,0],[1,0],[1,1],[0,0]]]}},"
        '{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":'
        "[[[0,0],[1,1],[1,0],[0,1],[0,0]]]}}]}"
    )
    with checked(path) as file:
        rows = sandbox.read(file, repair=True)
    assert rows.mended == {2}
    assert shapely.is_valid(shapely.from_wkb(rows.shapes)).all()


@pytest.mark.parametrize(
    ("conditions", "chosen"),
    [
        (["name=榕树巷"], [1]),
        (["name!=榕树巷"], [2]),
        (["name!="], [1, 2]),
        (["name!=", "floors=4"], [2]),
        (["name="], []),
    ],
)
def test_rows_are_chosen_by_their_values(
    tmp_path: Path, conditions: list[str], chosen: list[int]
) -> None:
    rows = read(written(tmp_path / "a.geojson", "GeoJSON")).where(conditions)
    assert rows.numbers.tolist() == chosen
    assert len(rows.shapes) == len(chosen)


@pytest.mark.parametrize("condition", ["name", "nowhere=1"])
def test_a_condition_that_means_nothing_is_refused(tmp_path: Path, condition: str) -> None:
    with pytest.raises(BadValue):
        read(written(tmp_path / "a.geojson", "GeoJSON")).where([condition])
