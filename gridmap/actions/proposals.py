"""Proposals are asked for, worked out by the worker, and laid into the draft as one operation."""

from __future__ import annotations

import logging
import time
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import numpy as np
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from gridmap.actions.plans import rights
from gridmap.actions.plans.desk import Desk, Mark
from gridmap.actions.plans.wishes import Aim, new_cell
from gridmap.errors import BadValue, OutOfScope, Refusal, WrongState
from gridmap.geo.fabric import Edges
from gridmap.geo.partition import CancelledError, Graph, Mode, Proposal, Step, Watch, Wish, propose
from gridmap.layers import journal, plan_states
from gridmap.layers.bundles import Bundle, bundle_of
from gridmap.layers.jobs import Job
from gridmap.layers.plan_states import CellChange, State
from gridmap.layers.plans import Plan, PlanOp, Reservation, Status
from gridmap.layers.postings import operator_scope, scope_of
from gridmap.layers.scope import Scope

log = logging.getLogger(__name__)
OFTEN = 0.3  # seconds between two looks at the job's row
MOST_EFFORT = 20
ENDED = (Job.State.DONE, Job.State.FAILED, Job.State.CANCELLED)


@dataclass(frozen=True)
class Asked:
    """What is asked of a proposal.

    Attributes:
        cells: numbers of the cells that may change; empty for all.
        mode: fresh or minimal_change.
        target: households of a good cell.
        seed: the same seed gives the same proposal.
        effort: rounds of further search.
    """

    cells: tuple[int, ...] = ()
    mode: str = Mode.FRESH
    target: int = 400
    seed: int = 1
    effort: int = 0


@transaction.atomic
def ask_proposal(*, by: Scope, plan: int, asked: Asked) -> Job:
    """Have a proposal worked out in the background; it becomes one operation of the draft.

    Locked cells, pinned units and cells that others reserved stay as they are.

    Raises:
        OutOfScope: there is no such draft for the caller.
        NotYours: they do not plan there.
        WrongState: it is frozen, or a proposal is being worked out already.
        BadValue: the target lies outside the plan's band, or there is no such cell.
    """
    draft = rights.opened(by, plan, "draft", Status.DRAFT)
    if not draft.lowest <= asked.target <= draft.highest:
        raise BadValue(
            "目标户数须在 %(lowest)s 到 %(highest)s 之间",
            lowest=draft.lowest,
            highest=draft.highest,
        )
    if asked.mode not in set(Mode) or not 0 <= asked.effort <= MOST_EFFORT:
        raise BadValue("没有这种生成方式")
    if unknown := set(asked.cells) - set(draft.cells.values_list("no", flat=True)):
        raise BadValue("草案里没有编号为 %(number)s 的网格", number=min(unknown))
    if draft.jobs.exclude(state__in=ENDED).exists():
        raise WrongState("已有一个建议正在生成", reason="JobRunning")
    job = Job.objects.create(
        plan=draft, asked=asdict(asked), asked_by_id=by.user_id, base_seq=draft.head_seq
    )
    _work_out.defer(job=job.pk)
    journal.record(
        by=by,
        verb="ask_proposal",
        subject=job,
        where=(draft.community.subdistrict.city_id, draft.community_id, None),
        change=({}, {"plan": draft.pk, **asdict(asked)}),
    )
    return job


@transaction.atomic
def cancel_proposal(*, by: Scope, job: int) -> Job:
    """Stop a proposal, the draft stays as it is; or a draft that is being begun.

    Raises:
        OutOfScope: there is no such job for the caller.
        NotYours: they do not plan there.
        WrongState: it has ended already.
    """
    found = (
        Job.objects.within(by)
        .select_related("plan__community__subdistrict", "community__subdistrict")
        .select_for_update(of=("self",))
        .filter(pk=job)
        .first()
    )
    if found is None:
        raise OutOfScope("没有这项工作，或不在您的范围内")
    community = found.place
    rights.check(by, "draft", community)
    if found.state in ENDED:
        raise WrongState("这项工作已经结束", reason="JobEnded")
    found.cancel = True
    if found.state == Job.State.WAITING:
        found.state, found.ended_at = Job.State.CANCELLED, timezone.now()
    found.save(update_fields=["cancel", "state", "ended_at"])
    journal.record(
        by=by,
        verb="cancel_proposal",
        subject=found,
        where=(community.subdistrict.city_id, community.pk, None),
        change=({}, {"plan": found.plan_id}),
    )
    return found


@app.task(name="propose")
def _work_out(job: int) -> None:
    """Work a proposal out. May be run again at any point: what it makes bears the job's id."""
    row = Job.objects.select_related("plan").get(pk=job)
    if row.state in ENDED or row.plan is None:
        return
    Job.objects.filter(pk=job).update(state=Job.State.RUNNING)
    try:
        made, state = _proposed(row, row.plan)
        _lay_down(row, row.plan.pk, made, state)
    except CancelledError:
        _end(row, Job.State.CANCELLED)
    except Refusal as refusal:
        _end(row, Job.State.FAILED, refused=type(refusal).__name__, message=str(refusal))
    except Exception:
        _end(row, Job.State.FAILED, refused="Fault", message="")
        raise


def _end(row: Job, state: str, **result: Any) -> None:
    Job.objects.filter(pk=row.pk).update(state=state, result=result, ended_at=timezone.now())


def _proposed(row: Job, plan: Plan) -> tuple[Proposal, State]:
    """Work out the proposal on the state that was asked about, and tell how far it is."""
    asked = Asked(**row.asked)
    state = plan_states.state_at(plan, row.base_seq)
    # A special cell (a school, a park, a market) is drawn for its own sake; no band is asked of it.
    kept = {no for no, cell in state.cells.items() if cell["locked"] or cell["kind"] == "special"}
    kept |= set(_reserved(row, plan))
    if asked.cells:
        kept |= set(state.cells) - set(asked.cells)
    now = state.labels.astype(np.int64)
    now[now == 0] = -1
    wish = Wish(
        target=asked.target,
        band=(plan.lowest, plan.highest),
        mode=Mode(asked.mode),
        locked=frozenset(kept),
        pins=frozenset(state.pins),
        seed=asked.seed,
        effort=asked.effort,
    )
    return propose(_graph_of(bundle_of(plan.fabric_id)), wish, now, watch=_watch(row)), state


def _reserved(row: Job, plan: Plan) -> list[int]:
    held = Reservation.objects.filter(plan=plan, until__gt=timezone.now())
    return list(held.exclude(holder=row.asked_by_id).values_list("no", flat=True))


def _watch(row: Job) -> Watch:
    looked = time.monotonic()
    wanted = True

    def progress(step: Step) -> None:
        nonlocal looked, wanted
        if time.monotonic() - looked < OFTEN:
            return
        looked = time.monotonic()
        Job.objects.filter(pk=row.pk).update(done=min(step.done, 1.0), step=asdict(step))
        wanted = not Job.objects.filter(pk=row.pk, cancel=True).exists()

    return Watch(progress=progress, cancelled=lambda: not wanted)


def _lay_down(row: Job, plan: int, made: Proposal, before: State) -> None:
    """Merge the proposal into the draft as it is now, as one operation of whoever asked."""
    with transaction.atomic():
        by = scope_of(row.asked_by_id) if row.asked_by_id else operator_scope()
        draft = rights.opened(by, plan, "draft", Status.DRAFT)
        if Job.objects.select_for_update().get(pk=row.pk).cancel:
            raise CancelledError
        desk = Desk(by, draft, row.base_seq, [row.uid])
        if not desk.known:
            mark = Mark(row.uid, PlanOp.Kind.PROPOSE, str(row.uid))
            desk.do(_aim(made, before, desk.state, row.uid), mark)
        outcome = desk.leave()
        result = {
            "seq": outcome.seq,
            "conflicts": len(outcome.conflicts),
            "findings": [_told(finding, desk.bundle) for finding in made.findings],
            "moves": [_told(move, desk.bundle) for move in made.moved],
        }
        _end(row, Job.State.DONE, **result)
        Job.objects.filter(pk=row.pk).update(done=1)
        journal.record(
            by=by,
            verb="propose_in_draft",
            subject=draft,
            where=(draft.community.subdistrict.city_id, draft.community_id, None),
            change=({"seq": row.base_seq}, {"seq": outcome.seq, "job": row.pk}),
        )


def _told(thing: Any, bundle: Bundle) -> dict[str, Any]:
    """A finding or a move with the names of its units."""
    told: dict[str, Any] = asdict(thing)
    return {**told, "units": [bundle.uids[place] for place in told["units"]]}


def _aim(made: Proposal, before: State, now: State, uid: UUID) -> Aim:
    """What leads from the state the proposal began with to the proposal."""
    numbers = {no: no for no in before.cells} | {-1: 0}
    changes: list[CellChange] = []
    for number in np.unique(made.labels).tolist():
        if number not in numbers:
            numbers[number] = now.last_no + len(changes) + 1
            fields = new_cell(uid)
            changes.append({"no": numbers[number], "before": None, "after": fields})
    labels = np.array([numbers[number] for number in made.labels.tolist()], np.int16)
    places = np.flatnonzero(labels != before.labels).astype(np.int64)
    left = set(np.unique(before.labels).tolist()) - set(np.unique(labels).tolist()) - {0}
    return Aim(
        places, labels[places], cells=changes, emptied=tuple(sorted(left & set(before.cells)))
    )


def _edges_of(bundle: Bundle) -> Edges:
    rows = bundle.arrays
    return Edges(
        rows["edge_a"].astype(np.int64),
        rows["edge_b"].astype(np.int64),
        rows["edge_length"].astype(np.float64),
        rows["edge_level"].astype(np.int64),
        rows["edge_crossable"].astype(bool),
    )


def _graph_of(bundle: Bundle) -> Graph:
    rows = bundle.arrays
    return Graph.joined(
        _edges_of(bundle),
        rows["households"].astype(np.int64),
        rows["area"].astype(np.float64),
        rows["perimeter"].astype(np.float64),
    )
