"""Geometry from outside: each way to be wrong has its reason, and none costs time or a worker."""

import math
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.test import Client

from gridmap.errors import BadGeometry
from gridmap.layers.geojson import MOST_VERTICES, read_geometry
from gridmap.layers.incidents import Incident
from tests.api.test_report import send, told

SQUARE = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]


def zigzag(teeth: int) -> list[list[float]]:
    """A ring that crosses itself once a tooth: cheap to write, dear to repair."""
    up: list[list[float]] = [[i, i % 2] for i in range(teeth)]
    down: list[list[float]] = [[i + 0.5, 1 - i % 2] for i in reversed(range(teeth))]
    return [*up, *down, up[0]]


def comb(teeth: int) -> list[list[float]]:
    """A valid ring with many spikes."""
    spikes: list[list[float]] = []
    for i in range(teeth):
        spikes += [[i, 0], [i + 0.5, 50]]
    return [*spikes, [teeth, 0], [teeth, -1], [0, -1], [0, 0]]


def polygon(*rings: object) -> dict[str, object]:
    return {"type": "Polygon", "coordinates": list(rings)}


BAD: list[tuple[str, object, str]] = [
    ("Point", None, "object"),
    ("Point", 7, "object"),
    ("Point", [], "object"),
    ("Point", "POINT (1 2)", "object"),
    ("Point", "SRID=4326;POINT (1 2)", "object"),
    ("Point", "0101000000000000000000F03F0000000000000040", "object"),
    ("Point", {"type": "Point", "coordinates": [1, 2], "crs": {"type": "link"}}, "object"),
    ("Point", {"type": "Feature", "geometry": {"type": "Point"}}, "object"),
    ("Point", {}, "type"),
    ("Point", {"type": "Polygon", "coordinates": [SQUARE]}, "type"),
    ("Point", {"type": "GeometryCollection"}, "type"),
    ("Point", {"type": ["Point"], "coordinates": [1, 2]}, "type"),
    ("Point", {"type": "Point"}, "position"),
    ("Point", {"type": "Point", "coordinates": []}, "position"),
    ("Point", {"type": "Point", "coordinates": [1]}, "position"),
    ("Point", {"type": "Point", "coordinates": [1, 2, 3]}, "position"),
    ("Point", {"type": "Point", "coordinates": [[1, 2]]}, "position"),
    ("Point", {"type": "Point", "coordinates": ["1", "2"]}, "position"),
    ("Point", {"type": "Point", "coordinates": [True, False]}, "position"),
    ("Point", {"type": "Point", "coordinates": [None, 1]}, "position"),
    ("Point", {"type": "Point", "coordinates": {"x": 1}}, "position"),
    ("Point", {"type": "Point", "coordinates": [math.nan, 1]}, "position"),
    ("Point", {"type": "Point", "coordinates": [math.inf, 1]}, "position"),
    ("Point", {"type": "Point", "coordinates": [10**400, 1]}, "world"),
    ("Point", {"type": "Point", "coordinates": [26.27, 117.64]}, "world"),
    ("Point", {"type": "Point", "coordinates": [1117, 26]}, "world"),
    ("LineString", {"type": "LineString", "coordinates": []}, "nesting"),
    ("LineString", {"type": "LineString", "coordinates": [1, 2]}, "position"),
    ("Polygon", polygon(), "nesting"),
    ("Polygon", polygon([]), "nesting"),
    ("Polygon", polygon(SQUARE[:-1]), "ring"),
    ("Polygon", polygon([[0, 0], [1, 1], [0, 0]]), "ring"),
    ("Polygon", polygon([[0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 0, 1]]), "position"),
    ("Polygon", polygon([[0, 0]] * (MOST_VERTICES + 1)), "vertices"),
]


@pytest.mark.parametrize(("kind", "value", "reason"), BAD)
def test_what_is_no_geometry_is_refused_with_its_reason(
    kind: str, value: object, reason: str
) -> None:
    with pytest.raises(BadGeometry) as refusal:
        read_geometry(value, kind)
    assert refusal.value.detail["reason"] == reason
    assert "%" not in str(refusal.value)


BROKEN: list[tuple[dict[str, Any], str]] = [
    (polygon([[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]), "Self-intersection"),
    (polygon([[0, 0], [5, 0], [2, 0], [0, 0]]), "Self-intersection"),
    (polygon([[1, 1], [1, 1], [1, 1], [1, 1]]), "Too few points in geometry component"),
    (polygon(SQUARE, [[5, 5], [6, 5], [6, 6], [5, 5]]), "Hole lies outside shell"),
    (polygon(zigzag(50)), "Self-intersection"),
    (polygon(zigzag(89)), "Self-intersection"),
    ({"type": "MultiPolygon", "coordinates": [[SQUARE], [SQUARE]]}, "Self-intersection"),
]


@pytest.mark.parametrize(("value", "reason"), BROKEN)
def test_a_shape_that_is_none_is_refused_with_the_place(value: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadGeometry) as refusal:
        read_geometry(value, value["type"])
    detail = refusal.value.detail
    assert str(detail["reason"]).startswith(reason.split(maxsplit=1)[0])
    assert isinstance(detail["lng"], float)
    assert isinstance(detail["lat"], float)


def test_sound_shapes_pass_unchanged() -> None:
    ring = [[x, y / 2] for x, y in comb(80)]
    assert read_geometry(polygon(ring), "Polygon").num_coords == len(ring)
    point = read_geometry({"type": "Point", "coordinates": [117.64, 26.27]}, "Point")
    assert isinstance(point, Point)
    assert (point.srid, point.coords) == (4326, (117.64, 26.27))
    line = {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}
    assert read_geometry(line, "LineString").num_coords == 2


def test_a_report_says_what_is_wrong_with_its_place(wang: Client) -> None:
    for _, value, _ in BAD[:24]:
        if isinstance(value, dict) and any(
            isinstance(number, float | int) and not -1e308 < number < 1e308
            for number in value.get("coordinates") or []
        ):
            continue  # JSON has no word for it
        answer = send(wang, {**told(), "place": value})
        assert answer.status_code == 400, answer.content
        assert answer.json()["code"] in {"BadGeometry", "BadValue"}
    answer = wang.post(
        "/api/incidents",
        b'{"title":"x","category":"0102","place":{"type":"Point","coordinates":[1e999,1]}}',
        content_type="application/json",
    )
    assert answer.status_code == 400
    assert not Incident.objects.exists()
