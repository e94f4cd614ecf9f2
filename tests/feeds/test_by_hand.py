"""Borders of days, of terms and of cells, worked out by hand and asked at every door."""

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client
from django.utils import timezone

from gridmap.layers.incidents import Incident
from gridmap.layers.patrols import Visit
from gridmap.layers.people import ChiefTerm
from gridmap.layers.places import Building, Stretch
from gridmap.layers.scope import Scope
from gridmap.layers.territory import CellEdition, City, Community, PlaceCode
from tests import town as toy
from tests.feeds.asking import ask, bearing, run, tend


@pytest.fixture
def client(mayor: Scope) -> Client:
    client = Client()
    client.force_login(toy.posted("wang", "A", "B"))
    return client


def overlay(eyes: Scope, cell: int) -> dict[str, int]:
    answer = ask("/feeds/overlay?city=toy", bearing(eyes)).json
    rows = {row[0]: dict(zip(answer["columns"], row[1:], strict=True)) for row in answer["cells"]}
    return rows[cell]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Asia/Shanghai", "Pacific/Pago_Pago"])
def test_the_day_of_a_visit_is_the_citys_own(mayor: Scope, client: Client, zone: str) -> None:
    """Last night at 23:59:59 is yesterday (class 1), 00:00 is today (0), in the city's zone."""
    City.objects.update(time_zone=zone)
    now = timezone.now().astimezone(ZoneInfo(zone))
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    stretch = Stretch.objects.get(code="L2-1")
    cell = toy.cell("B", 1).pk
    for at, klass in ((midnight - timedelta(seconds=1), 1), (midnight, 0)):
        Visit.objects.create(city=toy.city(), stretch=stretch, at=at, source="tap")
        for _ in ("before the timekeeper", "after"):
            assert overlay(mayor, cell)[f"l{klass}"] == 1
            tend()
        card = client.get(f"/api/cells/{cell}/card").json()
        assert card["coverage"]["stretch_classes"][klass] == 1
        short = client.get("/api/freshness?city=toy").json()["stretches"]
        assert [stretch.pk, klass, klass] in short


def test_a_light_turns_at_the_very_moment(db: None) -> None:
    due = "'2026-01-02 00:00+00'::timestamptz"
    soon = "'2026-01-01 00:00+00'::timestamptz"
    for moment, light in (
        ("'2025-12-31 23:59:59.999999+00'", 1),
        (soon, 2),
        ("'2026-01-01 23:59:59.999999+00'", 2),
        (due, 3),
    ):
        found = run(f"SELECT gridmap_light('filed', false, {soon}, {due}, {moment}::timestamptz)")
        assert found == [(light,)], moment


def test_a_term_is_ending_from_its_thirtieth_day_on_also_for_the_roll_up(mayor: Scope) -> None:
    moment = "'2026-01-01 00:00+00'::timestamptz"
    for ends, standing in (("2026-01-31 00:00+00", 3), ("2026-01-31 00:00:01+00", 1)):
        ask_for = f"SELECT gridmap_standing(false, ARRAY['{ends}'::timestamptz], {moment})"
        assert run(ask_for) == [(standing,)]
    # The roll-up counted the term as filled; while the timekeeper slept it came within 30 days.
    turned = timezone.now() + timedelta(days=30, minutes=-10)
    lane = ChiefTerm.objects.get(lane__code="L1")
    ChiefTerm.objects.filter(pk=lane.pk).update(valid=DateTimeTZRange(toy.OPENED, turned))
    tend()
    cell = toy.cell("A", 1).pk
    assert overlay(mayor, cell)["n_expiring"] == 1
    run("SELECT gridmap_sweep()")
    run("UPDATE layers_cellstat SET chiefs[5] = 1, chiefs[7] = 0")
    run("UPDATE layers_clock SET swept_at = now() - interval '1 hour'")
    tend()
    assert overlay(mayor, cell)["n_filled"] == 1
    run("SELECT gridmap_sweep()")
    tend()
    assert overlay(mayor, cell)["n_expiring"] == 1


@pytest.mark.parametrize(
    ("east", "letter", "number"), [(100, "A", 1), (200, "A", 2), (300, "B", 1)]
)
def test_a_place_on_a_border_lies_in_one_cell_at_every_door(
    mayor: Scope, client: Client, east: float, letter: str, number: int
) -> None:
    edition = CellEdition.objects.get(cell=toy.cell(letter, number))
    corner = max(edition.geom.coords[0][0], key=lambda place: (place[0], place[1]))
    lng, lat = corner
    found = ask(f"/feeds/where?city=toy&lng={lng!r}&lat={lat!r}", bearing(mayor)).json
    assert found["cell"]["id"] == edition.cell_id
    body = {"place": {"type": "Point", "coordinates": [lng, lat]}, "title": "x", "category": "0102"}
    made = client.post("/api/incidents", body, content_type="application/json").json()
    assert made["properties"]["cell"] == edition.cell_id
    assert made["properties"]["community"] == found["community"]["id"]
    hits = client.get(f"/api/search?city=toy&q={lat!r},{lng!r}").json()["groups"]
    assert hits[0]["hits"][0]["cell"] == edition.cell_id


def test_a_merger_shows_the_old_code_up_to_its_last_moment(mayor: Scope, client: Client) -> None:
    merged = datetime(2025, 6, 1, tzinfo=UTC)
    area = toy.community("B")
    PlaceCode.objects.filter(community=area).update(valid=DateTimeTZRange(merged, None))
    PlaceCode.objects.create(
        community=area, code="350402001002", name="丙社区",
        valid=DateTimeTZRange(toy.OPENED, merged),
    )  # fmt: skip
    for when, code, name in (
        ("2025-06-01T07:59:59%2B08:00", "350402001002", "丙社区"),
        ("2025-06-01T08:00:00%2B08:00", "350404001002", "乙社区"),
    ):
        found = client.get(f"/api/communities?city=toy&as_of={when}").json()["features"]
        said = {(f["properties"]["code"], f["properties"]["name"]) for f in found}
        assert (code, name) in said
        assert len(said) == 2
    before = client.get("/api/communities?city=toy&as_of=2023-12-31").json()["features"]
    assert before == []


def test_a_coming_edition_takes_everything_along_when_its_hour_comes(
    mayor: Scope, client: Client
) -> None:
    """A-1 and A-2 change places: buildings, stretches and the open incident change cells."""
    west, east = toy.cell("A", 1), toy.cell("A", 2)
    report = toy.incident(50, 50)
    tend()
    run("SELECT gridmap_sweep()")
    hour = timezone.now() + timedelta(seconds=1)
    old = {cell: CellEdition.objects.get(cell=cell) for cell in (west, east)}
    CellEdition.objects.filter(cell__in=old).update(valid=DateTimeTZRange(toy.OPENED, hour))
    for cell, other in ((west, east), (east, west)):
        CellEdition.objects.create(
            cell=cell, code=old[cell].code, name="新", geom=old[other].geom,
            valid=DateTimeTZRange(hour, None),
        )  # fmt: skip
    tend()
    assert overlay(mayor, west.pk)["open"] == 1
    edition = toy.city().edition
    time.sleep(max(0.0, (hour - timezone.now()).total_seconds()) + 0.05)
    run("SELECT gridmap_sweep()")
    for _ in ("before the timekeeper", "after"):
        assert overlay(mayor, west.pk)["open"] == 0
        assert overlay(mayor, east.pk)["open"] == 1
        tend()
    assert toy.city().edition > edition
    assert Building.objects.get(code="B1").cell_id == east.pk
    moved = Incident.objects.get(pk=report.pk)
    assert (moved.cell_id, moved.reported_cell_id) == (east.pk, west.pk)
    place = toy.at(50, 50)
    found = ask(f"/feeds/where?city=toy&lng={place.x:.7f}&lat={place.y:.7f}", bearing(mayor)).json
    assert found["cell"]["id"] == east.pk
    stamp = hour.isoformat().replace("+", "%2B")
    for when, name in ((stamp, "新"), ("2025-01-01", "第一网格")):
        cells = client.get(f"/api/cells?city=toy&as_of={when}").json()["features"]
        assert {f["id"]: f["properties"]["name"] for f in cells}[west.pk] == name


def test_a_community_called_otherwise_is_called_so_on_the_map_at_once(
    mayor: Scope, client: Client
) -> None:
    address = "/api/cells?city=toy&fields=labels"
    assert client.get(address).json()["cells"][0]["community_name"] == "甲社区"
    area = Community.objects.filter(code="350404001001")
    with transaction.atomic():
        PlaceCode.objects.filter(community__in=area).update(name="新社区")
        area.update(name="新社区")
    assert client.get(address).json()["cells"][0]["community_name"] == "新社区"
