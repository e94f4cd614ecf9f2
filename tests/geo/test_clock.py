"""Due times by the official calendar: the answers of practice, and what always holds."""

from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gridmap.geo import clock
from gridmap.geo.clock import Calendar, Hours, Leg, OfficialDay
from gridmap.geo.official_days import official_days

ZONE = ZoneInfo("Asia/Shanghai")
OFF_2026 = {  # State Council's notice for 2026, the days named in domain.md 3.6
    "中秋节": ["09-25", "09-26", "09-27"],
    "国庆节": [f"10-0{n}" for n in range(1, 8)],
    "春节": [f"02-{n}" for n in range(15, 24)],
}
MAKE_UP_2026 = ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]
DAYS = {
    date.fromisoformat(f"2026-{day}"): OfficialDay("holiday", name)
    for name, days in OFF_2026.items()
    for day in days
} | {date.fromisoformat(f"2026-{day}"): OfficialDay("make_up", "调休") for day in MAKE_UP_2026}
HOURS = (Hours(time(8), time(12)), Hours(time(14, 30), time(17, 30)))
CITY = Calendar(ZONE, DAYS, HOURS)
SEASONS = Calendar(
    ZONE,
    DAYS,
    (
        Hours(time(8), time(12)),
        Hours(time(14, 30), time(17, 30), None, date(2026, 6, 1)),
        Hours(time(15), time(18, 30), date(2026, 6, 1), date(2026, 10, 1)),
        Hours(time(14, 30), time(17, 30), date(2026, 10, 1), None),
    ),
)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def legs(amount: int | Fraction, unit: str) -> list[Leg]:
    return [Leg(Fraction(amount), unit)]


@pytest.mark.parametrize(
    ("start", "amount", "unit", "end"),
    [
        ("2026-09-24 16:00", 1, "work_day", "2026-09-28 16:00"),
        ("2026-09-24 16:00", 5, "work_day", "2026-10-09 16:00"),
        ("2026-02-13 17:00", 4, "work_hour", "2026-02-14 11:30"),
        ("2026-11-26 09:00", 30, "work_minute", "2026-11-26 09:30"),
        ("2026-11-26 11:50", 30, "work_minute", "2026-11-26 14:50"),
        ("2026-11-27 20:00", 2, "work_hour", "2026-11-30 10:00"),
        ("2026-09-24 16:00", 6, "hour", "2026-09-24 22:00"),
        ("2026-09-24 16:00", 2, "day", "2026-09-26 16:00"),
        ("2026-11-26 10:00", 0, "work_hour", "2026-11-26 10:00"),
    ],
)
def test_the_due_time_is_the_one_of_the_official_calendar(
    start: str, amount: int, unit: str, end: str
) -> None:
    assert clock.due(CITY, local(start), legs(amount, unit)).due == local(end)


def test_two_hours_only_after_eight_begin_at_eight() -> None:
    early = clock.begin(CITY, local("2026-11-26 05:20"), time(8))
    assert clock.due(CITY, early, legs(2, "hour")).due == local("2026-11-26 10:00")
    later = clock.begin(CITY, local("2026-11-26 09:20"), time(8))
    assert clock.due(CITY, later, legs(2, "hour")).due == local("2026-11-26 11:20")


def test_a_working_day_is_as_long_as_its_season() -> None:
    # 16:00 of a summer day is (4 h + 1 h) / 7.5 h in; on a winter day of 7 h that is 15:10.
    answer = clock.due(SEASONS, local("2026-09-30 16:00"), legs(1, "work_day"))
    assert answer.due == local("2026-10-08 15:10")


def test_the_answer_names_slots_holidays_and_make_up_days() -> None:
    answer = clock.due(CITY, local("2026-02-13 17:00"), legs(4, "work_hour"))
    assert [(line.day.day, line.kind, line.seconds / 3600) for line in answer.days] == [
        (13, "weekday", 0.5),
        (14, "make_up", 3.5),
    ]
    feast = clock.due(CITY, local("2026-09-24 16:00"), legs(1, "work_day"))
    assert [(line.day.day, line.name) for line in feast.days][1:4] == [
        (25, "中秋节"), (26, "中秋节"), (27, "中秋节"),
    ]  # fmt: skip
    assert feast.warnings == ()


def test_a_year_without_a_calendar_is_a_warning_and_no_crash() -> None:
    answer = clock.due(CITY, local("2026-12-31 16:00"), legs(2, "work_day"))
    assert answer.due == local("2027-01-04 16:00")
    assert answer.warnings == ({"code": "calendar_year_missing", "year": 2027},)


def test_a_city_without_hours_is_counted_by_the_usual_ones_and_told() -> None:
    bare = Calendar(ZONE, DAYS)
    answer = clock.due(bare, local("2026-11-26 09:00"), legs(1, "work_hour"))
    assert answer.due == local("2026-11-26 10:00")
    assert [warning["code"] for warning in answer.warnings] == ["working_hours_missing"]


def test_a_calendar_of_holidays_only_ends_in_a_warning() -> None:
    idle = {date(2026, 1, 1) + timedelta(days=n): OfficialDay("rest") for n in range(5_000)}
    answer = clock.due(Calendar(ZONE, idle, HOURS), local("2026-01-01 09:00"), legs(1, "work_hour"))
    assert answer.warnings == ({"code": "no_working_time"},)


def test_the_wall_clock_needs_no_calendar() -> None:
    answer = clock.due(Calendar(ZONE), local("2027-05-01 02:00"), legs(36, "hour"))
    assert (answer.due, answer.warnings) == (local("2027-05-02 14:00"), ())


def test_a_pause_is_left_out_and_shown() -> None:
    stop = (local("2026-11-26 10:00"), local("2026-11-27 10:00"))
    answer = clock.due(CITY, local("2026-11-26 09:00"), legs(4, "work_hour"), [stop])
    assert answer.due == local("2026-11-27 15:30")  # 1 h, then from Friday 10:00 two and one more
    assert answer.pauses == (stop,)


def test_an_extension_is_counted_after_the_limit() -> None:
    both = [*legs(4, "work_hour"), *legs(1, "work_day")]
    answer = clock.due(CITY, local("2026-11-26 14:30"), both)
    assert answer.due == local("2026-11-30 08:00") + timedelta(hours=1)


MOMENTS = st.integers(0, 2 * 365 * 24 * 3600).map(
    lambda s: datetime(2025, 12, 1, tzinfo=UTC) + timedelta(seconds=s)
)
UNIT = st.sampled_from(clock.UNITS)
AMOUNT = st.integers(1, 40).map(Fraction)
CALENDARS = st.sampled_from([CITY, SEASONS, Calendar(ZONE)])
SLIP = timedelta(microseconds=3)  # a due time is a whole microsecond


@given(CALENDARS, MOMENTS, AMOUNT, UNIT)
def test_between_start_and_due_lies_the_limit(
    calendar: Calendar, start: datetime, amount: Fraction, unit: str
) -> None:
    end = clock.due(calendar, start, [Leg(amount, unit)]).due
    found = clock.elapsed(calendar, start, end, unit)
    assert amount <= found < amount + Fraction(1, 10**9)
    assert clock.elapsed(calendar, start, end - SLIP, unit) < amount


@given(CALENDARS, MOMENTS, st.integers(0, 10**6), AMOUNT, UNIT)
def test_who_starts_later_or_has_more_time_is_due_no_earlier(
    calendar: Calendar, start: datetime, seconds: int, amount: Fraction, unit: str
) -> None:
    first = clock.due(calendar, start, [Leg(amount, unit)]).due
    assert clock.due(calendar, start + timedelta(seconds=seconds), [Leg(amount, unit)]).due >= first
    assert clock.due(calendar, start, [Leg(amount + 1, unit)]).due > first


@given(CALENDARS, MOMENTS, AMOUNT, UNIT, st.lists(st.integers(60, 10**6), min_size=2, max_size=6))
def test_time_is_conserved_across_pauses(
    calendar: Calendar, start: datetime, amount: Fraction, unit: str, gaps: list[int]
) -> None:
    stops, moment = [], start
    for gap in gaps:
        moment += timedelta(seconds=gap)
        stops.append(moment)
    pauses = list(zip(stops[::2], stops[1::2], strict=False))
    end = clock.due(calendar, start, [Leg(amount, unit)], pauses).due
    counted = clock.elapsed(calendar, start, end, unit, pauses)
    assert amount <= counted < amount + Fraction(1, 10**9)
    whole = clock.elapsed(calendar, start, end, unit)
    paused = sum(
        (clock.elapsed(calendar, a, min(b, end), unit) for a, b in pauses if a < end), Fraction(0)
    )
    assert whole == counted + paused
    assume(pauses and pauses[0][0] < end)
    assert end >= clock.due(calendar, start, [Leg(amount, unit)]).due


def test_the_seed_knows_the_notice_of_2026_and_does_not_guess_2027() -> None:
    found = {row.day: row.kind for row in official_days(2026)}
    assert sorted(day for day, kind in found.items() if kind == "make_up") == [
        date.fromisoformat(f"2026-{day}") for day in MAKE_UP_2026
    ]
    assert (found[date(2026, 9, 25)], found[date(2026, 10, 7)]) == ("holiday", "rest")
    assert official_days(2027) == []


@pytest.mark.parametrize(
    ("start", "amount", "unit", "end"),
    [
        ("2026-09-24 16:00", 1, "work_day", "2026-09-28 16:00"),
        ("2026-09-24 16:00", 5, "work_day", "2026-10-09 16:00"),
        ("2026-02-13 17:00", 4, "work_hour", "2026-02-14 11:30"),
    ],
)
def test_a_seeded_calendar_gives_the_answers_of_practice(
    start: str, amount: int, unit: str, end: str
) -> None:
    days = {row.day: OfficialDay(row.kind, row.name) for row in official_days(2026)}
    city = Calendar(ZONE, days, HOURS)
    assert clock.due(city, local(start), legs(amount, unit)).due == local(end)


@given(MOMENTS, MOMENTS)
def test_the_gauge_counts_like_the_clock(one: datetime, other: datetime) -> None:
    begins, ends = sorted((one, other))
    gauge = clock.Gauge(CITY, datetime(2025, 12, 1, tzinfo=UTC), datetime(2027, 12, 31, tzinfo=UTC))
    whole = clock.elapsed(CITY, begins, ends, "work_minute")
    assert abs(gauge.minutes(ends) - gauge.minutes(begins) - float(whole)) < 1e-6
