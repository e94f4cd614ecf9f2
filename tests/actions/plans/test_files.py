"""A plan goes out as a file of every kind and comes in again; other systems' cells are matched."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from uuid import uuid4

import numpy as np
import pytest
import shapely
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from python_calamine import load_workbook

from gridmap.layers.plans import Plan
from gridmap.layers.postings import Role
from gridmap.layers.territory import City
from tests import quilt
from tests import town as toy
from tests.sandboxed import needs_sandbox

KINDS = ("csv", "geojson", "gpkg", "shp", "xlsx")
SUFFIX = {"shp": ".zip"}


@pytest.fixture
def planner(town: City) -> Client:
    """Signed in as planner, with the fabric of community A laid."""
    quilt.lay("A")
    client = Client()
    client.force_login(toy.posted("gu", role=Role.PLANNER))
    return client


def opened(client: Client) -> str:
    """The address of a new draft of community A."""
    body = {"title": "=1+1", "community": toy.community("A").pk}
    made = client.post("/api/plans", body, content_type="application/json")
    return f"/api/plans/{made.json()['id']}"


@pytest.fixture
def painted(planner: Client) -> str:
    """A draft in which BB1 and La1c went to cell 2 and a new cell was made of La1a."""
    address = opened(planner)
    ops = [
        {"id": str(uuid4()), "kind": "paint", "units": ["BB1", "La1c"], "to": 2},
        {"id": str(uuid4()), "kind": "split", "units": ["La1a", "La1d"], "set": {"name": "=cmd"}},
    ]
    body = {"base_seq": 0, "ops": ops}
    planner.post(f"{address}/ops", body, content_type="application/json")
    return address


def exported(client: Client, address: str, kind: str) -> bytes:
    answer = client.get(f"{address}/export?as={kind}")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    return answer.content


def test_the_table_names_every_unit(planner: Client, painted: str) -> None:
    text = exported(planner, painted, "csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 12
    found = {row["unit"]: row["cell_code"] for row in rows}
    assert found["BB1"] == "350404001001002"
    assert found["La1a"] == "350404001001003"  # the next code, as publication would give it


def test_geometry_tiles_the_community_in_every_format(planner: Client, painted: str) -> None:
    features = json.loads(exported(planner, painted, "geojson"))["features"]
    shapes = np.array([shapely.geometry.shape(one["geometry"]) for one in features])
    assert shapely.coverage_is_valid(shapes, gap_width=1e-7)
    archive = zipfile.ZipFile(io.BytesIO(exported(planner, painted, "shp")))
    assert archive.read("cells.cpg").upper() in {b"GBK", b"936"}
    assert "第二网格".encode("gbk") in archive.read("cells.dbf")


def test_the_form_holds_no_formula(planner: Client, painted: str) -> None:
    book = load_workbook(io.BytesIO(exported(planner, painted, "xlsx")))
    cells, changes, units = (book.get_sheet_by_index(n).to_python() for n in range(3))
    assert "=1+1" in str(cells[0][0])
    assert [row[2] for row in cells if row[1] == "350404001001003"] == ["=cmd"]
    assert ["甲", "350404001001001", "350404001001002", 100.0, 1.0] in [r[:5] for r in changes]
    assert len([row for row in units if row[0]]) >= 12


@needs_sandbox
@pytest.mark.parametrize("kind", KINDS[:4])
def test_what_went_out_comes_in_again(planner: Client, painted: str, kind: str) -> None:
    whole = exported(planner, painted, kind)
    other = opened(planner)
    upload = SimpleUploadedFile(f"plan{SUFFIX.get(kind, f'.{kind}')}", whole)
    sent = {"file": upload, "id": str(uuid4())}
    answer = planner.post(f"{other}/import", sent)
    assert answer.status_code == 200, answer.json()
    report = answer.json()["report"]
    assert report["matched"] == 12
    assert report["counts"] == {
        "unknown_units": 0, "twice": 0, "without_cell": 0, "cut": 0, "bad_rows": 0, "new_cells": 1,
    }  # fmt: skip
    groups = [
        {frozenset(np.flatnonzero(labels == no).tolist()) for no in np.unique(labels)}
        for labels in (np.array(planner.get(at).json()["labels"]) for at in (painted, other))
    ]
    assert groups[0] == groups[1]
    assert answer.json()["seq"] == 1
    again = {"file": SimpleUploadedFile(upload.name or "", whole), "id": sent["id"]}
    assert planner.post(f"{other}/import", again).json()["seq"] == 1


@needs_sandbox
def test_every_mismatch_is_reported(planner: Client) -> None:
    address = opened(planner)
    table = "unit,cell\nBB1,东区\nBB1,西区\nNowhere,东区\nLa1a,\n".encode()
    sent = {"file": SimpleUploadedFile("x.csv", table), "id": str(uuid4())}
    report = planner.post(f"{address}/import", sent).json()["report"]
    assert (report["twice"], report["unknown_units"], report["without_cell"]) == (
        ["BB1"], ["Nowhere"], ["La1a"],
    )  # fmt: skip
    assert (report["matched"], report["new_cells"]) == (1, ["东区"])
    foreign = toy.box(0, 0, 50, 100)  # through the middle of BB1 and La1b
    feature = {
        "type": "Feature",
        "geometry": json.loads(foreign.json),
        "properties": {"name": "北"},
    }
    whole = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    sent = {"file": SimpleUploadedFile("x.geojson", whole), "id": str(uuid4())}
    report = planner.post(f"{address}/import", sent).json()["report"]
    assert sorted(report["cut"]) == ["BB1", "La1b"]
    assert report["counts"]["without_cell"] == 8


def test_a_file_of_another_kind_is_refused(planner: Client) -> None:
    address = opened(planner)
    for name in ("x.vrt", "x.exe"):
        sent = {"file": SimpleUploadedFile(name, b"<OGRVRTDataSource/>"), "id": str(uuid4())}
        assert planner.post(f"{address}/import", sent).status_code == 400
    assert planner.post(f"{address}/import", {"id": str(uuid4())}).status_code == 400
    assert Plan.objects.get().head_seq == 0
