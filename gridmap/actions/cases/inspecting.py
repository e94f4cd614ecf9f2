"""Whether it is done: send somebody, inspect, close; open again, and be judged."""

from __future__ import annotations

from gridmap.actions.cases.case import Case, begin_deadlines
from gridmap.actions.cases.dispatching import unmet
from gridmap.actions.cases.offering import did, is_joined, is_too_late
from gridmap.errors import BadValue, NotYours, WrongState
from gridmap.layers.cases import Assignment
from gridmap.layers.incidents import WELL_DONE
from gridmap.layers.outcomes import days_to_reopen


def send(case: Case) -> None:
    """Ask for the inspection (派核查)."""
    case.incident.inspected = None


def inspect(case: Case) -> None:
    """Tell whether it is done (核查); never the one who did it.

    Raises:
        NotYours: the caller did it.
    """
    if did(case.by, case.incident):
        raise NotYours("核查须由办理人以外的人来做", verb="inspect")
    case.incident.inspected = case.said.finding
    case.detail["finding"] = case.said.finding
    if case.said.finding is False:
        unmet(case)


def close(case: Case) -> None:
    """Close the case (结案).

    Raises:
        WrongState: it was not inspected, or not found done.
    """
    if not case.incident.inspected:
        raise WrongState("结案前须先核查，且核查通过", reason="NotInspected")
    case.incident.closed_at = case.now
    part = Assignment.objects.filter(incident=case.incident, until=None)
    part.update(until=case.now)


def reopen(case: Case) -> None:
    """Open a closed case again, for it was not done (重开): the clock begins anew.

    Raises:
        WrongState: it was closed too long ago, or leads to another case, which is worked on.
    """
    if is_joined(case.incident):
        raise WrongState("这件事已并到另一件，请先分开", reason="Joined")
    if is_too_late(case.incident, case.now):
        days = days_to_reopen(case.incident)
        raise WrongState("结案已超过 %(days)s 天，请另行上报", reason="TooLate", days=days)
    case.incident.closed_at = None
    case.incident.inspected = None
    case.incident.satisfied = None
    case.incident.self_handled = False
    begin_deadlines(case)


def evaluate(case: Case) -> None:
    """Tell how satisfied the reporter is (评价): of several reporters the lowest word stays.

    Raises:
        BadValue: it is none of the three.
    """
    if case.said.satisfied not in {1, 2, WELL_DONE}:
        raise BadValue("评价须是 1（不满意）、2（一般）或 3（满意）")
    case.incident.satisfied = min(case.said.satisfied, case.incident.satisfied or WELL_DONE)
    case.detail["satisfied"] = case.said.satisfied
