"""Honest figures of a period: each a share with its rule in words, and the cases behind both parts.

They are counted from `gridmap.layers.facts`, which no later deed changes. A number is the length of
its list; departments, communities and posts are measured, people never; nothing is rated below
`LEAST` cases. A rule that changes gets a new `VERSION`; figures that were kept bear the one they
were made by.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import inf, sqrt
from statistics import median_low
from typing import NamedTuple

from django.utils.translation import gettext, gettext_noop

from gridmap.layers.facts import Fact, Period
from gridmap.layers.incidents import WELL_DONE

VERSION = "2026-2"
LEAST = 20  # cases below which nothing is rated
CONFIDENCE = 1.959964  # of 95 %, two-sided
LESS_IS_BETTER = frozenset({"rework", "missed"})
LEVELS = ((90, "A"), (75, "B"), (60, "C"), (40, "D"), (0, "E"))  # domain.md 3.8
FROM_OUTSIDE = frozenset({"resident", "hotline", "wechat"})


Test = Callable[[Fact, Period], bool]
JOINED = gettext_noop("并到另一件的案件不计，同一件事只算先报的那一件")  # holds for every rate


class Wait(NamedTuple):
    """How long people waited, from when they said it until something was so."""

    name: str
    over: Callable[[Fact], datetime | None]

    def minutes(self, fact: Fact) -> int | None:
        """Whole minutes by the wall clock; None: they wait still."""
        asked, over = fact.asked, self.over(fact)
        return None if asked is None or over is None else int((over - asked).total_seconds() // 60)


@dataclass(frozen=True)
class Rate:
    """One share: of which cases (``whole``), which of these count (``part``), and their wait."""

    key: str
    name: str
    of: str
    counts: str
    whole: Test
    part: Test
    wait: Wait | None = None

    @property
    def said_of(self) -> str:
        """Which cases it is of, with what holds for every rate, in the reader's language."""
        return f"{gettext(self.of)} · {gettext(JOINED)}"


def _in_time(moment: datetime | None, limit: datetime | None) -> bool:
    return moment is not None and limit is not None and moment <= limit


def _to_be_closed(fact: Fact, period: Period) -> bool:
    return period.holds(fact.due) and fact.filed is not None and not fact.void


TO_BE_CLOSED = gettext_noop("应结案：时限在本期内到期的已立案件，作废的除外")
RATES: dict[str, Rate] = {
    rate.key: rate
    for rate in (
        Rate("closed", gettext_noop("结案率"), TO_BE_CLOSED, gettext_noop("其中本期末已结案"),
             _to_be_closed, lambda fact, _: fact.closed is not None,
             Wait(gettext_noop("结案用时"), lambda fact: fact.closed)),
        Rate("closed_in_time", gettext_noop("按期结案率"), TO_BE_CLOSED,
             gettext_noop("其中在时限内结案"),
             _to_be_closed, lambda fact, _: _in_time(fact.closed, fact.due)),
        Rate("handled_in_time", gettext_noop("按时处置率"), TO_BE_CLOSED,
             gettext_noop("其中最后一次反馈在时限内"),
             _to_be_closed, lambda fact, _: _in_time(fact.answered, fact.due)),
        Rate("rework", gettext_noop("返工率"), TO_BE_CLOSED, gettext_noop("其中返工过"),
             _to_be_closed, lambda fact, _: fact.reworks > 0),
        Rate("dispatched_right", gettext_noop("准确派遣率"), gettext_noop("本期内首次派遣的案件"),
             gettext_noop("其中没有回退、没有改派"),
             lambda fact, period: period.holds(fact.dispatched), lambda fact, _: fact.wrong == 0),
        Rate("dispatched_in_time", gettext_noop("按时派遣率"),
             gettext_noop("本期内首次派遣、有派遣时限的案件"), gettext_noop("其中在时限内派遣"),
             lambda fact, period: period.holds(fact.dispatched) and fact.dispatch_by is not None,
             lambda fact, _: _in_time(fact.dispatched, fact.dispatch_by)),
        Rate("verified_in_time", gettext_noop("按时核实率"),
             gettext_noop("本期内首次核实、有核实时限的案件"), gettext_noop("其中在时限内核实"),
             lambda fact, period: period.holds(fact.verified) and fact.verify_by is not None,
             lambda fact, _: _in_time(fact.verified, fact.verify_by)),
        Rate("filed_in_time", gettext_noop("按时立案率"),
             gettext_noop("本期内立案、有核实立案时限的案件"), gettext_noop("其中在时限内立案"),
             lambda fact, period: period.holds(fact.filed) and fact.verify_by is not None,
             lambda fact, _: _in_time(fact.filed, fact.verify_by)),
        Rate("inspected_in_time", gettext_noop("按时核查率"),
             gettext_noop("本期内最后一次核查、有核查时限的案件"), gettext_noop("其中在时限内核查"),
             lambda fact, period: period.holds(fact.inspected) and fact.inspect_by is not None,
             lambda fact, _: _in_time(fact.inspected, fact.inspect_by)),
        Rate("valid_reports", gettext_noop("有效上报率"),
             gettext_noop("本期内上报、已立案或不予立案的案件"), gettext_noop("其中已立案"),
             lambda fact, period: period.holds(fact.reported)
             and (fact.filed is not None or fact.declined is not None),
             lambda fact, _: fact.filed is not None),
        Rate("missed", gettext_noop("漏报率"), gettext_noop("本期内立案的案件"),
             gettext_noop("其中由居民、热线、微信先报"),
             lambda fact, period: period.holds(fact.filed),
             lambda fact, _: fact.source in FROM_OUTSIDE),
        Rate("replied", gettext_noop("回应率"),
             gettext_noop("本期内居民、热线、微信上报的案件；转入时经过不明的除外"),
             gettext_noop("其中本期末已有首次回应：微信以登记回复为准，其余以第一个办理步骤为准"),
             lambda fact, period: period.holds(fact.reported)
             and fact.source in FROM_OUTSIDE and not fact.unknown,
             lambda fact, _: fact.replied is not None,
             Wait(gettext_noop("首次回应"), lambda fact: fact.replied)),
        Rate("satisfied", gettext_noop("满意率"),
             gettext_noop("最近一次评价在本期内的案件；评价后重开的也算"),
             gettext_noop("其中评价为满意；同一次结案有几个评价的，取最低"),
             lambda fact, period: period.holds(fact.judged),
             lambda fact, _: fact.satisfied == WELL_DONE),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Score:
    """One rating: a base, and weighted rates; ``less`` are those of which less is better."""

    key: str
    name: str
    base: int
    parts: tuple[tuple[int, str], ...]
    less: frozenset[str] = LESS_IS_BETTER


SCORES: dict[str, Score] = {
    score.key: score
    for score in (
        Score("department", gettext_noop("承办部门"), 10,
              ((30, "closed"), (30, "closed_in_time"), (30, "rework"))),
        Score("inspector", gettext_noop("监督员岗"), 0,
              ((40, "valid_reports"), (20, "verified_in_time"), (20, "inspected_in_time"),
               (20, "missed"))),
        Score("supervisor", gettext_noop("值班长岗"), 0,
              ((25, "filed_in_time"), (40, "valid_reports"), (35, "closed_in_time"))),
        Score("dispatcher", gettext_noop("派遣员岗"), 0,
              ((20, "closed"), (40, "dispatched_in_time"), (40, "dispatched_right"))),
    )
}  # fmt: skip


class Figure(NamedTuple):
    """One share as two lists of incidents: every number opens its cases."""

    part: list[int]
    whole: list[int]
    waits: tuple[int | None, ...] = ()  # minutes, one for each of the whole; empty: none are told

    @property
    def median(self) -> int | None:
        """Minutes that half of the whole waited no longer than; those who wait still count longest.

        None below `LEAST` cases, and where more than half wait still.
        """
        if not self.waits or self.few:
            return None
        middle = median_low(inf if wait is None else wait for wait in self.waits)
        return None if middle == inf else int(middle)

    @property
    def percent(self) -> float | None:
        """The share; None where there is no case."""
        return round(100 * len(self.part) / len(self.whole), 2) if self.whole else None

    @property
    def short(self) -> float | None:
        """The share with one digit behind the point, as pages write it."""
        return round(100 * len(self.part) / len(self.whole), 1) if self.whole else None

    @property
    def said(self) -> str:
        """The share with both numbers; below `LEAST` cases the numbers alone."""
        numbers = f"{len(self.part)} / {len(self.whole)}"
        return numbers if self.few else f"{self.short:.1f}% = {numbers}"

    @property
    def few(self) -> bool:
        """Whether there are too few cases to say anything by a share."""
        return len(self.whole) < LEAST

    @property
    def rest(self) -> list[int]:
        """The cases of the whole that the part leaves out."""
        counted = set(self.part)
        return [incident for incident in self.whole if incident not in counted]

    @property
    def between(self) -> tuple[float, float] | None:
        """Where the share lies with 95 % confidence, after Wilson; None below `LEAST` cases."""
        if self.few:
            return None
        n, share = len(self.whole), len(self.part) / len(self.whole)
        spread = CONFIDENCE * sqrt(share * (1 - share) / n + CONFIDENCE**2 / (4 * n * n))
        middle, scale = share + CONFIDENCE**2 / (2 * n), 1 + CONFIDENCE**2 / n
        low, high = (100 * (middle + sign * spread) / scale for sign in (-1, 1))
        return round(max(low, 0.0), 2), round(min(high, 100.0), 2)


def figure(
    rate: Rate, of: Iterable[Fact], period: Period, left_out: frozenset[int] = frozenset()
) -> Figure:
    """Return one rate; incidents whose contest was upheld are left out of both parts.

    So are those that led to another report of the same matter when the period ended.
    """
    counted = (fact for fact in of if not fact.joined and fact.incident not in left_out)
    whole = [fact for fact in counted if rate.whole(fact, period)]
    return Figure(
        [fact.incident for fact in whole if rate.part(fact, period)],
        [fact.incident for fact in whole],
        tuple(rate.wait.minutes(fact) for fact in whole) if rate.wait else (),
    )


def score(of: Score, figures: Mapping[str, Figure]) -> float | None:
    """Return a rating of 100; None where a part has fewer cases than `LEAST`."""
    total = float(of.base)
    for weight, key in of.parts:
        found = figures[key]
        if len(found.whole) < LEAST:
            return None
        part = len(found.part) / len(found.whole)
        total += weight * (1 - part if key in of.less else part)
    return round(total, 2)


def level(points: float | None) -> str | None:
    """Return the letter of a rating."""
    return None if points is None else next(name for least, name in LEVELS if points >= least)


def grouped(of: Iterable[Fact], by: str) -> dict[int | None, list[Fact]]:
    """Return facts by department or community, in the order of ids; ``all`` puts them together."""
    found: defaultdict[int | None, list[Fact]] = defaultdict(list)
    for fact in of:
        found[None if by == "all" else getattr(fact, by)].append(fact)
    return dict(sorted(found.items(), key=lambda group: (group[0] is None, group[0])))


def figures_of(
    of: list[Fact], period: Period, left_out: Mapping[str, frozenset[int]]
) -> dict[str, Figure]:
    """Return every rate of a group."""
    return {
        key: figure(rate, of, period, left_out.get(key, frozenset())) for key, rate in RATES.items()
    }
