"""Drafts of 50,176 units: saving an operation, forking, and asking where a place was on a day.

Beside each the way it is usually done: one row a unit replaced whole, rows copied for a fork. In a
database of its own, on the toy town's ground cut very small; nothing here needs city M.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import numpy as np
import shapely
from django.contrib.auth.models import User
from django.contrib.gis.geos import Point
from django.core.management import call_command
from django.db import connection, transaction

from gridmap.actions import plans
from gridmap.actions.plans import Wish
from gridmap.layers import fabric_store, whereabouts
from gridmap.layers.fabric_store import Edges, Origin, Units
from gridmap.layers.fabrics import Fabric
from gridmap.layers.plans import Plan
from gridmap.layers.postings import Posting, Role, scope_of
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City
from tests import town as toy

SIDE = 224
CELLS_OF_PLAN = 112
OPS, FORKS, PLACES, WHOLE = 400, 100, 2_000, 5
REDRAWS, CELLS = 12, 50  # 12 divisions of 50 by 50 cells


def measure() -> None:
    """Make the ground, then print the table."""
    plan, (gu, li) = drawn("bench")
    fabric = plan.fabric
    print(f"{fabric.size:,} units in {CELLS_OF_PLAN} cells; milliseconds: median, 95 %, worst")
    _operations(plan, (gu, li), fabric)
    _forks(plan, gu)
    _row_a_unit(fabric)
    _where()


def drawn(title: str) -> tuple[Plan, tuple[Scope, Scope]]:
    """A draft of small units cut into cells, in a town made for it, and two planners."""
    call_command("migrate", verbosity=0)
    if not City.objects.exists():
        toy.build()
    gu, li = _planner("gu"), _planner("li")
    fabric = _fabric()
    plan = plans.open_draft(by=gu, community=fabric.community_id, title=title)
    _cells(plan, gu)
    plan.refresh_from_db()
    return plan, (gu, li)


def _cells(plan: Plan, by: Scope) -> None:
    """Cut it into cells of 448 units, as a town has them."""
    blocks = [
        tuple(
            f"U{row * SIDE + column:05d}" for row in range(r, r + 14) for column in range(c, c + 32)
        )
        for r in range(0, SIDE, 14)
        for c in range(0, SIDE, 32)
    ]
    for block in blocks:
        wish = Wish(id=uuid4(), kind="split", units=block)
        plans.apply_ops(by=by, plan=plan.pk, base_seq=plan.head_seq, ops=[wish])
        plan.refresh_from_db()


def _planner(name: str) -> Scope:
    user, new = User.objects.get_or_create(username=name)
    if new:
        Posting.objects.create(user=user, role=Role.PLANNER, city=toy.city(), valid=toy.ALWAYS)
    return scope_of(user.pk)


def _fabric() -> Fabric:
    """Community A, 200 m by 100 m, as a grid of small units."""
    east, north = toy.ORIGIN
    x, y = np.linspace(east, east + 200, SIDE + 1), np.linspace(north, north + 100, SIDE + 1)
    row, column = np.divmod(np.arange(SIDE * SIDE), SIDE)
    shapes = shapely.box(x[column], y[row], x[column + 1], y[row + 1])
    size = len(shapes)
    number = np.arange(size)
    right, above = number[column < SIDE - 1], number[row < SIDE - 1]
    a = np.concatenate([right, above])
    b = np.concatenate([right + 1, above + SIDE])
    order = np.lexsort((b, a))
    length = np.concatenate([np.full(len(right), 0.45), np.full(len(above), 0.9)])
    units = Units(
        uids=[f"U{n:05d}" for n in range(size)],
        shapes=shapes,
        kinds=["given"] * size,
        blocks=number,
        buildings=[None] * size,
        households=number % 30,
        residents=number % 70,
        incidents=number * 0,
    )
    edges = Edges(a[order], b[order], length[order], a[order] * 0, np.ones(len(a), bool))
    with transaction.atomic():
        return fabric_store.keep(toy.community("A"), units, edges, Origin("bench"))


def _table(name: str, taken: list[float], peer: str = "") -> None:
    ordered = sorted(taken)
    worst = ordered[-1]
    mid, most = statistics.median(ordered), ordered[int(0.95 * (len(ordered) - 1))]
    print(f"{name:44} {mid:8.2f} {most:8.2f} {worst:8.2f}  {peer}")


def _timed(deed: Callable[[int], object], times: int) -> list[float]:
    found = []
    for number in range(times):
        began = time.perf_counter()
        deed(number)
        found.append((time.perf_counter() - began) * 1000)
    return found


def _operations(plan: Plan, who: tuple[Scope, Scope], fabric: Fabric) -> None:
    dice = random.Random(7)
    bases = [plan.head_seq, plan.head_seq]

    def paint(number: int) -> None:
        first = dice.randrange(fabric.size - 10)  # ten in a row, as a brush takes them
        units = tuple(f"U{first + n:05d}" for n in range(10))
        wish = Wish(id=uuid4(), kind="paint", units=units, to=3 + dice.randrange(CELLS_OF_PLAN))
        by = number % 2
        done = plans.apply_ops(by=who[by], plan=plan.pk, base_seq=bases[by], ops=[wish])
        bases[by] = done.seq

    _timed(paint, 20)
    _table("save an operation of 10 units, two planners", _timed(paint, OPS), "target 95 %: 15")


def _forks(plan: Plan, by: Scope) -> None:
    taken = _timed(lambda n: plans.fork(by=by, plan=plan.pk, seq=None, title=f"f{n}"), FORKS)
    _table("fork", taken, "target: 10")


def _row_a_unit(fabric: Fabric) -> None:
    """The usual way: a row for each unit and plan, replaced whole; copied for a fork."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE IF NOT EXISTS bench_row (plan bigint, unit integer, cell smallint,"
            " PRIMARY KEY (plan, unit))"
        )
        cursor.execute("TRUNCATE bench_row")

        def replace(number: int) -> None:
            with transaction.atomic():
                cursor.execute("DELETE FROM bench_row WHERE plan = 1")
                cursor.execute(
                    "INSERT INTO bench_row SELECT 1, n, %s FROM generate_series(1, %s) AS n",
                    [number, fabric.size],
                )

        def copy(number: int) -> None:
            cursor.execute(
                "INSERT INTO bench_row SELECT %s, unit, cell FROM bench_row WHERE plan = 1",
                [number + 2],
            )

        _table("  beside: all rows of a plan replaced", _timed(replace, WHOLE))
        _table("  beside: all rows of a plan copied", _timed(copy, WHOLE))
        cursor.execute("DROP TABLE bench_row")


def _where() -> None:
    """Twelve divisions of community B, one a month, 2,500 cells each."""
    west, south, east, north = toy.community("B").geom.extent
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DELETE FROM layers_celledition WHERE lower(valid) >= '2030-01-01'")
        cursor.execute(
            "INSERT INTO layers_cell (uid, community_id) SELECT gen_random_uuid(), %s"
            " FROM generate_series(1, %s) RETURNING id",
            [toy.community("B").pk, CELLS * CELLS],
        )
        cells = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            "INSERT INTO layers_celledition (cell_id, code, name, kind, use, geom, valid)"
            " SELECT (%(cells)s::bigint[])[1 + i * %(n)s + j],"
            " '350404001002' || lpad((1 + (i * %(n)s + j) %% 999)::text, 3, '0'), '', 'basic', '',"
            " ST_Multi(ST_MakeEnvelope(%(w)s + i * %(dx)s, %(s)s + j * %(dy)s,"
            " %(w)s + (i + 1) * %(dx)s, %(s)s + (j + 1) * %(dy)s, 4326)),"
            " tstzrange('2030-01-01'::timestamptz + m * interval '1 month',"
            " '2030-01-01'::timestamptz + (m + 1) * interval '1 month')"
            " FROM generate_series(0, %(n)s - 1) AS i, generate_series(0, %(n)s - 1) AS j,"
            " generate_series(0, %(months)s - 1) AS m"
            " ON CONFLICT DO NOTHING",
            {
                "cells": cells, "n": CELLS, "w": west, "s": south, "months": REDRAWS,
                "dx": (east - west) / CELLS, "dy": (north - south) / CELLS,
            },
        )  # fmt: skip
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("ANALYZE layers_celledition")
        cursor.execute("SELECT count(*) FROM layers_celledition")
        print(f"{cursor.fetchone()[0]:,} editions of cells, {REDRAWS} redraws")
    dice, city = random.Random(3), toy.city()

    def ask(_: int) -> None:
        place = Point(dice.uniform(west, east), dice.uniform(south, north), srid=4326)
        day = datetime(2030, 1, 1, tzinfo=UTC) + timedelta(days=dice.uniform(0, 360))
        whereabouts.cell_at(city, place, day)

    _timed(ask, 50)
    _table("cell of a place on a day", _timed(ask, PLACES), "target 95 %: 5")
