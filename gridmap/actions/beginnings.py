"""Drafts that need new units first: worked out in the background, or found again from old ones."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from gridmap.actions import plans
from gridmap.actions.fabrics import build_fabric
from gridmap.actions.plans import rights, start
from gridmap.actions.plans.desk import Desk, Mark
from gridmap.errors import OutOfScope, Refusal, WrongState
from gridmap.layers import carrying, divisions, journal, plan_states
from gridmap.layers.fabrics import Fabric
from gridmap.layers.jobs import Job
from gridmap.layers.plans import Plan, PlanOp, Status
from gridmap.layers.postings import operator_scope, scope_of
from gridmap.layers.scope import Scope
from gridmap.layers.territory import Community

ENDED = (Job.State.DONE, Job.State.FAILED, Job.State.CANCELLED)
BUILDING, OPENING = 0.1, 0.8  # how far it is when the units are begun, and when they are there


@transaction.atomic
def ask_draft(*, by: Scope, community: int, title: str) -> Job:
    """Have the units of a community worked out anew, and then a draft opened on them.

    Raises:
        OutOfScope: there is no such community for the caller.
        NotYours: they do not plan there.
        BadValue: the title is empty or too long.
        WrongState: it is being done already.
    """
    place = (
        Community.objects.within(by)
        .select_related("subdistrict")
        .select_for_update(of=("self",))
        .filter(pk=community)
        .first()
    )
    if place is None:
        raise OutOfScope("没有这个社区，或不在您的范围内")
    rights.check(by, "draft", place)
    title = start.title_of(title)
    if place.jobs.exclude(state__in=ENDED).exists():
        raise WrongState("这个社区的底图正在计算", reason="JobRunning")
    job = Job.objects.create(
        community=place, asked={"title": title}, asked_by_id=by.user_id, base_seq=0
    )
    _begin.defer(job=job.pk)
    journal.record(
        by=by,
        verb="ask_draft",
        subject=job,
        where=(place.subdistrict.city_id, place.pk, None),
        change=({}, {"title": title}),
    )
    return job


@transaction.atomic
def carry_draft(*, by: Scope, plan: int, title: str) -> Plan:
    """Open a draft on the newest fabric that goes on from one on an older fabric.

    It begins with the division in force; what the old draft changed is its first operation, which
    can be undone. How the units were found again is kept with the plan (``match``).

    Raises:
        OutOfScope: there is no such plan for the caller.
        NotYours: they do not plan there.
        WrongState: it stands on the newest fabric already.
    """
    old = rights.opened(by, plan, "draft", *Status.values)
    source = Fabric.objects.defer("bundle").get(pk=old.fabric_id)
    target = Fabric.objects.filter(community=old.community_id, current=True).defer("bundle").first()
    if target is None or target.pk == source.pk:
        raise WrongState("草案已在最新的底图上", reason="NewestFabric")
    state, match = carrying.carried(plan_states.head_of(old), source, target)
    begun = divisions.in_force(target)
    made = Plan.objects.create(
        community=old.community,
        fabric=target,
        title=start.title_of(title),
        owner_id=by.user_id,
        lowest=old.lowest,
        highest=old.highest,
        carried_from=old,
        match=match.told(),
    )
    start.keep(made, begun)
    desk = Desk(by, made, 0)
    mark = Mark(uuid4(), PlanOp.Kind.IMPORT, f"carry {old.pk}@{old.head_seq}")
    desk.do(start.back_to(begun, carrying.renumbered(state, begun)), mark)
    outcome = desk.leave()
    journal.record(
        by=by,
        verb="carry_draft",
        subject=made,
        where=(old.community.subdistrict.city_id, old.community_id, None),
        change=({"plan": old.pk}, {"seq": outcome.seq, **match.told()["counts"]}),
    )
    return made


@app.task(name="begin_draft")
def _begin(job: int) -> None:
    """Work the units out, then open the draft. May be run again at any point."""
    row = Job.objects.get(pk=job)
    if row.state in ENDED or row.community_id is None:
        return
    _tell(row, state=Job.State.RUNNING, done=BUILDING, step={"what": "units"})
    by = scope_of(row.asked_by_id) if row.asked_by_id else operator_scope()
    try:
        fabric = build_fabric(by=by, community=row.community_id)
        _tell(row, done=OPENING, step={"what": "draft", "units": fabric.size})
        with transaction.atomic():
            if Job.objects.select_for_update().get(pk=row.pk).cancel:
                _end(row, Job.State.CANCELLED)
                return
            made = plans.open_draft(by=by, community=row.community_id, title=row.asked["title"])
            _tell(row, done=1.0)
            _end(row, Job.State.DONE, plan=made.pk)
    except Refusal as refusal:
        _end(row, Job.State.FAILED, refused=type(refusal).__name__, message=str(refusal))
    except Exception:
        _end(row, Job.State.FAILED, refused="Fault", message="")
        raise


def _tell(row: Job, **values: Any) -> None:
    Job.objects.filter(pk=row.pk).update(**values)


def _end(row: Job, state: str, **result: Any) -> None:
    _tell(row, state=state, result=result, ended_at=timezone.now())
