"""What had happened with each incident when a period ended: taken from its steps, one by one.

Only steps that had begun by then are taken, and steps are never changed: what is reopened, moved or
redrawn later changes no past fact.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db.models import Field, Func, Q, QuerySet
from django.db.models.functions import Coalesce

from gridmap.layers.cases import Step
from gridmap.layers.incidents import Incident
from gridmap.layers.life_cycle import TAKE_OVER
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City

EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


@dataclass
class Fact:
    """What had happened with one incident when the period ended."""

    incident: int
    community: int | None
    source: str
    department: int | None = None
    said: datetime | None = None  # before it was put down: in a chat, by telephone
    reported: datetime | None = None
    replied: datetime | None = None  # what its reporter heard first: `_first_reply`
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
    joined: bool = False  # it leads to an earlier report of the same matter, which alone counts
    reworks: int = 0
    wrong: int = 0  # returns and dispatches to another department
    judged: datetime | None = None  # when its reporters last told how it was done
    satisfied: int | None = None  # 1 no, 2 so-so, 3 yes: the lowest word about one closing
    unknown: bool = False  # it came as it was elsewhere, and nobody knows how it got there

    @property
    def asked(self) -> datetime | None:
        """Since when somebody waits."""
        return self.said or self.reported


class Period(NamedTuple):
    """From ``since`` up to but without ``until``."""

    since: datetime
    until: datetime

    def holds(self, moment: datetime | None) -> bool:
        """Return whether a moment lies in it."""
        return moment is not None and self.since <= moment < self.until


def facts_of(scope: Scope, city: City, period: Period) -> list[Fact]:
    """Return what had happened with each of the caller's incidents that the period concerns."""
    found, steps = read(scope, city, period)
    for step in steps:
        take(found[step[0]], step)
    return list(found.values())


def read(scope: Scope, city: City, period: Period) -> tuple[dict[int, Fact], list[Told]]:
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
    rows = mine.annotate(there=there).order_by("pk").values_list("pk", "there", "source", "said_at")
    found = {pk: Fact(pk, there, source, said=said) for pk, there, source, said in rows}
    return found, _told(steps.filter(incident__in=mine))


# What a step tells: incident, verb, state, begin and due in microseconds since 1970 (which are read
# and compared fast), department, and how satisfied its reporter was.
Told = tuple[int, str, str, int, int | None, int | None, int | None]


def micro(moment: datetime) -> int:
    """Return a moment as microseconds since 1970."""
    return (moment - EPOCH) // MICROSECOND


def _moment(micros: int) -> datetime:
    return EPOCH + timedelta(microseconds=micros)


class _Plain(Func):
    """A column as PostgreSQL tells it in a form that needs no conversion."""

    output_field = Field()


class _Micro(_Plain):
    """A moment as whole microseconds since 1970."""

    template = "(extract(epoch FROM %(expressions)s) * 1000000)::bigint"


class _Satisfied(_Plain):
    """The word of a reporter in the detail of a step."""

    template = "(%(expressions)s ->> 'satisfied')::int"


def _told(steps: QuerySet[Step]) -> list[Told]:
    told = ("incident", "verb", "state", _Micro("begins"), _Micro("due"), "department")
    return list(steps.order_by("incident", "number").values_list(*told, _Satisfied("detail")))


def take(fact: Fact, step: Told) -> None:
    """Let one step more have happened."""
    _incident, verb, state, begins, due, department, satisfied = step
    at = _moment(begins)
    _first_reply(fact, verb, at)
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
    fact.joined = verb == "link_twin" or (fact.joined and verb != "unlink_twin")
    if state in {"dispatched", "handling"}:
        fact.department = department or fact.department
    limit = LIMITS.get(state)
    if limit is not None and due is not None:
        setattr(fact, limit, _moment(due))
    if verb == TAKE_OVER:
        _taken_over(fact, state, at)
    if verb == "evaluate" and satisfied is not None:
        _judge(fact, satisfied, at)


def _first_reply(fact: Fact, verb: str, at: datetime) -> None:
    """Who writes in a chat is answered with the number of the case; others see the first deed.

    A step of the very instant of the report came with an incident of which no more is known.
    """
    if fact.replied is not None or fact.unknown:
        return
    fact.unknown = verb == TAKE_OVER
    if (verb == "report") == (fact.source == "wechat") and not (
        fact.unknown or at == fact.reported
    ):
        fact.replied = at


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
