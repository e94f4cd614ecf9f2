"""Noting that places were seen: many at a time, each once, however often it is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from gridmap.errors import BadValue, OutOfScope, Refusal, WrongState
from gridmap.layers import journal
from gridmap.layers.patrols import Visit, team_of_cell
from gridmap.layers.places import Entrance, Stretch
from gridmap.layers.scope import Scope, Spot
from gridmap.layers.withdrawn_visits import WithdrawnVisit

MOST = 200  # visits of one call
OLDEST = timedelta(days=90)


@dataclass(frozen=True)
class Seen:
    """One place that was seen; "nothing found" counts.

    Attributes:
        client_id: given by the sender once for each visit, so that a retry makes no second one.
        at: when; a clock that runs ahead is not believed.
        source: one of `Visit.Source`.
        stretch: id of the stretch walked, or
        entrance: id of the entrance seen.
        note: what was noticed; empty: nothing.
    """

    client_id: UUID
    at: datetime
    source: str
    stretch: int | None = None
    entrance: int | None = None
    note: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of one of them: ``new``, ``known`` (it was here already), or ``refused``."""

    client_id: UUID
    state: str
    refusal: Refusal | None = field(default=None, compare=False)


def _spots(by: Scope, seen: Sequence[Seen]) -> dict[tuple[str, int], Spot]:
    """Where the places are that the caller can see, in two queries."""
    stretches = Stretch.objects.within(by).filter(pk__in={one.stretch for one in seen})
    doors = Entrance.objects.within(by).filter(pk__in={one.entrance for one in seen})
    found = {
        ("stretch", row.pk): Spot(
            city=row.city_id,
            community=row.cell.community_id if row.cell else None,
            cell=row.cell_id,
            street=row.street_id,
            lane=row.lane_id,
        )
        for row in stretches.select_related("cell")
    }
    return found | {
        ("entrance", row.pk): Spot(
            city=row.building.city_id,
            community=row.building.community_id,
            cell=row.cell_id,
            street=row.building.street_id,
            lane=row.building.lane_id,
            building=row.building_id,
        )
        for row in doors.select_related("building")
    }


def _checked(by: Scope, one: Seen, spots: Mapping[tuple[str, int], Spot], now: datetime) -> Spot:
    """Return where a visit was made.

    Raises:
        BadValue: it names no place or two, or lies too long ago.
        OutOfScope: the place is not there, or not the caller's business.
        NotYours: the caller may not note visits there.
    """
    if (one.stretch is None) == (one.entrance is None):
        raise BadValue("须给出 stretch 和 entrance 之一")
    if one.at < now - OLDEST:
        raise BadValue("这次走访是 %(days)s 天以前的，不再收", days=OLDEST.days)
    kind = "stretch" if one.stretch is not None else "entrance"
    spot = spots.get((kind, one.stretch or one.entrance or 0))
    if spot is None or not by.figures.holds(spot):
        raise OutOfScope("没有找到，或不在您的范围内")
    by.must_at("visit", spot)
    return spot


def _place(visit: Visit) -> tuple[str, int]:
    kind = "stretch" if visit.stretch_id else "entrance"
    return kind, visit.stretch_id or visit.entrance_id or 0


def _same(kept: Visit, one: Seen) -> bool:
    return (kept.stretch_id, kept.entrance_id, kept.source, kept.note) == (
        one.stretch, one.entrance, one.source, one.note,
    )  # fmt: skip


@transaction.atomic
def record_visits(*, by: Scope, seen: Sequence[Seen]) -> list[Outcome]:
    """Note visits, in the order given; one that is refused does not hold up the others.

    Args:
        by: who tells; may note visits at the places.
        seen: at most ``MOST``.

    Raises:
        BadValue: none, or too many.
    """
    if not 0 < len(seen) <= MOST:
        raise BadValue("一次记 1 到 %(most)s 次走访", most=MOST)
    now = timezone.now()
    spots = _spots(by, seen)
    rows: dict[UUID, Visit] = {}
    refused: dict[UUID, Refusal] = {}
    for one in seen:
        try:
            spot = _checked(by, one, spots, now)
        except Refusal as refusal:
            refused[one.client_id] = refusal
            continue
        rows.setdefault(
            one.client_id,
            Visit(
                city_id=spot.city,
                team_id=team_of_cell(spot.cell) if by.beats else None,
                stretch_id=one.stretch,
                entrance_id=one.entrance,
                at=min(one.at, now),
                source=one.source,
                note=one.note,
                client_id=one.client_id,
            ),
        )
    # A visit that was taken back was told once; a phone that tells it again changes nothing.
    withdrawn = WithdrawnVisit.objects.filter(client_id__in=rows)
    taken_back = set(withdrawn.values_list("client_id", flat=True))
    rows = {key: row for key, row in rows.items() if key not in taken_back}
    before = set(Visit.objects.filter(client_id__in=rows).values_list("client_id", flat=True))
    # Another call with the same keys may be on its way: whoever comes second changes nothing.
    Visit.objects.bulk_create(rows.values(), ignore_conflicts=True)
    kept = {visit.client_id: visit for visit in Visit.objects.filter(client_id__in=rows)}
    outcomes = []
    for one in seen:
        why = refused.get(one.client_id)
        known = one.client_id in before | taken_back
        if why is None and one.client_id in kept and not _same(kept[one.client_id], one):
            why = WrongState("这个 client_id 已用于另一次走访", reason="ClientIdReused")
        state = "refused" if why else "known" if known else "new"
        outcomes.append(Outcome(one.client_id, state, why))
    new = [rows[one.client_id] for one in outcomes if one.state == "new"]
    if new:
        cells = {spot.cell for spot in map(spots.get, map(_place, new)) if spot}
        journal.record(
            by=by,
            verb="visit",
            subject=kept[new[0].client_id],
            where=(new[0].city_id, None, cells.pop() if len(cells) == 1 else None),
            change=({}, {"visits": len(new)}),
        )
    return outcomes
