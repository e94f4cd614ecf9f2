"""Wishes of a planner in few words, and the way of a draft to the day it is in force."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

from django.db import connection
from django.utils import timezone

from gridmap.actions import publications
from gridmap.actions.plans import Wish
from gridmap.layers.plans import Plan
from gridmap.layers.publications import Publication
from gridmap.layers.query import rows
from gridmap.layers.scope import Scope

Draw = Callable[..., Plan]
OLD = "350404001001001"
SECOND = "350404001001002"


def day() -> date:
    """The day after tomorrow, wherever the test runs."""
    return timezone.localdate() + timedelta(days=2)


def paint(*units: str, to: int = 2) -> Wish:
    return Wish(id=uuid4(), kind="paint", units=units, to=to)


def split(*units: str) -> Wish:
    return Wish(id=uuid4(), kind="split", units=units)


def excuse(*cells: int) -> Wish:
    """Why nobody need live in these cells."""
    return Wish(id=uuid4(), kind="edit", cells=cells, fields={"reason": "没有住户的公园"})


def merge() -> Wish:
    return Wish(id=uuid4(), kind="merge", cells=(1,), to=2)


def through(plan: Plan, gu: Scope, ma: Scope) -> Publication:
    """Submitted, approved and published."""
    publications.submit(by=gu, plan=plan.pk, expect_seq=plan.head_seq)
    publications.approve(by=ma, plan=plan.pk, expect_seq=plan.head_seq)
    return publications.publish(by=ma, plan=plan.pk, expect_seq=plan.head_seq, effective_from=day())


def come(publication: Publication) -> None:
    """Let the midnight of a publication be some seconds ago, and the timekeeper look at the clock.

    In the database's own time, which stands still in a test; a later publication comes later.
    """
    (row,) = rows("SELECT now() AS now", {})
    now = row["now"] - timedelta(seconds=60 - 10 * Publication.objects.count())
    tables = ("layers_celledition", "layers_unitcell", "layers_chiefterm", "layers_teamarea")
    with connection.cursor() as cursor:
        cursor.execute("SELECT gridmap_check_now()")
        cursor.execute("SET session_replication_role = replica")
        for table in tables:
            for side, other in (("upper", "tstzrange(lower(valid), %s)"),
                                ("lower", "tstzrange(%s, upper(valid))")):  # fmt: skip
                cursor.execute(
                    f"UPDATE {table} SET valid = {other} WHERE {side}(valid) = %s",
                    [now, publication.starts],
                )
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("UPDATE layers_clock SET swept_at = %s", [now - timedelta(hours=1)])
        cursor.execute("SELECT gridmap_sweep(), gridmap_compact()")
    Publication.objects.filter(pk=publication.pk).update(starts=now)
    publication.refresh_from_db()
