"""Ending a dispute over duty ground (确权): the ruling is kept, the case goes its way at once."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib.gis.geos import MultiPolygon
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from gridmap.actions.cases import Said, act
from gridmap.actions.cases.case import spot_of
from gridmap.actions.cases.receipts import Desk
from gridmap.errors import BadGeometry, BadValue, NoSuchPlace, OutOfScope, WrongState
from gridmap.layers import journal
from gridmap.layers.incidents import Category, Incident
from gridmap.layers.people import Department
from gridmap.layers.rulings import JointTask, Ruling
from gridmap.layers.scope import Scope, Spot


@dataclass(frozen=True)
class Verdict:
    """What was found on the spot.

    Attributes:
        geom: the ground, EPSG:4326.
        department: id of the department whose it is from now on.
        why: what it rests on.
        whole_class: whether it holds for the whole class of the category (大类).
        client_id: given once, so that a retry rules nothing twice.
    """

    geom: MultiPolygon
    department: int
    why: str
    whole_class: bool = False
    client_id: UUID | None = None


@transaction.atomic
def rule(*, by: Scope, task: int, verdict: Verdict) -> tuple[Ruling, bool]:
    """Settle a joint task by a ruling; a case that waits for a department is dispatched at once.

    Returns:
        The ruling, and whether it was made now.

    Raises:
        OutOfScope: there is no such task, or it is not the caller's business.
        NotYours: the caller may not rule there.
        WrongState: the task is settled, or part of the ground was ruled on already.
        BadGeometry: the ground leaves out the place of the case.
        NoSuchPlace: it leaves the city.
        BadValue: no reason, or no department of the city.
    """
    tasks = JointTask.objects.within(by).select_for_update(of=("self",))
    found = tasks.select_related("incident__city", "incident__category__parent").filter(pk=task)
    held = found.first()
    if held is None:
        raise OutOfScope("没有找到，或不在您的范围内")
    case = held.incident
    told = (verdict.geom.hex.decode(), verdict.department, verdict.why, verdict.whole_class)
    desk = Desk(by, "rule", verdict.client_id, task, *told)
    if desk.before() and held.ruling is not None:
        return held.ruling, False
    by.must_at("rule", spot_of(case))
    if held.settled_at is not None:
        raise WrongState("这次会勘已有结论", reason="Settled")
    ruling = _ruled(case, verdict)
    held.ruling, held.settled_at = ruling, ruling.valid.lower
    held.save(update_fields=["ruling", "settled_at"])
    desk.hand_out(case)
    journal.record(
        by=by,
        verb="rule",
        subject=ruling,
        where=(case.city_id, case.community_id, case.cell_id),
        change=({}, {**journal.values_of(ruling), "joint_task": held.pk, "incident": case.pk}),
        why=verdict.why,
    )
    if case.state == "filed" and by.may_at("dispatch", spot_of(case)):
        act(
            by=by, incident=case.pk, verb="dispatch",
            said=Said(department=verdict.department, why=verdict.why),
        )  # fmt: skip
    return ruling, True


def _ruled(case: Incident, verdict: Verdict) -> Ruling:
    if not verdict.why.strip():
        raise BadValue("须写明理由或说明", field="why")
    department = Department.objects.filter(city_id=case.city_id, pk=verdict.department).first()
    if department is None:
        raise BadValue("这座城市没有编号为 %(department)s 的部门", department=verdict.department)
    if not verdict.geom.covers(case.place):
        raise BadGeometry("确权范围须包住这件事的地点", reason="leaves_out")
    if not case.city.bounds.covers(verdict.geom):
        raise NoSuchPlace("确权范围超出了城市范围")
    category = _category(case, verdict)
    now = timezone.now()
    known = Ruling.objects.filter(category=category, geom__intersects=verdict.geom).as_of(now)
    for one in known.select_related("department"):
        if one.geom.intersection(verdict.geom).area > 0:
            raise WrongState(
                "其中一部分已确权给%(department)s，请先结束那一条", reason="Ruled", ruling=one.pk,
                department=one.department.name,
            )  # fmt: skip
    return Ruling.objects.create(
        city_id=case.city_id, category=category, department=department, geom=verdict.geom,
        why=verdict.why, valid=DateTimeTZRange(now, None),
    )  # fmt: skip


def _category(case: Incident, verdict: Verdict) -> Category:
    if not verdict.whole_class or case.category.parent is None:
        return case.category
    return case.category.parent


@transaction.atomic
def end_ruling(*, by: Scope, ruling: int, why: str) -> Ruling:
    """End a ruling; what it decided so far stays.

    Raises:
        OutOfScope: there is none, or it is not the caller's business.
        NotYours: the caller may not rule in all of the city.
        WrongState: it has ended.
        BadValue: no reason.
    """
    held = Ruling.objects.within(by).select_for_update(of=("self",)).filter(pk=ruling).first()
    if held is None:
        raise OutOfScope("没有找到，或不在您的范围内")
    tasks = JointTask.objects.filter(ruling=held).select_related("incident")
    spots = [spot_of(task.incident) for task in tasks] or [Spot(held.city_id)]
    for spot in spots:
        by.must_at("rule", spot)
    if not why.strip():
        raise BadValue("须写明理由或说明", field="why")
    if held.valid.upper is not None:
        raise WrongState("这条确权已经结束", reason="Ended")
    now = timezone.now()
    held.valid = DateTimeTZRange(held.valid.lower, now)
    held.save(update_fields=["valid"])
    journal.record(
        by=by, verb="end_ruling", subject=held, where=(held.city_id, None, None),
        change=({"until": None}, {"until": now.isoformat()}), why=why,
    )  # fmt: skip
    return held
