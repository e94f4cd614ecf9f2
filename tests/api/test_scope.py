"""Nobody is told what is not theirs: canaries outside the scope, and eyes that must see them."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib.gis.geos import MultiPolygon
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Model
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from gridmap.layers.handovers import Handover
from gridmap.layers.incidents import Category, Incident
from gridmap.layers.lines import CommunityLine, DutyPoint
from gridmap.layers.loads import Load
from gridmap.layers.patrols import Visit
from gridmap.layers.people import ChiefTerm, Department, Person, Team
from gridmap.layers.places import Building, Lane, PartyUnit, Street, Stretch
from gridmap.layers.postings import Posting, Role
from gridmap.layers.rulings import JointTask, Ruling
from gridmap.layers.signs import Printing, Sign
from gridmap.layers.territory import (
    Cell,
    CellEdition,
    City,
    Community,
    Ground,
    PlaceCode,
    Subdistrict,
)
from tests import town as toy

CANARY = "金丝雀"
FAR = 5_000  # metres east of the toy town

# Address in the API -> model whose ids it takes.
DETAILS: dict[str, type[Model]] = {
    "subdistricts": Subdistrict, "communities": Community, "cells": Cell, "ground": Ground,
    "streets": Street, "lanes": Lane, "stretches": Stretch, "buildings": Building,
    "party-units": PartyUnit, "teams": Team, "chief-terms": ChiefTerm, "incidents": Incident,
    "loads": Load, "handovers": Handover, "community-lines": CommunityLine,
    "duty-points": DutyPoint, "rulings": Ruling, "joint-tasks": JointTask,
    "no-mans-land": Incident,
}  # fmt: skip
WHOLE = {
    "search", "histogram", "freshness", "standing", "standing/summary", "people", "ladder", "signs",
    "names", "history", "figures",
}  # fmt: skip
# Who may read these is asked where a draft stands: tests/api/test_plans.py, tests/actions/plans.
PLANS = {"fabrics", "plans", "publications", "jobs", "cell-handovers", "where"}
# Who may read these is asked where there is something to count: tests/cases/test_evaluation.py and
# tests/api/test_coverage.py.
COUNTED = {"evaluations", "contests", "evaluation", "evaluation/cases", "coverage/at",
           "duty-borders"}  # fmt: skip
# Nothing is read there: tests/permissions tries what may be sent.
SENT = {
    "tell", "tracks", "tracks/file", "deadlines/simulate", "photos/<uuid:uid>", "visits",
    "visits/<int:pk>/withdraw", "visits/<int:pk>/correct",
}  # fmt: skip
PUBLIC = {"schema", "docs", "", "<anything:rest>"}  # hold no data


@pytest.fixture
def canaries(town: City) -> City:
    """A second city full of canaries, and one in community B of the toy town."""
    toy.incident(250, 50, title=f"{CANARY} incident", search=f"{CANARY} jinsique")
    moved = toy.incident(50, 50, title=CANARY, search=f"{CANARY} jinsique")
    Load.objects.create(
        city=town, layer="buildings", file_name=f"{CANARY}.geojson", sha256="0", seconds=1,
        read=1, added=1, changed=0, unchanged=0, refused=0,
    )  # fmt: skip
    other = City.objects.create(
        slug="other",
        code="350403",
        name=CANARY,
        metric_srid=4548,
        bounds=toy.box(FAR - 100, -100, 900, 900),
    )
    _territory(other)
    _places(other)
    _signs(other)
    sanitation = Department.objects.create(city=other, code="x", name=CANARY)
    category = Category.objects.create(
        city=other, code="9", name=CANARY, kind="event", department=sanitation
    )
    Incident.objects.filter(pk=moved.pk).update(
        city=other, place=toy.at(FAR + 50, 50), category=category, department=sanitation, returns=1
    )
    _dispute(moved, category)
    return other


def _dispute(incident: Incident, category: Category) -> None:
    """Of the other city: a case given back, which waits for a ruling, and a ruling elsewhere."""
    task = JointTask.objects.create(incident=incident, cause="returned", opened_at=toy.OPENED)
    department = category.department
    assert department is not None
    task.departments.add(department)
    Ruling.objects.create(
        city_id=category.city_id, category=category, department=department,
        geom=toy.box(FAR + 200, 0, 50, 50), why=CANARY, valid=toy.ALWAYS,
    )  # fmt: skip


def _territory(other: City) -> None:
    ground: MultiPolygon = toy.box(FAR, 0, 100, 100)
    subdistrict = Subdistrict.objects.create(city=other, code="350403001", name=CANARY, geom=ground)
    PlaceCode.objects.create(
        subdistrict=subdistrict, code="350403001", name=CANARY, valid=toy.ALWAYS
    )
    community = Community.objects.create(
        subdistrict=subdistrict, code="350403001001", name=CANARY, search=CANARY, geom=ground
    )
    PlaceCode.objects.create(
        community=community, code="350403001001", name=CANARY, valid=toy.ALWAYS
    )
    cell = Cell.objects.create(uid=toy.NAMES, community=community)
    CellEdition.objects.create(
        cell=cell, code="350403001001001", name=CANARY, geom=ground, valid=toy.ALWAYS
    )
    Ground.objects.create(city=other, kind="water", name=CANARY, geom=ground)


def _signs(other: City) -> None:
    """A sign, a line and a duty point: of the other city, and of nobody here."""
    cell = Cell.objects.get(community__subdistrict__city=other)
    CommunityLine.objects.create(
        community=cell.community, phone="0598-1", hours=CANARY, valid=toy.ALWAYS
    )
    DutyPoint.objects.create(
        city=other, code="D", name=CANARY, place=toy.at(FAR + 50, 50), valid=toy.ALWAYS
    )
    printing = Printing.objects.create(city=other, at=toy.OPENED)
    Sign.objects.create(
        city=other, serial=1, printing=printing, cell=cell, at_cell=cell,
        at_community=cell.community, shows={"name": CANARY},
    )  # fmt: skip


def _places(other: City) -> None:
    path, area = toy.way((FAR, 50), (FAR + 99, 50)), toy.box(FAR, 45, 99, 10)
    names = {"city": other, "code": "C1", "name": CANARY, "search": f"{CANARY} jinsique"}
    street = Street.objects.create(**names, centreline=path, polygon=area)
    lane = Lane.objects.create(**names, centreline=path, polygon=area)
    Building.objects.create(**names, address=CANARY, geom=toy.box(FAR + 20, 60, 9, 9))
    PartyUnit.objects.create(**names, kind="organ", place=toy.at(FAR + 50, 50))
    stretch = Stretch.objects.create(
        city=other, code="C1-1", lane=lane, start=CANARY, anchor=toy.at(FAR + 50, 50),
        centreline=toy.line((FAR, 50), (FAR + 99, 50)),
    )  # fmt: skip
    Visit.objects.create(city=other, stretch=stretch, source="tap", at=timezone.now())
    Team.objects.create(city=other, name=CANARY, kind="arts", search=CANARY)
    person = Person.objects.create(city=other, name=CANARY, search=CANARY)
    past = DateTimeTZRange(toy.OPENED - timedelta(days=1), toy.OPENED)
    seat = {"office": "street", "street": street, "person": person}
    before = ChiefTerm.objects.create(**seat, valid=past)
    after = ChiefTerm.objects.create(**seat, valid=toy.ALWAYS)
    Handover.objects.create(before=before, after=after, at=toy.OPENED, note=CANARY)


def routes() -> Iterator[str]:
    """Every address under /api/, as Django's resolver knows it."""

    def walk(patterns: list[URLPattern | URLResolver], head: str) -> Iterator[str]:
        for pattern in patterns:
            whole = head + re.sub(r"^\^|\$$|\\Z", "", str(pattern.pattern))
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, whole)
            else:
                yield whole

    every = walk(get_resolver().url_patterns, "")
    return (route.removeprefix("api/") for route in every if route.startswith("api/"))


def addresses() -> Iterator[str]:
    """Every address with every id there is, and one that is not; unknown routes are an error."""
    for route in routes():
        name, _, rest = route.partition("/")
        if (not rest and name in PUBLIC) or name in PLANS | COUNTED or route in COUNTED | SENT:
            continue
        if route in WHOLE | set(DETAILS) | {"cities"}:
            yield from whole_lists(route)
        elif name == "cities":
            yield from (f"cities/{slug}" for slug in ("other", "nowhere"))
        else:
            assert name in DETAILS, f"a route no canary was set on: {route}"
            ids = [*DETAILS[name].objects.values_list("pk", flat=True), 999_999]  # type: ignore[attr-defined]
            action = rest.partition("/")[2]
            yield from (f"{name}/{pk}/{action}".rstrip("/") for pk in ids)


def whole_lists(name: str) -> Iterator[str]:
    """A list in every way in which a list may be asked for."""
    if name == "ladder":
        houses = Building.objects.values_list("pk", flat=True)
        yield from (f"ladder?building={pk}" for pk in houses)
        yield from (f"ladder?city={city}&address={CANARY}" for city in ("toy", "other"))
        return
    if name in WHOLE:
        for city in ("toy", "other"):
            yield f"{name}?city={city}" + ("&q=" + CANARY if name in {"search", "people"} else "")
        yield f"search?city=toy&q={CANARY[:1]}"
        yield "search?city=toy&q=jinsique"
        return
    for query in ("", "?city=other", "?bbox=117,26,118,27", "?all=true", "?as_of=2025-01-01"):
        yield name + query


def content(answer: HttpResponseBase) -> str:
    """The body, also of an answer that is streamed, and the headers."""
    pieces = getattr(answer, "streaming_content", None)
    body = b"".join(pieces) if pieces is not None else getattr(answer, "content", b"")
    return body.decode() + str(answer.headers)


def leaks(client: Client) -> set[str]:
    """The addresses where the canary is seen."""
    return {
        address
        for address in set(addresses())
        if re.search(rf"{CANARY}|\\\\u91d1", content(client.get(f"/api/{address}")))
    }


def test_no_answer_tells_of_what_is_outside_the_scope(canaries: City, wang: Client) -> None:
    assert leaks(wang) == set()


def test_the_same_walk_sees_the_canaries_with_eyes_that_may(canaries: City, leader: Client) -> None:
    own = leaks(leader)
    assert "incidents" in own
    assert "loads" in own
    assert not any("other" in address for address in own)
    everywhere = toy.posted("mayor", role=Role.LEADER)
    Posting.objects.create(user=everywhere, role=Role.LEADER, city=canaries, valid=toy.ALWAYS)
    mayor = Client()
    mayor.force_login(everywhere)
    seen = leaks(mayor)
    assert {name for name in DETAILS if name in seen} == set(DETAILS)
    assert "signs?city=other" in seen
    assert {"cities/other", f"search?city=other&q={CANARY}", "buildings?all=true"} <= seen
    assert {f"people?city=other&q={CANARY}", f"ladder?city=other&address={CANARY}"} <= seen
    for name, model in DETAILS.items():
        last = model.objects.order_by("pk").last()  # type: ignore[attr-defined]
        if name not in {"stretches", "loads"}:
            assert f"{name}/{last.pk}" in seen


def test_of_incidents_of_others_only_a_whole_number_is_known(canaries: City, wang: Client) -> None:
    number = Incident.objects.get(city__slug="toy").number
    for text, told in ((CANARY, 0), (number, 1), (number[:-1], 0), (f"{number}0", 0)):
        found = wang.get(f"/api/search?city=toy&q={text}").json()
        assert found == {"groups": [], "outside": told}


def test_absent_and_forbidden_look_the_same(canaries: City, wang: Client) -> None:
    foreign = Incident.objects.get(city__slug="toy")
    absent = wang.get("/api/incidents/999999")
    forbidden = wang.get(f"/api/incidents/{foreign.pk}")
    assert (absent.status_code, absent.content) == (forbidden.status_code, forbidden.content)
    assert absent.status_code == 404


def test_a_department_sees_its_own_incidents_everywhere_in_its_city(town: City) -> None:
    mine = toy.incident(250, 50)
    toy.incident(250, 50, department=None)
    user = toy.posted("ding")
    Posting.objects.filter(user=user).update(
        role=Role.DEPARTMENT, department=Department.objects.get(code="sanitation")
    )
    client = Client()
    client.force_login(user)
    found = client.get("/api/incidents").json()["features"]
    assert [feature["id"] for feature in found] == [mine.pk]
    assert client.get(f"/api/cells/{mine.cell_id}/card").json()["outside"] is True


def test_visits_are_seen_in_the_own_area_only(wang: Client, leader: Client) -> None:
    stretch = Stretch.objects.get(code="L2-1")  # in B-1
    for client, status in ((wang, 404), (leader, 200)):
        answer = client.get(f"/api/cells/{stretch.cell_id}/coverage")
        assert answer.status_code == status
    own = {row[0] for row in wang.get("/api/freshness?city=toy").json()["stretches"]}
    assert stretch.pk not in own
    assert len(own) == 3
    west, east = toy.at(-50, -50), toy.at(450, 150)
    everywhere = f"/api/freshness?city=toy&bbox={west.x},{west.y},{east.x},{east.y}"
    doors = [len(c.get(everywhere).json()["entrances"]) for c in (wang, leader)]
    assert doors == [2, 4]
    beside = wang.get(f"/api/freshness?city=toy&community={toy.community('B').pk}").json()
    assert beside == {"stretches": [], "entrances": []}


def test_chiefs_are_counted_in_the_own_area_only(wang: Client) -> None:
    address = "/api/standing/summary?city=toy"
    mine = wang.get(address).json()
    assert {rung: counts["total"] for rung, counts in mine.items()} == {
        "buildings": 2, "lanes": 1, "streets": 1,
    }  # fmt: skip
    assert wang.get(f"{address}&subdistrict={toy.community('A').subdistrict_id}").json() == mine
    beside = wang.get(f"{address}&community={toy.community('B').pk}").json()
    assert [counts["total"] for counts in beside.values()] == [0, 0, 0]


def test_whose_posting_has_ended_sees_nothing(town: City, wang: Client) -> None:
    assert wang.get("/api/cells").json()["features"]
    Posting.objects.all().delete()
    assert wang.get("/api/cells").json()["features"] == []
    assert wang.get("/api/cells?city=toy").status_code == 404
