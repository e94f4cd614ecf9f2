"""Saying which places need to be seen more often, and why; the database works the intervals out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from gridmap.errors import BadValue, OutOfScope
from gridmap.layers import journal
from gridmap.layers.intervals import Emphasis, IntervalRule, Kind
from gridmap.layers.places import Entrance, Stretch
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City

MOST = 4_000  # places at once: a large community
LONGEST = 200  # letters of a reason


@dataclass(frozen=True)
class Places:
    """Ids of stretches and entrances, all of one city."""

    stretches: Sequence[int] = ()
    entrances: Sequence[int] = ()


def _where(by: Scope, places: Places) -> tuple[int, int | None]:
    """Return the city of places, and their community if it is one for all.

    Raises:
        BadValue: there are none, too many, or they lie in several cities.
        OutOfScope: one of them is not there, or in no city of the caller's.
        NotYours: the caller does not organise what is walked at one of them.
    """
    stretches, entrances = set(places.stretches), set(places.entrances)
    if not 0 < len(stretches) + len(entrances) <= MOST:
        raise BadValue("请选 1 到 %(most)s 处地方", most=MOST)
    found = [
        *Stretch.objects.within(by)
        .filter(pk__in=stretches)
        .values_list("city_id", "cell__community_id"),
        *Entrance.objects.within(by)
        .filter(pk__in=entrances)
        .values_list("building__city_id", "building__community_id"),
    ]
    if len(found) != len(stretches) + len(entrances):
        raise OutOfScope("没有找到，或不在您的范围内")
    spots = set(found)
    for city, community in spots:
        by.must("organise", city, community)
    if len({city for city, _ in spots}) > 1:
        raise BadValue("这些地方不在同一座城市")
    city, community = spots.pop()
    return city, None if spots else community


def _known(kind: str) -> str:
    if kind not in set(Kind.values) - {Kind.USUAL}:
        raise BadValue("没有这种重点")
    return kind


def _record(by: Scope, verb: str, place: tuple[int, int | None], told: dict[str, object]) -> None:
    journal.record(
        by=by,
        verb=verb,
        subject=City.objects.get(pk=place[0]),
        where=(*place, None),
        change=({}, told),
        why=str(told.pop("why")),
    )


@transaction.atomic
def emphasise(*, by: Scope, kind: str, places: Places, why: str) -> int:
    """Have places seen as often as the city's rule for this kind says; done again, nothing changes.

    Args:
        by: who organises what is walked there.
        kind: school, market, night or hazard.
        places: which.
        why: the reason, in the words of whoever decides.

    Returns:
        How many places were not emphasised so before.

    Raises:
        BadValue: no reason, no such kind, no rule for it in this city, or no fit set of places.
        OutOfScope: one of the places is not the caller's business.
        NotYours: the caller does not organise there.
    """
    place, reason = _where(by, places), " ".join(why.split())[:LONGEST]
    if not reason:
        raise BadValue("请写明原因")
    if not IntervalRule.objects.filter(city_id=place[0], kind=_known(kind)).exists():
        raise BadValue("这座城市还没有定这一类多少天看一次，请先在系统管理里定")
    held = Emphasis.objects.filter(city_id=place[0], kind=kind)
    stretches = set(places.stretches) - set(held.values_list("stretch_id", flat=True))
    entrances = set(places.entrances) - set(held.values_list("entrance_id", flat=True))
    added = [
        *(Emphasis(city_id=place[0], stretch_id=pk, kind=kind) for pk in sorted(stretches)),
        *(Emphasis(city_id=place[0], entrance_id=pk, kind=kind) for pk in sorted(entrances)),
    ]
    # Somebody else may do the same at this moment: what stands is what both want.
    Emphasis.objects.bulk_create(added, ignore_conflicts=True)
    if added:
        told = {"kind": kind, "stretches": len(places.stretches),
                "entrances": len(places.entrances), "why": reason}  # fmt: skip
        _record(by, "emphasise", place, told)
    return len(added)


@transaction.atomic
def lift_emphasis(*, by: Scope, kind: str, places: Places, why: str) -> int:
    """Let places be seen as often as they would be without this kind; return how many it concerned.

    Raises:
        BadValue: no reason, no such kind, or no fit set of places.
        OutOfScope: one of the places is not the caller's business.
        NotYours: the caller does not organise there.
    """
    place, reason = _where(by, places), " ".join(why.split())[:LONGEST]
    if not reason:
        raise BadValue("请写明原因")
    held = Emphasis.objects.filter(city_id=place[0], kind=_known(kind))
    gone, _ = (
        held.filter(stretch_id__in=places.stretches) | held.filter(entrance_id__in=places.entrances)
    ).delete()
    if gone:
        told = {"kind": kind, "stretches": len(places.stretches),
                "entrances": len(places.entrances), "why": reason}  # fmt: skip
        _record(by, "lift_emphasis", place, told)
    return gone
