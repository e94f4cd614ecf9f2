"""From the report to the file: verify, file, decline, or settle it on the spot."""

from __future__ import annotations

from gridmap.actions.cases.case import Case, Said, begin_deadlines
from gridmap.errors import WrongState
from gridmap.layers.authority import propose_department


def verify(case: Case) -> None:
    """Tell whether it is as reported (核实)."""
    case.incident.verified = case.said.finding
    case.detail["finding"] = case.said.finding


def file(case: Case) -> None:
    """Open the file (立案): from here the clock of the limit runs.

    Where the ground has been ruled on, the case goes to its department at once.

    Raises:
        WrongState: nobody has verified it, or it was not found.
    """
    if not case.incident.verified:
        raise WrongState("立案前须先核实，且核实属实", reason="NotVerified")
    case.incident.filed_at = case.now
    begin_deadlines(case)
    found = propose_department(case.incident.category, case.incident.place, case.now)
    if found.ruling is not None and found.department is not None:
        case.follow = ("dispatch", Said(department=found.department.pk, why=found.words))


def decline(case: Case) -> None:
    """Open no file (不予立案)."""
    case.incident.closed_at = case.now


def settle(case: Case) -> None:
    """Say that it is done already (自处理); somebody else inspects it."""
    case.incident.verified = True
    case.incident.self_handled = True
    case.incident.filed_at = case.now
    begin_deadlines(case)
    case.incident.deadlines.update(met_at=case.now, light=0)
