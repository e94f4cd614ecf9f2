"""The steps of a case in plain words, for the resident who reported it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from gridmap.layers.incidents import Incident, State
from gridmap.layers.outcomes import worked_at

# Five steps on the page; how far each state has got: which are done, which one is going on.
STEPS = (
    gettext_noop("收到"),
    gettext_noop("受理"),
    gettext_noop("处理"),
    gettext_noop("核查"),
    gettext_noop("办结"),
)
GOING_ON = {
    State.REPORTED: 1,
    State.FILED: 2,
    State.DISPATCHED: 2,
    State.HANDLING: 2,
    State.ANSWERED: 3,
    State.INSPECTING: 3,
    State.CLOSED: 5,
    State.VOID: 5,
}
WORDS = {
    State.REPORTED: gettext_noop("已经收到，网格员会先到现场看一看。"),
    State.FILED: gettext_noop("情况属实，已经受理，正在交给负责的部门。"),
    State.DISPATCHED: gettext_noop("已经交给%(department)s。"),
    State.HANDLING: gettext_noop("%(department)s正在处理。"),
    State.ANSWERED: gettext_noop("%(department)s说处理好了，接着有人去核查。"),
    State.INSPECTING: gettext_noop("正在现场核查处理得怎么样。"),
    State.CLOSED: gettext_noop("已经办结。"),
    State.VOID: gettext_noop("经过核实，这件事没有受理。"),
}


@dataclass(frozen=True)
class Step:
    """One step as the page shows it."""

    word: str
    state: str  # done | now | next
    at: datetime | None


def words_of(case: Incident) -> str:
    """Return in one sentence how far a case has got."""
    department = case.department.name if case.department else _("负责的部门")
    if case.parked:
        return _("暂时做不了，记着账，条件一到就接着办。")
    return _(WORDS[State(case.state)]) % {"department": department}


def progress(case: Incident) -> list[Step]:
    """Return the five steps with what is known of their time."""
    going = GOING_ON[State(case.state)]
    times = (case.reported_at, case.filed_at, *worked_at(case), case.closed_at)
    steps = []
    for index, (word, at) in enumerate(zip(STEPS, times, strict=True)):
        state = "done" if index < going else "now" if index == going else "next"
        refused = case.state == State.VOID and index in {1, 2, 3}
        steps.append(Step(_(word), "next" if refused else state, at))
    return steps
