"""Ten thousand random visits, corrections and redrawn borders: the roll-ups beside a plain recount.

The recount reads the visits themselves and where each stretch and entrance lies, and counts in
Python; the roll-ups are what the map, the cards and the look-up of coverage show. The control
leaves the visits of one place out of the recount, and must differ.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from gridmap.actions.withdrawn_visits import Rightly, correct_visit, withdraw_visit
from gridmap.layers import holes
from gridmap.layers.patrols import Visit
from gridmap.layers.places import Entrance, Stretch
from gridmap.layers.postings import operator_scope
from gridmap.layers.rollup import CellStat
from gridmap.layers.territory import CellEdition, City
from gridmap.layers.withdrawn_visits import WithdrawnVisit

VISITS, REDRAWN = 10_000, 20
SEED, AT_ONCE = 7, 100
PUT_RIGHT, CORRECTED = 6, 0.7  # visits of a round; the share that is corrected, not withdrawn
NEVER, OVER, DUE = 6, 5, 4
Place = tuple[str, int]


def klass(seen: date | None, interval: int, today: date) -> int:
    """The class of freshness, as the legend has it."""
    if seen is None:
        return NEVER
    days = (today - seen).days
    if days <= 0:
        return 0
    if days >= interval:
        return DUE if days == interval else OVER
    return next((n for n, most in ((1, 2), (2, 4)) if days <= most), 3)


@dataclass
class Recount:
    """What the visits say, counted by cell; and of each cell the sums of the look-up."""

    stretches: dict[int, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    entrances: dict[int, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))

    def of(self, cell: int) -> tuple[list[int], list[int]]:
        """Counts of a cell by class, as its roll-up holds them."""
        sides, doors = (
            [kind[cell][c] for c in range(7)] for kind in (self.stretches, self.entrances)
        )
        return sides, doors

    def sums(self, cells: set[int]) -> tuple[int, int, int]:
        """Places, those beyond their interval, and those never seen, of some cells."""
        total = over = never = 0
        for kind in (self.stretches, self.entrances):
            for cell in cells:
                total += sum(kind[cell].values())
                over += kind[cell][OVER]
                never += kind[cell][NEVER]
        return total, over, never


def newest(city: City) -> dict[Place, datetime]:
    """The newest visit of every place that has one."""
    found: dict[Place, datetime] = {}
    for stretch, entrance, at in Visit.objects.filter(city=city).values_list(
        "stretch_id", "entrance_id", "at"
    ):
        place = ("stretch", stretch) if stretch else ("entrance", entrance)
        if place not in found or at > found[place]:
            found[place] = at
    return found


def recount(city: City, seen: Mapping[Place, datetime], now: datetime) -> Recount:
    """Count places by class from the visits."""
    zone, out = ZoneInfo(city.time_zone), Recount()
    today = now.astimezone(zone).date()
    sides = Stretch.objects.filter(city=city).values_list("pk", "cell_id", "interval_days")
    doors = Entrance.objects.filter(building__city=city).values_list(
        "pk", "cell_id", "interval_days"
    )
    for thing, places, counts in (
        ("stretch", sides, out.stretches), ("entrance", doors, out.entrances),
    ):  # fmt: skip
        for pk, cell, interval in places:
            at = seen.get((thing, pk))
            day = at.astimezone(zone).date() if at else None
            counts[cell][klass(day, interval, today)] += 1
    return out


def fold() -> None:
    """What the timekeeper does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT gridmap_compact()")


def visit(dice: random.Random, city: City, places: list[Place], now: datetime) -> None:
    """Many people see to many places."""
    made = []
    for _ in range(AT_ONCE):
        thing, pk = dice.choice(places)
        at = now - timedelta(days=dice.uniform(0, 40))
        made.append(Visit(city=city, at=at, source="tap", **{f"{thing}_id": pk}))
    Visit.objects.bulk_create(made)


def redraw(dice: random.Random, city: City) -> None:
    """Two cells that touch change their ground; what lies in them follows."""
    standing = CellEdition.objects.current().select_related("cell")
    every = list(standing.filter(cell__community__subdistrict__city=city).order_by("cell_id"))
    one = dice.choice(every)
    near = standing.filter(cell__community_id=one.cell.community_id, geom__touches=one.geom)
    other = near.exclude(pk=one.pk).order_by("pk").first()
    if other is None:
        return
    now = timezone.now()
    with transaction.atomic():
        for edition, ground in ((one, other.geom), (other, one.geom)):
            CellEdition.objects.filter(pk=edition.pk).update(
                valid=DateTimeTZRange(edition.valid.lower, now)
            )
            edition.pk, edition.geom, edition.valid = None, ground, DateTimeTZRange(now, None)
        for edition in (one, other):
            edition.save(force_insert=True)


def put_right(dice: random.Random, city: City, now: datetime) -> None:
    """Some of the newest visits are corrected, some taken back."""
    latest = Visit.objects.filter(city=city).order_by("-pk").values_list("pk", flat=True)[:500]
    for pk in dice.sample(list(latest), PUT_RIGHT):
        if dice.random() < CORRECTED:
            right = Rightly(at=now - timedelta(days=dice.uniform(0, 40)), note="x")
            correct_visit(by=operator_scope(), visit=pk, right=right, why="x")
        else:
            withdraw_visit(by=operator_scope(), visit=pk, why="x")


def lying(city: City) -> Mapping[Place, int | None]:
    """The cell of every place."""
    sides = Stretch.objects.filter(city=city).values_list("pk", "cell_id")
    doors = Entrance.objects.filter(building__city=city).values_list("pk", "cell_id")
    return {("stretch", pk): cell for pk, cell in sides} | {
        ("entrance", pk): cell for pk, cell in doors
    }


def happen(city: City) -> dict[str, int]:
    """Let it happen, folded now and then; return what did, by name."""
    dice, now = random.Random(SEED), timezone.now()
    before, first = lying(city), Visit.objects.filter(city=city).count()
    withdrawn = WithdrawnVisit.objects.filter(city=city).count()
    rounds = VISITS // AT_ONCE
    for n in range(rounds):
        visit(dice, city, list(before), now)
        put_right(dice, city, now)
        if n % (rounds // REDRAWN) == 0:
            redraw(dice, city)
        if n % 3 == 0:
            fold()
    fold()
    after = lying(city)
    return {
        "visits": VISITS,
        "visits before": first,
        "corrected or withdrawn": WithdrawnVisit.objects.filter(city=city).count() - withdrawn,
        "borders redrawn": REDRAWN,
        "places in another cell": sum(after[place] != cell for place, cell in before.items()),
        "places": len(before),
    }


def differing(city: City, counted: Recount, now: datetime) -> dict[str, int]:
    """How many cells, communities and teams have another roll-up than the recount."""
    asked = holes.Asked(city=city, now=now)
    sums = holes.sums(operator_scope(), asked)
    cells: dict[int, set[int]] = defaultdict(set)
    for row in sums:
        cells[row["community"]].add(row["cell"])
    teams = holes.teams_at(city, now)
    shown = {
        "cells": {
            stat.cell_id: (list(stat.stretches), list(stat.entrances)) == counted.of(stat.cell_id)
            for stat in CellStat.objects.filter(city=city)
        },
        "communities": {
            pk: (s.total, s.over, s.never) == counted.sums(cells[pk])
            for pk, s in holes.by("community", sums).items()
        },
        "teams": {
            pk: (s.total, s.over, s.never)
            == counted.sums(next(set(team["cells"]) for team in teams if team["id"] == pk))
            for pk, s in holes.by_team(sums, teams).items()
        },
    }
    return {name: sum(not same for same in found.values()) for name, found in shown.items()} | {
        f"of {name}": len(found) for name, found in shown.items()
    }


def measure() -> None:
    """Print what happened and how many roll-ups differ, beside the control."""
    city = City.objects.get(demo=True)
    print("recount:", happen(city))
    now, seen = timezone.now(), newest(city)
    print("differing from a recount (0):", differing(city, recount(city, seen, now), now))
    # Without the visits of the place seen last, that place was never seen.
    less = dict(seen)
    del less[max(seen, key=lambda place: seen[place])]
    print("control, one place left out (> 0):", differing(city, recount(city, less, now), now))
