"""The journal: one row a change, kept as it was written, and a change of it does not go unseen."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import Error, connection, transaction
from django.test import override_settings
from django.utils import timezone

from gridmap.actions.journal import seal_journal
from gridmap.layers import history, journal
from gridmap.layers.journal import Entry, JournalSeal
from gridmap.layers.postings import operator_scope
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City
from tests import town as toy
from tests.conftest import not_emptied

TABLES = [f"layers_{table._meta.model_name}snapshot" for table in history.KEPT]


def sql(statement: str, *values: int | str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return list(cursor.fetchall()) if cursor.description else []


def told(days_ago: int, verb: str = "look") -> Entry:
    """An entry of some days ago: nothing that is written can be dated back, so time is told."""
    entry = journal.record(by=Scope(user_id=None), verb=verb, subject=City.objects.get())
    rewrite(
        f"UPDATE layers_entry SET at = now() - interval '{days_ago} days' WHERE id = {entry.pk}"
    )
    sql("ALTER TABLE layers_entry DISABLE TRIGGER entry_is_kept")
    sql(
        "UPDATE layers_entry AS e SET seal = gridmap_seal(coalesce((SELECT p.seal FROM layers_entry"
        " AS p WHERE p.id < e.id ORDER BY p.id DESC LIMIT 1), ''), e) WHERE e.id = %s",
        entry.pk,
    )
    sql("ALTER TABLE layers_entry ENABLE TRIGGER entry_is_kept")
    return entry


def rewrite(statement: str) -> None:
    """What the owner of the database can do and nobody else."""
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("ALTER TABLE layers_entry DISABLE TRIGGER entry_is_kept")
    sql(statement)
    sql("ALTER TABLE layers_entry ENABLE TRIGGER entry_is_kept")


def test_an_entry_keeps_the_reason_in_the_words_of_whoever_gave_it(town: City) -> None:
    by = toy.eyes("wang", "A")
    journal.record(by=by, verb="look", subject=town, why="居民来电核实")
    journal.record(by=by, verb="look", subject=town)
    assert list(Entry.objects.order_by("pk").values_list("why", flat=True)) == ["居民来电核实", ""]


@pytest.mark.parametrize("deed", ["UPDATE {} SET {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
@pytest.mark.parametrize("table", ["layers_entry", "layers_journalseal", *TABLES])
def test_what_was_told_can_be_neither_changed_nor_deleted_nor_emptied(
    town: City, table: str, deed: str
) -> None:
    told(2)
    seal_journal(by=operator_scope())
    column = {"layers_entry": "verb = ''", "layers_journalseal": "seal = ''"}
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    for owner, trigger in not_emptied():  # as everywhere but in tests
        sql(f"ALTER TABLE {owner} ENABLE TRIGGER {trigger}")
    if table == "layers_membershipsnapshot":
        sql(
            "INSERT INTO layers_membership (team_id, person_id, valid) SELECT t.id, p.id,"
            " tstzrange(now(), NULL) FROM layers_team AS t, layers_person AS p LIMIT 1"
        )
        sql("SET CONSTRAINTS ALL IMMEDIATE")
    if table == "layers_postingsnapshot":
        toy.posted("zhao", "A")
    with pytest.raises(Error, match="_is_kept"), transaction.atomic():
        sql(deed.format(table, column.get(table, "tx = 0")))


def test_the_role_of_the_application_may_add_to_the_journal_and_do_nothing_else_to_it(
    town: City,
) -> None:
    told(1)
    sql("CREATE ROLE gridmap_test_application")
    sql("SELECT gridmap_grant_application('gridmap_test_application')")
    sql("SET LOCAL ROLE gridmap_test_application")
    refused = (
        "UPDATE layers_entry SET verb = 'x'",
        "DELETE FROM layers_entry",
        "TRUNCATE layers_entry",
        "ALTER TABLE layers_entry DISABLE TRIGGER entry_is_kept",
        "DROP TRIGGER entry_sealed ON layers_entry",
        "UPDATE layers_journalseal SET seal = ''",
        *(f"DELETE FROM {table}" for table in TABLES),
    )
    for statement in refused:
        with pytest.raises(Error, match=r"permission denied|must be owner"), transaction.atomic():
            sql(statement)
    journal.record(by=Scope(user_id=None), verb="look", subject=town)
    sql("UPDATE layers_building SET floors = 7")  # the versions are written with its rights
    sql("RESET ROLE")
    assert Entry.objects.filter(verb="look").count() == 2


def test_an_entry_that_is_dated_back_by_its_number_is_numbered_anew(town: City) -> None:
    first = journal.record(by=Scope(user_id=None), verb="look", subject=town)
    forged = Entry(pk=first.pk - 1, verb="forged", subject_kind="city", seal="0" * 64)
    forged.save(force_insert=True)
    assert Entry.objects.order_by("pk").values_list("verb", flat=True).last() == "forged"
    assert journal.faults() == []


FORGERIES: dict[str, Callable[[list[int]], str]] = {
    "changed": lambda ids: f"UPDATE layers_entry SET after = '{{}}' WHERE id = {ids[1]}",
    "reason": lambda ids: f"UPDATE layers_entry SET why = 'x' WHERE id = {ids[1]}",
    "deleted": lambda ids: f"DELETE FROM layers_entry WHERE id = {ids[1]}",
    "last deleted": lambda ids: f"DELETE FROM layers_entry WHERE id = {ids[2]}",
    "sealed anew": lambda ids: (
        f"UPDATE layers_entry SET why = 'x' WHERE id = {ids[2]};"
        " UPDATE layers_entry AS e SET seal = gridmap_seal((SELECT p.seal FROM layers_entry AS p"
        f" WHERE p.id = {ids[1]}), e) WHERE e.id = {ids[2]}"
    ),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_whatever_the_owner_of_the_database_changes_shows(town: City, forgery: str) -> None:
    by = Scope(user_id=None)
    change = ({"name": "a"}, {"name": "b"})
    for _ in range(3):
        journal.record(by=by, verb="rename", subject=town, change=change)
    ids = list(Entry.objects.order_by("pk").values_list("pk", flat=True))
    moved = JournalSeal.upto(timezone.localdate())
    assert moved is not None
    moved.save()
    call_command("verify_journal", stdout=None)
    rewrite(FORGERIES[forgery](ids))
    with pytest.raises(CommandError, match="the journal was changed"):
        call_command("verify_journal")


def test_a_day_is_sealed_once_and_a_seal_of_another_key_is_no_seal(town: City) -> None:
    told(1)
    seal = seal_journal(by=operator_scope())
    assert seal is not None
    assert seal.day == timezone.localdate() - timedelta(days=1)
    assert seal_journal(by=operator_scope()) is None
    assert Entry.objects.filter(verb="seal").count() == 1
    assert journal.faults() == []
    forged = JournalSeal(day=seal.day - timedelta(days=1), last_entry=seal.last_entry,
                         entries=seal.entries, seal=seal.seal, signature="made up")  # fmt: skip
    forged.save()
    assert "not signed" in journal.faults()[0]


def test_a_journal_that_was_changed_is_not_sealed_but_told_of(
    town: City, caplog: pytest.LogCaptureFixture
) -> None:
    entry = told(1)
    rewrite(f"UPDATE layers_entry SET verb = 'x' WHERE id = {entry.pk}")
    assert seal_journal(by=operator_scope()) is None
    assert JournalSeal.objects.count() == 0
    assert "the journal was changed" in caplog.text
    assert "not as it was written" in Entry.objects.get(verb="seal_refused").why


@override_settings(SECRET_KEY="another", SECRET_KEY_FALLBACKS=[])
def test_an_empty_journal_is_in_order(town: City) -> None:
    assert seal_journal(by=operator_scope()) is None
    assert journal.faults() == []
