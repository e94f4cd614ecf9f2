"""Filling a city's calendar with the official days of a year; rows that are there win."""

from __future__ import annotations

from django.db import transaction

from gridmap.errors import BadValue
from gridmap.geo.official_days import official_days, source
from gridmap.layers import journal
from gridmap.layers.calendars import CalendarDay
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City


@transaction.atomic
def seed_calendar(*, by: Scope, city: City, year: int) -> int:
    """Add the official days of a year that the city's calendar does not have; return how many.

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
    journal.record(
        by=by, verb="seed_calendar", subject=city, where=(city.pk, None, None),
        change=({}, {"year": year, "days": len(rows)}),
    )  # fmt: skip
    return len(rows)
