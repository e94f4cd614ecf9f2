"""Lists and cards of a past moment."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from gridmap.layers.incidents import State
from gridmap.layers.patrols import Visit
from gridmap.layers.people import ChiefTerm
from gridmap.layers.places import Building, Stretch
from gridmap.layers.territory import CellEdition
from tests import town as toy


def ago(**parts: int) -> datetime:
    return timezone.now() - timedelta(**parts)


def ask(client: Client, path: str, when: datetime, **query: str | int) -> Any:
    answer = client.get(path, {**query, "as_of": when.isoformat(timespec="seconds")})
    assert answer.status_code == 200, answer.content
    return answer.json()


@pytest.fixture
def closed(leader: Client) -> int:
    """An incident of A-1 that was late three days ago and is closed now."""
    return toy.incident(
        30, 30, state=State.CLOSED, reported_at=ago(days=9), filed_at=ago(days=8),
        soon_at=ago(days=6), due=ago(days=4), closed_at=ago(days=2),
    ).pk  # fmt: skip


def test_what_was_open_then_is_listed_with_its_light_of_then(leader: Client, closed: int) -> None:
    for days, light in ((3, "late"), (5, "soon"), (7, "ok")):
        found = ask(leader, "/api/incidents", ago(days=days), city="toy", open="true")["features"]
        assert [(one["id"], one["properties"]["light"]) for one in found] == [(closed, light)]
        same = ask(leader, "/api/incidents", ago(days=days), city="toy", light=light)["features"]
        assert len(same) == 1
    assert ask(leader, "/api/incidents", ago(days=1), city="toy", open="true")["features"] == []
    assert ask(leader, "/api/incidents", ago(days=10), city="toy")["features"] == []


def test_one_case_is_told_as_it_stood_then(leader: Client, closed: int) -> None:
    path = f"/api/incidents/{closed}"
    then, now = ask(leader, path, ago(days=3))["properties"], leader.get(path).json()["properties"]
    assert [(one["state"], one["light"], one["open"]) for one in (then, now)] == [
        ("filed", "late", True), ("closed", None, False),
    ]  # fmt: skip
    assert then["closed_at"] is None
    assert now["closed_at"] is not None
    assert leader.get(path, {"as_of": ago(days=10).isoformat()}).status_code == 404


def test_the_past_is_one_question_like_the_present(
    leader: Client, closed: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for past in ({}, {"as_of": ago(days=3).isoformat()}):
        with django_assert_num_queries(5):  # session, user, scope, city, incidents
            leader.get("/api/incidents", {"city": "toy", **past})


def test_the_days_end_with_the_moment(leader: Client, closed: int) -> None:
    when = ago(days=20)
    toy.incident(250, 30)
    days = ask(leader, "/api/histogram", when, city="toy")["days"]
    assert days[-1][0] == timezone.localtime(when).date().isoformat()
    assert sum(n for _, n in days) == 0
    assert sum(n for _, n in ask(leader, "/api/histogram", ago(days=1), city="toy")["days"]) == 1


def test_freshness_and_standing_are_those_of_the_day(leader: Client) -> None:
    ridge = Stretch.objects.get(code="L2-1")
    for days in (10, 0):
        Visit.objects.create(city=toy.city(), stretch=ridge, at=ago(days=days), source="tap")
    then = ask(leader, "/api/freshness", ago(days=6), city="toy")["stretches"]
    assert [ridge.pk, 5, 4] in then
    one = Building.objects.get(code="B1").pk
    assert [one, 1] in ask(leader, "/api/standing", ago(days=60), city="toy")["buildings"]
    assert [one, 3] in ask(leader, "/api/standing", ago(minutes=1), city="toy")["buildings"]
    summary = ask(leader, "/api/standing/summary", ago(days=60), city="toy")["buildings"]
    assert (summary["filled"], summary["expiring"], summary["vacant"]) == (1, 0, 3)


def test_the_map_of_chiefs_shows_a_past_moment_as_it_was_before_terms_changed(
    leader: Client,
) -> None:
    """The chief of B1 goes to B2: a moment before it was the other way round."""
    gone, come = (Building.objects.get(code=code).pk for code in ("B1", "B2"))
    before, change = ago(minutes=5), timezone.now()
    term = ChiefTerm.objects.get(building=gone, valid__contains=change)
    ended = DateTimeTZRange(term.valid.lower, change)
    ChiefTerm.objects.filter(pk=term.pk).update(valid=ended)
    ChiefTerm.objects.create(
        person=term.person, office="building", building_id=come,
        valid=DateTimeTZRange(change, change + timedelta(days=400)),
    )  # fmt: skip
    name, city = term.person.name, {"city": "toy"}

    def seen(when: dict[str, str]) -> list[Any]:
        def told(path: str, **query: str | int) -> Any:
            return leader.get(path, {**query, **when}).json()

        classes = dict(told("/api/standing", **city)["buildings"])
        ladders = [told("/api/ladder", building=pk)["rungs"][0]["holders"] for pk in (gone, come)]
        chiefs = told(f"/api/cells/{toy.cell('A', 1).pk}/chiefs")["buildings"]
        return [
            (classes[gone], classes[come]),
            [[holder["name"] for holder in holders] for holders in ladders],
            [holder["name"] for post in chiefs["objects"] for holder in post["holders"]],
            (chiefs["total"], chiefs["vacant"]),
        ]

    filled, expiring, vacant = 1, 3, 4
    then = {"as_of": before.isoformat(timespec="seconds")}
    assert seen(then) == [(expiring, vacant), [[name], []], [name], (1, 0)]
    assert seen({}) == [(vacant, filled), [[], [name]], [], (1, 1)]


def test_a_card_of_then_says_what_is_not_known(leader: Client, closed: int) -> None:
    Visit.objects.create(
        city=toy.city(), stretch=Stretch.objects.get(code="L1-1", side="left"), at=ago(days=4),
        source="tap",
    )  # fmt: skip
    path = f"/api/cells/{toy.cell('A', 1).pk}/card"
    then = ask(leader, path, ago(days=3))
    assert then["incidents"]["late"] == 1
    assert then["incidents"]["parked"] == 0
    assert then["coverage"]["stretch_classes"][1] == 1
    assert then["households"] is None, "the count is of today"
    assert then["unknown"] == ["party_units"]
    assert then["party_units"] is None
    before = ask(leader, path, ago(days=30))
    assert (before["incidents"], before["coverage"]) == (None, None)
    assert before["chiefs"]["buildings"]["filled"] == 1
    assert leader.get(path).json()["unknown"] == []


def test_of_a_cell_redrawn_since_only_what_has_a_place_is_told(leader: Client, closed: int) -> None:
    cell = toy.cell("A", 1)
    CellEdition.objects.filter(cell=cell).update(valid=DateTimeTZRange(toy.OPENED, ago(hours=1)))
    CellEdition.objects.create(
        cell=cell, code="350404001001009", name="改过的", geom=toy.box(0, 0, 50, 100),
        valid=DateTimeTZRange(ago(hours=1), None),
    )  # fmt: skip
    then = ask(leader, f"/api/cells/{cell.pk}/card", ago(days=3))
    assert (then["code"], then["name"]) == ("350404001001001", "第一网格")
    assert then["incidents"]["late"] == 1
    assert (then["chiefs"], then["coverage"], then["buildings"]) == (None, None, None)
    listed = ask(leader, "/api/incidents", ago(days=3), cell=cell.pk)["features"]
    assert [one["id"] for one in listed] == [closed]


@pytest.mark.parametrize(
    "path",
    [
        "/api/incidents?city=toy",
        "/api/histogram?city=toy",
        "/api/freshness?city=toy",
        "/api/standing?city=toy",
        "/api/cells/{cell}/card?",
        "/api/cells/{cell}/coverage?",
        "/api/cells/{cell}/chiefs?",
        "/api/ladder?building={building}",
    ],
)
def test_nobody_knows_what_will_be(leader: Client, path: str) -> None:
    there = path.format(cell=toy.cell("A", 1).pk, building=Building.objects.all()[0].pk)
    tomorrow = (timezone.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    answer = leader.get(f"{there}&as_of={tomorrow}")
    assert (answer.status_code, answer.json()["code"]) == (400, "BadValue")
