"""Official holidays and make-up days of China, as far as the package `holidays` knows the notice.

They only seed a city's calendar, whose rows win. A year of which the State Council's notice is not
known yet has no make-up days in the package: its guess is no calendar, and is not given.
"""

from __future__ import annotations

from datetime import date
from importlib.metadata import version
from typing import NamedTuple

import holidays

MOVED = "休息日"  # how the package names a weekday off that was moved from a weekend
MAKE_UP = "调休上班"


class NamedDay(NamedTuple):
    """A day with its kind (of ``CalendarDay``) and its name."""

    day: date
    kind: str
    name: str


def source() -> str:
    """Return where the days come from."""
    return f"国务院办公厅通知（holidays {version('holidays')}）"


def official_days(year: int) -> list[NamedDay]:
    """Return the days of a year that are not what their weekday says; none when not known."""
    china = holidays.country_holidays("CN", years=year, language="zh_CN")
    worked = sorted(day for day in china.weekend_workdays if day.year == year)
    if not worked:
        return []
    off = [
        NamedDay(day, "rest" if name.startswith(MOVED) else "holiday", name[:40])
        for day, name in china.items()
        if day.year == year
    ]
    return sorted([*off, *(NamedDay(day, "make_up", MAKE_UP) for day in worked)])
