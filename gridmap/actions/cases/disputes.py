"""When it is not clear whose a case is: a joint task with everybody who might be."""

from __future__ import annotations

from gridmap.actions.cases.case import Case
from gridmap.layers.authority import dispute_at, near, ruling_at
from gridmap.layers.cases import Step
from gridmap.layers.people import Department
from gridmap.layers.rulings import JointTask

TWICE = 2


def open_returned(case: Case) -> None:
    """Open a joint task for a case that was returned twice, or once beside a duty border."""
    incident = case.incident
    found = dispute_at(incident.category, incident.place, case.now)
    if incident.returns < TWICE and found is None:
        return
    sent = Step.objects.filter(incident=incident, verb__in=["dispatch", "redispatch"])
    had = Department.objects.filter(pk__in=sent.values("department_id"))
    cause = JointTask.Cause.RETURNED if incident.returns >= TWICE else JointTask.Cause.BORDER
    _open(case, cause, {*had, *(found.departments if found else ())})


def open_at_border(case: Case) -> None:
    """Open a joint task for a case beside a duty border that nobody has ruled on."""
    incident = case.incident
    if ruling_at(incident.category, incident.place, case.now) is not None:
        return
    found = dispute_at(incident.category, incident.place, case.now)
    if found is not None:
        _open(case, JointTask.Cause.BORDER, set(found.departments))


def _open(case: Case, cause: str, departments: set[Department]) -> None:
    incident = case.incident
    task, _ = JointTask.objects.get_or_create(
        incident=incident, settled_at=None, defaults={"cause": cause, "opened_at": case.now}
    )
    if task.cause != cause and cause == JointTask.Cause.RETURNED:
        task.cause = cause
        task.save(update_fields=["cause"])
    task.departments.add(*departments)
    sides = near(incident.city_id, incident.place)
    if not sides and incident.community is not None:
        sides = [incident.community]
    task.communities.add(*sides)
    case.detail["joint_task"] = task.pk
