"""Rules for main roads, lanes and estates: the place says which holds, and a person may differ."""

from __future__ import annotations

import json
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from gridmap.layers.cases import Deadline
from gridmap.layers.catalogue import Milestone, Standard
from gridmap.layers.incidents import Category
from gridmap.layers.timing import place_class_at, standards_for
from tests import town as toy
from tests.cases.conftest import Office

HOURS = {"main": 1, "lane": 2, "estate": 3, "any": 4}


def rules(*classes: str) -> dict[str, Standard]:
    """A rule for each of these classes, whose one limit are the hours above."""
    found = {}
    for name in classes:
        found[name] = Standard.objects.create(
            category=Category.objects.get(code="0102"), condition="一般", place_class=name,
            filing="有", closing="无", source="规范 2026", valid=toy.ALWAYS,
        )  # fmt: skip
        Milestone.objects.create(
            standard=found[name], number=1, name="清除", limit=HOURS[name], unit="hour"
        )
    return found


@pytest.mark.parametrize(
    ("east", "north", "expected"),
    [
        (50, 70, "estate"),  # in building 1
        (50, -3, "main"),  # on S1
        (95, 50, "lane"),  # beside L1
        (250, 52, "lane"),  # beside L2
        (10, 95, "any"),  # behind the houses: 90 m from either
    ],
)
def test_a_place_is_of_the_class_it_stands_in(
    office: Office, east: float, north: float, expected: str
) -> None:
    assert place_class_at(office.town, toy.at(east, north)) == expected


def test_the_rule_of_the_place_holds_and_says_so(office: Office) -> None:
    rules("main", "lane", "estate", "any")
    for east, north, expected in ((50, 70, "estate"), (95, 50, "lane"), (10, 95, "any")):
        case = office.upto("filed", east, north)
        (limit,) = Deadline.objects.filter(incident=case)
        assert (limit.limit, limit.standard.place_class) == (HOURS[expected], expected)  # type: ignore[union-attr]
        assert limit.explanation["rule"]["place_class"] == expected


def test_without_a_rule_of_its_own_class_the_one_for_all_places_holds(office: Office) -> None:
    rules("main", "any")
    category = Category.objects.get(code="0102")
    classes = [
        row.place_class
        for row in standards_for(category, office.report().reported_at, toy.at(95, 50))
    ]
    assert classes == ["any", "main"]


def test_whoever_files_may_choose_another_and_sees_what_each_is_for(
    client: Client, office: Office
) -> None:
    found = rules("main", "lane")
    case = office.report(95, 50)
    office.act(case, "verify", "cadre", finding=True)
    client.force_login(User.objects.get(username="duty"))
    page = client.get(f"/cases/{case.number}").content.decode()
    assert page.index("一般 · 背街小巷") < page.index("一般 · 主次干道")
    office.act(case, "file", "duty", standard=found["main"].pk)
    assert Deadline.objects.get(incident=case).limit == HOURS["main"]
    page = client.get(f"/cases/{case.number}").content.decode()
    assert "一般 · 主次干道" in page, "the limit explains itself"


def test_the_simulation_knows_the_place_too(client: Client, office: Office) -> None:
    rules("main", "lane")
    client.force_login(User.objects.get(username="duty"))
    place = json.loads(toy.at(95, 50).geojson)
    asked = {"category": Category.objects.get(code="0102").pk, "place": place}
    told = client.post("/api/deadlines/simulate", asked, "application/json").json()
    assert told["milestones"][0]["limit"] == HOURS["lane"]
    assert [row["place_class"] for row in told["standards"]] == ["lane", "main"]


def test_before_it_is_filed_each_way_says_by_when(client: Client, office: Office) -> None:
    rules("main", "lane")
    case = office.report(95, 50)
    office.act(case, "verify", "cadre", finding=True)
    client.force_login(User.objects.get(username="duty"))
    page = client.get(f"/cases/{case.number}").content.decode()
    now = timezone.localtime(timezone=ZoneInfo(office.town.time_zone))
    minutes = {now - timedelta(minutes=1), now}  # the page may have been made a minute ago
    for word, name in (("背街小巷", "lane"), ("主次干道", "main")):
        due = {f"{one + timedelta(hours=HOURS[name]):%m-%d %H:%M}" for one in minutes}
        assert any(f"一般 · {word} → {one}" in page for one in due)
        assert name == "main" or any(f"现在立案，{one} 到期" in page for one in due)
    assert not Deadline.objects.filter(incident=case, standard__isnull=False).exists(), (
        "nothing done"
    )
