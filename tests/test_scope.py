"""Every door and every pair of eyes: a walk over all addresses, looking for canaries.

Five canaries sit where different people may look: A and B in the two communities of the toy town, C
in a second subdistrict of it, D in B again but the police's, X all over another city. Each walk
must see exactly those it may, so each one proves by what it sees that the others could be seen.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from itertools import product
from typing import Any
from uuid import uuid5

import mapbox_vector_tile
import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from gridmap.layers.incidents import Category, Incident
from gridmap.layers.people import ChiefTerm, Department, Person, Team
from gridmap.layers.places import Building, Lane, PartyUnit, Street, Stretch
from gridmap.layers.postings import Posting, Role, scope_of
from gridmap.layers.scope import Scope
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
from tests.feeds.asking import Reply, ask, bearing, tend

FAR = 5_000  # metres east of the toy town
IDS: dict[str, type[Any]] = {
    "subdistricts": Subdistrict, "communities": Community, "cells": Cell, "ground": Ground,
    "streets": Street, "lanes": Lane, "stretches": Stretch, "buildings": Building,
    "party-units": PartyUnit, "teams": Team, "chief-terms": ChiefTerm, "incidents": Incident,
}  # fmt: skip
NOBODY = 999_999
# Parameters of addresses that no canary can hide behind.
FILLED = {
    "code": "350403001001001",  # of the other city, whose cards are not open
    "form": "csv",
    "office": "building",
    "printing": "1",
    "object_id": "1",
    "pk": "1",
    "rest": "x",
    "verb": "supervise",
    "uid": "7d7c1d5e-5c4e-4f0e-9a53-5a2f6f4b9d10",  # of nothing
    "secret": "nobody-knows-it",
    "number": "20260101-0001",
    "thing": "stretch",
    "name": "maplibre-gl.mjs",
    "version": "0",
    "language": "en",
    "page": "map",
    "layer": "vec",
    "z": "3",
    "x": "6",
    "y": "3",
}
SEEN = {
    "cadre": "A", "deputy": "ABD", "leader": "ABCD", "police": "D", "mayor": "ABCDX",
    "former": "", "future": "", "unposted": "",
}  # fmt: skip


def area(city: City, code: str, north: float, east: float, canary: str) -> Community:
    """A subdistrict with one community that is one cell, called after its canary."""
    shape = toy.box(east, north, 400, 100)
    office = Subdistrict.objects.create(city=city, code=code, name=canary, geom=shape)
    PlaceCode.objects.create(subdistrict=office, code=code, name=canary, valid=toy.ALWAYS)
    code = f"{code}001"
    names = {"code": code, "name": canary, "search": canary.lower(), "geom": shape}
    community = Community.objects.create(subdistrict=office, **names)
    PlaceCode.objects.create(community=community, code=code, name=canary, valid=toy.ALWAYS)
    cell = Cell.objects.create(uid=uuid5(toy.NAMES, code), community=community)
    CellEdition.objects.create(
        cell=cell, code=f"{code}001", name=canary, geom=shape, valid=toy.ALWAYS
    )
    return community


def foreign_city() -> City:
    """City ``other``, in which everything is called CanaryX."""
    name = "CanaryX"
    other = City.objects.create(
        slug="other", code="350403", name=name, metric_srid=toy.SRID,
        bounds=toy.box(FAR - 100, -100, 900, 900),
    )  # fmt: skip
    area(other, "350403001", 0, FAR, name)
    path, ground = toy.way((FAR, 50), (FAR + 99, 50)), toy.box(FAR, 45, 99, 10)
    called = {"city": other, "code": "C1", "name": name, "search": name.lower()}
    Ground.objects.create(city=other, kind="water", name=name, geom=ground)
    street = Street.objects.create(**called, centreline=path, polygon=ground)
    lane = Lane.objects.create(**called, centreline=path, polygon=ground)
    Building.objects.create(**called, address=name, geom=toy.box(FAR + 20, 60, 9, 9))
    PartyUnit.objects.create(**called, kind="organ", place=toy.at(FAR + 50, 50))
    Stretch.objects.create(
        city=other, code="C1-1", lane=lane, start=name, anchor=toy.at(FAR + 50, 50),
        centreline=toy.line((FAR, 50), (FAR + 99, 50)),
    )  # fmt: skip
    Team.objects.create(city=other, name=name, kind="arts", search=name.lower())
    person = Person.objects.create(city=other, name=name, search=name.lower())
    ChiefTerm.objects.create(office="street", street=street, person=person, valid=toy.ALWAYS)
    return other


def incidents(other: City) -> None:
    """One incident a canary, its name in every text it has."""
    places = {"A": (50, 50), "B": (250, 50), "C": (50, 150), "D": (350, 50), "X": (0, 0)}
    for letter, (east, north) in places.items():
        name = f"Canary{letter}"
        texts = {"title": name, "text": name, "address": name, "search": name.lower()}
        toy.incident(east, north, number=letter, department=None, **texts)
    police = Department.objects.create(city=toy.city(), code="police", name="公安", rank=2)
    Incident.objects.filter(number="D").update(department=police)
    foreign = Category.objects.create(city=other, code="9", name="CanaryX", kind="event")
    Incident.objects.filter(number="X").update(
        city=other, place=toy.at(FAR + 50, 50), category=foreign
    )


def people(other: City) -> None:
    """Whose eyes the walks borrow."""
    office = Subdistrict.objects.get(code="350404001")
    past = DateTimeTZRange(toy.OPENED, timezone.now() - timedelta(seconds=5))
    coming = DateTimeTZRange(timezone.now() + timedelta(hours=1), None)
    police = Department.objects.get(code="police")
    postings: dict[str, list[dict[str, Any]]] = {
        "cadre": [{"role": Role.CADRE, "community": toy.community("A")}],
        "deputy": [{"role": Role.DISPATCHER, "subdistrict": office}],
        "leader": [{"role": Role.LEADER}],
        "police": [{"role": Role.DEPARTMENT, "department": police}],
        "mayor": [{"role": Role.LEADER}, {"role": Role.LEADER, "city": other}],
        "former": [{"role": Role.LEADER, "valid": past}],
        "future": [{"role": Role.LEADER, "valid": coming}],
        "unposted": [],
        "dismissed": [{"role": Role.LEADER}],
    }
    for name, posts in postings.items():
        user = User.objects.create_user(name)
        for post in posts:
            Posting.objects.create(**{"user": user, "city": toy.city(), "valid": toy.ALWAYS} | post)


@pytest.fixture(scope="module", autouse=True)
def canaries(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Both cities, committed: the feeds read over connections of their own."""
    with django_db_blocker.unblock():
        with transaction.atomic():
            toy.build()
            other = foreign_city()
            area(toy.city(), "350404002", 100, 0, "丙")
            incidents(other)
            people(other)
        tend()
        yield
        call_command("flush", verbosity=0, interactive=False)


def client_of(name: str) -> Client:
    client = Client(raise_request_exception=True)
    client.force_login(User.objects.get(username=name))
    return client


def routes() -> Iterator[str]:
    """Every address that Django knows."""

    def walk(patterns: list[URLPattern | URLResolver], head: str) -> Iterator[str]:
        for pattern in patterns:
            whole = head + re.sub(r"^\^|\$$|\\Z", "", str(pattern.pattern))
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, whole)
            else:
                yield whole

    every = walk(get_resolver().url_patterns, "/")
    # What administers has tests of its own, tests/pages/test_admin.py; it turns all of these away.
    return (route for route in every if not route.startswith("/admin/"))


def filled(route: str) -> Iterator[str]:
    """The addresses of a route, with every id there is; an unknown parameter is an error."""
    names = re.findall(r"<(?:\w+:)?(\w+)>", route)
    if names == ["slug"]:
        values: list[list[str]] = [["toy", "other", "nowhere"]]
    elif names == ["pk"]:
        model = IDS.get(route.split("/")[2])
        found = model.objects.values_list("pk", flat=True) if model else []
        values = [[*map(str, found), str(NOBODY)]]
    else:
        values = [[FILLED[name]] for name in names]
    bare = re.sub(r"<[^>]+>", "{}", route)
    yield from (bare.format(*chosen) for chosen in product(*values))


def every_address() -> Iterator[str]:
    """Every address, the lists also in the ways in which they may be sifted."""
    yield from (address for route in routes() for address in filled(route))
    for name in [*IDS, "loads"]:
        for query in ("city=toy", "city=other", "all=true", "page_size=2"):
            yield f"/api/{name}?{query}"
    yield from telling_addresses()


def telling_addresses() -> Iterator[str]:
    """The addresses that tell of incidents, one by one or summed up."""
    yield from ("/", "/api/incidents", "/api/incidents?all=true")
    yield from filled("/api/incidents/<int:pk>")
    yield from filled("/api/cells/<int:pk>/card")
    for letter in "abcdx":
        yield f"/api/search?city=toy&q=canary{letter}"
    yield "/api/search?city=other&q=canary"
    yield from (f"/chiefs{page}?city={city}" for page in ("", "/export.xlsx", "/check")
                for city in ("toy", "other"))  # fmt: skip
    for name in ("freshness", "standing", "histogram", "cells?fields=labels"):
        joint = "&" if "?" in name else "?"
        yield from (f"/api/{name}{joint}city={city}" for city in ("toy", "other"))
    for pk in [*Community.objects.values_list("pk", flat=True), NOBODY]:
        yield from (f"/light{page}?community={pk}" for page in ("", "/map"))
        yield f"/api/incidents?community={pk}"
    for pk in Cell.objects.values_list("pk", flat=True):
        yield from (f"/light?cell={pk}", f"/api/incidents?cell={pk}", f"/light/map?cell={pk}")


def content(answer: HttpResponseBase) -> str:
    parts = answer if answer.streaming else [getattr(answer, "content", b"")]
    body = b"".join(part for part in parts)
    if body.startswith(b"PK"):  # a spreadsheet is a packed folder
        with zipfile.ZipFile(BytesIO(body)) as book:
            body = b"".join(book.read(name) for name in book.namelist())
    return body.decode(errors="replace") + str(answer.headers)


def walked(client: Client, addresses: Iterator[str]) -> str:
    """The canaries seen on a walk; no address may fail."""
    seen: set[str] = set()
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code < 500, address
        seen |= set(re.findall("Canary([A-Z])", content(answer)))
    return "".join(sorted(seen))


@pytest.mark.parametrize("name", ["cadre", "mayor"])
def test_no_address_shows_what_is_not_theirs(name: str) -> None:
    assert walked(client_of(name), every_address()) == SEEN[name]


@pytest.mark.parametrize("name", SEEN)
def test_everybody_sees_exactly_the_incidents_that_are_theirs(name: str) -> None:
    assert walked(client_of(name), telling_addresses()) == SEEN[name]


def test_whoever_is_not_signed_in_sees_nothing() -> None:
    assert walked(Client(), every_address()) == ""


def test_whoever_was_dismissed_is_no_longer_signed_in() -> None:
    client = client_of("dismissed")
    assert walked(client, telling_addresses()) == "ABCD"
    User.objects.filter(username="dismissed").update(is_active=False)
    assert walked(client, telling_addresses()) == ""
    assert scope_of(User.objects.get(username="dismissed").pk).ground == frozenset()


@pytest.mark.parametrize("name", SEEN)
def test_numbers_tell_no_more_than_lists(name: str) -> None:
    client, own = client_of(name), [letter for letter in SEEN[name] if letter != "X"]
    if not SEEN[name]:
        assert client.get("/api/incidents?city=toy&count=true").status_code == 404
        return
    assert client.get("/api/incidents?city=toy&count=true").json()["total"] == len(own)
    days = client.get("/api/histogram?city=toy").json()["days"]
    assert sum(n for _, n in days) == len(own)
    for cell in Cell.objects.all():
        card = client.get(f"/api/cells/{cell.pk}/card")
        listed = client.get(f"/api/incidents?cell={cell.pk}").json()["features"]
        if card.status_code == 200 and not card.json()["outside"]:
            assert card.json()["incidents"]["open"] == len(listed)


@pytest.mark.parametrize("kind", IDS)
def test_forbidden_and_absent_cannot_be_told_apart(kind: str) -> None:
    client = client_of("cadre")
    absent = client.get(f"/api/{kind}/{NOBODY}")
    hidden = client.get(f"/api/{kind}/{hidden_from_cadre(kind)}")
    assert (hidden.status_code, hidden.content) == (404, absent.content)
    assert dict(hidden.headers) == dict(absent.headers)
    assert client_of("mayor").get(f"/api/{kind}/{hidden_from_cadre(kind)}").status_code == 200


def hidden_from_cadre(kind: str) -> int:
    path = {
        "subdistricts": "city", "communities": "subdistrict__city", "chief-terms": "person__city",
        "cells": "community__subdistrict__city",
    }.get(kind, "city")  # fmt: skip
    return int(IDS[kind].objects.filter(**{f"{path}__slug": "other"}).latest("pk").pk)


def feed(name: str, address: str) -> Reply:
    return ask(f"/feeds/{address}", bearing(scope_of(User.objects.get(username=name).pk)))


@pytest.mark.parametrize("name", SEEN)
def test_the_overlay_counts_what_the_lists_hold(name: str) -> None:
    own = [letter for letter in SEEN[name] if letter != "X"]
    reply = feed(name, "overlay?city=toy")
    if not SEEN[name]:
        assert reply.status == 404
        return
    rows = {row[0]: row[1:] for row in reply.json["cells"]}
    assert sum(figures[0] for figures in rows.values()) == len(own)
    foreign = set(Cell.objects.filter(community__subdistrict__city__slug="other").values_list("pk"))
    assert not foreign & {(pk,) for pk in rows}
    if name in {"cadre", "police"}:
        communities = {"cadre": "350404001001", "police": "350404001002"}
        cells = Cell.objects.filter(community__code=communities[name]).values_list("pk", flat=True)
        assert set(rows) <= set(cells)


@pytest.mark.parametrize("name", SEEN)
def test_feeds_of_a_city_are_for_those_who_work_there(name: str) -> None:
    place, edition = toy.at(FAR + 50, 50), City.objects.get(slug="other").edition_name
    status = 200 if name == "mayor" else 404
    for address in (
        "overlay?city=other",
        f"where?city=other&lng={place.x:.7f}&lat={place.y:.7f}",
        f"tiles/{edition}/0/0/0.mvt",
    ):
        reply = feed(name, address)
        assert reply.status == status, address
        assert (b"CanaryX" in reply.body) <= (name == "mayor")
    here = feed(name, f"where?city=toy&lng={place.x:.7f}&lat={place.y:.7f}")
    assert here.status == 404


def test_a_tile_of_the_whole_world_holds_one_city() -> None:
    shown: dict[str, set[int]] = {}
    for slug in ("toy", "other"):
        edition = City.objects.get(slug=slug).edition_name
        body = feed("mayor", f"tiles/{edition}/0/0/0.mvt").body
        layers = mapbox_vector_tile.decode(body)
        shown[slug] = {item["id"] for item in layers["subdistricts"]["features"]}
        expected = Subdistrict.objects.filter(city__slug=slug).values_list("pk", flat=True)
        assert shown[slug] <= set(expected)
    assert not shown["toy"] & shown["other"]


@pytest.mark.parametrize("slip", ["subdistrict", "community", "department"])
def test_a_posting_over_an_area_of_another_city_is_refused_and_gives_nothing(slip: str) -> None:
    user = User.objects.create_user("slip")
    areas: dict[str, Any] = {
        "subdistrict": Subdistrict.objects.get(city__slug="other"),
        "community": Community.objects.get(subdistrict__city__slug="other"),
        "department": Department.objects.create(
            city=City.objects.get(slug="other"), code="x", name="x"
        ),
    }
    roles = {"subdistrict": Role.LEADER, "community": Role.CADRE, "department": Role.DEPARTMENT}
    role = roles[slip]
    posting = Posting(
        user=user, role=role, city=toy.city(), valid=toy.ALWAYS, **{slip: areas[slip]}
    )
    with pytest.raises(IntegrityError, match=f"posting_{slip}_same_city"), transaction.atomic():
        posting.save()
    assert replace(scope_of(user.pk), seal=0) == Scope(
        user.pk
    )  # what it gives, however often asked
