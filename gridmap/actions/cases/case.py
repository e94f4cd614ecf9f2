"""One incident being worked on: what the parts of a deed change in it, and how that is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext

from gridmap.errors import BadValue, WrongState
from gridmap.geo.clock import Calendar, Instants
from gridmap.layers import timing
from gridmap.layers.cases import Assignment, Deadline, Step
from gridmap.layers.incidents import Incident, State
from gridmap.layers.life_cycle import Move
from gridmap.layers.people import Department
from gridmap.layers.scope import Scope, Spot


@dataclass(frozen=True)
class Said:
    """What the sender of a deed tells; which of it is needed stands in the life cycle.

    Attributes:
        client_id: given once for each deed, so that a retry does nothing more.
        why: words: the finding, the answer, the reason.
        finding: what was found: as reported, done.
        department: id of the department that leads.
        helpers: ids of departments that help.
        standard: id of the standard whose condition is met.
        urgent: from filing on the clock of the wall counts.
        amount: of an extension.
        unit: of an extension.
        application: id of the application that is decided.
        supervision: id of the supervision that is answered.
        satisfied: 1 no, 2 so-so, 3 yes.
        milestone: number of the milestone reached.
    """

    client_id: UUID | None = None
    why: str = ""
    finding: bool | None = None
    department: int | None = None
    helpers: tuple[int, ...] = ()
    standard: int | None = None
    urgent: bool | None = None
    amount: int | None = None
    unit: str = ""
    application: int | None = None
    supervision: int | None = None
    satisfied: int | None = None
    milestone: int | None = None

    def wish(self) -> list[object]:
        """Return everything but the id, to tell one wish from another."""
        return [
            self.why, self.finding, self.department, list(self.helpers), self.standard,
            self.urgent, self.amount, self.unit, self.application, self.supervision,
            self.satisfied, self.milestone,
        ]  # fmt: skip


@dataclass
class Case:
    """An incident held for one deed.

    Attributes:
        by: who does it.
        incident: held by a row lock; its fields are set by the parts.
        last: its open step.
        move: what is done.
        said: what the sender tells.
        now: the moment of the deed, never before the last step.
        detail: what the step keeps of it.
        department: whose step it is.
        recount: whether deadlines are counted again (extension, pause).
        follow: a deed that follows at once.
        back_to: the step whose stay goes on, where it is not the last one.
    """

    by: Scope
    incident: Incident
    last: Step
    move: Move
    said: Said
    now: datetime
    detail: dict[str, Any] = field(default_factory=dict)
    department: Department | None = None
    recount: bool = False
    follow: tuple[str, Said] | None = None
    back_to: Step | None = None

    @cached_property
    def calendar(self) -> Calendar:
        """The calendar of its city."""
        return timing.calendar_of(self.incident.city)

    def pauses(self) -> list[Instants]:
        """Return when its clock stood still, the present pause too."""
        found = timing.pauses_of(Step.objects.filter(incident=self.incident).order_by("number"))
        if self.last.paused and self.last.ends is None:
            found.append((self.last.begins, self.now))
        return found


def spot_of(case: Incident) -> Spot:
    """Return where an incident is."""
    return Spot(
        case.city_id, case.community_id, case.cell_id, case.street_id, case.lane_id,
        case.building_id,
    )  # fmt: skip


def department_of(case: Case, pk: int) -> Department:
    """Return a department of the case's city.

    Raises:
        BadValue: it has none of this id.
    """
    found = Department.objects.filter(city_id=case.incident.city_id, pk=pk).first()
    if found is None:
        raise BadValue("这座城市没有编号为 %(department)s 的部门", department=pk)
    return found


def assign(case: Case, lead: Department, helpers: Sequence[int]) -> None:
    """Give the case to a department, and let others help; whoever had it has it no more."""
    part = Assignment.objects.filter(incident=case.incident, until=None)
    part.update(until=case.now)
    case.incident.department = lead
    case.department = lead
    Assignment.objects.create(
        incident=case.incident, department=lead, part=Assignment.Part.LEAD, since=case.now
    )
    found = [department_of(case, pk) for pk in dict.fromkeys(helpers) if pk != lead.pk]
    for department in found:
        Assignment.objects.create(
            incident=case.incident, department=department, part=Assignment.Part.HELP, since=case.now
        )
    case.incident.helpers = sorted(department.pk for department in found)


def begin_deadlines(case: Case) -> None:
    """Count the milestones of the case from now on, by the standard chosen or the first one."""
    incident, said = case.incident, case.said
    standards = timing.standards_for(incident.category, case.now, incident.place)
    chosen = next((row for row in standards if row.pk == said.standard), None)
    if said.standard is not None and chosen is None:
        raise BadValue("这个类别现在没有编号为 %(standard)s 的立结案标准", standard=said.standard)
    if said.urgent is not None:
        incident.urgent = said.urgent
    limits = timing.limits_for(
        incident.category, case.now, urgent=incident.urgent, standard=chosen, place=incident.place
    )
    Deadline.objects.filter(incident=incident).delete()
    counted = [
        timing.timed(case.calendar, limit, case.now, urgent=incident.urgent) for limit in limits
    ]
    for one in counted:
        Deadline.objects.create(
            incident=incident, number=one.limit.number, name=one.limit.name,
            standard=one.limit.standard, milestone=one.limit.milestone, limit=one.limit.amount,
            unit=one.limit.unit, starts=one.starts, soon_at=one.soon_at, due=one.due,
            explanation=one.explanation,
        )  # fmt: skip
    last = max(counted, key=lambda one: one.due)
    incident.soon_at, incident.due = last.soon_at, last.due
    case.detail["due"] = last.due.isoformat()


def recount_deadlines(case: Case) -> None:
    """Count the deadlines again, with what was granted and without what was parked."""
    incident, pauses = case.incident, case.pauses()
    rows = list(Deadline.objects.filter(incident=incident).select_related("milestone", "standard"))
    for row in rows:
        found = timing.retimed(case.calendar, row, urgent=incident.urgent, pauses=pauses)
        row.soon_at, row.due, row.explanation = found.soon_at, found.due, found.explanation
        row.save(update_fields=["soon_at", "due", "explanation", "light"])
    if rows:
        last = max(rows, key=lambda row: row.due)
        incident.soon_at, incident.due = last.soon_at, last.due


def take_step(case: Case) -> Step:
    """Write the step, and end the one before it with its minutes."""
    incident, last, move = case.incident, case.last, case.move
    bundled = timing.minutes(case.calendar, incident.reported_at, last.begins, case.now)
    Step.objects.filter(pk=last.pk).update(
        ends=case.now, own_minutes=0 if last.paused else bundled, bundled_minutes=bundled
    )
    stood = case.back_to or last
    state = stood.state if case.back_to else move.ends or incident.state
    step = Step(
        incident=incident,
        number=last.number + 1,
        verb=move.verb,
        came_from=incident.state,
        state=state,
        by_id=case.by.user_id,
        role=role_of(case),
        department=case.department or incident.department,
        why=case.said.why,
        detail=case.detail,
        begins=case.now,
        entered=stood.entered if state == stood.state else case.now,
    )
    incident.state = state
    ended = state in {"closed", "void"}
    incident.parked = move.verb == "park" or (incident.parked and move.parked and not ended and
        move.verb != "resume")  # fmt: skip
    stays = state == last.state and not case.recount
    pauses = [] if stays else case.pauses()
    if stays:
        step.soon_at, step.due = last.soon_at, last.due
    elif not ended:
        step.soon_at, step.due = timing.step_times(case.calendar, incident, step, pauses)
    step.save()
    return step


def role_of(case: Case) -> str:
    """Return in which role it is done: the first, in the order of names, that has the right."""
    held = {
        post.role
        for post in case.by.posts
        if post.area.holds(spot_of(case.incident)) and post.role in case.move.roles
    }
    return min(held, default="operator" if "operator" in case.by.roles else "reporter")


def moment_after(step: Step) -> datetime:
    """Return now, or the begin of the last step where a clock was behind."""
    return max(timezone.now(), step.begins)


def refuse_state(case: Incident, move: Move) -> None:
    """Refuse what the state does not allow.

    Raises:
        WrongState: the incident is in another state, or parked.
    """
    if case.state not in move.starts:
        raise WrongState(
            "这件事现在是“%(state)s”，不能这样办", reason="State", at=case.state, verb=move.verb,
            state=gettext(State(case.state).label),
        )  # fmt: skip
    if case.parked and not move.parked:
        raise WrongState("这件事已挂账，请先恢复", reason="Parked", verb=move.verb)
