"""What one asks and another grants: extension 延时, parking 挂账, return 回退, voiding 作废."""

from __future__ import annotations

from collections.abc import Callable

from gridmap.actions.cases.case import Case, recount_deadlines
from gridmap.actions.cases.disputes import open_returned
from gridmap.actions.cases.offering import is_asked
from gridmap.errors import BadValue, NotYours, WrongState
from gridmap.layers.cases import Application, Assignment
from gridmap.layers.catalogue import UNITS

MOST = 400


def ask(case: Case) -> None:
    """Write the wish down; the case stays as it is until somebody decides.

    Raises:
        WrongState: the same is asked already.
        BadValue: an extension of nothing.
    """
    kind, said = case.move.verb, case.said
    extension = kind == Application.Kind.EXTENSION
    if extension and (said.unit not in UNITS or not 1 <= (said.amount or 0) <= MOST):
        raise BadValue(
            "延时须写明 1 到 400 个单位；单位有 %(units)s", units=", ".join(UNITS), field="amount"
        )
    if is_asked(case.incident, kind):
        raise WrongState("同样的申请还没有批复", reason="AskedAlready")
    made = Application.objects.create(
        incident=case.incident, kind=kind, amount=said.amount if extension else None,
        unit=said.unit if extension else "", department=case.incident.department,
        asked_by_id=case.by.user_id, asked_at=case.now, why=said.why,
    )  # fmt: skip
    case.detail["application"] = made.pk


def decided(case: Case, *, granted: bool, kind: str | None = None) -> Application:
    """Return the application that is decided, with the decision.

    Raises:
        BadValue: there is no such application of this case.
        WrongState: it is decided.
        NotYours: it is the caller's own.
    """
    rows = Application.objects.select_for_update().filter(incident=case.incident)
    wanted = case.said.application or 0
    found = rows.filter(pk=wanted).first()
    if found is None or (kind is not None and found.kind != kind):
        raise BadValue("这件事没有编号为 %(application)s 的这种申请", application=wanted)
    if found.decided_at is not None:
        raise WrongState("这份申请已经批复", reason="Decided")
    if found.asked_by_id is not None and found.asked_by_id == case.by.user_id:
        raise NotYours("自己的申请须由别人批复", verb=case.move.verb)
    found.granted, found.answer = granted, case.said.why
    found.decided_at, found.decided_by_id = case.now, case.by.user_id
    found.save()
    case.detail |= {"application": found.pk, "kind": found.kind}
    case.department = found.department
    return found


def extend(case: Case) -> None:
    """Grant more time."""
    found = decided(case, granted=True, kind=Application.Kind.EXTENSION)
    for deadline in case.incident.deadlines.filter(met_at=None):
        deadline.extra = [*deadline.extra, [found.amount, found.unit]]
        deadline.save(update_fields=["extra", "light"])
    case.detail |= {"amount": found.amount, "unit": found.unit}
    case.recount = True
    recount_deadlines(case)


def park(case: Case) -> None:
    """Let the clock stand still."""
    decided(case, granted=True, kind=Application.Kind.PARK)


def resume(case: Case) -> None:
    """Let the clock go on: what was left is left (挂账恢复).

    Raises:
        WrongState: it is not parked.
    """
    if not case.incident.parked:
        raise WrongState("这件事没有挂账", reason="NotParked")
    case.recount = True
    recount_deadlines(case)


def send_back(case: Case) -> None:
    """Take the case back from the department, for it is not its business; twice is a dispute."""
    decided(case, granted=True, kind=Application.Kind.RETURN)
    case.incident.returns += 1
    case.incident.department = None
    case.incident.helpers = []
    Assignment.objects.filter(incident=case.incident, until=None).update(until=case.now)
    open_returned(case)


def void(case: Case) -> None:
    """Let the case end without being done."""
    decided(case, granted=True, kind=Application.Kind.VOID)
    case.incident.closed_at = case.now
    Assignment.objects.filter(incident=case.incident, until=None).update(until=case.now)


def deny(case: Case) -> None:
    """Say no; the case goes on."""
    decided(case, granted=False)


ASKING: dict[str, Callable[[Case], None]] = dict.fromkeys(Application.Kind.values, ask)
