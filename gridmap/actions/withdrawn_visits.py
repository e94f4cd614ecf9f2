"""Taking a visit back, and putting right what was told wrongly; what was told is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from gridmap.errors import BadValue, OutOfScope, WrongState
from gridmap.layers import journal
from gridmap.layers.patrols import Visit
from gridmap.layers.places import Entrance, Stretch
from gridmap.layers.scope import Scope, Spot
from gridmap.layers.withdrawn_visits import WithdrawnVisit


@dataclass(frozen=True)
class Rightly:
    """What a visit should have said; None: as it was told."""

    at: datetime | None = None
    stretch: int | None = None
    entrance: int | None = None
    note: str | None = None


def _spot(visit: Visit) -> Spot:
    """Return where a visit was made."""
    if visit.stretch is not None:
        part, cell = visit.stretch, visit.stretch.cell
        return Spot(
            city=visit.city_id,
            community=cell.community_id if cell else None,
            cell=part.cell_id,
            street=part.street_id,
            lane=part.lane_id,
        )
    if visit.entrance is None:
        raise OutOfScope("没有找到，或不在您的范围内")
    house = visit.entrance.building
    return Spot(
        city=visit.city_id,
        community=house.community_id,
        cell=visit.entrance.cell_id,
        street=house.street_id,
        lane=house.lane_id,
        building=house.pk,
    )


def _told(visit: Visit) -> dict[str, object]:
    return {
        "stretch": visit.stretch_id,
        "entrance": visit.entrance_id,
        "at": visit.at.isoformat(timespec="seconds"),
        "source": visit.source,
        "note": visit.note,
    }


def _visit(by: Scope, pk: int, why: str) -> tuple[Visit, Spot]:
    """Return a visit, locked, and where it was made.

    Raises:
        BadValue: no reason is given.
        WrongState: it was taken back before.
        OutOfScope: it is not there, or not the caller's business.
        NotYours: the caller may not note visits there.
    """
    if not why.strip():
        raise BadValue("请写明原因")
    rows = Visit.objects.within(by).select_related("stretch__cell", "entrance__building")
    visit = rows.select_for_update(of=("self",)).filter(pk=pk).first()
    if visit is None:
        raise OutOfScope("没有找到，或不在您的范围内")
    spot = _spot(visit)
    by.must_at("visit", spot)
    return visit, spot


def _take_back(visit: Visit, why: str, right: Visit | None) -> None:
    """Move a visit out of the figures; the database looks its place up again."""
    WithdrawnVisit.objects.create(
        city_id=visit.city_id,
        team_id=visit.team_id,
        stretch_id=visit.stretch_id,
        entrance_id=visit.entrance_id,
        at=visit.at,
        source=visit.source,
        note=visit.note,
        client_id=visit.client_id,
        withdrawn_at=timezone.now(),
        why=why.strip()[:200],
        replaced_by=right,
    )
    Visit.objects.filter(pk=visit.pk).delete()


@transaction.atomic
def withdraw_visit(*, by: Scope, visit: int, why: str) -> None:
    """Take a visit back: it counts no longer, and is kept as it was told.

    Raises:
        BadValue: no reason is given.
        OutOfScope: it is not there (any more), or not the caller's business.
        NotYours: the caller may not note visits there.
    """
    told, spot = _visit(by, visit, why)
    _take_back(told, why, None)
    journal.record(
        by=by,
        verb="withdraw_visit",
        subject=told,
        where=(told.city_id, spot.community, spot.cell),
        change=(_told(told), {}),
        why=why.strip(),
    )


def _place(by: Scope, told: Visit, right: Rightly) -> tuple[Stretch | None, Entrance | None]:
    """Return where the visit should have been.

    Raises:
        BadValue: two places are named.
        OutOfScope: the place is not there, or not the caller's business.
    """
    if right.stretch is not None and right.entrance is not None:
        raise BadValue("须给出 stretch 和 entrance 之一")
    if right.stretch is None and right.entrance is None:
        return told.stretch, told.entrance
    stretch = (
        Stretch.objects.within(by).select_related("cell").filter(pk=right.stretch).first()
        if right.stretch is not None
        else None
    )
    door = (
        Entrance.objects.within(by).select_related("building").filter(pk=right.entrance).first()
        if right.entrance is not None
        else None
    )
    if stretch is None and door is None:
        raise OutOfScope("没有找到，或不在您的范围内")
    return stretch, door


@transaction.atomic
def correct_visit(*, by: Scope, visit: int, right: Rightly, why: str) -> Visit:
    """Put a visit right: what was told is kept, a new one says what is so.

    Args:
        by: who; may note visits at both places.
        visit: what was told wrongly.
        right: what is so.
        why: the reason.

    Raises:
        BadValue: no reason, two places, or a moment to come.
        OutOfScope: the visit or the place is not there, or not the caller's business.
        NotYours: the caller may not note visits there.
        WrongState: nothing is different.
    """
    told, _spot_told = _visit(by, visit, why)
    stretch, door = _place(by, told, right)
    now = timezone.now()
    if right.at is not None and right.at > now:
        raise BadValue("走访的时刻不能在将来")
    made = Visit(
        city_id=stretch.city_id if stretch else door.building.city_id if door else told.city_id,
        team_id=told.team_id,
        stretch=stretch,
        entrance=door,
        at=right.at or told.at,
        source=told.source,
        note=told.note if right.note is None else right.note[:200],
    )
    if _told(made) == _told(told):
        raise WrongState("没有要改的内容")
    spot = _spot(made)
    if made.city_id != told.city_id or not by.figures.holds(spot):
        raise OutOfScope("没有找到，或不在您的范围内")
    by.must_at("visit", spot)
    made.save()
    _take_back(told, why, made)
    journal.record(
        by=by,
        verb="correct_visit",
        subject=made,
        where=(made.city_id, spot.community, spot.cell),
        change=(_told(told), _told(made)),
        why=why.strip(),
    )
    return made
