"""What is copied out of a chat: who said it and when stands above it, and is no part of it.

Phones and desktops write the head of a message in several ways: 张三 08:33, 张三 2026/11/27 8:33,
————— 2026-11-27 —————. The hour is kept, because whoever wrote has been waiting since; the name is
not: who reports is asked for where it is needed, and nowhere else.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

LONGEST_AGO = timedelta(days=30)  # what was said before is no message of these days

_WHO = r"[^\s，。！？、；,!?;][^，。！？、；,!?;]{0,20}?"
_DAY = r"(?:(?P<year>20\d\d)\s*[-/.年]\s*)?(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*日?"
_WORD = r"(?P<word>今天|昨天|前天)"
_HALF = r"(?P<half>凌晨|早上|上午|中午|下午|晚上)"
_CLOCK = r"(?P<hour>\d{1,2})[:：](?P<minute>\d\d)(?:[:：]\d\d)?"
HEAD = re.compile(rf"^(?:{_WHO}\s+)??(?:{_DAY}|{_WORD})?\s*{_HALF}?\s*{_CLOCK}\s*[:：]?$")
DATE = re.compile(rf"^[—–\-=\s]*{_DAY}[—–\-=\s]*$")
NAME = re.compile(r"^\S.{0,30}[:：]$")
AGO = {"今天": 0, "昨天": 1, "前天": 2}
NOON, AFTER_NOON = 12, frozenset({"下午", "晚上"})


class Message(NamedTuple):
    """What was said, without its heads; and when, if that stood there and can be."""

    text: str
    said_at: datetime | None


def message(pasted: str, now: datetime, zone: ZoneInfo) -> Message:
    """Read what was pasted: one message or several, which then count from the first.

    Args:
        pasted: as it was copied.
        now: nothing was said later.
        zone: of the clocks in it.

    Returns:
        Heads are taken off where words follow; a line that only looks like one stays. An hour to
        come, or one of more than `LONGEST_AGO`, is none.
    """
    lines = [line.strip() for line in pasted.strip().splitlines()]
    today, day = now.astimezone(zone).date(), None
    said: datetime | None = None
    kept: list[str] = []
    for at, line in enumerate(lines):
        follows = any(lines[at + 1 :])
        if follows and (found := DATE.match(line)):
            day = _day(found, today)
        elif follows and (hour := _hour(line, day, now, zone)):
            said = said or hour
        elif not (follows and at == 0 and NAME.match(line)):
            kept.append(line)
    return Message("\n".join(kept).strip(), said)


def _day(found: re.Match[str], today: date) -> date | None:
    """Return the day that is written; without a year the last one of that name."""
    year = int(found["year"] or today.year)
    try:
        day = date(year, int(found["month"]), int(found["day"]))
    except ValueError:
        return None
    return day.replace(year=year - 1) if day > today and not found["year"] else day


def _hour(line: str, day: date | None, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Return when a message was said by its head; None where the line is no head."""
    found = HEAD.match(line)
    if found is None:
        return None
    today = now.astimezone(zone).date()
    hour = int(found["hour"])
    hour += 12 if found["half"] in AFTER_NOON and hour < NOON else 0
    if found["month"]:
        day = _day(found, today)
    elif found["word"]:
        day = today - timedelta(days=AGO[found["word"]])
    if found["month"] and day is None:
        return None
    try:
        moment = datetime.combine(day or today, time(hour, int(found["minute"])), zone)
    except ValueError:
        return None
    if moment > now and day is None:
        moment -= timedelta(days=1)  # a clock without a day, not yet struck today
    return moment if now - LONGEST_AGO <= moment <= now else None
