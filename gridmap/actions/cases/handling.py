"""What a department does with a case: take it, help with it, reach milestones, answer."""

from __future__ import annotations

from gridmap.actions.cases.case import Case
from gridmap.actions.cases.offering import helping
from gridmap.errors import BadValue, NotYours
from gridmap.layers.cases import Assignment


def accept(case: Case) -> None:
    """Take the case on (接办)."""


def reach(case: Case) -> None:
    """Say that a milestone is reached: stopped, fined, pulled down.

    Raises:
        BadValue: there is no such milestone, or it is reached already.
    """
    rows = case.incident.deadlines.filter(number=case.said.milestone or 0, met_at=None)
    deadline = rows.first()
    if deadline is None:
        raise BadValue("没有编号为 %(milestone)s 的未完成时限", milestone=case.said.milestone)
    deadline.met_at = case.now
    deadline.save(update_fields=["met_at", "light"])
    case.detail |= {"milestone": deadline.number, "name": deadline.name}


def answer(case: Case) -> None:
    """Say that it is done (反馈)."""
    for deadline in case.incident.deadlines.filter(met_at=None):
        deadline.met_at = case.now
        deadline.save(update_fields=["met_at", "light"])
    lead = Assignment.objects.filter(incident=case.incident, part="lead", until=None)
    lead.update(answered_at=case.now, answer=case.said.why)


def contribute(case: Case) -> None:
    """Say what a helping department did (协办反馈); the case stays where it is.

    Raises:
        NotYours: the caller's department does not help here.
    """
    part = helping(case.by, case.incident).first()
    if part is None:
        raise NotYours("您的部门不是这件事的协办部门", verb="contribute")
    part.answered_at, part.answer = case.now, case.said.why
    part.save(update_fields=["answered_at", "answer"])
    case.department = part.department
