"""The deadline explained: a strip of days and a table of slots, from the arithmetic kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from gridmap.layers.cases import Deadline
from gridmap.layers.catalogue import PlaceClass, Unit
from gridmap.layers.timing import Timed
from gridmap.pages.catalogue_words import catalogue_word
from gridmap.pages.dates import short, short_day

WIDTH, HEIGHT, TOP = 560, 34, 24  # units of the drawing
OPENS, CLOSES = 7, 19  # o'clock: between these a day is drawn
MOST_DAYS = 14
WEEKDAYS = (
    gettext_noop("周一"),
    gettext_noop("周二"),
    gettext_noop("周三"),
    gettext_noop("周四"),
    gettext_noop("周五"),
    gettext_noop("周六"),
    gettext_noop("周日"),
)
KINDS = {
    "holiday": gettext_noop("放假，不计"),
    "make_up": gettext_noop("调休上班，计"),
    "rest": gettext_noop("休息，不计"),
    "weekend": gettext_noop("休息，不计"),
    "work": "",
    "weekday": "",
}
HOUR = 60


@dataclass(frozen=True)
class Day:
    """One column of the strip."""

    x: float
    width: float
    kind: str
    label: str
    label_x: float = 0.0
    ends: bool = False  # the label ends there, others begin


@dataclass(frozen=True)
class Line:
    """One row of the table."""

    day: str
    said: str
    slots: str
    hours: str


@dataclass
class Strip:
    """Everything the template needs of one deadline."""

    heading: str
    name: str
    due: str
    met: str
    rule: str
    total: str
    used: str
    days: list[Day] = field(default_factory=list)
    bars: list[tuple[float, float, str]] = field(default_factory=list)  # x, width, class
    now_x: float | None = None
    due_x: float | None = None
    lines: list[Line] = field(default_factory=list)
    pauses: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    extended: str = ""
    paused: str = ""  # since when the clock stands still
    note: str = ""


@dataclass(frozen=True)
class Until:
    """Until when time is counted as used: now, or where the clock stopped before.

    Attributes:
        zone: of the city.
        ended: when the case ended.
        paused: since when its clock has stood still.
    """

    zone: ZoneInfo
    ended: datetime | None = None
    paused: datetime | None = None

    def moment(self, met: datetime | None) -> datetime:
        """Return the last moment that counts, in local time."""
        stops = [one for one in (met, self.ended, self.paused) if one is not None]
        return min([timezone.now(), *stops]).astimezone(self.zone)


def length(number: int, unit: str) -> str:
    """Return so many of a unit in the reader's words: 5 working days."""
    words = {
        Unit.WORK_MINUTE: ngettext("%(n)s 工作分钟", "%(n)s 工作分钟", number),
        Unit.WORK_HOUR: ngettext("%(n)s 工作时", "%(n)s 工作时", number),
        Unit.WORK_DAY: ngettext("%(n)s 工作日", "%(n)s 工作日", number),
        Unit.MINUTE: _("%(n)s 分钟"),
        Unit.HOUR: _("%(n)s 小时"),
        Unit.DAY: ngettext("%(n)s 自然日", "%(n)s 自然日", number),
    }
    return words[Unit(unit)] % {"n": number}


def strip(row: Deadline, until: Until) -> Strip:
    """Return the strip of a deadline."""
    found = _counted(row.explanation, row.due, until, row.met_at)
    found.heading, found.name = _("时限怎么算的"), catalogue_word(row.name)
    found.rule = _rule(row.explanation.get("rule", {}), length(row.limit, row.unit))
    return found


def step_strip(name: str, due: datetime, timed: Timed | None, until: Until) -> Strip:
    """Return the strip of the present step; its sum is left out where it gives another time now.

    Args:
        name: of the step, in the reader's language.
        due: by when it must be done, as it was counted when the step began.
        timed: the same counted now; None where the limit is no more.
        until: until when time is counted as used.
    """
    found = _recounted(due, timed, until)
    found.heading, found.name = _("这一步的时限"), name
    return found


def outlook_strip(due: datetime, timed: Timed | None, until: Until) -> Strip:
    """Return the strip of a case that is not filed: by when it would be due from its report on.

    Args:
        due: as it was counted when it came in.
        timed: the same counted now; None where nothing is known of how it was counted.
        until: until when time is counted as used.
    """
    found = _recounted(due, timed, until)
    found.heading = _("时限怎么算的")
    if timed is None:
        found.note = _("接入时就有的时间，没有留下算式。")
    elif not found.note:
        found.name = catalogue_word(timed.limit.name)
        found.note = _("还没立案，先从上报算起；立案时从那一刻重新算。")
    return found


def _recounted(due: datetime, timed: Timed | None, until: Until) -> Strip:
    if timed is None or abs(timed.due - due) >= timedelta(seconds=1):
        found = _counted({}, due, until, None)
        found.note = _("当时算出的时间；按现在的日历和时限再算会不同。")
        return found
    found = _counted(timed.explanation, due, until, None)
    found.rule = _rule(timed.explanation["rule"], length(timed.limit.amount, timed.limit.unit))
    return found


def _counted(told: dict[str, Any], due: datetime, until: Until, met: datetime | None) -> Strip:
    days = [_joined(day) for day in told.get("days", [])]
    stop, zone = until.moment(met), until.zone
    stands = until.paused is not None and until.ended is None and met is None
    found = Strip(
        heading="",
        name="",
        due=short(due, zone),
        met=short(met, zone) if met else "",
        rule="",
        total=_hours(sum(day["minutes"] for day in days)),
        used=_hours(sum(_used(day, stop) for day in days)),
        paused=short(until.paused, zone) if until.paused and stands else "",
        warnings=warnings(told),
        pauses=[f"{_at(a, zone)} – {_at(b, zone)}" for a, b in told.get("pauses", [])],
        extended=(", " if translation.get_language() == "en" else "、").join(
            f"+{length(n, of)}" for n, of in told.get("extensions", [])
        ),
    )
    _draw(found, days, stop, due.astimezone(zone))
    found.lines = _lines(days)
    return found


def _joined(day: dict[str, Any]) -> dict[str, Any]:
    """Return a day whose slots that touch are one: a limit and its extension meet inside a slot."""
    slots: list[list[str]] = []
    for begins, ends in day["slots"]:
        if slots and slots[-1][1] == begins:
            slots[-1] = [slots[-1][0], ends]
        else:
            slots.append([begins, ends])
    return {**day, "slots": slots}


def _rule(rule: dict[str, Any], amount: str) -> str:
    where = rule.get("place_class", PlaceClass.ANY)
    place = "" if where == PlaceClass.ANY else _(str(PlaceClass(where).label))
    parts = [catalogue_word(rule.get("condition", "")), place, amount]
    if rule.get("since"):
        parts.append(_("%(day)s 起的版本") % {"day": rule["since"][:10]})
    return " · ".join(part for part in parts if part)


def warnings(explanation: dict[str, Any]) -> list[str]:
    """Return what was guessed when a due time was counted, in the reader's words."""
    return [_warned(one) for one in explanation.get("warnings", [])]


def _warned(warning: dict[str, Any]) -> str:
    if warning.get("code") == "calendar_year_missing":
        return _("%(year)s 年办公日历还没录入，按周一至周五暂算") % {"year": warning["year"]}
    return _("办公时间还没录入，按常用时间暂算")


def _at(moment: str, zone: ZoneInfo) -> str:
    return short(datetime.fromisoformat(moment), zone)


def _day(day: str) -> str:
    return short_day(date.fromisoformat(day))


def _hours(minutes: float) -> str:
    return f"{minutes / HOUR:.1f}"


def _clock(day: str, told: str, zone: Any) -> datetime:
    hour, minute = (int(part) for part in told.split(":"))
    start = datetime.fromisoformat(f"{day}T00:00").replace(tzinfo=zone)
    return start + timedelta(hours=hour, minutes=minute)


def _used(day: dict[str, Any], now: datetime) -> float:
    """Minutes of a day that are over."""
    spans = [(_clock(day["day"], a, now.tzinfo), _clock(day["day"], b, now.tzinfo))
             for a, b in day["slots"]]  # fmt: skip
    return sum(max(0.0, (min(end, now) - begin).total_seconds() / 60) for begin, end in spans)


def _weekday(day: str) -> str:
    return _(WEEKDAYS[date.fromisoformat(day).weekday()])


def _draw(found: Strip, days: list[dict[str, Any]], stop: datetime, due: datetime) -> None:
    now = timezone.now().astimezone(stop.tzinfo)
    shown = days if len(days) <= MOST_DAYS else [*days[: MOST_DAYS // 2], *days[-MOST_DAYS // 2 :]]
    if not shown:
        return
    width = WIDTH / len(shown)
    for index, day in enumerate(shown):
        x = index * width
        last = index == len(shown) - 1
        label = _day(day["day"]) if last or not index or day["kind"] == "make_up" else ""
        ends = last and index > 0  # its label ends with it, or it would be cut at the border
        found.days.append(
            Day(round(x, 1), round(width, 1), day["kind"], label, round(x + width * ends, 1), ends)
        )
        for a, b in day["slots"]:
            begin, end = (_clock(day["day"], one, stop.tzinfo) for one in (a, b))
            left, right = x + _share(begin, day) * width, x + _share(end, day) * width
            gone = x + _share(min(max(stop, begin), end), day) * width
            if gone > left:
                found.bars.append((round(left, 1), round(gone - left, 1), "used"))
            if right > gone:
                found.bars.append((round(gone, 1), round(right - gone, 1), "left"))
        if day["day"] == f"{now:%Y-%m-%d}":
            found.now_x = round(x + _share(now, day) * width, 1)
        if day["day"] == f"{due:%Y-%m-%d}":
            found.due_x = round(x + _share(due, day) * width, 1)


def _share(moment: datetime, day: dict[str, Any]) -> float:
    """How far into the drawn part of a day a moment lies, 0 to 1."""
    start = datetime.fromisoformat(f"{day['day']}T00:00").replace(tzinfo=moment.tzinfo)
    hours = (moment - start).total_seconds() / 3600
    if any(b == "24:00" or a < "07:00" for a, b in day["slots"]):  # counted on the wall clock
        return min(1.0, max(0.0, hours / 24))
    return min(1.0, max(0.0, (hours - OPENS) / (CLOSES - OPENS)))


def _lines(days: list[dict[str, Any]]) -> list[Line]:
    """Rows of the table; days off that follow each other are one row."""
    found: list[Line] = []
    run: list[dict[str, Any]] = []
    for day in [*days, None]:
        off = day is not None and not day["minutes"]
        if run and (not off or (day and day["kind"] != run[-1]["kind"])):
            found.append(_off(run))
            run = []
        if day is None:
            break
        if off:
            run.append(day)
            continue
        note = _(KINDS[day["kind"]]) if KINDS.get(day["kind"]) else ""
        word = f"{_day(day['day'])} {_weekday(day['day'])}{_aside(note) if note else ''}"
        slots = "　".join(f"{a}–{b}" for a, b in day["slots"])
        found.append(Line(word, "", slots, _hours(day["minutes"])))
    return found


def _aside(note: str) -> str:
    return f" ({note})" if translation.get_language() == "en" else f"（{note}）"


def _off(run: list[dict[str, Any]]) -> Line:
    first, last = run[0], run[-1]
    word = _day(first["day"]) if first is last else f"{_day(first['day'])} – {_day(last['day'])}"
    said = first["name"] or (_(KINDS[first["kind"]]) if KINDS.get(first["kind"]) else "")
    return Line(word, said, "", "0")
