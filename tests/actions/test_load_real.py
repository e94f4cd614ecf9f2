"""Real files of four cities, with the counts that are known of them.

The files are large and not ours to keep: they are looked for beside the checkout. docs/data.md
shows the same commands.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
import shapely
from django.core.management import call_command
from django.db import connection
from django.db.models import Count

from gridmap.layers.incidents import Incident
from gridmap.layers.places import Building, Street
from gridmap.layers.territory import CellEdition, City
from tests.sandboxed import needs_sandbox

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
pytestmark = [
    pytest.mark.skipif(not DATA.is_dir(), reason="the real data are not beside the checkout"),
    needs_sandbox,
    pytest.mark.django_db,
]


def load(layer: str, path: str, *arguments: str) -> dict[str, object]:
    """What ``manage.py load_layer … --json`` prints."""
    printed = StringIO()
    call_command("load_layer", layer, str(DATA / path), *arguments, "--json", stdout=printed)
    report: dict[str, object] = json.loads(printed.getvalue())
    return report


def counts(report: dict[str, object]) -> tuple[object, ...]:
    return tuple(report[name] for name in ("read", "added", "changed", "unchanged", "refused"))


def test_shanghai_buildings_and_streets() -> None:
    buildings = "shanghai-lujiazui-osm/buildings.geojson"
    roads = "shanghai-lujiazui-osm/roads.geojson"
    new = ["--city", "lujiazui", "--make-city", "陆家嘴", "--commit"]
    assert counts(load("buildings", buildings, *new)) == (1450, 1450, 0, 0, 0)
    city = City.objects.get(slug="lujiazui")
    assert city.metric_srid == 4550  # 121.501 E lies just east of the border of two zones
    report = load("streets", roads, "--city", "lujiazui", "--commit")
    assert counts(report) == (1094, 1094, 0, 0, 0)
    assert counts(load("buildings", buildings, "--city", "lujiazui")) == (1450, 0, 0, 1450, 0)
    assert counts(load("streets", roads, "--city", "lujiazui")) == (1094, 0, 0, 1094, 0)

    assert Building.objects.filter(city=city).count() == 1450
    kinds = Counter(Street.objects.values_list("kind", flat=True))
    assert {"rail", "ferry", "major_road", "minor_road", "path"} <= set(kinds)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(ST_Length(ST_Transform(centreline, 32651))) / 1000 FROM layers_street"
        )
        (length,) = cursor.fetchone()
    assert length == pytest.approx(215.1, abs=0.1)
    found = Building.objects.filter(search__contains="shanghaizhongxin")
    assert "上海中心" in " ".join(found.values_list("name", flat=True))


def test_monaco_buildings_and_highways_from_an_osm_extract() -> None:
    file = "monaco-osm/monaco-latest.osm.pbf"
    wish = ["--city", "monaco", "--source-layer", "multipolygons", "--where", "building!="]
    new = ["--make-city", "Monaco", "--time-zone", "Europe/Monaco"]
    dry = load("buildings", file, *wish, *new)
    assert counts(dry) == (1207, 1206, 0, 0, 1)
    assert [(item["row"], item["code"]) for item in dry["problems"]] == [(32, "invalid_geometry")]  # type: ignore[attr-defined]
    assert not City.objects.filter(slug="monaco").exists()
    report = load("buildings", file, *wish, *new, "--repair", "--commit")
    assert counts(report) == (1207, 1207, 0, 0, 0)
    assert report["mended"] == [32]
    lines = ["--city", "monaco", "--source-layer", "lines", "--where", "highway!=", "--commit"]
    assert counts(load("streets", file, *lines)) == (2361, 2361, 0, 0, 0)
    assert City.objects.get(slug="monaco").metric_srid == 32632


def test_chicago_incidents_lie_in_the_cells_an_independent_count_finds() -> None:
    areas = "chicago-incidents/community_areas.geojson"
    table = "chicago-incidents/incidents_10k.csv"
    chicago = ["--city", "chicago", "--time-zone", "America/Chicago"]
    columns = ["--map", "area_numbe=code", "--map", "community=name", "--one-cell-each"]
    new = ["--make-city", "Chicago", "--valid-from", "2018-01-01", "--commit"]
    report = load("communities", areas, *chicago, *columns, *new)
    assert counts(report) == (77, 77, 0, 0, 0)
    assert report["made"] == {"subdistricts": 1, "cells": 77, "cells_changed": 0}
    columns = ["--map", "date=reported_at", "--map", "primary_type=category"]
    ended = ["--set", "state=closed", "--make-categories", "--commit"]
    report = load("incidents", table, *chicago, *columns, *ended)
    assert counts(report) == (10_000, 10_000, 0, 0, 0)

    ours = dict(
        Incident.objects.filter(cell__isnull=False)
        .values_list("cell__editions__code")
        .annotate(Count("id"))
        .order_by()
    )
    assert ours == independent_count(DATA / areas, DATA / table)
    assert Incident.objects.filter(cell=None).count() == 10_000 - sum(ours.values())
    assert CellEdition.objects.count() == 77
    same_day = Incident.objects.filter(cell__isnull=False, reported_cell=None)
    assert same_day.count() == 0, "the cells were in force when the incidents were reported"


def independent_count(areas: Path, table: Path) -> dict[str, int]:
    """Incidents per cell by another road: no database, no GDAL; a border is of the lower code."""
    numbered = {
        int(item["properties"]["area_numbe"]): shapely.from_geojson(json.dumps(item["geometry"]))
        for item in json.loads(areas.read_text())["features"]
    }
    order = sorted(numbered)
    tree = shapely.STRtree([numbered[number] for number in order])
    with table.open(newline="") as file:
        rows = [(float(row["longitude"]), float(row["latitude"])) for row in csv.DictReader(file)]
    inner, outer = tree.query(shapely.points(np.array(rows)), predicate="covered_by")
    lowest: dict[int, int] = {}
    for point, area in zip(inner.tolist(), outer.tolist(), strict=True):
        lowest[point] = min(order[area], lowest.get(point, 99))
    city = City.objects.get(slug="chicago").code
    return dict(Counter(f"{city}001{number:03d}001" for number in lowest.values()))


def test_providence_blocks_come_out_of_their_archive() -> None:
    report = load(
        "buildings",
        "providence-blocks-wards/Providence_blocks.zip",
        *("--city", "providence", "--make-city", "Providence", "--time-zone", "America/New_York"),
        *("--map", "GEOID10=code", "--set", "kind=census_block", "--commit"),
    )
    assert counts(report) == (3014, 3014, 0, 0, 0)
    city = City.objects.get(slug="providence")
    assert city.metric_srid == 32619
    assert Building.objects.filter(city=city, code__startswith="44007").count() == 3014


@pytest.mark.parametrize("name", ["naughty-strings/blns.json"])
def test_naughty_strings_come_back_unchanged(name: str, tmp_path: Path) -> None:
    said = json.loads((DATA / "format-fixtures" / name).read_text(encoding="utf-8"))
    features = [
        {
            "type": "Feature",
            "properties": {"code": f"N{place}", "name": text},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[0, 0], [0.001, 0], [0.001, 0.001], [0, 0]]],
            },
        }
        for place, text in enumerate(said)
    ]
    path = tmp_path / "naughty.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    report = load("buildings", str(path), "--city", "naughty", "--make-city", "Naughty", "--commit")
    refused = {item["row"]: item["code"] for item in report["problems"]}  # type: ignore[attr-defined]
    stored = dict(Building.objects.values_list("code", "name"))
    for place, text in enumerate(said):
        if place + 1 in refused:
            assert refused[place + 1] in ("too_long", "bad_text")
            assert len(text) > 80 or "\0" in text
        else:
            assert stored[f"N{place}"] == text.strip()
