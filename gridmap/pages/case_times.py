"""By when a case and its present step must be done: their lights, and every sum behind them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from gridmap.layers import timing
from gridmap.layers.cases import Deadline, Step
from gridmap.layers.incidents import Incident, Light, State
from gridmap.layers.timing import Timed
from gridmap.pages.case_course import paused_since
from gridmap.pages.deadline_strip import Strip, Until, outlook_strip, step_strip, strip

LIGHT_WORDS = {
    Light.OK: ("ok", gettext_noop("正常")), Light.SOON: ("soon", gettext_noop("临期")),
    Light.LATE: ("late", gettext_noop("超期")), Light.PARKED: ("parked", gettext_noop("挂账")),
    Light.NONE: ("ended", gettext_noop("已结束")),
}  # fmt: skip


def light_words(light: int) -> tuple[str, str]:
    """Return the sign of a light and its word in the reader's language."""
    name, word = LIGHT_WORDS[Light(light)]
    return name, _(word)


def _timed_step(case: Incident, course: Sequence[Step]) -> Step | None:
    """Return the open step where it has a limit of its own: handling ends with the whole."""
    last = course[-1] if course else None
    if last is None or last.ends is not None or last.due in {None, case.due}:
        return None
    return None if case.light == Light.NONE else last


def step_light(case: Incident, course: Sequence[Step]) -> tuple[str, str] | None:
    """Return the light of the present step; None where it has none of its own."""
    step = _timed_step(case, course)
    return None if step is None or case.parked else light_words(step.light)


def strips(case: Incident, course: Sequence[Step], deadlines: Iterable[Deadline]) -> list[Strip]:
    """Return every limit of a case with its sum: of the present step first, then of the whole."""
    until = Until(ZoneInfo(case.city.time_zone), case.closed_at, paused_since(course))
    found = []
    if step := _timed_step(case, course):
        calendar = timing.calendar_of(case.city)
        timed = timing.step_timed(calendar, case, step, timing.pauses_of(course))
        if step.due is not None:
            found.append(step_strip(_(str(State(step.state).label)), step.due, timed, until))
    rows = list(deadlines)
    found += [strip(row, until) for row in rows]
    if not rows and case.due is not None and case.light != Light.NONE:
        found.append(outlook_strip(case.due, _foreseen(case), until))
    return found


def _foreseen(case: Incident) -> Timed | None:
    """Return how the due time of a case that is not filed yet was counted when it came in."""
    if case.state != State.REPORTED:
        return None
    calendar, since = timing.calendar_of(case.city), case.reported_at
    limits = timing.limits_for(case.category, since, urgent=False, place=case.place)
    timed = [timing.timed(calendar, limit, since) for limit in limits]
    return max(timed, key=lambda one: one.due)
