"""How to break the rules of intervals, visits taken back, shifts and service records."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import User
from django.utils import timezone

from gridmap.layers.checklists import CheckItem
from gridmap.layers.intervals import Emphasis, IntervalRule
from gridmap.layers.packs import BeatPack
from gridmap.layers.patrols import Visit
from gridmap.layers.people import Team
from gridmap.layers.places import Entrance, Stretch
from gridmap.layers.service import ServiceEntry
from gridmap.layers.shifts import Segment, SegmentStretch, Shift, ShiftSegment, SignUp
from gridmap.layers.withdrawn_visits import WithdrawnVisit
from tests import town as toy


def rule(**values: Any) -> IntervalRule:
    standard = {"city": toy.city(), "thing": "stretch", "kind": "school", "days": 2}
    return IntervalRule.objects.create(**{**standard, **values})


def emphasis(**values: Any) -> Emphasis:
    standard = {"city": toy.city(), "stretch": Stretch.objects.get(code="L2-1"), "kind": "night"}
    return Emphasis.objects.create(**{**standard, **values})


def door() -> dict[str, Any]:
    return {"stretch": None, "entrance": Entrance.objects.all()[0]}


def twice(make: Callable[..., object], **values: Any) -> object:
    make(**values)
    return make(**values)


def withdrawn(**values: Any) -> WithdrawnVisit:
    standard = {
        "city": toy.city(), "stretch": Stretch.objects.get(code="L2-1"), "at": timezone.now(),
        "source": "tap", "withdrawn_at": timezone.now(), "why": "记错了",
    }  # fmt: skip
    return WithdrawnVisit.objects.create(**{**standard, **values})


def come_again() -> Visit:
    key = uuid4()
    withdrawn(client_id=key)
    return Visit.objects.create(
        city=toy.city(), stretch=Stretch.objects.get(code="L2-1"), at=timezone.now(),
        source="tap", client_id=key,
    )  # fmt: skip


def segment(**values: Any) -> Segment:
    standard = {"team": Team.objects.all()[0], "letter": "A", "began_at": timezone.now()}
    return Segment.objects.create(**{**standard, **values})


def part_twice() -> SegmentStretch:
    values = {"segment": segment(), "stretch": Stretch.objects.all()[0]}
    SegmentStretch.objects.create(**values)
    return SegmentStretch.objects.create(**values)


def shift(**values: Any) -> Shift:
    now = timezone.now()
    standard = {"team": Team.objects.all()[0], "starts": now, "ends": now + timedelta(hours=2)}
    return Shift.objects.create(**{**standard, **values})


def walked_twice() -> ShiftSegment:
    values = {"shift": shift(), "segment": segment()}
    ShiftSegment.objects.create(**values)
    return ShiftSegment.objects.create(**values)


def another_team() -> Team:
    return Team.objects.create(city=toy.city(), name="乙社区文艺队", kind="arts")


def of_another_team() -> ShiftSegment:
    return ShiftSegment.objects.create(shift=shift(), segment=segment(team=another_team()))


def moved_to_another_team() -> int:
    walk = ShiftSegment.objects.create(shift=shift(), segment=segment())
    return ShiftSegment.objects.filter(pk=walk.pk).update(segment=segment(team=another_team()))


def move(source: str, target: str) -> int:
    now = timezone.now()
    times: dict[str, dict[str, Any]] = {
        "scheduled": {}, "ready": {}, "active": {"started_at": now},
        "done": {"started_at": now, "ended_at": now}, "cancelled": {"why": "下雨"},
    }  # fmt: skip
    one = shift(state=source, **times[source])
    free: dict[str, Any] = {"started_at": None, "ended_at": None, "why": ""}
    return Shift.objects.filter(pk=one.pk).update(state=target, **{**free, **times[target]})


def somebody() -> User:
    return User.objects.create_user("somebody")


def entry(**values: Any) -> ServiceEntry:
    standard = {"kind": "service", "day": timezone.localdate(), "hours": 2, "what": "巡查"}
    user = values.pop("user", None) or somebody()
    return ServiceEntry.objects.create(user=user, **{**standard, **values})


def from_one_shift_twice() -> ServiceEntry:
    values = {"user": somebody(), "shift": shift()}
    entry(**values)
    return entry(**values)


def sign_up_twice() -> SignUp:
    values = {"shift": shift(), "user": somebody(), "at": timezone.now()}
    SignUp.objects.create(**values)
    return SignUp.objects.create(**values)


def pack(**values: Any) -> BeatPack:
    made = timezone.now()
    standard = {"title": "x", "cells": [1], "made_at": made, "until": made + timedelta(days=1)}
    by = values.pop("made_by", None) or somebody()
    return BeatPack.objects.create(city=toy.city(), made_by=by, **{**standard, **values})


def check_item(**values: Any) -> CheckItem:
    return CheckItem.objects.create(city=toy.city(), **{"text": "看路灯", **values})


CASES: dict[str, Callable[[], object]] = {
    "intervalrule_once": lambda: twice(rule),
    "intervalrule_days": lambda: rule(days=0),
    "intervalrule_thing": lambda: rule(thing="lamp"),
    "intervalrule_kind": lambda: rule(kind="whim"),
    "emphasis_stretch_once": lambda: twice(emphasis),
    "emphasis_entrance_once": lambda: twice(emphasis, **door()),
    "emphasis_one_place": lambda: emphasis(stretch=None),
    "emphasis_kind": lambda: emphasis(kind="usual"),
    "withdrawnvisit_says_why": lambda: withdrawn(why=""),
    "withdrawnvisit_one_place": lambda: withdrawn(stretch=None),
    "visit_not_withdrawn": come_again,
    "segment_letter_once": lambda: twice(segment),
    "segment_letter": lambda: segment(letter="甲"),
    "segment_ends_after_it_began": lambda: segment(ended_at=timezone.now() - timedelta(days=1)),
    "segmentstretch_once": part_twice,
    "shift_lasts": lambda: shift(ends=timezone.now() - timedelta(hours=1)),
    "shift_wanted": lambda: shift(wanted=0),
    "shift_state": lambda: shift(state="active"),
    "shift_moves": lambda: move("done", "scheduled"),
    "shiftsegment_once": walked_twice,
    "shiftsegment_of_team": of_another_team,
    "signup_once": sign_up_twice,
    "beatpack_until": lambda: pack(until=timezone.now() - timedelta(days=1)),
    "beatpack_has_cells": lambda: pack(cells=[]),
    "checkitem_once": lambda: twice(check_item),
    "checkitem_says_something": lambda: check_item(text=""),
    "serviceentry_hours": lambda: entry(hours=None),
    "serviceentry_says_what": lambda: entry(what=""),
    "serviceentry_shift_once": from_one_shift_twice,
}
