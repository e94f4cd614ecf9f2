"""Drafts are opened and worked on. One function, one intention, one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils import timezone

from gridmap.actions.plans import history, rights, start, weaving
from gridmap.actions.plans.desk import Conflict, Desk, Mark, Outcome, told
from gridmap.actions.plans.wishes import Wish, aim_of
from gridmap.errors import BadValue, OutOfScope, WrongState
from gridmap.layers import divisions, journal, plan_states
from gridmap.layers.bundles import bundle_of
from gridmap.layers.city_settings import CitySetting, numbers
from gridmap.layers.fabrics import Fabric
from gridmap.layers.plans import Comment, Plan, PlanHead, PlanOp, Reservation, Status
from gridmap.layers.scope import Scope
from gridmap.layers.territory import Community

__all__ = ["Conflict", "Outcome", "Wish", "told"]

MOST_OPS = 1_000
HOURS = 2  # a reservation lasts so long unless it is renewed


def _where(plan: Plan) -> tuple[int, int, None]:
    return plan.community.subdistrict.city_id, plan.community_id, None


@transaction.atomic
def open_draft(*, by: Scope, community: int, title: str) -> Plan:
    """Open a draft of a community as it is divided now, with the band of households of its city.

    Raises:
        OutOfScope: the community is not the caller's, or their role does not plan.
        BadGeometry: its units have not been worked out yet, and cannot be.
        BadValue: the title is empty or too long.
    """
    place = (
        Community.objects.within(by)
        .select_related("subdistrict__city")
        .filter(pk=community)
        .first()
    )
    if place is None:
        raise OutOfScope("没有这个社区，或不在您的范围内")
    rights.check(by, "draft", place)
    fabric = Fabric.objects.filter(community=place, current=True).defer("bundle").first()
    if fabric is None:
        fabric = weaving.weave(place, by.user_id)
    lowest, highest = numbers(CitySetting.Name.CELL_HOUSEHOLDS, place.subdistrict.city_id)
    plan = Plan(
        community=place, fabric=fabric, title=start.title_of(title), owner_id=by.user_id,
        lowest=lowest, highest=highest,
    )  # fmt: skip
    plan.save()
    start.keep(plan, divisions.in_force(fabric))
    journal.record(
        by=by, verb="open_draft", subject=plan, where=_where(plan), change=({}, {"title": title})
    )
    return plan


@transaction.atomic
def fork(*, by: Scope, plan: int, seq: int | None, title: str) -> Plan:
    """Open a draft that goes on from a state of another one, by pointing at it.

    Args:
        by: who does it.
        plan: id of the plan to go on from; any status.
        seq: after which of its operations; None: the newest.
        title: of the new draft.

    Raises:
        OutOfScope: there is no such plan for the caller.
        BadValue: it has no such operation.
    """
    parent = rights.opened(by, plan, "draft", *Status.values)
    seq = parent.head_seq if seq is None else seq
    if not 0 <= seq <= parent.head_seq:
        raise BadValue("草案没有第 %(seq)s 步", seq=seq)
    made = Plan.objects.create(
        community=parent.community,
        fabric_id=parent.fabric_id,
        title=start.title_of(title),
        owner_id=by.user_id,
        parent=parent,
        parent_seq=seq,
        lowest=parent.lowest,
        highest=parent.highest,
    )
    if seq == parent.head_seq:
        plan_states.copy_head(parent.pk, made.pk)
    else:
        state = plan_states.state_at(parent, seq)
        state.last_no = PlanHead.objects.values_list("last_no", flat=True).get(plan=parent)
        start.keep_head(made, state)
    after = {"title": made.title, "of": parent.pk, "seq": seq}
    journal.record(by=by, verb="fork_draft", subject=made, where=_where(made), change=({}, after))
    return made


@transaction.atomic
def apply_ops(*, by: Scope, plan: int, base_seq: int, ops: Sequence[Wish]) -> Outcome:
    """Merge operations into a draft, unit by unit; a retry changes nothing.

    Args:
        by: whose operations they are.
        plan: id of the draft.
        base_seq: number of the newest operation that the planner had seen.
        ops: at most 1,000, in order.

    Raises:
        OutOfScope: there is no such draft for the caller.
        WrongState: it is frozen, or an id was used for another operation.
        BadValue: an operation names what is not there; none of the batch is done.
    """
    draft = rights.opened(by, plan, "draft", Status.DRAFT)
    _check_base(draft, base_seq)
    if len(ops) > MOST_OPS:
        raise BadValue("一次最多 %(most)s 个操作", most=MOST_OPS)
    ids = [wish.id for wish in ops]
    if len(set(ids)) < len(ids):
        raise BadValue("同一批里有两个操作的 id 相同")
    desk = Desk(by, draft, base_seq, ids)
    for wish in ops:
        if (before := desk.known.get(wish.id)) is not None:
            _again(desk.outcome, before, wish)
        elif desk.do(aim_of(wish, desk.ground), Mark(wish.id, wish.kind, wish.digest())) is None:
            desk.outcome.applied += [] if _refused(desk.outcome, wish) else [wish.id]
    outcome = desk.leave()
    after = {"seq": outcome.seq, "ops": len(outcome.applied), "conflicts": len(outcome.conflicts)}
    journal.record(
        by=by,
        verb="edit_draft",
        subject=draft,
        where=_where(draft),
        change=({"seq": base_seq}, after),
    )
    return outcome


def _check_base(draft: Plan, base_seq: int) -> None:
    if not 0 <= base_seq <= draft.head_seq:
        raise BadValue("草案没有第 %(seq)s 步", seq=base_seq)


def _again(outcome: Outcome, before: PlanOp, wish: Wish) -> None:
    """Answer an operation that was done before as it was answered then."""
    if before.asked != wish.digest():
        raise WrongState("这个操作 id 已用于另一个操作", reason="ClientIdReused")
    outcome.applied.append(wish.id)
    outcome.conflicts += before.conflicts
    if before.kind == PlanOp.Kind.SPLIT:
        outcome.made[str(wish.id)] = before.cells[0]["no"]


def _refused(outcome: Outcome, wish: Wish) -> bool:
    return any(conflict["op"] == str(wish.id) for conflict in outcome.conflicts)


@transaction.atomic
def undo(*, by: Scope, plan: int, client_id: UUID) -> Outcome:
    """Take back the caller's newest operation that counts, as far as nobody built on it.

    Raises:
        OutOfScope: there is no such draft for the caller.
        WrongState: it is frozen, or there is nothing to undo.
    """
    draft = rights.opened(by, plan, "draft", Status.DRAFT)
    outcome = _turn(by, draft, client_id, back=True)
    after = {"seq": outcome.seq, "conflicts": len(outcome.conflicts)}
    journal.record(
        by=by, verb="undo_in_draft", subject=draft, where=_where(draft), change=({}, after)
    )
    return outcome


@transaction.atomic
def redo(*, by: Scope, plan: int, client_id: UUID) -> Outcome:
    """Do again what the caller took back last, as far as nobody built on it.

    Raises:
        OutOfScope: there is no such draft for the caller.
        WrongState: it is frozen, or there is nothing to do again.
    """
    draft = rights.opened(by, plan, "draft", Status.DRAFT)
    outcome = _turn(by, draft, client_id, back=False)
    after = {"seq": outcome.seq, "conflicts": len(outcome.conflicts)}
    journal.record(
        by=by, verb="redo_in_draft", subject=draft, where=_where(draft), change=({}, after)
    )
    return outcome


def _turn(by: Scope, draft: Plan, client_id: UUID, *, back: bool) -> Outcome:
    kind = PlanOp.Kind.UNDO if back else PlanOp.Kind.REDO
    desk = Desk(by, draft, draft.head_seq, [client_id])
    before = desk.known.get(client_id)
    if before is not None:
        if before.kind != kind:
            raise WrongState("这个操作 id 已用于另一个操作", reason="ClientIdReused")
        desk.outcome.applied.append(client_id)
        desk.outcome.conflicts += before.conflicts
        return desk.leave()
    op = history.to_undo(by, draft) if back else history.to_redo(by, draft)
    aim = history.backward(op) if back else history.forward(op)
    desk.do(aim, Mark(client_id, kind, kind, of=op.seq), always=True)
    outcome = desk.leave()
    PlanOp.objects.filter(pk=op.pk).update(undone_at=outcome.seq if back else None)
    return outcome


@transaction.atomic
def restore(*, by: Scope, plan: int, seq: int, client_id: UUID) -> Outcome:
    """Bring a draft back to an earlier state, as one further operation that can be undone.

    Raises:
        OutOfScope: there is no such draft for the caller.
        WrongState: it is frozen.
        BadValue: it has no such operation.
    """
    draft = rights.opened(by, plan, "draft", Status.DRAFT)
    _check_base(draft, seq)
    desk = Desk(by, draft, draft.head_seq, [client_id])
    if not desk.known:
        aim = start.back_to(desk.state, plan_states.state_at(draft, seq))
        desk.do(aim, Mark(client_id, PlanOp.Kind.RESTORE, str(seq)))
    outcome = desk.leave()
    journal.record(
        by=by,
        verb="restore_draft",
        subject=draft,
        where=_where(draft),
        change=({}, {"to": seq, "seq": outcome.seq}),
    )
    return outcome


@transaction.atomic
def reserve_cells(*, by: Scope, plan: int, cells: Sequence[int], hours: float = HOURS) -> None:
    """Keep cells of a draft to oneself for a while; 0 hours sets them free.

    Raises:
        OutOfScope: there is no such draft for the caller.
        WrongState: it is frozen, or somebody else holds one of the cells.
        BadValue: it has no such cell, or the time is not between 0 and 24 hours.
    """
    draft = rights.opened(by, plan, "draft", Status.DRAFT)
    if by.user_id is None or not 0 <= hours <= 24:  # noqa: PLR2004 - a day
        raise BadValue("预留须由登录用户提出，0 到 24 小时")
    if unknown := set(cells) - set(draft.cells.values_list("no", flat=True)):
        raise BadValue("草案里没有编号为 %(number)s 的网格", number=min(unknown))
    now = timezone.now()
    held = Reservation.objects.filter(plan=draft, no__in=cells, until__gt=now)
    other = held.exclude(holder_id=by.user_id).select_related("holder").first()
    if other is not None:
        raise WrongState(
            "网格 %(no)s 已由 %(holder)s 预留",
            no=other.no,
            holder=other.holder.username,
            reason="Reserved",
        )
    Reservation.objects.filter(plan=draft, no__in=cells).delete()
    if hours:
        until = now + timedelta(hours=hours)
        Reservation.objects.bulk_create(
            Reservation(plan=draft, no=no, holder_id=by.user_id, until=until)
            for no in sorted(set(cells))
        )
    after = {"cells": sorted(set(cells)), "hours": hours}
    journal.record(
        by=by, verb="reserve_cells", subject=draft, where=_where(draft), change=({}, after)
    )


@dataclass(frozen=True)
class Remark:
    """What somebody says about a plan, and what it is pinned to.

    Attributes:
        text: at most 2,000 characters.
        place: a point of the map.
        no: a cell of the plan.
        unit: uid of a unit.
        answers: id of the comment it answers.
    """

    text: str
    place: Point | None = None
    no: int | None = None
    unit: str = ""
    answers: int | None = None


@transaction.atomic
def comment(*, by: Scope, plan: int, remark: Remark) -> Comment:
    """Say something about a plan, in any state of it.

    Raises:
        OutOfScope: there is no such plan for the caller.
        BadValue: nothing is said, or it is pinned to what is not there.
    """
    found = rights.opened(by, plan, "", *Status.values)
    text = remark.text.strip()
    if not text or len(text) > 2000 or "\x00" in text:  # noqa: PLR2004 - the column's width
        raise BadValue("批注须有 1 到 2000 个字")
    if remark.unit and remark.unit not in bundle_of(found.fabric_id).places:
        raise BadValue("本草案的底图里没有这些地块：%(units)s", units=remark.unit[:40])
    if remark.answers and not found.comments.filter(pk=remark.answers).exists():
        raise BadValue("没有这条批注")
    made = Comment.objects.create(
        plan=found,
        author_id=by.user_id,
        seq=found.head_seq,
        text=text,
        place=remark.place,
        no=remark.no,
        unit=remark.unit,
        answers_id=remark.answers,
    )
    journal.record(
        by=by, verb="comment", subject=made, where=_where(found), change=({}, {"plan": found.pk})
    )
    return made


@transaction.atomic
def settle_comment(*, by: Scope, plan: int, comment: int) -> Comment:
    """Mark a comment as settled.

    Raises:
        OutOfScope: there is no such comment for the caller.
    """
    found = rights.opened(by, plan, "", *Status.values)
    made = found.comments.filter(pk=comment).first()
    if made is None:
        raise OutOfScope("没有这条批注")
    made.settled_by_id = by.user_id
    made.save(update_fields=["settled_by"])
    journal.record(by=by, verb="settle_comment", subject=made, where=_where(found), change=({}, {}))
    return made
