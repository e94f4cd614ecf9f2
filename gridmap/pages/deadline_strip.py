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

    name: str
    due: datetime
    met: datetime | None
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


def strip(row: Deadline, zone: ZoneInfo) -> Strip:
    """Return the strip of a deadline."""
    told = row.explanation
    days = told.get("days", [])
    now = timezone.now().astimezone(zone)
    amount = length(row.limit, row.unit)
    counted = sum(day["minutes"] for day in days)
    found = Strip(
        name=_(row.name),
        due=row.due,
        met=row.met_at,
        rule=_rule(told.get("rule", {}), amount),
        total=_hours(counted),
        used=_hours(sum(_used(day, now) for day in days)),
        warnings=[_warned(one) for one in told.get("warnings", [])],
        pauses=[f"{_at(a)} – {_at(b)}" for a, b in told.get("pauses", [])],
        extended=(", " if translation.get_language() == "en" else "、").join(
            f"+{length(n, of)}" for n, of in told.get("extensions", [])
        ),
    )
    _draw(found, days, now, row.due.astimezone(zone))
    found.lines = _lines(days)
    return found


def _rule(rule: dict[str, Any], amount: str) -> str:
    where = rule.get("place_class", PlaceClass.ANY)
    place = "" if where == PlaceClass.ANY else _(str(PlaceClass(where).label))
    parts = [rule.get("condition", ""), place, amount]
    if rule.get("since"):
        parts.append(_("%(day)s 起的版本") % {"day": rule["since"][:10]})
    return " · ".join(part for part in parts if part)


def _warned(warning: dict[str, Any]) -> str:
    if warning.get("code") == "calendar_year_missing":
        return _("%(year)s 年办公日历还没录入，按周一至周五暂算") % {"year": warning["year"]}
    return _("办公时间还没录入，按常用时间暂算")


def _at(moment: str) -> str:
    return f"{datetime.fromisoformat(moment):%m-%d %H:%M}"


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


def _draw(found: Strip, days: list[dict[str, Any]], now: datetime, due: datetime) -> None:
    shown = days if len(days) <= MOST_DAYS else [*days[: MOST_DAYS // 2], *days[-MOST_DAYS // 2 :]]
    if not shown:
        return
    width = WIDTH / len(shown)
    for index, day in enumerate(shown):
        x = index * width
        label = day["day"][5:] if index in {0, len(shown) - 1} or day["kind"] == "make_up" else ""
        found.days.append(Day(round(x, 1), round(width, 1), day["kind"], label))
        for a, b in day["slots"]:
            begin, end = (_clock(day["day"], one, now.tzinfo) for one in (a, b))
            left, right = x + _share(begin, day) * width, x + _share(end, day) * width
            gone = x + _share(min(max(now, begin), end), day) * width
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
        word = f"{day['day'][5:]} {_weekday(day['day'])}{f'（{note}）' if note else ''}"
        slots = "　".join(f"{a}–{b}" for a, b in day["slots"])
        found.append(Line(word, "", slots, _hours(day["minutes"])))
    return found


def _off(run: list[dict[str, Any]]) -> Line:
    first, last = run[0], run[-1]
    word = first["day"][5:] if first is last else f"{first['day'][5:]} – {last['day'][5:]}"
    said = first["name"] or (_(KINDS[first["kind"]]) if KINDS.get(first["kind"]) else "")
    return Line(word, said, "", "0")
