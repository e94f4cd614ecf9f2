"""Fabrics over HTTP: borders corrected, units out to QGIS and in again."""

import io

import pytest
from django.test import Client

from gridmap.layers.postings import Role
from tests import town as toy
from tests.sandboxed import needs_sandbox

JSON = "application/json"


@pytest.fixture
def planner(leader: Client) -> Client:
    """Signed in as planner of the whole city."""
    client = Client()
    client.force_login(toy.posted("gu", role=Role.PLANNER))
    return client


@pytest.fixture
def fabric(planner: Client) -> int:
    """The fabric of community A."""
    body = {"community": toy.community("A").pk}
    return int(planner.post("/api/fabrics", body, content_type=JSON).json()["id"])


@needs_sandbox
def test_units_go_out_and_come_back_as_a_newer_fabric(planner: Client, fabric: int) -> None:
    answer = planner.get(f"/api/fabrics/{fabric}/export")
    assert answer["Content-Type"] == "application/geopackage+sqlite3"
    assert answer.content.startswith(b"SQLite format 3")
    file = io.BytesIO(answer.content)
    file.name = "units.gpkg"
    body = {"community": toy.community("A").pk, "file": file}
    back = planner.post("/api/fabrics/import", body)
    assert back.status_code == 201, back.json()
    assert (back.json()["version"], back.json()["current"]) == (2, True)


def test_what_is_no_geopackage_is_refused(planner: Client, fabric: int) -> None:
    for name, content in (("units.txt", b"x"), ("units.gpkg", b"no database")):
        file = io.BytesIO(content)
        file.name = name
        body = {"community": toy.community("A").pk, "file": file}
        assert planner.post("/api/fabrics/import", body).status_code in {400, 422}
    assert planner.post("/api/fabrics/import", {"community": "1"}).status_code in {400, 422}


def test_a_border_is_corrected_by_a_planner_only(planner: Client, fabric: int) -> None:
    rows = planner.get(f"/api/fabrics/{fabric}/export")
    assert rows.status_code == 200
    wrong = {"borders": [{"a": "x", "b": "y", "level": 1, "crossable": False}]}
    address = f"/api/fabrics/{fabric}/borders"
    assert planner.post(address, wrong, content_type=JSON).status_code == 400
    worse = {"borders": [{"a": "x", "b": "y", "level": 9, "crossable": False}]}
    assert planner.post(address, worse, content_type=JSON).status_code == 400
    cadre = Client()
    cadre.force_login(toy.posted("zhou", "A"))
    assert cadre.post(address, wrong, content_type=JSON).status_code == 403
    assert Client().get(f"/api/fabrics/{fabric}/export").status_code == 401
