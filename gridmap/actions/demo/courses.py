"""The course of each of the demo's incidents: its steps, departments, deadlines, applications."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from random import Random
from typing import NamedTuple

from django.db import connection
from psycopg.types.json import Jsonb

from gridmap.actions.demo.stage import Stage
from gridmap.actions.demo.standards import STEP_LIMITS
from gridmap.geo import clock
from gridmap.geo.clock import Leg
from gridmap.layers import timing
from gridmap.layers.cases import Application, Assignment, Deadline, Step
from gridmap.layers.incidents import Category, State
from gridmap.layers.timing import Limit, Timed


class Turn(NamedTuple):
    """A deed of a way: when, as a share of the time from the filing on, and what it says."""

    verb: str
    state: str
    role: str
    least: float
    most: float
    why: str = ""
    found: bool | None = None  # of an inspection
    astray: bool = False  # it goes to a department that it is not for


USUAL = (
    Turn("dispatch", "dispatched", "dispatcher", 0.02, 0.08),
    Turn("accept", "handling", "department", 0.1, 0.25),
    Turn("answer", "answered", "department", 0.6, 0.85, "已办结"),
    Turn("send", "inspecting", "dispatcher", 0.86, 0.92),
    Turn("inspect", "inspecting", "cadre", 0.93, 0.98, found=True),
    Turn("close", "closed", "dispatcher", 1.0, 1.0),
)
DONE_AGAIN = (
    *USUAL[:2],
    Turn("answer", "answered", "department", 0.4, 0.5, "已办结"),
    Turn("send", "inspecting", "dispatcher", 0.52, 0.56),
    Turn("inspect", "inspecting", "cadre", 0.58, 0.62, "还有残留", found=False),
    Turn("rework", "dispatched", "dispatcher", 0.63, 0.66, "没有办好，请再办"),
    Turn("accept", "handling", "department", 0.68, 0.72),
    Turn("answer", "answered", "department", 0.78, 0.85, "已办结"),
    *USUAL[3:],
)
SENT_ASTRAY = (
    Turn("dispatch", "dispatched", "dispatcher", 0.01, 0.03, astray=True),
    Turn("redispatch", "dispatched", "dispatcher", 0.04, 0.09, "不归这个部门管"),
    *USUAL[1:],
)
WAYS = (USUAL, DONE_AGAIN, SENT_ASTRAY)
ODDS = (92, 4, 4)  # of a hundred ended ones
RECENT = timedelta(days=92)  # of those that ended since the deadlines are kept with their sum
AT_DEPARTMENT = frozenset({"dispatched", "handling"})
MINUTE = timedelta(minutes=1)
SPEAK = 0.4  # share of reporters who say how it was done
WORDS = (86, 9, 5)  # of a hundred: well, so-so, not


class Course(NamedTuple):
    """When an incident went which way."""

    state: str
    reported: datetime
    filed: datetime | None = None
    soon: datetime | None = None
    due: datetime | None = None
    closed: datetime | None = None
    parked: bool = False

    @property
    def verified(self) -> bool | None:
        """What the verification found."""
        if self.filed is not None:
            return True
        return False if self.state == State.VOID else None


class Works:
    """The clock of the demo: limits of categories, counted by the demo's calendar."""

    def __init__(self, stage: Stage) -> None:
        self.now = stage.now
        self.calendar = timing.calendar_of(stage.city)
        margin = timedelta(days=500)
        self.gauge = clock.Gauge(self.calendar, stage.now - margin, stage.now + margin)
        rows = Category.objects.filter(city=stage.city).select_related("parent")
        self.limits = {
            row.code: timing.limits_for(row, stage.now, urgent=False)
            for row in rows
            if row.parent is not None
        }

    def times(self, code: str, filed: datetime) -> tuple[datetime, datetime]:
        """Return when a case of a category filed then turns yellow, and when it is due."""
        limit = self.limits[code][-1]
        legs = [Leg(Fraction(limit.amount), limit.unit)]
        not_before = limit.milestone.not_before if limit.milestone else None
        starts = clock.begin(self.calendar, filed, not_before)
        soon = clock.due(self.calendar, starts, clock.share(legs, timing.SOON)).due
        return soon, clock.due(self.calendar, starts, legs).due

    def filed_when(self, code: str, share: float) -> datetime:
        """Return when a case must have been filed to have used up this share of its limit now."""
        limit = self.limits[code][-1]
        if limit.unit not in clock.WORKING:
            return self.now - clock.LENGTHS[limit.unit] * limit.amount * share
        used = {"work_minute": 1, "work_hour": 60, "work_day": 420}[limit.unit]
        wanted = self.gauge.minutes(self.now) - limit.amount * used * share
        early, late = self.now - timedelta(days=90), self.now
        while late - early > MINUTE:
            middle = early + (late - early) / 2
            early, late = (middle, late) if self.gauge.minutes(middle) < wanted else (early, middle)
        return late

    def step_times(
        self, state: str, entered: datetime
    ) -> tuple[datetime, datetime] | tuple[None, None]:
        """Return when a step entered then turned yellow, and when it was due."""
        if state not in STEP_LIMITS:
            return None, None
        amount, unit = STEP_LIMITS[state]
        legs = [Leg(Fraction(amount), unit)]
        soon = clock.due(self.calendar, entered, clock.share(legs, timing.SOON)).due
        return soon, clock.due(self.calendar, entered, legs).due

    def timed(self, code: str, filed: datetime) -> list[Timed]:
        """Return every milestone with its explanation."""
        return [timing.timed(self.calendar, limit, filed) for limit in self.limits[code]]


class Taken(NamedTuple):
    """An incident as it was written."""

    id: int
    code: str
    department: int | None
    course: Course


def load_courses(stage: Stage, works: Works, taken: Sequence[Taken]) -> None:
    """Write what hangs on the incidents."""
    stage.begin("courses")
    dice, words, odds = stage.dice("courses"), stage.dice("words"), stage.dice("ways")
    ways = {one.id: list(_stays(works, one, dice, words, odds)) for one in taken}
    departments = sorted(stage.departments.values())
    stage.write(
        Step,
        "incident_id number verb came_from state paused role department_id why detail begins ends"
        " entered soon_at due light own_minutes bundled_minutes",
        [row for one in taken for row in _steps(works, one, ways[one.id], departments)],
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE layers_incident AS i SET satisfied = (s.detail ->> 'satisfied')::integer"
            " FROM layers_step AS s"
            " WHERE s.incident_id = i.id AND s.verb = 'evaluate' AND i.city_id = %s",
            [stage.city.pk],
        )
    with_department = [one for one in taken if one.department and one.course.filed]
    stage.write(
        Assignment,
        "incident_id department_id part since until answer",
        [
            (one.id, one.department, "lead", one.course.filed, one.course.closed, "")
            for one in with_department
        ],
    )
    since = works.now - RECENT
    known = [one for one in taken if one.course.filed and (one.course.closed or works.now) > since]
    stage.write(
        Deadline,
        "incident_id number name standard_id milestone_id limit unit extra starts soon_at due"
        " met_at light explanation",
        [row for one in known for row in _deadlines(works, one, ways[one.id])],
    )
    stage.write(
        Application,
        "incident_id kind unit department_id asked_at why decided_at granted answer",
        [
            (one.id, "ask_park", "", one.department, *_asked(one.course), "等待配件到货",
             works.now - MINUTE, True, "同意")
            for one in taken
            if one.course.parked
        ],
    )  # fmt: skip


def _asked(course: Course) -> tuple[datetime]:
    return (course.filed or course.reported,)


def _deadlines(works: Works, one: Taken, way: Sequence[Stay]) -> Iterator[tuple[object, ...]]:
    filed = one.course.filed or one.course.reported
    last = len(works.limits[one.code])
    for found in works.timed(one.code, filed):
        limit: Limit = found.limit
        yield (
            one.id, limit.number, limit.name, limit.standard and limit.standard.pk,
            limit.milestone and limit.milestone.pk, limit.amount, limit.unit, Jsonb([]),
            found.starts, found.soon_at, found.due,
            _met(way, last=limit.number == last), 1, Jsonb(found.explanation),
        )  # fmt: skip


def _met(way: Sequence[Stay], *, last: bool) -> datetime | None:
    """Return when a milestone was reached: the last by the answer, others when work began."""
    if last:
        answers = [stay.begins for stay in way if stay.verb == "answer"]
        return answers[-1] if answers and way[-1].state not in AT_DEPARTMENT else None
    return next((stay.begins for stay in way if stay.verb in {"accept", "answer"}), None)


class Stay(NamedTuple):
    """One step before it is written."""

    verb: str
    state: str
    role: str
    begins: datetime
    paused: bool = False
    why: str = ""
    detail: dict[str, object] = {}
    astray: bool = False


def _stays(works: Works, one: Taken, dice: Random, words: Random, odds: Random) -> Iterator[Stay]:
    course = one.course
    yield Stay("report", "reported", "", course.reported)
    ends = course.filed or course.closed
    if ends is None:
        return
    between = course.reported + (ends - course.reported) * dice.uniform(0.3, 0.7)
    found = course.filed is not None
    yield Stay("verify", "reported", "worker", between, detail={"finding": found},
               why="" if found else "现场没有发现")  # fmt: skip
    if course.filed is None:
        yield Stay("decline", "void", "dispatcher", ends, why="核实不属实")
        return
    yield Stay("file", "filed", "dispatcher", course.filed)
    whole = (course.closed or works.now) - course.filed
    # What is open has come so far; its steps fill the time that has passed.
    usual = course.closed is None or one.department is None
    way = USUAL if usual else odds.choices(WAYS, ODDS)[0]
    for turn in () if course.state == "filed" else way:
        at = course.filed + whole * dice.uniform(turn.least, turn.most)
        detail: dict[str, object] = {} if turn.found is None else {"finding": turn.found}
        yield Stay(turn.verb, turn.state, turn.role, at, why=turn.why, detail=detail,
                   astray=turn.astray)  # fmt: skip
        if turn.state == course.state:
            break
    if course.closed is not None and words.random() < SPEAK:
        said = words.choices((3, 2, 1), WORDS)[0]
        at = course.closed + (works.now - course.closed) * words.uniform(0.02, 0.5)
        yield Stay("evaluate", "closed", "reporter", at, detail={"satisfied": said})
    if course.parked:
        yield Stay("ask_park", course.state, "department", works.now - 2 * MINUTE,
                   why="等待配件到货")  # fmt: skip
        yield Stay("park", course.state, "dispatcher", works.now - MINUTE, paused=True)


def _steps(
    works: Works, one: Taken, stays: Sequence[Stay], departments: Sequence[int]
) -> Iterator[tuple[object, ...]]:
    came_from, entered = "", one.course.reported
    base = works.gauge.minutes(one.course.reported)
    upto = [int(works.gauge.minutes(stay.begins) - base) for stay in stays]
    for place, stay in enumerate(stays):
        ends = stays[place + 1].begins if place + 1 < len(stays) else None
        entered = entered if stay.state == came_from else stay.begins
        minutes = None if ends is None else upto[place + 1] - upto[place]
        if stay.state in AT_DEPARTMENT:
            soon, due = one.course.soon, one.course.due
        else:  # of a step that is going on the demo says nothing: its lights are chosen
            soon, due = works.step_times(stay.state, entered) if ends else (None, None)
        yield (
            one.id, place + 1, stay.verb, came_from, stay.state, stay.paused, stay.role,
            _bearer(one, stay, departments),
            stay.why, Jsonb(stay.detail), stay.begins, ends, entered,
            soon, due, 1, minutes, minutes,
        )  # fmt: skip
        came_from = stay.state


def _bearer(one: Taken, stay: Stay, departments: Sequence[int]) -> int | None:
    """Return whose a step is; one that goes astray is another department's."""
    if stay.state in {"reported", "filed", "void"}:
        return None
    if not stay.astray:
        return one.department
    return next(pk for pk in departments if pk != one.department)
