"""A changed calendar counts again what is running, and nothing that has ended."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from unittest.mock import patch

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gridmap.actions.calendars import keep_hours, remove_hours, seed_calendar
from gridmap.errors import NotYours
from gridmap.geo.official_days import NamedDay
from gridmap.layers.calendars import CalendarDay, WorkSlot, year_without_days
from gridmap.layers.cases import Deadline, Step
from gridmap.layers.catalogue import Milestone, Standard, StepLimit
from gridmap.layers.incidents import Category, Incident
from gridmap.layers.journal import Entry
from gridmap.layers.postings import operator_scope
from tests import town as toy
from tests.cases.conftest import Office

DAYS = 20  # working days of the limit: it reaches past any week


@pytest.fixture
def filed(office: Office) -> Incident:
    """A case with a limit of twenty working days, dispatched, whose step has five."""
    for begins, ends in ((time(8), time(12)), (time(14), time(18))):
        WorkSlot.objects.create(
            city=office.town, season="全年", begins=begins, ends=ends,
            valid=DateRange(toy.OPENED.date(), None),
        )  # fmt: skip
    standard = Standard.objects.create(
        category=Category.objects.get(code="0102"), condition="一般", filing="有", closing="无",
        source="规范", valid=toy.ALWAYS,
    )  # fmt: skip
    Milestone.objects.create(standard=standard, name="清除", limit=DAYS, unit="work_day")
    StepLimit.objects.create(
        city=office.town, state="dispatched", limit=5, unit="work_day", valid=toy.ALWAYS
    )
    return office.upto("dispatched")


def workday(days: int) -> date:
    """A weekday at least so many days from today."""
    day = timezone.localdate() + timedelta(days=days)
    return day + timedelta(days=(7 - day.weekday()) if day.weekday() > 4 else 0)


def holiday(day: date) -> CalendarDay:
    return CalendarDay(city=toy.city(), day=day, kind="holiday", name="放假", source="通知")


def times(case: Incident) -> list[datetime]:
    case.refresh_from_db()
    (row,) = Deadline.objects.filter(incident=case)
    step = Step.objects.get(incident=case, ends=None)
    assert case.due == row.due
    assert step.due is not None
    return [row.due, step.due]


def test_a_holiday_that_is_added_moves_what_runs_over_it(filed: Incident) -> None:
    before = times(filed)
    moved = keep_hours(by=operator_scope(), row=holiday(workday(2)), why="临时放假")
    after = times(filed)
    assert all(new > old for old, new in zip(before, after, strict=True))
    assert (moved.cases, moved.limits) == ((filed.number,), 2)
    told = Entry.objects.get(verb="recount_limits")
    assert told.after["limits"] == 2
    assert told.after["cases"] == [filed.number]
    (row,) = Deadline.objects.filter(incident=filed)
    assert any(day["name"] == "放假" for day in row.explanation["days"])
    remove_hours(by=operator_scope(), row=CalendarDay.objects.get())
    assert times(filed) == before
    connection.check_constraints()


def test_a_day_that_nothing_runs_over_moves_nothing(filed: Incident) -> None:
    before = times(filed)
    CalendarDay.objects.create(
        city=toy.city(), day=workday(200), kind="work", source="通知"
    )  # its year is known
    assert not keep_hours(by=operator_scope(), row=holiday(workday(100))).cases or (
        workday(100).year != workday(200).year
    )
    assert times(filed) == before
    assert not Entry.objects.filter(verb="recount_limits").exists()


def test_what_was_met_is_over_or_stands_still_does_not_move(
    office: Office, filed: Incident
) -> None:
    met, parked, over = (office.upto("handling") for _ in range(3))
    office.act(met, "answer", "sanitation", why="已清走")
    past = timezone.now() - timedelta(minutes=1)
    for rows in (Deadline.objects.filter(incident=over), Incident.objects.filter(pk=over.pk),
                 Step.objects.filter(incident=over, ends=None)):  # fmt: skip
        rows.update(soon_at=past, due=past, **({"starts": past} if rows.model is Deadline else {}))
    office.act(parked, "ask_park", "sanitation", why="等配件")
    office.act(parked, "park", "duty", application=parked.applications.get().pk)
    three = Deadline.objects.filter(incident__in=[met, over, parked]).order_by("pk")
    before = list(three.values_list("due", flat=True))
    moved = keep_hours(by=operator_scope(), row=holiday(workday(2)))
    assert moved.cases == (filed.number,)
    assert list(three.values_list("due", flat=True)) == before


def test_a_provisional_time_becomes_right_when_its_year_is_filled(filed: Incident) -> None:
    (row,) = Deadline.objects.filter(incident=filed)
    year = row.due.year
    assert {"code": "calendar_year_missing", "year": year} in row.explanation["warnings"]
    before = times(filed)
    known = [NamedDay(workday(2), "holiday", "节"), NamedDay(date(year, 12, 31), "work", "")]
    if workday(2).year != year:
        known = [NamedDay(date(year, 1, day), "holiday", "节") for day in range(1, 8)]
    with patch("gridmap.actions.calendars.official_days", return_value=known):
        assert seed_calendar(by=operator_scope(), city=toy.city(), year=year) == len(known)
    assert times(filed)[0] > before[0]
    row.refresh_from_db()
    assert {"code": "calendar_year_missing", "year": year} not in row.explanation["warnings"]
    assert Entry.objects.get(verb="seed_calendar").after["cases"] == [filed.number]


def test_the_first_day_of_a_year_makes_the_whole_year_known(filed: Incident) -> None:
    (row,) = Deadline.objects.filter(incident=filed)
    year = row.due.year
    last = CalendarDay(city=toy.city(), day=date(year, 12, 31), kind="work", source="通知")
    keep_hours(by=operator_scope(), row=last)
    row.refresh_from_db()
    assert {"code": "calendar_year_missing", "year": year} not in row.explanation["warnings"]


def test_twice_as_many_cases_ask_no_more_questions(office: Office, filed: Incident) -> None:
    def asked(day: date) -> int:
        with CaptureQueriesContext(connection) as told:
            keep_hours(by=operator_scope(), row=holiday(day))
        return len(told)

    days = iter(dict.fromkeys(workday(n) for n in range(1, 20)))
    keep_hours(by=operator_scope(), row=holiday(next(days)))
    one = asked(next(days))
    for _ in range(3):
        office.upto("dispatched")
    assert asked(next(days)) <= one


def test_who_does_not_administer_the_city_changes_no_day(office: Office, filed: Incident) -> None:
    before = times(filed)
    with pytest.raises(NotYours):
        keep_hours(by=office.eyes["duty"], row=holiday(workday(2)))
    assert times(filed) == before


@pytest.mark.parametrize(
    ("known", "today", "missing"),
    [
        ([], date(2026, 3, 1), 2026),
        ([2026], date(2026, 9, 30), None),
        ([2026], date(2026, 10, 1), 2027),
        ([2026, 2027], date(2026, 12, 31), None),
        ([2027], date(2026, 12, 31), 2026),
    ],
    ids=["this one", "too early", "from October on", "all there", "this one first"],
)
def test_which_year_is_asked_for(
    town: object, known: list[int], today: date, missing: int | None
) -> None:
    for year in known:
        CalendarDay.objects.create(city=toy.city(), day=date(year, 5, 1), kind="holiday",
                                   source="通知")  # fmt: skip
    assert year_without_days(toy.city(), today) == missing
