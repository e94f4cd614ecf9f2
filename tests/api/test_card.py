"""The card of a cell, its coverage and chiefs."""

from datetime import timedelta
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from gridmap.layers.figures import cell_card
from gridmap.layers.incidents import State
from gridmap.layers.patrols import Visit
from gridmap.layers.people import ChiefTerm, Membership, Person, Team
from gridmap.layers.places import Building, Entrance, Headcount, Stretch
from gridmap.layers.territory import City
from tests import town as toy


def card(client: Client, letter: str = "A", number: int = 1) -> dict[str, Any]:
    """The card of a cell."""
    answer = client.get(f"/api/cells/{toy.cell(letter, number).pk}/card")
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    return body


def test_a_card_costs_at_most_thirteen_queries(
    town: City, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        toy.incident(50, 50)
    scope, cell = toy.eyes("leader"), toy.cell("A", 1).pk
    with django_assert_max_num_queries(13):
        cell_card(scope, cell, now=timezone.now())


def test_the_head_of_a_card(leader: Client) -> None:
    shown = card(leader)
    assert (shown["code"], shown["name"]) == ("350404001001001", "第一网格")
    assert shown["community"]["name"] == "甲社区"
    assert shown["subdistrict"]["name"] == "列东街道"
    assert abs(shown["area_m2"] - 10_000) < 1
    assert (shown["buildings"], shown["lanes"], shown["streets"]) == (1, 1, 1)
    assert (shown["households"], shown["residents"], shown["counted"]) == (100, 250, 1)
    assert shown["counted_on"] == timezone.localdate().isoformat()
    assert shown["sources"] == ["演示普查"]
    assert shown["outside"] is False
    assert [edition["code"] for edition in shown["history"]] == ["350404001001001"]


def test_households_that_nobody_counted_are_not_nought(leader: Client) -> None:
    Headcount.objects.all().delete()
    shown = card(leader)
    assert shown["households"] is None
    assert (shown["buildings"], shown["counted"]) == (1, 0)


def test_the_latest_count_is_the_one_that_counts(leader: Client) -> None:
    building = Building.objects.get(code="B1")
    for days, households in ((-1, 7), (400, 9)):
        Headcount.objects.create(
            building=building, source="旧账", households=households,
            counted_on=timezone.localdate() - timedelta(days=days),
        )  # fmt: skip
    assert card(leader)["households"] == 7


def test_incidents_on_a_card_are_counted_by_light_and_the_urgent_shown(leader: Client) -> None:
    now, hour = timezone.now(), timedelta(hours=1)
    for _ in range(2):
        toy.incident(50, 50)
    late = toy.incident(50, 50, due=now - hour, soon_at=now - 2 * hour)
    soon = toy.incident(50, 50, due=now + hour, soon_at=now - hour)
    toy.incident(50, 50, parked=True)
    toy.incident(50, 50, state=State.CLOSED, closed_at=now)
    toy.incident(150, 50)
    found = card(leader)["incidents"]
    counts = {name: found[name] for name in ("ok", "soon", "late", "parked", "open", "total")}
    assert counts == {"ok": 2, "soon": 1, "late": 1, "parked": 1, "open": 5, "total": 6}
    assert [row["id"] for row in found["top"][:2]] == [late.pk, soon.pk]
    assert len(found["top"]) == 3
    assert found["top"][0]["light"] == "late"
    assert found["top"][0]["department"]["name"] == "环卫"


def test_chiefs_on_a_card_with_names_and_until(leader: Client) -> None:
    chiefs = card(leader)["chiefs"]
    street, lane, building = (chiefs[rung] for rung in ("streets", "lanes", "buildings"))
    assert (street["filled"], lane["filled"], building["expiring"]) == (1, 1, 1)
    assert street["objects"][0]["holders"][0]["name"] == "林小满"
    assert lane["objects"][0]["holders"][0]["until"] is None
    assert building["objects"][0]["holders"][0]["until"] is not None
    assert [holder["name"] for holder in chiefs["cell"]] == ["陈木子"]
    other = card(leader, "B", 1)["chiefs"]
    assert (other["lanes"]["substitute"], other["buildings"]["vacant"]) == (1, 1)


def test_a_vacancy_says_since_when(town: City, leader: Client) -> None:
    ended = timezone.now() - timedelta(days=5)
    ChiefTerm.objects.create(
        office="building", building=Building.objects.get(code="B2"),
        person=Person.objects.get(name="陈木子"), valid=DateTimeTZRange(toy.OPENED, ended),
    )  # fmt: skip
    answer = leader.get(f"/api/cells/{toy.cell('A', 2).pk}/chiefs").json()
    (vacant,) = answer["buildings"]["objects"]
    assert vacant["standing"] == "vacant"
    assert vacant["holders"] == []
    assert vacant["vacant_since"].startswith(f"{ended.astimezone(tz=None):%Y}")


def test_coverage_on_a_card_and_in_full(town: City, leader: Client) -> None:
    now = timezone.now()
    team = Team.objects.get()
    person = Person.objects.get(name="陈木子")
    Membership.objects.create(team=team, person=person, valid=toy.ALWAYS)
    left = Stretch.objects.get(code="L1-1", side="left")
    for days, source in ((5, "paper"), (4, "tap")):
        at = now - timedelta(days=days)
        Visit.objects.create(city=town, team=team, stretch=left, source=source, at=at)
    entrance = Entrance.objects.get(building__code="B1")
    Visit.objects.create(city=town, team=team, entrance=entrance, source="qr", at=now)
    shown = card(leader)["coverage"]
    assert shown["stretch_classes"] == [0, 0, 0, 0, 0, 1, 1]  # S1 never, L1 four of three days
    assert shown["entrance_classes"] == [1, 0, 0, 0, 0, 0, 0]
    assert (shown["on_time"], shown["total"]) == (0, 2)
    assert [(row["name"], row["class"], row["days"]) for row in shown["worst"]] == [
        ("和平街", 6, None), ("榕树巷", 5, 4),
    ]  # fmt: skip
    assert shown["sources"] == {"paper": 1, "qr": 1, "tap": 1}
    assert [day["stretches"] for day in shown["week"]] == [1, 1, 0]
    (seen,) = shown["teams"]
    assert (seen["name"], seen["members"]) == ("甲社区巡防队", 1)
    assert seen["last_visit"] is not None
    full = leader.get(f"/api/cells/{toy.cell('A', 1).pk}/coverage").json()
    assert len(full["stretches"]) == 2
    assert full["stretch_classes"] == shown["stretch_classes"]


def test_party_units_on_a_card(leader: Client) -> None:
    units = card(leader, "B", 2)["party_units"]
    assert units["total"] == 1
    assert units["first"][0]["name"] == "福清商会"


def test_a_cell_of_others_shows_its_ground_only(wang: Client) -> None:
    shown = card(wang, "B", 1)
    assert shown["outside"] is True
    assert shown["name"] == "第一网格"
    assert not {"households", "incidents", "chiefs", "coverage", "party_units"} & set(shown)
    assert wang.get(f"/api/cells/{toy.cell('B', 1).pk}/chiefs").status_code == 404


def test_a_cell_that_is_not_there(leader: Client) -> None:
    for name in ("card", "coverage", "chiefs"):
        assert leader.get(f"/api/cells/999999/{name}").json()["code"] == "OutOfScope"
