"""What the database's checks of areas cost: each area is held against its own parent, no other."""

from uuid import uuid4, uuid5

import pytest
from django.db import connection, transaction
from django.utils import timezone

from gridmap.layers.incidents import Category, Incident
from gridmap.layers.territory import Cell, CellEdition, City, Community, PlaceCode, Subdistrict
from tests import town as toy

AREAS = 12
COUNTED = ("st_coveredby", "st_touches", "st_covers")
TABLES = (City, Subdistrict, Community, Cell, CellEdition, PlaceCode)


def calls() -> dict[str, int]:
    """How often this transaction has called PostGIS' own functions."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT funcname, sum(calls)::integer FROM pg_stat_xact_user_functions"
            " WHERE funcname = ANY (%s) GROUP BY 1",
            [list(COUNTED)],
        )
        return dict.fromkeys(COUNTED, 0) | dict(cursor.fetchall())


def build_and_take_back() -> None:
    """Raise the toy town, area by area, with hundreds of cells, and undo it."""
    with transaction.atomic():
        toy.build()
        area = toy.community("A")
        Cell.objects.bulk_create(Cell(uid=uuid4(), community=area) for _ in range(400))
        transaction.set_rollback(True)


@pytest.fixture
def counting(db: None) -> None:
    """Count calls, in a connection whose plans were made for single rows and empty tables.

    So stands whoever loads a first city after a refused load or a removed one, when autovacuum has
    looked: then a cross join of all areas looked as cheap as any other order, and was kept.
    """
    build_and_take_back()
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if not cursor.fetchone()[0]:
            pytest.skip("only a superuser of the database may count calls")
        cursor.execute("SET LOCAL track_functions = 'all'")
        for table in TABLES:
            cursor.execute(f"ANALYZE {table._meta.db_table}")
    build_and_take_back()


def column(number: int) -> dict[str, object]:
    """The ground of area number so much: a strip of the town."""
    return {"geom": toy.box(-100 + 10 * number, 0, 10, 100)}


def test_every_cell_is_held_against_its_own_community_only(counting: None) -> None:
    town = City.objects.create(
        slug="toy", code="350404", name="玩具城", metric_srid=toy.SRID,
        bounds=toy.box(-100, -100, 600, 300),
    )  # fmt: skip
    names = {"code": "350404001", "name": "列东街道"}
    office = Subdistrict.objects.create(city=town, geom=toy.box(-100, 0, 500, 100), **names)
    PlaceCode.objects.create(subdistrict=office, valid=toy.ALWAYS, **names)
    codes = [f"350404001{number:03d}" for number in range(1, AREAS + 1)]
    before = calls()
    communities = Community.objects.bulk_create(
        Community(subdistrict=office, code=code, name=code, **column(number))
        for number, code in enumerate(codes)
    )
    after = calls()
    assert after["st_coveredby"] - before["st_coveredby"] == AREAS
    PlaceCode.objects.bulk_create(
        PlaceCode(community=area, code=area.code, name=area.name, valid=toy.ALWAYS)
        for area in communities
    )
    cells = Cell.objects.bulk_create(
        Cell(uid=uuid5(toy.NAMES, area.code), community=area) for area in communities
    )
    CellEdition.objects.bulk_create(
        CellEdition(cell=cell, code=f"{code}001", name=code, valid=toy.ALWAYS, **column(number))
        for number, (cell, code) in enumerate(zip(cells, codes, strict=True))
    )
    assert calls()["st_coveredby"] - after["st_coveredby"] == AREAS
    # Neighbours share a border, so each pair is looked at from both sides, and no other pair is.
    assert calls()["st_touches"] - after["st_touches"] == 2 * (AREAS - 1)
    kind = Category.objects.create(city=town, code="1", name="垃圾", kind="event")
    before = calls()
    Incident.objects.create(
        city=town, number="1", title="垃圾", place=toy.at(-45, 50), category=kind,
        source="worker", reported_at=timezone.now(),
    )  # fmt: skip
    # The cell on the day of the report, the cell now, and the cell of what answers there.
    assert calls()["st_covers"] - before["st_covers"] == 3
