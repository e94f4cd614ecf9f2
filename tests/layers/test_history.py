"""Versions of rows: what a deed or a load changed, and what psql or QGIS changed, with no deed."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.db.models import Model

from gridmap.layers import history, journal
from gridmap.layers.history import DIRECT
from gridmap.layers.journal import Entry
from gridmap.layers.people import Team
from gridmap.layers.places import Building, Lane
from gridmap.layers.scope import Scope
from tests import town as toy


@pytest.fixture
def psql(transactional_db: None) -> Iterator[psycopg.Connection]:
    """A connection that knows nothing of Django, and a town that is really there."""
    toy.build()
    settings = connection.settings_dict
    with psycopg.connect(
        host=settings["HOST"] or None, user=settings["USER"] or None,
        password=settings["PASSWORD"] or None, port=settings["PORT"] or None,
        dbname=settings["NAME"], autocommit=True,
    ) as plain:  # fmt: skip
        yield plain


def versions(row: Model) -> Any:
    """The versions of a row: a relation that django-pghistory makes, unknown to the types."""
    return getattr(row, "versions")  # noqa: B009 - as said


def last() -> Entry:
    return Entry.objects.latest("pk")


def test_a_change_with_psql_is_told_with_before_and_after_and_without_an_actor(
    psql: psycopg.Connection,
) -> None:
    building = Building.objects.get(code="B1")
    psql.execute("UPDATE layers_building SET address = '榕树巷 9 号' WHERE code = 'B1'")
    entry = last()
    assert (entry.verb, entry.actor_id) == (DIRECT, None)
    assert (entry.subject_kind, entry.subject_id) == ("building", building.pk)
    assert entry.before == {"address": "榕树巷 1 号"}
    assert entry.after["address"] == "榕树巷 9 号"
    assert (entry.after["operation"], entry.after["database_user"]) == (
        "update",
        connection.settings_dict["USER"],
    )
    assert (entry.city_id, entry.community_id, entry.cell_id) == (
        toy.city().pk, toy.community("A").pk, toy.cell("A", 1).pk,
    )  # fmt: skip
    assert journal.faults() == []


def test_rows_added_and_removed_with_psql_are_told(psql: psycopg.Connection) -> None:
    psql.execute(
        "INSERT INTO layers_team (city_id, name, kind, search) VALUES (%s, '新队', 'arts', '')",
        [toy.city().pk],
    )
    assert (last().after["operation"], last().after["name"]) == ("insert", "新队")
    team = Team.objects.get(name="新队").pk
    psql.execute("DELETE FROM layers_team WHERE id = %s", [team])
    assert (last().subject_id, last().before["name"], last().after["operation"]) == (
        team,
        "新队",
        "delete",
    )


A1 = ("A", 1)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ("chiefterm SET valid = tstzrange(lower(valid), now()) WHERE office = 'building'", A1),
        ("teamarea SET valid = tstzrange(lower(valid), now())", ("A", 2)),  # of two the last
        ("celledition SET name = '改名' WHERE code = '350404001002001'", ("B", 1)),
        ("partyunit SET superior = '区委'", ("B", 2)),
    ],
    ids=["term", "team area", "edition", "party unit"],
)  # fmt: skip
def test_a_change_is_told_where_it_happened(
    psql: psycopg.Connection, change: str, place: tuple[str, int]
) -> None:
    psql.execute(f"UPDATE layers_{change}".encode())
    entry = last()
    assert (entry.verb, entry.subject_kind) == (DIRECT, change.partition(" ")[0])
    assert entry.cell_id == toy.cell(*place).pk
    assert entry.community_id == toy.community(place[0]).pk
    assert entry.city_id == toy.city().pk


def test_a_shape_moved_in_qgis_is_told_and_its_old_shape_is_kept(psql: psycopg.Connection) -> None:
    before = Building.objects.get(code="B1")
    psql.execute(
        "UPDATE layers_building SET geom = ST_Translate(geom, 0.00001, 0) WHERE code = 'B1'"
    )
    entry = last()
    assert set(entry.before) == {"geom"}
    assert entry.before["geom"] != entry.after["geom"]
    first, second = versions(before).order_by("pgh_id")
    assert first.geom.equals_exact(before.geom)
    assert not second.geom.equals_exact(before.geom)


def test_many_rows_of_one_table_are_told_in_one_entry(psql: psycopg.Connection) -> None:
    told = Entry.objects.count()
    psql.execute(
        "INSERT INTO layers_team (city_id, name, kind, search)"
        " SELECT %s, 'T' || n, 'arts', '' FROM generate_series(1, 101) AS n", [toy.city().pk],
    )  # fmt: skip
    assert Entry.objects.count() == told + 1
    assert (last().subject_id, last().after["rows"]) == (None, 101)


def test_what_a_deed_changes_is_told_by_the_deed_alone(psql: psycopg.Connection) -> None:
    told = Entry.objects.count()
    with transaction.atomic():
        Building.objects.filter(code="B1").update(floors=9)
        with connection.cursor() as cursor:
            cursor.execute("SELECT gridmap_check_now()")  # as loads do before they tell
        entry = journal.record(by=Scope(user_id=None), verb="measure", subject=toy.city())
    assert Entry.objects.count() == told + 1
    version = versions(Building.objects.get(code="B1")).latest("pgh_id")
    entry.refresh_from_db()
    assert (version.floors, version.tx) == (9, entry.tx)


def test_without_its_entry_the_same_change_is_told_as_made_directly(
    psql: psycopg.Connection,
) -> None:
    with transaction.atomic():
        Building.objects.filter(code="B1").update(floors=9)
        with connection.cursor() as cursor:
            cursor.execute("SELECT gridmap_check_now()")
    assert (last().verb, last().after["floors"]) == (DIRECT, 9)


def test_what_changes_nothing_or_is_found_by_the_database_makes_no_version(
    psql: psycopg.Connection,
) -> None:
    told = Entry.objects.count()
    psql.execute("UPDATE layers_building SET floors = floors, search = 'x', cell_id = NULL")
    psql.execute("UPDATE layers_celledition SET valid = valid")
    assert Entry.objects.count() == told


def test_a_change_that_is_rolled_back_leaves_nothing(psql: psycopg.Connection) -> None:
    told, kept = Entry.objects.count(), versions(Lane.objects.get(code="L1")).count()
    psql.execute("BEGIN")
    psql.execute("UPDATE layers_lane SET name = '别的巷' WHERE code = 'L1'")
    psql.execute("ROLLBACK")
    assert Entry.objects.count() == told
    assert versions(Lane.objects.get(code="L1")).count() == kept


def test_the_transaction_of_a_deed_marks_no_other_over_the_same_pooled_connection(
    psql: psycopg.Connection,
) -> None:
    with transaction.atomic():
        journal.record(by=Scope(user_id=None), verb="measure", subject=toy.city())
    Building.objects.filter(code="B2").update(floors=3)  # autocommit, no deed
    assert (last().verb, last().after["floors"]) == (DIRECT, 3)


PERSONAL = {"phone", "contact", "name_of_reporter", "relay_phone", "text", "reporter"}


def test_no_table_of_versions_keeps_a_name_or_number_of_a_person() -> None:
    for table in history.KEPT:
        assert table.__name__ not in {"Person", "Incident", "User", "Contact"}
        names = {field.name for field in table._meta.local_fields}
        assert names & PERSONAL == set(), table


def test_every_kept_table_is_followed_and_its_versions_are_kept(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal"
        )
        found = {(str(table), str(name)) for table, name in cursor.fetchall()}
    for table in history.KEPT:
        kind = table._meta.model_name
        for name in ("edit_noted", "version_is_kept", "version_is_not_emptied"):
            assert (f"layers_{kind}snapshot", f"{kind}_{name}") in found
        assert (
            sum(
                owner == f"layers_{kind}" and name.startswith("pgtrigger_") for owner, name in found
            )
            == 3
        )
