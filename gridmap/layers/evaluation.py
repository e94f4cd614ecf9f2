"""Honest figures of a period: each a share with its rule in words, and the cases behind both parts.

Everything is read from steps that had begun when the period ended, and steps are never changed:
what is reopened, moved or redrawn later changes no past figure. A number is the length of its list.
Departments, communities and posts are measured, people never; nothing is rated below `LEAST` cases.
A rule that changes gets a new `VERSION`; figures that were kept bear the one they were made by.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import sqrt
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_noop

from gridmap.layers.cases import Step
from gridmap.layers.incidents import WELL_DONE, Incident
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City

VERSION = "2026-1"
LEAST = 20  # cases below which nothing is rated
CONFIDENCE = 1.959964  # of 95 %, two-sided
LESS_IS_BETTER = frozenset({"rework", "missed"})
LEVELS = ((90, "A"), (75, "B"), (60, "C"), (40, "D"), (0, "E"))  # domain.md 3.8
FROM_OUTSIDE = frozenset({"resident", "hotline", "wechat"})


@dataclass
class Fact:
    """What had happened with one incident when the period ended."""

    incident: int
    community: int | None
    source: str
    department: int | None = None
    reported: datetime | None = None
    verified: datetime | None = None
    filed: datetime | None = None
    declined: datetime | None = None
    verify_by: datetime | None = None
    dispatched: datetime | None = None
    dispatch_by: datetime | None = None
    answered: datetime | None = None
    inspected: datetime | None = None
    inspect_by: datetime | None = None
    due: datetime | None = None
    closed: datetime | None = None
    void: bool = False
    reworks: int = 0
    wrong: int = 0  # returns and dispatches to another department
    judged: datetime | None = None  # when its reporters last told how it was done
    satisfied: int | None = None  # 1 no, 2 so-so, 3 yes: the lowest word about one closing


class Period(NamedTuple):
    """From ``since`` up to but without ``until``."""

    since: datetime
    until: datetime

    def holds(self, moment: datetime | None) -> bool:
        """Return whether a moment lies in it."""
        return moment is not None and self.since <= moment < self.until


Test = Callable[[Fact, Period], bool]


@dataclass(frozen=True)
class Rate:
    """One share: of which cases (``whole``), and which of these count (``part``)."""

    key: str
    name: str
    of: str
    counts: str
    whole: Test
    part: Test


def _in_time(moment: datetime | None, limit: datetime | None) -> bool:
    return moment is not None and limit is not None and moment <= limit


def _to_be_closed(fact: Fact, period: Period) -> bool:
    return period.holds(fact.due) and fact.filed is not None and not fact.void


TO_BE_CLOSED = gettext_noop("应结案：时限在本期内到期的已立案件，作废的除外")
RATES: dict[str, Rate] = {
    rate.key: rate
    for rate in (
        Rate("closed", gettext_noop("结案率"), TO_BE_CLOSED, gettext_noop("其中本期末已结案"),
             _to_be_closed, lambda fact, _: fact.closed is not None),
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


def facts(scope: Scope, city: City, period: Period) -> list[Fact]:
    """Return what had happened with each of the caller's incidents that the period concerns."""
    found, steps = read(scope, city, period)
    for step in steps:
        take(found[step["incident"]], step)
    return list(found.values())


def read(scope: Scope, city: City, period: Period) -> tuple[dict[int, Fact], Iterable[Any]]:
    """Return the incidents a period concerns, by id, and their steps; nothing is taken yet."""
    steps = Step.objects.filter(begins__lt=period.until, incident__city=city)
    concerned = steps.filter(
        Q(begins__gte=period.since)
        | Q(due__gte=period.since)
        | (Q(ends__isnull=True) & ~Q(state__in=["closed", "void"]))
        | (Q(ends__gte=period.since) & ~Q(state__in=["closed", "void"]))
    )
    mine = Incident.objects.within(scope).filter(pk__in=concerned.values("incident"))
    there = Coalesce("reported_cell__community", "community")
    rows = mine.annotate(there=there).order_by("pk").values_list("pk", "there", "source")
    found = {pk: Fact(pk, there, source) for pk, there, source in rows}
    return found, _told(steps.filter(incident__in=mine))


def _told(steps: QuerySet[Step]) -> Iterable[Any]:
    return steps.order_by("incident", "number").values(
        "incident", "verb", "state", "begins", "due", "department", "detail__satisfied"
    )


def take(fact: Fact, step: Mapping[str, Any]) -> None:
    """Let one step more have happened."""
    verb, at = step["verb"], step["begins"]
    if verb in FIRST:
        name = FIRST[verb]
        setattr(fact, name, getattr(fact, name) or at)
    if verb in LAST:
        setattr(fact, LAST[verb], at)
    if verb == "reopen":
        fact.closed = None
    fact.reworks += verb == "rework"
    fact.wrong += verb in {"return", "redispatch"}
    fact.void = fact.void or verb == "void"
    if step["state"] in {"dispatched", "handling"}:
        fact.department = step["department"] or fact.department
    limit = LIMITS.get(step["state"])
    if limit is not None and step["due"] is not None:
        setattr(fact, limit, step["due"])
    if verb == "take_over":
        _taken_over(fact, step["state"], at)
    if verb == "evaluate":
        _judge(fact, step["detail__satisfied"], at)


def _judge(fact: Fact, word: int, at: datetime) -> None:
    """Several reporters of one matter are heard: about one closing the lowest word counts."""
    same = fact.judged is not None and fact.closed is not None and fact.judged >= fact.closed
    fact.satisfied = min(word, fact.satisfied or word) if same else word
    fact.judged = at


def _taken_over(fact: Fact, state: str, at: datetime) -> None:
    """An incident that came as it was elsewhere: of its way only where it stood is known."""
    if state == "closed":
        fact.closed = at
    fact.void = fact.void or state == "void"


FIRST = {
    "report": "reported", "verify": "verified", "file": "filed", "settle": "filed",
    "decline": "declined", "dispatch": "dispatched",
}  # fmt: skip
LAST = {"answer": "answered", "inspect": "inspected", "close": "closed"}
LIMITS = {
    "reported": "verify_by", "filed": "dispatch_by", "handling": "due", "inspecting": "inspect_by",
}  # fmt: skip


class Figure(NamedTuple):
    """One share as two lists of incidents: every number opens its cases."""

    part: list[int]
    whole: list[int]

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
    """Return one rate; incidents whose contest was upheld are left out of both parts."""
    whole = [fact for fact in of if fact.incident not in left_out and rate.whole(fact, period)]
    return Figure(
        [fact.incident for fact in whole if rate.part(fact, period)],
        [fact.incident for fact in whole],
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
