"""Whom something concerns: for every verb its sort, and who hears of it.

Asked is who was posted there at the moment it happened and still is; and nobody hears of what they
may not open (`gridmap.layers.spreading` asks each one's scope).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, cast

from django.db.models import Q
from django.utils import timezone

from gridmap.errors import NoSuchPlace
from gridmap.layers import ladder
from gridmap.layers.assessments import Contest
from gridmap.layers.cases import Application
from gridmap.layers.incidents import Incident, State
from gridmap.layers.journal import Entry
from gridmap.layers.notices import Kind, Outbox
from gridmap.layers.people import ChiefTerm
from gridmap.layers.plans import Plan
from gridmap.layers.postings import Posting, Role
from gridmap.layers.publications import Publication
from gridmap.layers.rights import CADRE, DISPATCHER, LEADER, RIGHTS
from gridmap.layers.rulings import JointTask
from gridmap.layers.territory import City, Community


@dataclass(frozen=True)
class Matter:
    """What is to be told, with the thing it is about.

    Attributes:
        row: of the outbox.
        entry: of the journal; None where no deed caused it.
        about: the thing.
        asker: user whose wish it answers, where it does.
    """

    row: Outbox
    entry: Entry | None
    about: Incident | Plan | Publication | ChiefTerm
    asker: int | None = None

    @property
    def case(self) -> Incident:
        """The incident it is about, where the table says so."""
        return cast("Incident", self.about)

    @property
    def city(self) -> City:
        """The city it happened in."""
        about = self.about
        if isinstance(about, Incident):
            return about.city
        return (
            about.person.city if isinstance(about, ChiefTerm) else about.community.subdistrict.city
        )

    @property
    def community(self) -> Community | None:
        """Where it happened; an incident may lie on ground that is nobody's."""
        return None if isinstance(self.about, ChiefTerm) else self.about.community


class Told(NamedTuple):
    """Sort of a notice, and whose ears it is for, by name in `EARS`."""

    kind: Kind
    ears: tuple[str, ...]


# Ears: chiefs of the place, duty desk, department that has it, whoever has it in hand at this step,
# the department that had it in hand until then, reporters, who may grant, who asked, departments
# of the joint task.
PLACE, DUTY, OFFICE, HANDS, HAD = "place", "duty", "office", "hands", "had"
REPORTER, GRANTERS, ASKER, PARTIES = "reporter", "granters", "asker", "parties"
REVIEWERS, DRAWERS, GROUND, BEARER = "reviewers", "drawers", "ground", "bearer"
TOLD: dict[tuple[str, str], Told] = {
    ("incident", "report"): Told(Kind.NEW, (PLACE, DUTY)),
    ("incident", "reopen"): Told(Kind.NEW, (PLACE, DUTY)),
    ("incident", "dispatch"): Told(Kind.TASK, (OFFICE,)),
    ("incident", "redispatch"): Told(Kind.TASK, (OFFICE,)),
    ("incident", "rework"): Told(Kind.TASK, (OFFICE,)),
    ("incident", "ask_extension"): Told(Kind.ASKED, (GRANTERS,)),
    ("incident", "ask_park"): Told(Kind.ASKED, (GRANTERS,)),
    ("incident", "ask_return"): Told(Kind.ASKED, (GRANTERS,)),
    ("incident", "ask_void"): Told(Kind.ASKED, (GRANTERS,)),
    ("incident", "extend"): Told(Kind.DECIDED, (OFFICE, ASKER)),
    ("incident", "park"): Told(Kind.DECIDED, (OFFICE, ASKER)),
    ("incident", "return"): Told(Kind.DECIDED, (ASKER, DUTY)),
    ("incident", "void"): Told(Kind.DECIDED, (OFFICE, ASKER, REPORTER)),
    ("incident", "deny"): Told(Kind.DECIDED, (OFFICE, ASKER)),
    ("incident", "supervise"): Told(Kind.PRESSED, (HANDS,)),
    ("incident", "reply"): Told(Kind.PRESSED, (GRANTERS,)),
    ("incident", "soon"): Told(Kind.DUE, (HANDS,)),
    ("incident", "late"): Told(Kind.DUE, (HANDS, DUTY)),
    ("incident", "step_soon"): Told(Kind.DUE, (HANDS,)),
    ("incident", "step_late"): Told(Kind.DUE, (HANDS, DUTY)),
    ("incident", "verify"): Told(Kind.RESULT, (DUTY,)),
    ("incident", "answer"): Told(Kind.RESULT, (DUTY,)),
    ("incident", "contribute"): Told(Kind.RESULT, (OFFICE, DUTY)),
    ("incident", "settle"): Told(Kind.RESULT, (DUTY,)),
    ("incident", "send"): Told(Kind.RESULT, (PLACE,)),
    ("incident", "inspect"): Told(Kind.RESULT, (DUTY,)),
    ("incident", "close"): Told(Kind.RESULT, (REPORTER, OFFICE)),
    ("incident", "decline"): Told(Kind.RESULT, (REPORTER,)),
    ("incident", "link_twin"): Told(Kind.RESULT, (REPORTER, HAD)),
    ("incident", "unlink_twin"): Told(Kind.NEW, (HANDS,)),
    ("incident", "joint_task"): Told(Kind.DISPUTE, (PARTIES, DUTY)),
    ("incident", "rule"): Told(Kind.DISPUTE, (PARTIES, DUTY)),
    ("contest", "contest"): Told(Kind.DISPUTE, (GRANTERS,)),
    ("contest", "decide_contest"): Told(Kind.DISPUTE, (ASKER,)),
    ("plan", "submit_plan"): Told(Kind.PLAN, (REVIEWERS,)),
    ("plan", "approve_plan"): Told(Kind.PLAN, (DRAWERS,)),
    ("plan", "return_plan"): Told(Kind.PLAN, (DRAWERS,)),
    ("publication", "publish_plan"): Told(Kind.PLAN, (DRAWERS, GROUND)),
    ("publication", "withdraw_publication"): Told(Kind.PLAN, (DRAWERS, GROUND)),
    ("publication", "revert_publication"): Told(Kind.PLAN, (DRAWERS, GROUND)),
    ("chiefterm", "appoint"): Told(Kind.OFFICE, (BEARER,)),
    ("chiefterm", "renew"): Told(Kind.OFFICE, (BEARER,)),
    ("chiefterm", "relieve"): Told(Kind.OFFICE, (BEARER,)),
    ("chiefterm", "substitute"): Told(Kind.OFFICE, (BEARER,)),
    ("chiefterm", "hand_over"): Told(Kind.OFFICE, (BEARER,)),
}
ANSWERS_A_WISH = frozenset({"extend", "park", "return", "void", "deny"})
AT_DEPARTMENT = frozenset({State.DISPATCHED, State.HANDLING})


def hearers(matter: Matter, ears: tuple[str, ...]) -> set[int]:
    """Return the users whom it concerns, but never who did it."""
    found: set[int] = set()
    for name in ears:
        found |= EARS[name](matter)
    return found - {matter.entry.actor_id if matter.entry and matter.entry.actor_id else 0}


def _posted(condition: Q, at: datetime) -> set[int]:
    """Users posted so at that moment, and now: whoever has left since is told nothing."""
    rows = Posting.objects.filter(
        condition, valid__contains=at, user__is_active=True
    ).filter(valid__contains=timezone.now())  # fmt: skip
    return set(rows.values_list("user_id", flat=True))


def _over(matter: Matter, roles: Iterable[str]) -> set[int]:
    """Users posted in such a role to the city, the subdistrict or the community of the matter."""
    area = matter.community
    if area is None:
        return set()
    whole = Q(subdistrict=None, community=None, person=None, team=None, department=None)
    there = whole | Q(subdistrict_id=area.subdistrict_id) | Q(community_id=area.pk)
    city = Q(city_id=area.subdistrict.city_id, role__in=roles)
    return _posted(city & there, matter.row.at)


def _of_place(matter: Matter) -> set[int]:
    """Accounts of whoever answers at the place: holders and who stands in for them."""
    case, at = matter.case, matter.row.at
    try:
        rungs = ladder.of_place(case.city, case.place, at=at)["rungs"]
    except NoSuchPlace:
        return set()
    persons = [holder["person"] for rung in rungs for holder in rung["holders"]]
    return _posted(Q(person_id__in=persons, role__in=[Role.WORKER, Role.CHIEF]), at)


def _of_duty(matter: Matter) -> set[int]:
    return _over(matter, [DISPATCHER])


def _at_departments(case: Incident, departments: list[int], at: datetime) -> set[int]:
    here = Q(subdistrict__isnull=True, community__isnull=True)
    if case.community is not None:
        here |= Q(community_id=case.community_id)
        here |= Q(subdistrict_id=case.community.subdistrict_id)
    return _posted(Q(role=Role.DEPARTMENT, department_id__in=departments) & here, at)


def _of_office(matter: Matter) -> set[int]:
    """The departments that have it, as the deed left it, and those that help."""
    case, lead = matter.case, matter.case.department_id
    if matter.entry is not None:
        lead = matter.entry.after.get("department", lead)
    return _at_departments(case, [pk for pk in (lead, *case.helpers) if pk], matter.row.at)


def _of_hands(matter: Matter) -> set[int]:
    """Whoever had to move it on when it happened: its department, or else the duty desk."""
    state = matter.case.state
    if matter.entry is not None:
        state = matter.entry.after.get("state", state)
    return (_of_office if state in AT_DEPARTMENT else _of_duty)(matter)


def _had_it(matter: Matter) -> set[int]:
    """The departments that had it in hand when this took it from them."""
    state = matter.entry.before.get("state") if matter.entry is not None else None
    return _of_office(matter) if state in AT_DEPARTMENT else set()


def _of_reporters(matter: Matter) -> set[int]:
    return {matter.case.reporter_id} if matter.case.reporter_id else set()


def _of_granters(matter: Matter) -> set[int]:
    """Who may decide: on contests leaders only."""
    contested = matter.row.subject_kind == "contest"
    return _over(matter, RIGHTS["decide_contest" if contested else "grant"])


def _of_asker(matter: Matter) -> set[int]:
    return {matter.asker} if matter.asker else set()


def _of_parties(matter: Matter) -> set[int]:
    """Departments that met, and cadres of the communities on both sides."""
    task = JointTask.objects.filter(incident=matter.case).order_by("-opened_at").first()
    if task is None:
        return set()
    departments = list(task.departments.values_list("pk", flat=True))
    cadres = Q(role=Role.CADRE, community__in=task.communities.all())
    at = matter.row.at
    return _at_departments(matter.case, departments, at) | _posted(cadres, at)


def _of_reviewers(matter: Matter) -> set[int]:
    return _over(matter, RIGHTS["review"])


def _of_drawers(matter: Matter) -> set[int]:
    about = matter.about
    plan = about.plan if isinstance(about, Publication) else about
    if not isinstance(plan, Plan):
        return set()
    return {user for user in (plan.owner_id, plan.submitted_by_id) if user}


def _of_ground(matter: Matter) -> set[int]:
    """Whoever works in the community whose borders change: all of them, by their own posting."""
    at = matter.row.at
    terms = ChiefTerm.objects.filter(cell__community=matter.community, valid__contains=at)
    workers = Q(role=Role.WORKER, person__in=terms.values("person"))
    return _over(matter, [LEADER, DISPATCHER, CADRE]) | _posted(workers, at)


def _of_bearer(matter: Matter) -> set[int]:
    term = cast("ChiefTerm", matter.about)
    return _posted(Q(person_id=term.person_id), matter.row.at)


EARS: dict[str, Callable[[Matter], set[int]]] = {
    PLACE: _of_place, DUTY: _of_duty, OFFICE: _of_office, HANDS: _of_hands,
    HAD: _had_it,
    REPORTER: _of_reporters, GRANTERS: _of_granters, ASKER: _of_asker, PARTIES: _of_parties,
    REVIEWERS: _of_reviewers, DRAWERS: _of_drawers, GROUND: _of_ground, BEARER: _of_bearer,
}  # fmt: skip


def asker_of(row: Outbox) -> int | None:
    """Return who asked for what this decides."""
    if row.subject_kind == "contest":
        return Contest.objects.filter(pk=row.subject_id).values_list("asked_by", flat=True).first()
    if row.verb not in ANSWERS_A_WISH:
        return None
    decided = Application.objects.filter(incident=row.subject_id, decided_at__isnull=False)
    return decided.order_by("-decided_at").values_list("asked_by", flat=True).first()
