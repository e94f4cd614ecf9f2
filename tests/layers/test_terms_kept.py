"""A term that has begun is kept: whoever tries to rewrite it, by whichever way, is refused."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from gridmap.layers.people import ChiefTerm, Person
from gridmap.layers.places import Building
from gridmap.layers.territory import City
from tests import town as toy


def running() -> ChiefTerm:
    """苏望舒's term over building 1, which ends in ten days."""
    return ChiefTerm.objects.get(building__code="B1")


def change(values: dict[str, object]) -> None:
    ChiefTerm.objects.filter(pk=running().pk).update(**values)


def until(days: float) -> DateTimeTZRange:
    return DateTimeTZRange(toy.OPENED, timezone.now() + timedelta(days=days))


def earlier() -> DateTimeTZRange:
    return DateTimeTZRange(toy.OPENED - timedelta(days=9), timezone.now() + timedelta(days=1))


CHANGES: dict[str, Callable[[], dict[str, object]]] = {
    "another person": lambda: {"person": Person.objects.get(name="何青禾")},
    "another object": lambda: {"building": Building.objects.get(code="B2")},
    "another standing": lambda: {"standing": "substitute", "reason": "leave"},
    "another beginning": lambda: {"valid": earlier()},
    "an end in the past": lambda: {"valid": until(-1)},
    "a later end": lambda: {"valid": until(30)},
    "no end": lambda: {"valid": toy.ALWAYS},
}


@pytest.mark.parametrize("values", CHANGES.values(), ids=CHANGES.keys())
def test_a_term_that_has_begun_cannot_be_given(
    town: City, values: Callable[[], dict[str, object]]
) -> None:
    before = list(ChiefTerm.objects.order_by("pk").values())
    with pytest.raises(IntegrityError, match="chiefterm_is_kept"), transaction.atomic():
        change(values())
    assert list(ChiefTerm.objects.order_by("pk").values()) == before


def test_a_term_that_has_begun_cannot_be_deleted(town: City) -> None:
    with pytest.raises(IntegrityError, match="chiefterm_is_kept"), transaction.atomic():
        running().delete()
    with (
        pytest.raises(IntegrityError, match="chiefterm_is_kept"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM layers_chiefterm")
    assert ChiefTerm.objects.count() == 5


def test_a_term_may_be_ended_now_or_later_but_never_again(town: City) -> None:
    term = running()
    term.valid = until(5)
    term.save()
    term.valid = DateTimeTZRange(toy.OPENED, timezone.now() + timedelta(hours=1))
    term.save()
    ChiefTerm.objects.filter(pk=term.pk).update(valid=term.valid)  # the same again is no change
    with pytest.raises(IntegrityError), transaction.atomic():
        change({"valid": until(2)})


def test_a_term_to_come_may_be_changed_and_taken_back(town: City) -> None:
    start = timezone.now() + timedelta(days=20)
    term = ChiefTerm.objects.create(
        office="building", building=Building.objects.get(code="B2"),
        person=Person.objects.get(name="何青禾"), valid=DateTimeTZRange(start, None),
    )  # fmt: skip
    term.person = Person.objects.get(name="陈木子")
    term.valid = DateTimeTZRange(start + timedelta(days=1), None)
    term.save()
    term.delete()
    assert not ChiefTerm.objects.filter(pk=term.pk).exists()
