"""Appointments through the API: the same deeds, in the words of programs."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from gridmap.layers.people import ChiefTerm, Person
from gridmap.layers.places import Building
from gridmap.layers.territory import City


def post(client: Client, address: str, **body: object) -> tuple[int, dict[str, Any]]:
    answer = client.post(f"/api/{address}", data=body, content_type="application/json")
    return answer.status_code, answer.json()


def house(code: str) -> int:
    return Building.objects.get(code=code).pk


def person(name: str) -> int:
    return Person.objects.get(name=name).pk


def term(code: str) -> int:
    return ChiefTerm.objects.get(building__code=code).pk


def day(number: int) -> str:
    return (timezone.localdate() + timedelta(days=number)).isoformat()


def test_an_appointment_and_its_repetition(wang: Client) -> None:
    wish = str(uuid4())
    body = {"office": "building", "object": house("B2"), "name": "新来的", "until": day(365)}
    status, told = post(wang, "chief-terms", **body, since=day(0), client_id=wish)
    assert (status, told["done"], told["term"]["name"]) == (201, True, "新来的")
    assert told["term"]["standing"] == "acting"
    again = post(wang, "chief-terms", **body, since=day(0), client_id=wish)
    assert again == (200, {"term": told["term"], "done": False})
    status, other = post(wang, "chief-terms", **body, since=day(1), client_id=wish)
    assert (status, other["detail"]["reason"]) == (409, "ClientIdReused")


def test_an_office_that_is_held_is_a_conflict_that_names_the_holder(wang: Client) -> None:
    body = {"office": "building", "object": house("B1"), "person": person("何青禾")}
    status, told = post(wang, "chief-terms", **body)
    assert (status, told["code"]) == (409, "WrongState")
    detail = told["detail"]
    assert (detail["reason"], detail["name"], detail["term"]) == ("HeldBy", "苏望舒", term("B1"))
    assert "苏望舒" in told["message"]


def test_the_life_of_an_office(wang: Client) -> None:
    first = term("B1")
    status, told = post(wang, f"chief-terms/{first}/renew", until=day(400))
    assert (status, told["term"]["name"]) == (201, "苏望舒")
    seat = {"office": "building", "object": house("B1")}
    status, told = post(
        wang, "chief-terms", **seat, person=person("陈木子"), reason="leave", until=day(5)
    )
    assert (status, told["term"]["standing"]) == (201, "substitute")
    standing_in = told["term"]["id"]
    status, told = post(wang, f"chief-terms/{standing_in}/end-substitution")
    assert (status, told["done"]) == (200, True)
    following = ChiefTerm.objects.filter(building__code="B1", standing="acting").latest("pk").pk
    status, told = post(wang, f"chief-terms/{following}/relieve", why="调走")
    assert (status, told["term"]) == (200, None), "it had not begun"
    status, told = post(
        wang, f"chief-terms/{first}/hand-over", person=person("何青禾"), note="钥匙已交"
    )
    assert (status, told["term"]["name"]) == (201, "何青禾")
    (handover,) = wang.get("/api/handovers").json()["results"]
    assert (handover["before"]["name"], handover["after"]["name"]) == ("苏望舒", "何青禾")
    assert [matter["kind"] for matter in handover["matters"]] == ["entrance"]
    assert wang.get(f"/api/handovers/{handover['id']}").json() == handover
    status, told = post(wang, f"chief-terms/{told['term']['id']}/relieve", why="本人提出")
    assert (status, told["done"]) == (200, True)
    ladder = wang.get("/api/ladder", {"building": house("B1")}).json()
    assert ladder["rungs"][0]["standing"] == "vacant"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "BadValue"),
        ({"office": "king", "object": 1}, 400, "BadValue"),
        ({"office": "building", "object": 999_999, "name": "x"}, 404, "OutOfScope"),
        ({"office": "cell_head", "object": 999_999, "name": "x"}, 404, "OutOfScope"),
        ({"office": "building", "object": 1, "name": "x", "salary": 1}, 400, "BadValue"),
        ({"office": "building", "object": 1, "until": "never"}, 404, "OutOfScope"),
    ],
)
def test_what_is_refused(wang: Client, body: dict[str, object], status: int, code: str) -> None:
    found, told = post(wang, "chief-terms", **body)
    assert (found, told["code"]) == (status, code)
    assert ChiefTerm.objects.count() == 5


def test_another_communitys_offices_are_not_there(wang: Client, town: City) -> None:
    body = {"office": "building", "object": house("B3"), "name": "x"}
    assert post(wang, "chief-terms", **body)[0] == 404
    lane = ChiefTerm.objects.get(lane__code="L2").pk
    assert post(wang, f"chief-terms/{lane}/end-substitution")[0] == 404
    own = ChiefTerm.objects.get(lane__code="L1").pk
    assert post(wang, f"chief-terms/{own}/relieve", why="x")[0] == 200


def test_handovers_are_seen_in_the_own_area_only(wang: Client, leader: Client) -> None:
    post(leader, "chief-terms", office="building", object=house("B3"), name="甲")
    post(leader, f"chief-terms/{term('B3')}/hand-over", name="乙")
    assert len(leader.get("/api/handovers").json()["results"]) == 1
    assert wang.get("/api/handovers").json()["results"] == []


def test_people_are_found_by_name_and_told_apart_by_their_office(wang: Client) -> None:
    for text in ("苏望", "suwang", "sws"):
        found = wang.get("/api/people", {"city": "toy", "q": text}).json()["people"]
        assert [(one["name"], one["office"], one["place"]) for one in found] == [
            ("苏望舒", "building", "榕树巷 1 号"),
        ]  # fmt: skip
    assert wang.get("/api/people", {"city": "toy"}).status_code == 400
