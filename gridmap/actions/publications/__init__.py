"""Plans are reviewed and come into force. One function, one intention, one transaction."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from gridmap.actions.plans import rights
from gridmap.actions.publications import handing_over, taking_over
from gridmap.actions.publications.taking_over import Ground, Wanted
from gridmap.errors import BadValue, OutOfScope, WrongState
from gridmap.layers import divisions, journal, plan_states
from gridmap.layers.bundles import bundle_of
from gridmap.layers.fabrics import Fabric
from gridmap.layers.impact import impact_of
from gridmap.layers.plan_faults import faults_of
from gridmap.layers.plan_states import State
from gridmap.layers.plans import Plan, Status
from gridmap.layers.publications import CellHandover, Publication
from gridmap.layers.scope import Scope
from gridmap.layers.territory import CellEdition, Community

# One publication of a community at a time; the second key is the community's id.
COMMUNITY_LOCK = 74_205
INSTANT = timedelta(microseconds=1)
AHEAD = timedelta(days=731)


def _where(community: Community) -> tuple[int, int, None]:
    return community.subdistrict.city_id, community.pk, None


@transaction.atomic
def submit(*, by: Scope, plan: int, expect_seq: int, effective_from: date | None = None) -> Plan:
    """Hand a draft in for review; from here on it is frozen.

    Args:
        by: who does it; a planner.
        plan: id of the draft.
        expect_seq: number of the newest operation they have seen.
        effective_from: the day they propose; whoever publishes decides.

    Raises:
        OutOfScope: there is no such draft for the caller.
        NotYours: they may read it, but do not plan there.
        WrongState: it is frozen, somebody changed it, or something must be mended first.
    """
    draft = rights.opened(by, plan, "draft", Status.DRAFT)
    _expect(draft, expect_seq)
    _check_faults(draft, plan_states.head_of(draft))
    if effective_from is not None:
        _midnight(draft.community, effective_from)
    _turn(
        draft,
        Status.IN_REVIEW,
        submitted_by_id=by.user_id,
        reviewed_by_id=None,
        review="",
        wanted_from=effective_from,
    )
    journal.record(
        by=by,
        verb="submit_plan",
        subject=draft,
        where=_where(draft.community),
        change=({"status": Status.DRAFT}, {"status": draft.status, "seq": draft.head_seq}),
    )
    return draft


def _expect(plan: Plan, seq: int) -> None:
    if plan.head_seq != seq:
        raise WrongState("草案已改到第 %(seq)s 步，请先看过", seq=plan.head_seq, reason="SeqMoved")


def _check_faults(plan: Plan, state: State) -> None:
    faults = faults_of(plan, state, bundle_of(plan.fabric_id))
    must = [fault for fault in faults if fault["must"]]
    if must:
        raise WrongState("还有 %(count)s 处必改", count=len(must), reason="Faults", faults=must)


def _turn(plan: Plan, status: Status, **values: object) -> None:
    for name, value in {"status": status, **values}.items():
        setattr(plan, name, value)
    plan.save(update_fields=["status", *values])


@transaction.atomic
def approve(*, by: Scope, plan: int, expect_seq: int, note: str = "") -> Plan:
    """Approve a plan; only somebody who had no hand in it may.

    Raises:
        OutOfScope: there is no such plan for the caller.
        NotYours: they may read it, but do not decide there.
        WrongState: it is not under review, or they drew or submitted it.
    """
    found = rights.opened(by, plan, "review", Status.IN_REVIEW)
    _expect(found, expect_seq)
    own = found.ops.filter(author_id=by.user_id).exists()
    if own or by.user_id in {None, found.owner_id, found.submitted_by_id}:
        raise WrongState("须由没有参与起草的另一个人批准", reason="SamePerson")
    _turn(found, Status.APPROVED, reviewed_by_id=by.user_id, review=note[:400])
    journal.record(
        by=by,
        verb="approve_plan",
        subject=found,
        where=_where(found.community),
        change=({"status": Status.IN_REVIEW}, {"status": found.status, "seq": expect_seq}),
    )
    return found


@transaction.atomic
def send_back(*, by: Scope, plan: int, note: str) -> Plan:
    """Return a plan to its planners, with the reason.

    Raises:
        OutOfScope: there is no such plan for the caller.
        NotYours: they may read it, but do not decide there.
        WrongState: it is neither under review nor approved.
    """
    found = rights.opened(by, plan, "review", Status.IN_REVIEW, Status.APPROVED)
    before = found.status
    _turn(found, Status.DRAFT, reviewed_by_id=by.user_id, review=note[:400])
    journal.record(
        by=by,
        verb="return_plan",
        subject=found,
        where=_where(found.community),
        change=({"status": before}, {"status": found.status, "note": note[:400]}),
    )
    return found


@transaction.atomic
def publish(*, by: Scope, plan: int, expect_seq: int, effective_from: date) -> Publication:
    """Let an approved plan take effect at 00:00 of a day: all of it or nothing.

    Until then nothing changes. Cells that stay as they are keep their edition; codes of cells that
    end are never given again.

    Raises:
        OutOfScope: there is no such plan for the caller.
        NotYours: they may read it, but do not publish there.
        WrongState: it is not approved, was changed, or the division it started from is gone.
        BadValue: the day has begun already, or is too far ahead.
    """
    try:
        found = rights.opened(by, plan, "publish", Status.APPROVED)
    except WrongState as refusal:
        raise _told_who(refusal, Publication.objects.filter(plan=plan)) from refusal
    _expect(found, expect_seq)
    community = found.community
    start = _midnight(community, effective_from)
    _check_free(community)
    state = plan_states.head_of(found)
    _check_faults(found, state)
    fabric = Fabric.objects.defer("bundle").get(pk=found.fabric_id)
    before = divisions.in_force(fabric)
    _check_ground(found, fabric, before)
    drawn = divisions.pictures(fabric.pk, state, community)
    statement = impact_of(found, drawn)
    del statement["lists"]
    publication = Publication.objects.create(
        community=community, plan=found, starts=start, by_id=by.user_id, impact=statement
    )
    wanted = [Wanted(one.fields["uid"], _told(one.fields), one.wkb) for one in drawn]
    _take_effect(publication, fabric, (before, state), wanted)
    _turn(found, Status.PUBLISHED)
    journal.record(
        by=by,
        verb="publish_plan",
        subject=publication,
        where=_where(community),
        change=({}, {"plan": found.pk, "starts": start.isoformat(), **statement["figures"]}),
    )
    return publication


def _told(fields: object) -> dict[str, str]:
    return {name: fields[name] for name in ("code", "name", "kind", "use")}  # type: ignore[index]


def _midnight(community: Community, day: date) -> datetime:
    zone = ZoneInfo(community.subdistrict.city.time_zone)
    start = datetime.combine(day, time(), zone)
    now = timezone.now()
    if start <= now:
        raise BadValue("生效日须是明天或以后：此前的地图和统计不变")
    if start > now + AHEAD:
        raise BadValue("生效日最多提前两年定")
    return start


def _told_who(refusal: WrongState, made: QuerySet[Publication]) -> WrongState:
    """Whoever comes second learns who was first."""
    first = made.filter(withdrawn_at=None).select_related("by").order_by("pk").last()
    if first is None or first.by is None:
        return refusal
    who = first.by.get_full_name() or first.by.get_username()
    return WrongState("%(who)s 已经发布了这个方案", who=who, reason="Published")


def _check_free(community: Community) -> None:
    """Let nobody else publish this community meanwhile, and nothing be due already.

    Raises:
        WrongState: another change waits for its day.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [COMMUNITY_LOCK, community.pk])
    coming = CellEdition.objects.filter(
        cell__community=community, valid__startswith__gt=timezone.now()
    )
    first = coming.order_by("valid").first()
    if first is not None:
        raise WrongState(
            "这个社区已有待生效的调整（%(starts)s），须先生效或撤回",
            starts=first.valid.lower.isoformat(),
            reason="Pending",
        )


def _check_ground(plan: Plan, fabric: Fabric, before: State) -> None:
    """Hold a plan against what is in force: it must have begun from it.

    Raises:
        WrongState: the fabric was built anew, or the cells are no longer those it began with.
    """
    if not fabric.current:
        raise WrongState("底图已更新，请先把草案转到新底图", reason="FabricGone")
    root = plan_states.state_at(plan, 0)
    known = {cell["uid"] for cell in root.cells.values() if cell["cell"]}
    now = {cell["uid"] for cell in before.cells.values()}
    if known != now:
        raise WrongState("现行网格在草案开始后已改，请从现行网格重新起草", reason="DivisionMoved")


def _take_effect(
    publication: Publication, fabric: Fabric, states: tuple[State, State], wanted: list[Wanted]
) -> None:
    """Write down everything that follows from a publication."""
    before, after = states
    bundle = bundle_of(fabric.pk)
    ended = {edition.cell_id for edition in _running(publication.community)}
    cells = taking_over.open_editions(publication.community, publication.starts, wanted)
    ids = {cell.pk for cell in cells.values()}
    ground = Ground(
        uids=bundle.uids,
        before=_cell_ids(before, {}),
        after=_cell_ids(after, {uid: cell.pk for uid, cell in cells.items()}),
        households=bundle.arrays["households"],
        buildings=bundle.arrays["building"] > 0,
        area_m2=bundle.arrays["area"],
    )
    lineage = taking_over.write_lineage(publication, ground)
    taking_over.write_history(publication.community, publication.starts, ground)
    publication.carried = handing_over.hand_over(publication, lineage, ended - ids, ids - ended)
    publication.save(update_fields=["carried"])


def _running(community: Community) -> list[CellEdition]:
    return list(CellEdition.objects.filter(cell__community=community, valid__upper_inf=True))


def _cell_ids(state: State, made: dict[str, int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The id of the cell of each unit, 0 for none."""
    ids = np.zeros(max(state.cells, default=0) + 1, np.int64)
    for no, cell in state.cells.items():
        ids[no] = cell["cell"] or made.get(cell["uid"], 0)
    return np.asarray(ids[state.labels])


@transaction.atomic
def withdraw(*, by: Scope, publication: int) -> Publication:
    """Take a publication back before its day; everything is as if it had not been.

    Raises:
        OutOfScope: there is no such publication for the caller.
        NotYours: they may read it, but do not publish there.
        WrongState: it has taken effect, or was taken back already.
    """
    found = _opened(by, publication)
    if found.withdrawn_at is not None or found.starts <= timezone.now():
        raise WrongState("已生效或已撤回；已生效的可以恢复上一版", reason="TookEffect")
    taking_over.close_again(found.community, found.starts)
    handing_over.give_back(found)
    found.withdrawn_by_id, found.withdrawn_at = by.user_id, timezone.now()
    found.save(update_fields=["withdrawn_by", "withdrawn_at"])
    if found.plan is not None:
        _turn(found.plan, Status.APPROVED)
    journal.record(
        by=by,
        verb="withdraw_publication",
        subject=found,
        where=_where(found.community),
        change=({"starts": found.starts.isoformat()}, {}),
    )
    return found


def _opened(by: Scope, publication: int) -> Publication:
    found = (
        Publication.objects.within(by)
        .select_related("community__subdistrict__city", "plan")
        .select_for_update(of=("self",))
        .filter(pk=publication)
        .first()
    )
    if found is None:
        raise OutOfScope("没有这次发布，或不在您的范围内")
    rights.check(by, "publish", found.community)
    return found


@transaction.atomic
def revert(*, by: Scope, publication: int, effective_from: date) -> Publication:
    """Bring back, from a coming day on, the division that a publication replaced.

    The cells of then come back under their own identities and codes; those it made end.

    Raises:
        OutOfScope: there is no such publication for the caller.
        NotYours: they may read it, but do not publish there.
        WrongState: it has not taken effect, another one followed it, or another change waits.
        BadValue: the day has begun already, or is too far ahead.
    """
    found = _opened(by, publication)
    community = found.community
    start = _midnight(community, effective_from)
    _check_free(community)
    later = Publication.objects.filter(community=community, withdrawn_at=None)
    if found.withdrawn_at is not None or later.filter(starts__gt=found.starts).exists():
        raise WrongState("只能恢复最近一次生效的发布", reason="NotTheLast")
    fabric = Fabric.objects.defer("bundle").get(community=community, current=True)
    eve = found.starts - INSTANT
    made = Publication.objects.create(
        community=community, reverts=found, starts=start, by_id=by.user_id
    )
    previous = CellEdition.objects.as_of(eve).filter(cell__community=community)
    wanted = [
        Wanted(str(edition.cell.uid), _told(vars(edition)), bytes(edition.geom.wkb))
        for edition in previous.select_related("cell")
    ]
    states = (divisions.in_force(fabric), divisions.in_force(fabric, eve))
    _take_effect(made, fabric, states, wanted)
    journal.record(
        by=by,
        verb="revert_publication",
        subject=made,
        where=_where(community),
        change=({"of": found.pk}, {"starts": start.isoformat()}),
    )
    return made


@transaction.atomic
def decide_handover(*, by: Scope, handover: int, accept: bool) -> CellHandover:
    """Confirm that an office or a team's care goes to the new cell, or that it does not.

    Raises:
        OutOfScope: there is no such handover for the caller.
        NotYours: they may read it, but do not decide there.
        WrongState: it was decided already.
    """
    found = (
        CellHandover.objects.within(by)
        .select_related("publication__community__subdistrict", "term", "team_area")
        .select_for_update(of=("self",))
        .filter(pk=handover)
        .first()
    )
    if found is None:
        raise OutOfScope("没有这项移交，或不在您的范围内")
    community = found.publication.community
    rights.check(by, "publish", community)
    if found.state != CellHandover.State.PROPOSED:
        raise WrongState("这项移交已经定了", reason="Decided")
    now = timezone.now()
    found.state = CellHandover.State.ACCEPTED if accept else CellHandover.State.KEPT
    found.decided_by_id, found.decided_at = by.user_id, now
    found.save(update_fields=["state", "decided_by", "decided_at"])
    if accept:
        handing_over.carry(found, max(found.publication.starts, now))
    journal.record(
        by=by,
        verb="decide_handover",
        subject=found,
        where=_where(community),
        change=({"state": CellHandover.State.PROPOSED}, {"state": found.state}),
    )
    return found
