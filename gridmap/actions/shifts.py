"""What people do with shifts: draw segments, plan, move along the table, sign up and step back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from string import ascii_uppercase
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from gridmap.errors import BadValue, NotYours, OutOfScope, WrongState
from gridmap.layers import journal
from gridmap.layers.people import Team, TeamArea
from gridmap.layers.places import Stretch
from gridmap.layers.scope import Scope
from gridmap.layers.segments import teams_walked
from gridmap.layers.shifts import (
    LONGEST,
    MOVES,
    Segment,
    SegmentStretch,
    Shift,
    ShiftSegment,
    SignUp,
    state_at,
)

MOST_STRETCHES = 400
MOST_HANDS = 99


@dataclass(frozen=True)
class Outing:
    """A shift to be planned.

    Attributes:
        starts: when one meets.
        ends: when one parts, at most a day later.
        meeting: where one meets, in words.
        wanted: hands needed, 1 to 99.
        segments: ids of the segments walked; none: all of the team's area.
        client_id: given by the sender once, so that a retry plans no second one.
    """

    starts: datetime
    ends: datetime
    meeting: str = ""
    wanted: int = 2
    segments: Sequence[int] = ()
    client_id: UUID | None = None


def _letters() -> Iterator[str]:
    """Yield the letters in their order: A to Z, then AA, AB and so on."""
    yield from ascii_uppercase
    yield from ("".join(pair) for pair in product(ascii_uppercase, repeat=2))


def _team(by: Scope, pk: int) -> Team:
    """Return a team, locked.

    Raises:
        OutOfScope: it is not there, or in no city of the caller's.
    """
    team = Team.objects.within(by).select_for_update().filter(pk=pk).first()
    if team is None:
        raise OutOfScope("没有这支队伍，或不在您的范围内")
    return team


@transaction.atomic
def begin_segment(*, by: Scope, team: int, stretches: Iterable[int], name: str = "") -> Segment:
    """Draw a segment under the next letter the team has never used.

    Raises:
        OutOfScope: the team or a stretch is not there.
        NotYours: the caller does not organise this team.
        BadValue: no stretch, too many, or one outside the team's area.
    """
    of = _team(by, team)
    by.must("organise", of.city_id, of.community_id)
    wanted = set(stretches)
    if not 0 < len(wanted) <= MOST_STRETCHES:
        raise BadValue("一个巡段要有 1 到 %(most)s 处巷段", most=MOST_STRETCHES)
    now = timezone.now()
    cells = TeamArea.objects.filter(team=of, valid__contains=now).values("cell_id")
    where = Q(cell__in=cells)
    if of.community_id is not None:
        where |= Q(cell__community_id=of.community_id)
    found = Stretch.objects.within(by).filter(where, pk__in=wanted)
    if found.count() != len(wanted):
        raise BadValue("有的巷段不在这支队伍的责任范围内")
    used = set(Segment.objects.filter(team=of).values_list("letter", flat=True))
    letter = next((one for one in _letters() if one not in used), None)
    if letter is None:
        raise WrongState("这支队伍的字母用完了")
    made = Segment.objects.create(team=of, letter=letter, name=name.strip()[:60], began_at=now)
    SegmentStretch.objects.bulk_create(
        SegmentStretch(segment=made, stretch_id=pk) for pk in sorted(wanted)
    )
    journal.record(
        by=by,
        verb="begin_segment",
        subject=made,
        where=(of.city_id, of.community_id, None),
        change=({}, {"team": of.name, "letter": letter, "stretches": len(wanted)}),
    )
    return made


@transaction.atomic
def end_segment(*, by: Scope, segment: int) -> Segment:
    """End a segment; its letter is not used again.

    Raises:
        OutOfScope: it is not there.
        NotYours: the caller does not organise this team.
        WrongState: it has ended, or a shift to come walks it.
    """
    rows = Segment.objects.within(by).select_related("team").select_for_update(of=("self",))
    found = rows.filter(pk=segment).first()
    if found is None:
        raise OutOfScope("没有找到，或不在您的范围内")
    of = found.team
    by.must("organise", of.city_id, of.community_id)
    if found.ended_at is not None:
        raise WrongState("这个巡段已经停用")
    if found.shifts.filter(state__in=["scheduled", "ready", "active"]).exists():
        raise WrongState("还有没走完的班次用这个巡段")
    found.ended_at = timezone.now()
    found.save(update_fields=["ended_at"])
    journal.record(
        by=by,
        verb="end_segment",
        subject=found,
        where=(of.city_id, of.community_id, None),
        change=({"team": of.name, "letter": found.letter}, {}),
    )
    return found


@transaction.atomic
def plan_shift(*, by: Scope, team: int, outing: Outing) -> Shift:
    """Plan an outing of a team; the same ``client_id`` again returns the first.

    Raises:
        OutOfScope: the team is not there.
        NotYours: the caller does not organise this team.
        BadValue: the hours, the hands or the segments make no sense.
    """
    of = _team(by, team)
    by.must("organise", of.city_id, of.community_id)
    if outing.client_id is not None:
        before = Shift.objects.filter(client_id=outing.client_id).first()
        if before is not None and before.team_id == of.pk and before.starts == outing.starts:
            return before
        if before is not None:
            raise WrongState("这个 client_id 已用于另一个班次", reason="ClientIdReused")
    now = timezone.now()
    if not outing.starts < outing.ends <= outing.starts + LONGEST or outing.ends <= now:
        raise BadValue("班次的结束须在开始之后、一天之内，且还没有过去")
    if not 1 <= outing.wanted <= MOST_HANDS:
        raise BadValue("需要的人数是 1 到 %(most)s", most=MOST_HANDS)
    walked = list(Segment.objects.standing().filter(team=of, pk__in=outing.segments))
    if len(walked) != len(set(outing.segments)):
        raise BadValue("有的巡段不是这支队伍的，或已停用")
    made = Shift.objects.create(
        team=of,
        starts=outing.starts,
        ends=outing.ends,
        meeting=outing.meeting.strip()[:80],
        wanted=outing.wanted,
        client_id=outing.client_id,
    )
    ShiftSegment.objects.bulk_create(ShiftSegment(shift=made, segment=one) for one in walked)
    journal.record(
        by=by,
        verb="plan_shift",
        subject=made,
        where=(of.city_id, of.community_id, None),
        change=({}, {"team": of.name, "starts": made.starts.isoformat()}),
    )
    return made


def _shift(by: Scope, pk: int) -> Shift:
    """Return a shift, locked.

    Raises:
        OutOfScope: it is not there.
    """
    rows = Shift.objects.within(by).select_related("team").select_for_update(of=("self",))
    found = rows.filter(pk=pk).first()
    if found is None:
        raise OutOfScope("没有这个班次，或不在您的范围内")
    return found


@transaction.atomic
def move_shift(*, by: Scope, shift: int, verb: str, why: str = "") -> Shift:
    """Move a shift along `gridmap.layers.shifts.MOVES`.

    Whoever organises the team may do everything, whoever walks with it begins and ends a shift.

    Raises:
        OutOfScope: it is not there.
        NotYours: the caller may not do this with it.
        WrongState: this step does not lead from the state it is in.
        BadValue: it is no step, or a cancellation without a reason.
    """
    found = _shift(by, shift)
    of, now = found.team, timezone.now()
    organises = by.may("organise", of.city_id, of.community_id)
    if verb not in MOVES:
        raise BadValue("没有这一步")
    if not organises and (verb == "cancel" or not teams_walked(by, [of])):
        raise NotYours("您的岗位在这里不能做这件事", verb=verb)
    sources, target = MOVES[verb]
    before = state_at(found, now)
    if before not in sources:
        raise WrongState("班次现在的状态不能走这一步", state=before)
    if verb == "cancel" and not why.strip():
        raise BadValue("请写明原因")
    found.state = target
    if verb == "start":
        found.started_at = now
    elif verb == "finish":
        found.ended_at = now
    elif verb == "cancel":
        found.why = why.strip()[:200]
    found.save(update_fields=["state", "started_at", "ended_at", "why"])
    journal.record(
        by=by,
        verb=f"{verb}_shift",
        subject=found,
        where=(of.city_id, of.community_id, None),
        change=({"state": before}, {"state": target}),
        why=why.strip()[:200],
    )
    return found


@transaction.atomic
def sign_up(*, by: Scope, shift: int) -> None:
    """Come along to a shift; again changes nothing. No page of the history shows it.

    Raises:
        OutOfScope: it is not there.
        NotYours: the caller does not walk with this team.
        WrongState: it is over, cancelled, or full.
    """
    found = _shift(by, shift)
    if by.user_id is None or not teams_walked(by, [found.team]):
        raise NotYours("您的岗位在这里不能做这件事", verb="volunteer")
    if found.sign_ups.filter(user_id=by.user_id).exists():
        return
    if found.state in {Shift.State.DONE, Shift.State.CANCELLED} or found.ends <= timezone.now():
        raise WrongState("这个班次已经结束或取消")
    if found.sign_ups.count() >= found.wanted:
        raise WrongState("这个班次的人已经够了")
    SignUp.objects.create(shift=found, user_id=by.user_id, at=timezone.now())
    journal.record(by=by, verb="sign_up", subject=found, where=(None, None, None), change=({}, {}))


@transaction.atomic
def step_back(*, by: Scope, shift: int) -> None:
    """Not come along after all; the sign-up is gone.

    Raises:
        OutOfScope: the shift is not there.
        WrongState: it has begun.
    """
    found = _shift(by, shift)
    if found.state in {Shift.State.ACTIVE, Shift.State.DONE}:
        raise WrongState("班次已经开始，不能退出")
    SignUp.objects.within(by).filter(shift=found).delete()
    journal.record(
        by=by, verb="step_back", subject=found, where=(None, None, None), change=({}, {})
    )
