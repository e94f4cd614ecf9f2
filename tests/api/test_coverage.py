"""Who covers a point; visits taken back and put right from outside."""

from typing import Any

from django.test import Client
from django.utils import timezone

from gridmap.layers.patrols import Visit
from gridmap.layers.places import Stretch
from gridmap.layers.territory import City
from gridmap.layers.withdrawn_visits import WithdrawnVisit
from tests import town as toy


def ask(client: Client, east: float, north: float, **more: Any) -> Any:
    place = toy.at(east, north)
    query: dict[str, Any] = {"city": "toy", "lng": place.x, "lat": place.y, **more}
    return client.get("/api/coverage/at", query)


def told(code: str = "L1-1") -> Visit:
    lane = Stretch.objects.filter(code=code)[0]
    return Visit.objects.create(city=toy.city(), stretch=lane, at=timezone.now(), source="tap")


def post(client: Client, address: str, **body: object) -> Any:
    return client.post(address, body, content_type="application/json")


def test_a_point_is_told_to_whoever_works_in_the_city(wang: Client, town: City) -> None:
    found = ask(wang, 250, 50).json()
    assert (found["community"], found["teams"]) == ("乙社区", []), "also of another's area"
    found = ask(wang, 50, 50).json()
    assert [team["name"] for team in found["teams"]] == ["甲社区巡防队"]
    assert found["teams"][0]["last_day"] is None
    stranger = Client()
    assert ask(stranger, 50, 50).status_code == 401


def test_what_is_no_point_is_refused(wang: Client) -> None:
    assert ask(wang, 900, 900).status_code == 422
    for bad in ({"lng": "x"}, {"lng": 200}, {"lat": ""}, {"more": 1}):
        assert ask(wang, 50, 50, **bad).status_code == 400, bad
    assert ask(wang, 50, 50, city="elsewhere").status_code == 404


def test_a_visit_is_taken_back_and_put_right(wang: Client) -> None:
    visit = told()
    assert post(wang, f"/api/visits/{visit.pk}/withdraw").status_code == 400, "no reason"
    answer = post(wang, f"/api/visits/{visit.pk}/correct", why="有事", note="井盖松")
    made = Visit.objects.get()
    assert (answer.json(), made.note) == ({"id": made.pk}, "井盖松")
    assert post(wang, f"/api/visits/{made.pk}/withdraw", why="记错了").status_code == 204
    assert not Visit.objects.exists()
    assert WithdrawnVisit.objects.count() == 2
    assert post(wang, f"/api/visits/{made.pk}/withdraw", why="记错了").status_code == 404


def test_another_ones_visit_looks_absent_and_a_leader_makes_none(
    wang: Client, leader: Client
) -> None:
    theirs, ours = told("L2-1"), told()
    absent = post(wang, "/api/visits/999999/withdraw", why="x")
    hidden = post(wang, f"/api/visits/{theirs.pk}/withdraw", why="x")
    assert (hidden.status_code, hidden.json()) == (404, absent.json())
    assert post(leader, f"/api/visits/{ours.pk}/withdraw", why="x").status_code == 403
    assert post(Client(), f"/api/visits/{ours.pk}/withdraw", why="x").status_code == 401
