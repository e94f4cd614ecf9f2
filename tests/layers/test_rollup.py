"""The roll-up is what a recount says, whatever was written and by whom."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import cast

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import QuerySet
from django.utils import timezone

from gridmap.layers.incidents import Incident, State
from gridmap.layers.patrols import Visit
from gridmap.layers.people import ChiefTerm
from gridmap.layers.places import Building, Entrance, Stretch
from gridmap.layers.rollup import CellStat, Change, Clock
from gridmap.layers.territory import Cell, CellEdition, City
from tests import town as toy


def fold() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT gridmap_compact()")
        return int(cursor.fetchone()[0])


def clock() -> datetime:
    """The database's now, which stands still inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        return cast("datetime", cursor.fetchone()[0])


def sweep() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT gridmap_sweep()")


@contextmanager
def switched_off(table: str, trigger: str) -> Iterator[None]:
    """The database without one of its triggers: what happens when a defence is missing."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}")


def recount(city: City) -> dict[int, tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM gridmap_true_stats(%s)", [city.pk])
        return {row[0]: tuple(row[1:]) for row in cursor.fetchall()}


def rolled(city: City) -> dict[int, tuple[object, ...]]:
    columns = ("open", "soon", "late", "parked", "stretches", "entrances", "chiefs")
    stats = CellStat.objects.filter(city=city).values_list("cell_id", *columns)
    return {row[0]: tuple(row[1:]) for row in stats}


def test_a_new_town_is_counted_by_hand(town: City) -> None:
    stat = CellStat.objects.get(cell=toy.cell("A", 1))
    assert stat.stretches == [0, 0, 0, 0, 0, 0, 2]  # S1 and the left side of L1, never seen
    assert stat.entrances == [0, 0, 0, 0, 0, 0, 1]
    assert stat.chiefs == [1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0]  # building 1 ends within 30 days
    assert CellStat.objects.get(cell=toy.cell("B", 1)).chiefs[4:8] == [0, 1, 0, 0]
    assert rolled(town) == recount(town)


def test_the_chief_of_a_road_answers_in_every_cell_that_has_a_house_on_it(town: City) -> None:
    """S1 has its one stretch in A-1 only, but all four buildings belong to it."""
    streets = {stat.cell_id: stat.chiefs[:4] for stat in CellStat.objects.all()}
    assert list(streets.values()) == [[1, 0, 0, 0]] * 4


def test_an_incident_is_counted_in_its_cell_and_leaves_when_it_ends(town: City) -> None:
    made = toy.incident(50, 50)
    fold()
    assert CellStat.objects.get(cell=toy.cell("A", 1)).open == 1
    change = Change.objects.filter(kind="change").latest("pk")
    assert change.cells == [toy.cell("A", 1).pk]
    assert change.incidents == [made.pk]
    Incident.objects.filter(pk=made.pk).update(state=State.CLOSED, closed_at=timezone.now())
    fold()
    assert CellStat.objects.get(cell=toy.cell("A", 1)).open == 0


def test_nothing_to_fold_announces_nothing(town: City) -> None:
    assert fold() == 0


def test_a_light_turns_when_its_hour_comes_and_only_then(town: City) -> None:
    now = timezone.now()
    fresh = toy.incident(50, 50)
    late = toy.incident(50, 50)
    with switched_off("layers_incident", "incident_placed"):  # a row the clock has overtaken
        Incident.objects.filter(pk=late.pk).update(
            due=now - timedelta(hours=1), soon_at=now - timedelta(hours=9)
        )
    sweep()
    fold()
    fresh.refresh_from_db()
    late.refresh_from_db()
    assert (fresh.light, late.light) == (1, 3)
    assert CellStat.objects.get(cell=toy.cell("A", 1)).late == 1
    assert rolled(town) == recount(town)


@pytest.mark.parametrize(
    ("days", "klass"),
    [(0, 0), (1, 1), (2, 1), (3, 4), (4, 5)],
    ids=["today", "one day", "two days", "due today", "over its interval"],
)
def test_freshness_follows_the_interval_of_the_place(town: City, days: int, klass: int) -> None:
    stretch = Stretch.objects.get(code="L2-1")  # interval 3 days
    Visit.objects.create(
        city=town, stretch=stretch, source="tap", at=timezone.now() - timedelta(days=days)
    )
    fold()
    expected = [0] * 7
    expected[klass] = 1
    assert CellStat.objects.get(cell=toy.cell("B", 1)).stretches == expected


def test_a_visit_taken_back_brings_the_earlier_one_to_light(town: City) -> None:
    entrance = Entrance.objects.get(building__code="B3")
    for days in (9, 0):
        Visit.objects.create(
            city=town, entrance=entrance, source="qr", at=timezone.now() - timedelta(days=days)
        )
    fold()
    assert CellStat.objects.get(cell=toy.cell("B", 1)).entrances[0] == 1
    Visit.objects.latest("at").delete()
    fold()
    assert CellStat.objects.get(cell=toy.cell("B", 1)).entrances == [0, 0, 0, 1, 0, 0, 0]


def any_of(rows: QuerySet[Incident] | QuerySet[Visit], how_many: int) -> list[int]:
    return list(rows.order_by("?").values_list("pk", flat=True)[:how_many])


def reports(dice: random.Random, city: City) -> None:
    due = timezone.now() + timedelta(hours=dice.randrange(-60, 60))
    east, north = dice.uniform(1, 399), dice.uniform(1, 99)
    toy.incident(east, north, city=city, due=due, soon_at=due - timedelta(hours=9))


def ends(_dice: random.Random, _city: City) -> None:
    ended = {"state": State.CLOSED, "closed_at": timezone.now()}
    Incident.objects.filter(pk__in=any_of(Incident.objects.all(), 1)).update(**ended)


def moves(dice: random.Random, _city: City) -> None:
    Incident.objects.filter(pk__in=any_of(Incident.objects.all(), 2)).update(
        place=toy.at(dice.uniform(1, 399), 50), parked=dice.random() < 0.3
    )


def walks(dice: random.Random, city: City) -> None:
    ids = list(Stretch.objects.values_list("pk", flat=True))
    Visit.objects.bulk_create(
        Visit(
            city=city,
            stretch_id=dice.choice(ids),
            source="paper",
            at=timezone.now() - timedelta(days=dice.randrange(12)),
        )
        for _ in range(3)
    )


def scans(dice: random.Random, city: City) -> None:
    ids = list(Entrance.objects.values_list("pk", flat=True))
    Visit.objects.create(city=city, entrance_id=dice.choice(ids), source="qr", at=timezone.now())


def takes_back(_dice: random.Random, _city: City) -> None:
    Visit.objects.filter(pk__in=any_of(Visit.objects.all(), 2)).delete()


def corrects(dice: random.Random, _city: City) -> None:
    ids = list(Stretch.objects.values_list("pk", flat=True))
    Visit.objects.filter(pk__in=any_of(Visit.objects.filter(entrance=None), 1)).update(
        stretch_id=dice.choice(ids)
    )


def removes(_dice: random.Random, _city: City) -> None:
    Incident.objects.filter(pk__in=any_of(Incident.objects.all(), 1)).delete()


WRITES = (reports, reports, ends, moves, walks, scans, takes_back, corrects, removes)


def test_after_any_writes_the_roll_up_equals_a_recount(town: City) -> None:
    dice = random.Random(26)
    for step in range(120):
        dice.choice(WRITES)(dice, town)
        if step % 7 == 0:
            fold()
    fold()
    assert rolled(town) == recount(town)


def test_without_its_trigger_the_roll_up_is_found_wrong(town: City) -> None:
    """The control of the test above: it can fail."""
    with switched_off("layers_incident", "incident_counted_inserted"):
        toy.incident(50, 50)
    fold()
    assert rolled(town) != recount(town)


def test_a_redrawn_cell_takes_its_places_and_open_incidents_along(town: City) -> None:
    now = clock()
    kept, ended = toy.incident(150, 50), toy.incident(150, 50)
    Incident.objects.filter(pk=ended.pk).update(state=State.CLOSED, closed_at=now)
    for name in ("A-1", "A-2"):
        letter, number = name.split("-")
        edition = CellEdition.objects.get(cell=toy.cell(letter, int(number)))
        edition.valid = DateTimeTZRange(edition.valid.lower, now)
        edition.save()
    whole = Cell.objects.get(pk=CellEdition.objects.get(code="350404001001001").cell_id)
    CellEdition.objects.create(
        cell=whole,
        code="350404001001001",
        name="第一网格",
        geom=toy.box(0, 0, 200, 100),
        valid=DateTimeTZRange(now, None),
    )
    fold()
    kept.refresh_from_db()
    ended.refresh_from_db()
    assert kept.cell_id == whole.pk
    assert kept.reported_cell_id != whole.pk  # past statistics do not change with the map
    assert ended.cell_id != whole.pk
    assert Building.objects.get(code="B2").cell_id == whole.pk
    assert Entrance.objects.get(building__code="B2").cell_id == whole.pk
    assert rolled(town) == recount(town)


def test_a_term_that_ends_is_seen_by_the_sweep(town: City) -> None:
    sweep()
    fold()
    building = Building.objects.get(code="B1")
    term = ChiefTerm.objects.get(building=building)
    moment = clock()
    with switched_off("layers_chiefterm", "chiefterm_counted_updated"):
        ChiefTerm.objects.filter(pk=term.pk).update(valid=DateTimeTZRange(toy.OPENED, moment))
    Clock.objects.update(swept_at=moment - timedelta(seconds=5))
    sweep()
    fold()
    assert CellStat.objects.get(cell=toy.cell("A", 1)).chiefs[8:] == [0, 0, 0, 1]
