"""When something is due: working time by slots, seasons and official days, and how it was counted.

Pure: the rows of the calendar come in as values, the due time and its explanation go out as data.
Time is counted in the unit of its limit: minutes and hours of a working day, working days (each
the whole of its slots, so that one working day from 16:00 ends at 16:00), or the wall clock.
What lies in a pause is not counted. A year without official days, or a day without hours, is
counted by the common rule and said in a warning; it never stops anybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

UNITS = ("work_minute", "work_hour", "work_day", "minute", "hour", "day")
WORKING = frozenset({"work_minute", "work_hour", "work_day"})
LENGTHS = {
    "work_minute": timedelta(minutes=1), "work_hour": timedelta(hours=1),
    "minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1),
}  # fmt: skip
WORKED = frozenset({"work", "make_up"})
SATURDAY = 5
MOST_DAYS = 4_000  # so far is counted; a calendar of holidays only must not hang anybody
USUAL = (("08:00", "12:00"), ("14:30", "17:30"))  # where a city has no hours
MIDNIGHT = time()

Instants = tuple[datetime, datetime]


@dataclass(frozen=True)
class OfficialDay:
    """A day that is not what its weekday says, or is named: ``kind`` of ``CalendarDay``."""

    kind: str
    name: str = ""


@dataclass(frozen=True)
class Hours:
    """One slot of the working day, from ``since`` on, up to but without ``until``."""

    begins: time
    ends: time
    since: date | None = None
    until: date | None = None

    def holds(self, day: date) -> bool:
        """Return whether the season of the slot holds on this day."""
        return (self.since is None or self.since <= day) and (
            self.until is None or day < self.until
        )


@dataclass(frozen=True)
class Leg:
    """One length of time to be counted: a limit, or what an extension added to it."""

    amount: Fraction
    unit: str

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise ValueError(self.unit)


@dataclass(frozen=True)
class Calendar:
    """The official days and the hours of one city, in its own time zone."""

    zone: ZoneInfo
    days: Mapping[date, OfficialDay] = field(default_factory=dict)
    hours: Sequence[Hours] = ()

    @cached_property
    def years(self) -> frozenset[int]:
        """Return the years that have an official calendar."""
        return frozenset(day.year for day in self.days)

    def kind_of(self, day: date) -> OfficialDay:
        """Return what a day is: the row of the calendar wins, then the weekday."""
        official = self.days.get(day)
        if official is not None:
            return official
        return OfficialDay("weekend" if day.weekday() >= SATURDAY else "weekday")

    @cached_property
    def _known(self) -> dict[date, tuple[Instants, ...]]:
        return {}

    def slots(self, day: date) -> tuple[Instants, ...]:
        """Return the hours worked on a day; none on a day off."""
        if day not in self._known:
            self._known[day] = self._worked(day)
        return self._known[day]

    def _worked(self, day: date) -> tuple[Instants, ...]:
        if self.kind_of(day).kind not in WORKED | {"weekday"}:
            return ()
        found = [(slot.begins, slot.ends) for slot in self.hours if slot.holds(day)]
        if not found:
            found = [(time.fromisoformat(a), time.fromisoformat(b)) for a, b in USUAL]
        return tuple((self.at(day, begins), self.at(day, ends)) for begins, ends in sorted(found))

    def at(self, day: date, moment: time) -> datetime:
        """Return a local time of a day as an instant."""
        return datetime.combine(day, moment, self.zone).astimezone(UTC)

    def local(self, moment: datetime) -> datetime:
        """Return an instant in local time."""
        return moment.astimezone(self.zone)


@dataclass
class DayCount:
    """How much of one day was counted: one line of the explanation."""

    day: date
    kind: str
    name: str
    slots: list[Instants] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """Seconds counted on this day."""
        return sum((end - begin).total_seconds() for begin, end in self.slots)


@dataclass(frozen=True)
class Answer:
    """A due time with its arithmetic.

    Attributes:
        due: when the time is used up.
        starts: from when it was counted.
        days: what was counted on each day, days off between them too.
        pauses: the pauses that were left out.
        warnings: what was guessed: ``{"code": "calendar_year_missing", "year": 2027}``.
    """

    due: datetime
    starts: datetime
    days: tuple[DayCount, ...]
    pauses: tuple[Instants, ...]
    warnings: tuple[dict[str, object], ...]


class Gauge:
    """Working minutes from a first day on, summed up once: for counting very often."""

    def __init__(self, calendar: Calendar, first: datetime, last: datetime) -> None:
        self._calendar = calendar
        day, end = calendar.local(first).date(), calendar.local(last).date()
        self._slots: dict[date, tuple[Instants, ...]] = {}
        self._before: dict[date, float] = {}
        total = 0.0
        while day <= end:
            self._slots[day], self._before[day] = calendar.slots(day), total
            total += sum((b - a).total_seconds() for a, b in self._slots[day]) / 60
            day += timedelta(days=1)

    def minutes(self, moment: datetime) -> float:
        """Return the working minutes up to a moment between first and last."""
        day = self._calendar.local(moment).date()
        today = sum((min(b, moment) - a).total_seconds() for a, b in self._slots[day] if a < moment)
        return self._before[day] + today / 60


def begin(calendar: Calendar, reported: datetime, not_before: time | None = None) -> datetime:
    """Return when the clock starts: at once, or on that day not before an hour."""
    if not_before is None:
        return reported
    local = calendar.local(reported)
    return max(reported, calendar.at(local.date(), not_before))


def due(
    calendar: Calendar,
    starts: datetime,
    legs: Sequence[Leg],
    pauses: Sequence[Instants] = (),
) -> Answer:
    """Return when the legs, one after the other, are used up; pauses do not count.

    Args:
        calendar: of the city.
        starts: from when time counts.
        legs: the limit, and what was added to it.
        pauses: begin and end of each, in order.
    """
    moment = starts.astimezone(UTC)
    lines: dict[date, DayCount] = {}
    warnings: dict[object, dict[str, object]] = {}
    for leg in legs:
        left = leg.amount
        for line, span, worth in _spans(calendar, moment, leg.unit, pauses):
            shown = lines.setdefault(line.day, line)
            _warn(calendar, line, leg.unit, warnings)
            if span is None:
                continue
            held = worth * _micro(span[1] - span[0])
            if held >= left:
                moment = span[0] + timedelta(microseconds=_ceiling(left / worth) if left else 0)
                shown.slots.append((span[0], moment))
                left = Fraction(0)
                break
            left -= held
            shown.slots.append(span)
        if left:
            warnings["no_working_time"] = {"code": "no_working_time"}
            moment = max([moment, *(end for line in lines.values() for _, end in line.slots)])
    used = tuple((a, b) for a, b in pauses if b > starts and a < moment)
    return Answer(moment, starts, tuple(lines.values()), used, tuple(warnings.values()))


def elapsed(
    calendar: Calendar,
    since: datetime,
    until: datetime,
    unit: str,
    pauses: Sequence[Instants] = (),
) -> Fraction:
    """Return how much time of a unit lies between two moments, pauses left out."""
    total = Fraction(0)
    if until <= since:
        return total
    for line, span, worth in _spans(calendar, since.astimezone(UTC), unit, pauses):
        if span is None:
            if calendar.at(line.day, MIDNIGHT) >= until:
                break
            continue
        if span[0] >= until:
            break
        total += worth * _micro(min(span[1], until) - span[0])
    return total


def share(legs: Sequence[Leg], part: Fraction) -> list[Leg]:
    """Return legs that come to a part of the whole: 4/5 is where a light turns yellow."""
    return [Leg(leg.amount * part, leg.unit) for leg in legs]


def _micro(length: timedelta) -> int:
    return (length.days * 86_400 + length.seconds) * 1_000_000 + length.microseconds


def _ceiling(amount: Fraction) -> int:
    return -(-amount.numerator // amount.denominator)


def _spans(
    calendar: Calendar, since: datetime, unit: str, pauses: Sequence[Instants]
) -> Iterator[tuple[DayCount, Instants | None, Fraction]]:
    """Yield the spans that count from a moment on, each with what a microsecond of it is worth.

    A day of which nothing counts is yielded once with no span, so that it can be named.
    """
    first = calendar.local(since).date()
    for number in range(MOST_DAYS):
        day = first + timedelta(days=number)
        official = calendar.kind_of(day)
        whole, worth = _of_day(calendar, day, unit)
        counted = False
        for begins, ends in _without(whole, pauses):
            if ends <= since:
                continue
            counted = True
            yield DayCount(day, official.kind, official.name), (max(begins, since), ends), worth
        if not counted:
            yield DayCount(day, official.kind, official.name), None, worth


@lru_cache(maxsize=16)
def _worth(unit: str) -> Fraction:
    return Fraction(1, _micro(LENGTHS[unit]))


def _of_day(calendar: Calendar, day: date, unit: str) -> tuple[tuple[Instants, ...], Fraction]:
    """Return the spans of a day that count in a unit, and the worth of a microsecond of them."""
    if unit not in WORKING:
        whole = (calendar.at(day, MIDNIGHT), calendar.at(day + timedelta(days=1), MIDNIGHT))
        return (whole,), _worth(unit)
    slots = calendar.slots(day)
    if unit != "work_day":
        return slots, _worth(unit)
    length = sum(_micro(end - begin) for begin, end in slots)
    return slots, Fraction(1, length) if length else Fraction(0)


def _without(spans: Sequence[Instants], pauses: Sequence[Instants]) -> Iterator[Instants]:
    for begins, ends in spans:
        left = begins
        for stop, go in pauses:
            if go <= left or stop >= ends:
                continue
            if stop > left:
                yield left, stop
            left = max(left, go)
        if left < ends:
            yield left, ends


def _warn(
    calendar: Calendar, line: DayCount, unit: str, warnings: dict[object, dict[str, object]]
) -> None:
    if unit not in WORKING:
        return
    if line.day.year not in calendar.years:
        warnings[line.day.year] = {"code": "calendar_year_missing", "year": line.day.year}
    if line.kind in WORKED | {"weekday"} and not any(h.holds(line.day) for h in calendar.hours):
        warnings["hours"] = {"code": "working_hours_missing", "day": line.day.isoformat()}
