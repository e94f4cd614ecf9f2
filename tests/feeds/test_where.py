"""Who answers here."""

import asyncio
from typing import Any

import pytest
from django.contrib.gis.geos import Point

from gridmap.feeds.app import Feeds
from gridmap.layers.places import Building
from gridmap.layers.scope import Scope
from tests import town as toy
from tests.feeds.asking import ask, bearing


def where(eyes: Scope, place: Point) -> dict[str, Any]:
    reply = ask(f"/feeds/where?city=toy&lng={place.x}&lat={place.y}", bearing(eyes))
    assert reply.status == 200, reply.json
    return dict(reply.json)


def ladder(eyes: Scope, east: float, north: float) -> list[tuple[str, str, str | None, str]]:
    chiefs = where(eyes, toy.at(east, north))["chiefs"]
    return [(c["office"], c["object"], c["name"], c["standing"]) for c in chiefs]


def test_the_whole_ladder_of_a_building(leader: Scope) -> None:
    found = where(leader, toy.at(50, 70))
    assert found["cell"] == {
        "id": toy.cell("A", 1).pk, "code": "350404001001001", "name": "第一网格",
    }  # fmt: skip
    assert found["community"]["name"] == "甲社区"
    assert found["subdistrict"]["code"] == "350404001"
    assert found["building"]["id"] == Building.objects.get(code="B1").pk
    assert ladder(leader, 50, 70) == [
        ("building", "榕树巷 1 号", "苏望舒", "acting"),
        ("lane", "榕树巷", "何青禾", "acting"),
        ("street", "和平街", "林小满", "acting"),
        ("cell_worker", "第一网格", "陈木子", "acting"),
        ("cell_head", "第一网格", None, "vacant"),
    ]
    rungs = {chief["rung"]: chief["until"] for chief in found["chiefs"]}
    assert len(rungs["building"]) == len("2026-01-01")
    assert rungs["lane"] is None


def test_a_substitute_stands_in_and_a_gap_is_said(leader: Scope) -> None:
    assert ladder(leader, 250, 70)[:2] == [
        ("building", "石坎巷 3 号", None, "vacant"),
        ("lane", "石坎巷", "周一禾", "substitute"),
    ]


def test_outdoors_the_nearest_lane_and_street_answer(leader: Scope) -> None:
    found = where(leader, toy.at(75, 30))  # 23 m from the lane's edge, 30 m from the street's
    assert found["building"] is None
    assert [c["object"] for c in found["chiefs"]][:2] == ["榕树巷", "和平街"]
    far = where(leader, toy.at(50, 90))  # 48 m from the lane, 90 m from the street
    assert {chief["rung"] for chief in far["chiefs"]} == {"cell"}


def test_on_a_border_the_lowest_code_wins(leader: Scope) -> None:
    corner = toy.box(0, 0, 100, 100)[0][0][1]  # a vertex both cells were drawn with
    assert where(leader, Point(corner))["cell"]["code"] == "350404001001001"


def test_outside_every_cell_nobody_answers(leader: Scope) -> None:
    place = toy.at(-50, 50)
    reply = ask(f"/feeds/where?city=toy&lng={place.x}&lat={place.y}", bearing(leader))
    assert (reply.status, reply.json["code"]) == (404, "NoSuchPlace")
    assert ask("/feeds/where?city=toy&lng=-180&lat=-90", bearing(leader)).status == 404


@pytest.mark.parametrize("crowd", [1, 7, 200])
def test_many_asked_at_once_get_each_their_own_answer(leader: Scope, crowd: int) -> None:
    """Places are looked up together; nobody may get the neighbour's answer, or none."""
    steps = [toy.at(2 * n + 1, 50) for n in range(crowd)]

    async def together() -> list[bytes | None]:
        door = Feeds()
        try:
            pk = (await door.cities.find("toy")).id
            places = [door.places.find((pk, step.x, step.y)) for step in steps]
            return await asyncio.gather(*places)
        finally:
            await door.close()

    answers = asyncio.run(together())
    codes = [None if a is None else a.split(b'"code" : "')[1][:15].decode() for a in answers]
    expected = [f"3504040010{'0102'[(2 * n + 1) // 200 * 2:][:2]}00{(2 * n + 1) // 100 % 2 + 1}"
                for n in range(crowd)]  # fmt: skip
    assert codes == expected
