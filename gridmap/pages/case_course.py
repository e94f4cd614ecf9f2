"""The course of a case in words: what each step was and found, what holds now, whose it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from gridmap.layers.cases import Deadline, Step
from gridmap.layers.incidents import ENDED, Incident, State
from gridmap.layers.names import named
from gridmap.layers.people import Department
from gridmap.layers.postings import Role
from gridmap.layers.words_of_history import VERBS, deed_word
from gridmap.pages.catalogue_words import catalogue_word
from gridmap.pages.deed_forms import ANSWERS, judgements

TAKEN_OVER = gettext_noop("按原有步骤接入")
NOT_POSTED = {"resident": gettext_noop("居民"), "reporter": gettext_noop("上报人"),
              "operator": gettext_noop("系统")}  # fmt: skip
BEFORE_DISPATCH = (State.REPORTED, State.FILED)
# Deeds that give a case to a department; every other step is a department's only if one did it.
GIVING = frozenset({"dispatch", "redispatch", "rework"})


class Whose(NamedTuple):
    """The department that has a case, or is proposed for it."""

    department: Department | None
    proposed: bool

    @property
    def word(self) -> str:
        """Its name in the reader's language; empty where there is none."""
        if self.department is None:
            return ""
        name = named(self.department)
        return _("拟派 %(department)s") % {"department": name} if self.proposed else name


def whose(case: Incident) -> Whose:
    """Return who has a case: before the dispatch a department is proposed, and not more."""
    if case.state in BEFORE_DISPATCH:
        return Whose(case.department, proposed=True)
    never = case.self_handled or (case.state == State.VOID and case.filed_at is None)
    return Whose(None if never else case.department, proposed=False)


def role_word(role: str) -> str:
    """Return the word for a role as a step keeps it."""
    if role in NOT_POSTED:
        return _(NOT_POSTED[role])
    return _(str(Role(role).label)) if role in Role.values else role


def found(step: Step) -> str:
    """Return what a step found, as its form asked it: as reported or not, done or not."""
    answer = step.detail.get("finding")
    if step.verb not in ANSWERS or answer is None:
        return ""
    yes, no = ANSWERS[step.verb]
    return _(yes if answer else no)


def told_step(step: Step, case: Incident) -> dict[str, Any]:
    """Return what the page shows of a step."""
    word = deed_word(step.verb) if step.verb in VERBS else _(TAKEN_OVER)
    more = found(step)
    if step.verb == "reach":
        more = catalogue_word(step.detail.get("name", ""))
    colon = ": " if translation.get_language() == "en" else "："
    own = step.role == Role.DEPARTMENT or step.verb in GIVING
    return {
        "word": word + colon + more if more else word,
        "at": step.begins,
        "said": case.said_at if step.verb == "report" else None,
        "who": f"{role_word(step.role)} {step.by.get_username() if step.by else ''}".strip(),
        "department": step.department if own else None,
        "why": step.why,
        "judged": dict(judgements()).get(step.detail.get("satisfied", 0)),
        "open": step.ends is None,
        "paused": step.paused,
    }


def paused_since(course: Sequence[Step]) -> datetime | None:
    """Return since when the clock has stood still; None while it runs.

    Of a case that was voided while it was parked: since when it stood still at the end.
    """
    since = None
    rest = course[:-1] if course and course[-1].state in ENDED else course
    for step in reversed(rest):
        if not step.paused:
            break
        since = step.begins
    return since


def holding(case: Incident, deadlines: Iterable[Deadline]) -> list[str]:
    """Return in sentences what the state does not tell.

    What was found last; and, where every limit has been met, why the clock still runs.
    """
    told = []
    if case.verified is not None and (case.state in {State.REPORTED, State.VOID}):
        told.append(_("已核实：属实") if case.verified else _("已核实：不属实"))
    if case.inspected is not None:
        told.append(_("已核查：办好了") if case.inspected else _("已核查：没办好"))
    rows = list(deadlines)
    if case.state not in ENDED and rows and all(row.met_at for row in rows):
        late = any(row.met_at > row.due for row in rows if row.met_at)
        words = (
            _("处置完成时已超期；整件的时间走到结案为止，现在是“%(state)s”。")
            if late
            else _("处置按时完成；整件的时间走到结案为止，现在是“%(state)s”。")
        )
        told.append(words % {"state": _(str(State(case.state).label))})
    return told
