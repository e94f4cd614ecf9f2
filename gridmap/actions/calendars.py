"""The calendar of a city: its days are kept, a year is seeded, and running limits follow."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from gridmap.actions import reference
from gridmap.actions.cases.recounting import Recounted, recount_running
from gridmap.errors import BadValue
from gridmap.geo.official_days import official_days, source
from gridmap.layers import journal
from gridmap.layers.calendars import CalendarDay, WorkSlot
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City


@transaction.atomic
def seed_calendar(*, by: Scope, city: City, year: int) -> int:
    """Add the official days of a year that the city's calendar does not have; return how many.

    Limits that are running and reach into that year are counted again.

    Raises:
        NotYours: the caller does not administer the city.
        BadValue: the official arrangement of that year is not known here.
    """
    by.must("administer", city.pk)
    known = official_days(year)
    if not known:
        raise BadValue("还没有 %(year)s 年的放假安排：请按国务院办公厅通知填写日历", year=year)
    there = set(CalendarDay.objects.filter(city=city, day__year=year).values_list("day", flat=True))
    rows = [
        CalendarDay(city=city, day=row.day, kind=row.kind, name=row.name, source=source())
        for row in known
        if row.day not in there
    ]
    CalendarDay.objects.bulk_create(rows)
    moved = recount_running(city, *_whole(year)) if rows else Recounted()
    journal.record(
        by=by, verb="seed_calendar", subject=city, where=(city.pk, None, None),
        change=({}, {"year": year, "days": len(rows), **_told(moved)}),
    )  # fmt: skip
    return len(rows)


@transaction.atomic
def keep_hours(*, by: Scope, row: CalendarDay | WorkSlot, why: str = "") -> Recounted:
    """Add or change a day of the calendar, or hours of a season; running limits follow at once.

    Raises:
        NotYours: the caller does not administer the city.
        WrongState: it is in force already.
    """
    before = type(row)._default_manager.filter(pk=row.pk).first() if row.pk else None
    years = _years(row.city)
    reference.keep(by=by, row=row, why=why)
    span = _span([row, before], years ^ _years(row.city))
    moved = recount_running(row.city, *span)
    _record(by, row.city, span, moved)
    return moved


@transaction.atomic
def remove_hours(*, by: Scope, row: CalendarDay | WorkSlot, why: str = "") -> Recounted:
    """Take away a day of the calendar, or hours, to come; running limits follow at once.

    Raises:
        NotYours: the caller does not administer the city.
        WrongState: it is or was in force.
    """
    years = _years(row.city)
    reference.remove(by=by, row=row, why=why)
    span = _span([row], years ^ _years(row.city))
    moved = recount_running(row.city, *span)
    _record(by, row.city, span, moved)
    return moved


def _years(city: City) -> set[int]:
    return {day.year for day in CalendarDay.objects.filter(city=city).dates("day", "year")}


def _whole(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)


def _span(rows: Iterable[CalendarDay | WorkSlot | None], years: Iterable[int]) -> tuple[date, date]:
    """Return from when to when these rows say something.

    The first day of a year makes its calendar known, the last one unknown: the whole year counts.
    """
    spans = [_days(row) for row in rows if row is not None]
    spans += [_whole(year) for year in years]
    return min(span[0] for span in spans), max(span[1] for span in spans)


def _days(row: CalendarDay | WorkSlot) -> tuple[date, date]:
    if isinstance(row, CalendarDay):
        return row.day, row.day
    return row.valid.lower or date.min, row.valid.upper or date.max


def _record(by: Scope, city: City, span: tuple[date, date], moved: Recounted) -> None:
    """Tell the journal which cases got another time, where any did."""
    if not moved.limits:
        return
    days = {"first": span[0].isoformat(), "last": span[1].isoformat()}
    journal.record(
        by=by, verb="recount_limits", subject=city, where=(city.pk, None, None),
        change=({}, {**days, **_told(moved)}),
    )  # fmt: skip


def _told(moved: Recounted) -> dict[str, object]:
    return {"limits": moved.limits, "cases": list(moved.cases)}
