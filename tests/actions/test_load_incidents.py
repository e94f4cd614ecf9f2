"""Incidents are loaded from a table; the database finds their cell."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gridmap.layers.incidents import Category, Incident, Light, State
from gridmap.layers.territory import City
from tests import town as toy
from tests.actions.loading import counts, load, reasons, rows_of


def table(**columns: list[object]) -> dict[str, object]:
    """A table of two incidents in A-1 and B-2."""
    places = [toy.at(50, 50), toy.at(350, 50)]
    return {
        "id": [1, 2],
        "primary_type": ["暴露垃圾", "Exposed rubbish"],
        "description": ["楼道堆物", ""],
        "reported_at": ["2026-03-04T08:30:00", "2026/03/05 09:00"],
        "longitude": [place.x for place in places],
        "latitude": [place.y for place in places],
        **columns,
    }


def test_incidents_find_cell_category_and_department(town: City) -> None:
    report = load(town, "incidents", rows_of(table()))
    assert counts(report) == (2, 0, 0, 0)
    first, second = Incident.objects.order_by("number")
    assert (first.cell, second.cell) == (toy.cell("A", 1), toy.cell("B", 2))
    assert first.reported_cell == toy.cell("A", 1)
    assert {first.category.code, second.category.code} == {"0102"}
    assert first.department == first.category.department
    assert (first.state, first.source, first.light) == (State.REPORTED, "import", Light.OK)
    assert (first.title, second.title) == ("暴露垃圾", "Exposed rubbish")
    # A moment without a zone is one of the city: Shanghai is 8 hours ahead.
    assert first.reported_at == datetime(2026, 3, 4, 0, 30, tzinfo=UTC)
    assert counts(load(town, "incidents", rows_of(table()))) == (0, 0, 2, 0)


def test_open_matters_are_due_and_ended_ones_have_an_end(town: City) -> None:
    rows = rows_of(table(state=["filed", "结案"], closed_at=["", "2026-03-06"]))
    report = load(town, "incidents", rows)
    assert report.failure == ""
    first, second = Incident.objects.order_by("number")
    assert first.due is not None
    assert (first.due - first.reported_at).total_seconds() == 48 * 3600
    assert first.light == Light.LATE
    assert (second.state, second.light) == (State.CLOSED, Light.NONE)
    assert second.closed_at == datetime(2026, 3, 5, 16, 0, tzinfo=UTC)


def test_an_end_nobody_noted_is_the_beginning(town: City) -> None:
    load(town, "incidents", rows_of(table()), values={"state": "closed"})
    for incident in Incident.objects.all():
        assert incident.closed_at == incident.reported_at


def test_unknown_categories_are_refused_or_made(town: City) -> None:
    rows = rows_of(table(primary_type=["THEFT", ""]))
    report = load(town, "incidents", rows)
    assert reasons(report) == [(1, "unknown_category"), (2, "missing_field")]
    report = load(town, "incidents", rows, make_categories=True)
    assert counts(report) == (1, 0, 0, 1)
    assert report.made == {"categories": 1}
    made = Category.objects.get(code="THEFT")
    assert (made.city, made.kind) == (town, "event")


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"longitude": ["", 117.62]}, "no_geometry"),
        ({"longitude": ["x", 117.62]}, "wrong_value"),
        ({"longitude": [200, 117.62]}, "outside_world"),
        ({"longitude": [100, 117.62]}, "outside_city"),
        ({"reported_at": ["yesterday", "2026-03-05"]}, "wrong_value"),
        ({"reported_at": ["2026-02-30", "2026-03-05"]}, "wrong_value"),
        ({"reported_at": ["", "2026-03-05"]}, "missing_field"),
        ({"state": ["gone", ""]}, "wrong_value"),
        ({"description": ["\0", ""]}, "bad_text"),
        ({"description": ["x" * 4001, ""]}, "too_long"),
        ({"id": ["2", "2"]}, "duplicate_code"),
    ],
)
def test_a_row_that_cannot_be_is_refused_and_the_other_is_not(
    town: City, columns: dict[str, list[object]], code: str
) -> None:
    second = toy.at(350, 50)
    if "longitude" in columns:
        columns = {"longitude": [columns["longitude"][0], second.x]}
    report = load(town, "incidents", rows_of(table(**columns)))
    assert [reason for _, reason in reasons(report)] == [code]
    assert counts(report) == (1, 0, 0, 1)


def test_a_number_belongs_to_its_city(town: City) -> None:
    load(town, "incidents", rows_of(table()))
    other = City.objects.create(
        slug="other", code="990001", name="别城", metric_srid=4548, bounds=town.bounds
    )
    rows = rows_of(table())
    assert counts(load(other, "incidents", rows, make_categories=True)) == (2, 0, 0, 0)
    assert Incident.objects.filter(city=other, cell__isnull=False).count() == 0
    assert Incident.objects.filter(city=town, cell__isnull=False).count() == 2
