"""To whom: dispatch by the matrix and the rulings, rework, another department."""

from __future__ import annotations

from gridmap.actions.cases.case import Case, assign, department_of
from gridmap.actions.cases.disputes import open_at_border
from gridmap.errors import BadValue, WrongState
from gridmap.layers.authority import propose_department
from gridmap.layers.cases import Step


def dispatch(case: Case) -> None:
    """Give the case to a department: the one named, or the one proposed (派遣).

    Raises:
        BadValue: none is named, and none can be proposed.
        WrongState: the ground was ruled to another department.
    """
    _give(case)
    sent_back = Step.objects.filter(incident=case.incident, verb="return").order_by("-number")
    before = sent_back.values_list("department_id", flat=True).first()
    if before is not None:
        # Who had it and gave it back was the wrong one: that counts against the dispatch.
        case.detail["wrong_dispatch"] = before != case.incident.department_id
    open_at_border(case)


def _give(case: Case) -> None:
    incident = case.incident
    proposal = propose_department(incident.category, incident.place, case.now)
    if case.said.department is not None:
        lead = department_of(case, case.said.department)
    elif proposal.department is not None:
        lead = proposal.department
    else:
        raise BadValue(proposal.why, **proposal.detail)
    if proposal.ruling is not None and proposal.department != lead:
        raise WrongState(proposal.why, reason="Ruled", **proposal.detail)
    incident.inspected = None
    case.detail |= {
        "proposed": proposal.department and proposal.department.pk,
        "reason": proposal.why,
        "fields": proposal.detail,
        "ruling": proposal.ruling and proposal.ruling.pk,
    }
    assign(case, lead, case.said.helpers)


def redispatch(case: Case) -> None:
    """Give the case to another department (改派): the first one was the wrong one.

    Raises:
        BadValue: it has the case already.
    """
    before = case.incident.department_id
    if case.said.department == before:
        raise BadValue("这件事本来就在这个部门：要它重办请用返工")
    _give(case)
    case.detail["wrong_dispatch"] = True


def rework(case: Case) -> None:
    """Let the same department do it again (返工)."""
    incident = case.incident
    if incident.department is None:
        raise WrongState("这件事没有承办部门，请派遣给一个部门", reason="NoDepartment")
    incident.inspected = None
    case.department = incident.department
    unmet(case)


def unmet(case: Case) -> None:
    """Take back that the limit was met: what was answered last was not done."""
    answered = Step.objects.filter(incident=case.incident, verb__in=["answer", "settle"])
    last = answered.order_by("-number").values_list("begins", flat=True).first()
    for deadline in case.incident.deadlines.filter(met_at=last):
        deadline.met_at = None
        deadline.save(update_fields=["met_at", "light"])
