"""Plans tell a planner of dwellings, not of people or incidents: two drafts differ by one house."""

import io
import json
import sqlite3
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from python_calamine import load_workbook

from gridmap.layers.bundles import unpacked
from gridmap.layers.fabrics import Fabric
from gridmap.layers.plans import Plan
from gridmap.layers.postings import Role
from gridmap.layers.publications import Publication
from tests import quilt
from tests import town as toy

JSON = "application/json"
CANARY = "邻居举报夜间噪声"


@pytest.fixture
def planner(leader: Client) -> Client:
    """Signed in as planner; in building 1 of community A an incident is open."""
    toy.incident(50, 70, title=CANARY)
    quilt.lay("A")
    client = Client()
    client.force_login(toy.posted("gu", role=Role.PLANNER))
    return client


@pytest.fixture
def draft(planner: Client) -> str:
    """A draft in which building 1 goes to the second cell."""
    body = {"title": "调整", "community": toy.community("A").pk}
    address = f"/api/plans/{planner.post('/api/plans', body, content_type=JSON).json()['id']}"
    wish = {"id": str(uuid4()), "kind": "paint", "units": ["BB1"], "to": 2}
    done = planner.post(f"{address}/ops", {"base_seq": 0, "ops": [wish]}, content_type=JSON)
    assert [row["households"] for row in done.json()["cells"]] == [0, 300]
    assert {(row["residents"], row["incidents"]) for row in done.json()["cells"]} == {(None, None)}
    return address


def told(client: Client, address: str) -> list[Any]:
    """Every figure of people or incidents in the answers about a plan."""
    plan = client.get(address).json()
    diff = client.get(f"{address}/diff").json()
    impact = client.get(f"{address}/impact").json()
    found = [row[name] for row in plan["figures"] for name in ("residents", "incidents")]
    found += [row[name] for row in diff["transfers"] for name in ("residents", "incidents")]
    found += [row["incidents"] for row in impact["transfers"]]
    found += [impact["figures"]["residents_moved"], impact["counts"]["incidents"]]
    found += [row["residents"] for row in impact["lists"]["buildings"]]
    found += [row["label"] for row in impact["lists"]["incidents"]]
    assert impact["figures"]["households_moved"] == 100
    return found


def test_a_planner_is_told_no_figure_of_people_and_no_incident(planner: Client, draft: str) -> None:
    assert set(told(planner, draft)) == {None}
    for part in ("", "/diff", "/impact", "/ops?after=0", "/faults"):
        assert CANARY not in planner.get(f"{draft}{part}").content.decode()


def test_a_leader_of_the_place_is_told_all_of_it(
    leader: Client, planner: Client, draft: str
) -> None:
    """The control: the same addresses do hold it, for whoever sees everything there."""
    found = told(leader, draft)
    assert None not in found
    assert 250 in found
    assert any(CANARY in str(figure) for figure in found)


def test_the_bundle_says_that_people_are_not_told(planner: Client, leader: Client) -> None:
    address = f"/api/fabrics/{Fabric.objects.get().pk}/bundle"
    mine, theirs = (unpacked(client.get(address).content) for client in (planner, leader))
    assert set(mine.arrays["residents"]) == set(mine.arrays["incidents"]) == {-1}
    assert theirs.arrays["residents"].sum() == 750
    assert set(theirs.arrays["incidents"]) == {0}  # the quilt counts none
    assert mine.arrays["households"].sum() == theirs.arrays["households"].sum() == 300


def test_files_leave_small_figures_out_even_for_a_leader(
    planner: Client, leader: Client, draft: str, tmp_path: Path
) -> None:
    plain = {
        name: json.loads(client.get(f"{draft}/export?as=geojson").content)["features"]
        for name, client in (("planner", planner), ("leader", leader))
    }
    people = {name: [f["properties"]["residents"] for f in rows] for name, rows in plain.items()}
    assert people == {"planner": [None, None], "leader": [0, 750]}
    book = load_workbook(io.BytesIO(leader.get(f"{draft}/export?as=xlsx").content))
    (row,) = [r for r in book.get_sheet_by_index(1).to_python() if r[0] == "甲"]
    assert row[3:6] == [100.0, 1.0, ""]  # one open incident goes along
    package = tmp_path / "cells.gpkg"
    package.write_bytes(planner.get(f"{draft}/export?as=gpkg").content)
    with sqlite3.connect(package) as file:
        assert file.execute("SELECT residents, households FROM cells").fetchall() == [
            (None, 0), (None, 300),
        ]  # fmt: skip


def test_what_was_published_is_told_a_planner_without_people(
    planner: Client, leader: Client, draft: str
) -> None:
    plan = Plan.objects.get()
    whole = leader.get(f"{draft}/impact").json()
    Publication.objects.create(
        community=plan.community, plan=plan, starts="2030-01-01T00:00:00Z", impact=whole
    )
    for address in ("/api/publications", f"/api/publications/{Publication.objects.get().pk}"):
        assert CANARY in leader.get(address).content.decode()
        answer = planner.get(address).content.decode()
        assert CANARY not in answer
        assert '"residents_moved":null' in answer.replace(" ", "")


def test_residents_of_a_house_are_told_in_the_own_area_only(
    leader: Client, planner: Client
) -> None:
    def people(client: Client) -> dict[str, Any]:
        rows = client.get("/api/buildings?city=toy").json()["features"]
        return {row["properties"]["code"]: row["properties"]["headcount"] for row in rows}

    assert people(leader)["B1"]["residents"] == 250
    cadre = Client()
    cadre.force_login(toy.posted("wang", "A"))
    assert [people(cadre)[f"B{n}"]["residents"] for n in (1, 2, 3)] == [250, 500, None]
    for role in (Role.PLANNER, Role.PATROL, Role.DEPARTMENT, Role.AUDITOR):
        client = Client()
        client.force_login(toy.posted(f"one-{role}", role=role))
        counted = people(client)
        assert {one["residents"] for one in counted.values()} == {None}
        assert counted["B1"]["households"] == 100
    streamed = b"".join(planner.get("/api/buildings?city=toy&all=true").streaming_content)  # type: ignore[attr-defined]
    assert {
        f["properties"]["headcount"]["residents"] for f in json.loads(streamed)["features"]
    } == {None}
