"""Who answers: at a building, an address, a place, now and at any other moment."""

from datetime import time, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from gridmap.layers import ladder
from gridmap.layers.calendars import CalendarDay, WorkSlot
from gridmap.layers.incidents import Incident
from gridmap.layers.lines import CommunityLine
from gridmap.layers.people import ChiefTerm, Person
from gridmap.layers.places import Building, Lane, Street
from gridmap.layers.territory import CellEdition, City
from tests import town as toy

EMPTY_SIDE = 300 + 50  # metres east of ORIGIN where no lane is near: the middle of B-2


def written(query: dict[str, str | float]) -> dict[str, str]:
    return {"city": "toy", **{name: str(value) for name, value in query.items()}}


def asked(client: Client, **query: str | float) -> dict[str, Any]:
    answer = client.get("/api/ladder", written(query))
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    return body


def rungs(client: Client, **query: str | float) -> list[tuple[object, ...]]:
    return [
        (rung["office"], rung["standing"], [h["name"] for h in rung["holders"]], rung["stand_in"])
        for rung in asked(client, **query)["rungs"]
    ]


def pk(code: str) -> int:
    return Building.objects.get(code=code).pk


GOVERNMENT: list[tuple[object, ...]] = [
    ("community", "office", [], None),
    ("subdistrict", "office", [], None),
]


def test_every_rung_of_a_building_is_held_or_says_who_stands_in(leader: Client) -> None:
    assert rungs(leader, building=pk("B1")) == [
        ("building", "expiring", ["苏望舒"], None), ("lane", "filled", ["何青禾"], None),
        ("street", "filled", ["林小满"], None), ("cell_worker", "filled", ["陈木子"], None),
        ("cell_head", "vacant", [], "community"), *GOVERNMENT,
    ]  # fmt: skip
    assert rungs(leader, building=pk("B2"))[0] == ("building", "vacant", [], "lane")
    assert rungs(leader, building=pk("B3"))[1] == ("lane", "substitute", ["周一禾"], None)


def test_a_house_on_a_street_has_no_lane_and_its_vacancies_fall_upward(leader: Client) -> None:
    assert rungs(leader, building=pk("B4")) == [
        ("building", "vacant", [], "street"), ("street", "filled", ["林小满"], None),
        ("cell_worker", "vacant", [], "community"), ("cell_head", "vacant", [], "community"),
        *GOVERNMENT,
    ]  # fmt: skip


def test_a_substitute_stands_before_the_chief_who_is_away(leader: Client, town: City) -> None:
    now = timezone.now()
    ChiefTerm.objects.create(
        office="lane", lane=Lane.objects.get(code="L1"), standing="substitute", reason="ill",
        person=Person.objects.get(name="陈木子"),
        valid=DateTimeTZRange(now - timedelta(days=1), now + timedelta(days=5)),
    )  # fmt: skip
    lane = asked(leader, building=pk("B1"))["rungs"][1]
    assert [h["name"] for h in lane["holders"]] == ["陈木子", "何青禾"]
    assert (lane["standing"], lane["holders"][0]["reason"]) == ("substitute", "ill")


def test_a_term_that_is_followed_without_a_gap_does_not_expire(leader: Client) -> None:
    term = ChiefTerm.objects.get(building__code="B1")
    assert rungs(leader, building=pk("B1"))[0][1] == "expiring"
    following = ChiefTerm.objects.create(
        office="building", building=term.building, person=Person.objects.get(name="何青禾"),
        valid=DateTimeTZRange(term.valid.upper, None),
    )  # fmt: skip
    assert rungs(leader, building=pk("B1"))[0][1] == "filled"
    body = leader.get("/api/standing?city=toy").json()
    assert [term.building_id, 1] in body["buildings"]
    following.valid = DateTimeTZRange(term.valid.upper + timedelta(hours=1), None)
    following.save()  # one hour's gap is a vacancy to come
    assert rungs(leader, building=pk("B1"))[0][1] == "expiring"


def test_the_answer_of_a_day_that_is_over(leader: Client) -> None:
    early = (toy.OPENED - timedelta(days=1)).date().isoformat()
    later = (toy.OPENED + timedelta(days=2)).date().isoformat()
    before = asked(leader, building=pk("B1"), as_of=early)
    assert [rung["standing"] for rung in before["rungs"][:3]] == ["vacant"] * 3
    assert [rung["vacant_since"] for rung in before["rungs"]] == [None] * len(before["rungs"])
    assert before["cell"] is None, "no cell had been drawn yet"
    assert rungs(leader, building=pk("B1"), as_of=later)[0] == (
        "building", "filled", ["苏望舒"], None,
    )  # fmt: skip


def test_the_cell_of_a_past_moment_is_the_one_drawn_then(leader: Client) -> None:
    now = timezone.now()
    cell = toy.cell("A", 1)
    edition = CellEdition.objects.get(cell=cell)
    edition.valid = DateTimeTZRange(toy.OPENED, now)
    edition.save()
    CellEdition.objects.create(
        cell=cell, code=edition.code, name="改名网格", geom=edition.geom,
        valid=DateTimeTZRange(now, None),
    )  # fmt: skip

    def name(**query: str | float) -> str:
        found = asked(leader, building=pk("B1"), **query)["rungs"]
        return str(next(rung["name"] for rung in found if rung["office"] == "cell_worker"))

    assert name() == "改名网格"
    assert name(as_of=(now - timedelta(days=1)).isoformat()) == "第一网格"


def test_it_says_who_answers_at_that_moment(leader: Client, town: City) -> None:
    now = asked(leader, building=pk("B2"))["now"]
    assert (now["by"], now["office"], now["name"]) == ("chief", "lane", "何青禾")
    assert now["closed"] is False, "the town keeps no hours"
    CommunityLine.objects.create(community=toy.community("A"), phone="0598-1", valid=toy.ALWAYS)
    today = timezone.localdate()
    CalendarDay.objects.create(city=town, day=today, kind="rest", source="通知")
    WorkSlot.objects.create(
        city=town, season="全年", begins=time(0), ends=time(23, 59, 59, 999_999),
        valid=DateRange(today - timedelta(days=2), None),
    )  # fmt: skip
    now = asked(leader, building=pk("B2"))["now"]
    assert (now["by"], now["phone"], now["closed"]) == ("line", "0598-1", True)


@pytest.mark.parametrize("written", ["榕树巷 1 号", "榕树巷1号", " 榕树巷  1 号 ", "B1", "和平楼"])
def test_an_address_finds_its_building(leader: Client, written: str) -> None:
    Building.objects.filter(code="B1").update(aliases=["和平楼"], search="榕树巷 1 号 和平楼")
    assert asked(leader, address=written)["building"] == pk("B1")


def test_an_address_of_two_buildings_is_refused_and_both_are_named(leader: Client) -> None:
    Building.objects.filter(code="B2").update(address="榕树巷 1 号", search="榕树巷 1 号")
    answer = leader.get("/api/ladder", {"city": "toy", "address": "榕树巷 1 号"})
    assert (answer.status_code, answer.json()["code"]) == (400, "BadValue")
    assert [b["code"] for b in answer.json()["detail"]["buildings"]] == ["B1", "B2"]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"address": "没有这条路 9 号"}, 404, "OutOfScope"),
        ({"building": 999_999}, 404, "OutOfScope"),
        ({"lng": 117.0, "lat": 26.0}, 422, "NoSuchPlace"),
        ({"lng": "nan", "lat": 26.0}, 400, "BadValue"),
        ({"lng": 200, "lat": 26.0}, 400, "BadValue"),
        ({"lng": 117.0}, 400, "BadValue"),
        ({}, 400, "BadValue"),
        ({"building": 1, "address": "x"}, 400, "BadValue"),
        ({"building": 1, "street": 1}, 400, "BadValue"),
        ({"building": 1, "city": "nowhere"}, 404, "OutOfScope"),
        ({"building": 1, "as_of": "yesterday"}, 400, "BadValue"),
    ],
)
def test_what_is_refused(
    leader: Client, query: dict[str, str | float], status: int, code: str
) -> None:
    answer = leader.get("/api/ladder", written(query))
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_building_of_another_city_is_not_there(leader: Client, town: City) -> None:
    stranger = Client()
    stranger.force_login(User.objects.create_user("stranger"))
    assert stranger.get("/api/ladder", {"building": pk("B1")}).status_code == 404
    assert leader.get("/api/ladder", {"building": pk("B1")}).status_code == 200


def test_a_ladder_is_one_query(
    town: City, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    building, now = Building.objects.get(code="B1"), timezone.now()
    with django_assert_num_queries(1):
        ladder.of_building(building, at=now)
    with django_assert_num_queries(1):
        ladder.of_place(town, toy.at(50, 30), at=now)


def test_before_a_door_the_house_answers_and_on_the_lane_the_lane(leader: Client) -> None:
    def building(east: float, north: float) -> object:
        place = toy.at(east, north)
        return asked(leader, lng=place.x, lat=place.y)["building"]

    assert building(50, 56) == pk("B1")  # 4 m before the south wall
    assert building(50, 54) is None  # 6 m
    Lane.objects.filter(code="L1").update(polygon=toy.box(62, 50, 4, 40))
    assert building(63, 70) is None  # 3 m from the wall, but on the lane
    assert building(61, 70) == pk("B1")


def test_of_two_houses_and_two_lanes_equally_near_the_lower_code_answers(leader: Client) -> None:
    Building.objects.filter(code="B2").update(geom=toy.box(68, 60, 20, 20))
    Lane.objects.filter(code="L2").update(polygon=toy.box(0, 0, 2, 20))
    Lane.objects.filter(code="L1").update(polygon=toy.box(22, 0, 2, 20))
    between = toy.at(64, 70)  # 4 m from B1's wall and from B2's
    assert asked(leader, lng=between.x, lat=between.y)["building"] == pk("B1")
    middle = toy.at(12, 10)  # 10 m from either lane
    found = asked(leader, lng=middle.x, lat=middle.y)
    assert found["lane"] == Lane.objects.get(code="L1").pk


def test_far_from_every_house_and_lane_the_cell_answers(leader: Client) -> None:
    place = toy.at(EMPTY_SIDE, 95)
    found = asked(leader, lng=place.x, lat=place.y)
    assert [rung["office"] for rung in found["rungs"]] == [
        "cell_worker", "cell_head", "community", "subdistrict",
    ]  # fmt: skip


def test_who_may_report_on_a_border_is_whoever_the_report_goes_to(wang: Client) -> None:
    """Community A has the lower code; where only B has a cell, B gets the report."""
    a2 = CellEdition.objects.get(code="350404001001002")
    border = max(a2.geom[0][0].coords)
    place = {"type": "Point", "coordinates": list(border)}
    body = {"place": place, "title": "边上", "category": "0102", "city": "toy"}

    def post() -> int:
        answer = wang.post("/api/incidents", data=body, content_type="application/json")
        return answer.status_code

    assert post() == 201
    a2.valid = DateTimeTZRange(toy.OPENED, toy.OPENED + timedelta(days=1))
    a2.save()
    assert post() == 404
    assert Incident.objects.count() == 1


def test_a_house_known_by_neither_lane_nor_street_takes_the_nearest(leader: Client) -> None:
    Building.objects.filter(code="B1").update(lane=None, street=None)
    Lane.objects.filter(code="L1").update(polygon=toy.box(62, 50, 4, 40), street=None)
    Street.objects.update(polygon=toy.box(0, 30, 400, 10))
    found = asked(leader, building=pk("B1"))
    assert found["lane"] == Lane.objects.get(code="L1").pk
    assert found["street"] == Street.objects.get().pk
