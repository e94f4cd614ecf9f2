"""What people do with beat packs: hand one out, withdraw it, take back what was done with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils import timezone

from gridmap.actions.incidents import Report, report_incident
from gridmap.actions.visits import MOST, Seen, record_visits
from gridmap.errors import BadValue, OutOfScope, Refusal
from gridmap.layers import journal
from gridmap.layers.incidents import Category, Incident
from gridmap.layers.packs import BeatPack, Done, returned
from gridmap.layers.patrols import Visit
from gridmap.layers.people import Team
from gridmap.layers.pocket import Beat
from gridmap.layers.scope import Scope
from gridmap.layers.shapes import SRID
from gridmap.layers.territory import Cell

DAYS = 7  # a pack is good for so long unless said otherwise
MOST_DAYS = 31


@dataclass(frozen=True)
class Outcome:
    """What became of one thing that came back: ``new``, ``known`` or ``refused``."""

    done: Done
    state: str
    refusal: Refusal | None = None


@transaction.atomic
def make_pack(
    *, by: Scope, beat: Beat, title: str, days: int = DAYS, team: Team | None = None
) -> BeatPack:
    """Enter a pack of a beat; the file is drawn when it is fetched.

    Args:
        by: who; may visit everywhere in the beat.
        beat: whole cells.
        title: as it stands in the file.
        days: how long it is good, 1 to 31.
        team: for which team, if for one.

    Raises:
        BadValue: so many days are not possible.
        NotYours: the caller may not visit there.
    """
    if not 1 <= days <= MOST_DAYS:
        raise BadValue("离线包的有效期是 1 到 %(most)s 天", most=MOST_DAYS)
    cells = list(Cell.objects.within(by).filter(pk__in=beat.cells))
    for cell in cells:
        by.must("visit", beat.city.pk, cell.community_id, cell.pk)
    now = timezone.now()
    homes = {cell.community_id for cell in cells}
    pack = BeatPack.objects.create(
        city=beat.city,
        community_id=homes.pop() if len(homes) == 1 else None,
        team=team,
        title=title[:120],
        cells=sorted(cell.pk for cell in cells),
        made_by_id=by.user_id,
        made_at=now,
        until=now + timedelta(days=days),
    )
    journal.record(
        by=by,
        verb="make_pack",
        subject=pack,
        where=(pack.city_id, pack.community_id, None),
        change=({}, {"title": pack.title, "cells": len(pack.cells), "days": days}),
    )
    return pack


def _pack(by: Scope, pk: int) -> BeatPack:
    pack = BeatPack.objects.within(by).select_for_update().filter(pk=pk).first()
    if pack is None:
        raise OutOfScope("没有这个离线包，或不在您的范围内")
    return pack


@transaction.atomic
def withdraw_pack(*, by: Scope, pack_id: int) -> BeatPack:
    """Let nothing come back from a pack any more: it was lost, or given to the wrong hands.

    Raises:
        OutOfScope: it is not there, or not the caller's business.
    """
    pack = _pack(by, pack_id)
    if pack.withdrawn_at is not None:
        return pack
    pack.withdrawn_at = timezone.now()
    pack.save(update_fields=["withdrawn_at"])
    journal.record(
        by=by,
        verb="withdraw_pack",
        subject=pack,
        where=(pack.city_id, pack.community_id, None),
        change=({"withdrawn": False}, {"withdrawn": True}),
    )
    return pack


def _visited(by: Scope, things: Sequence[Done]) -> Iterator[Outcome]:
    """Note the visits among what came back, so many at a time as one call takes."""
    for first in range(0, len(things), MOST):
        some = things[first : first + MOST]
        seen = [
            Seen(
                client_id=one.client_id,
                at=one.at,
                source=Visit.Source.TAP,
                stretch=one.thing if one.kind == "s" else None,
                entrance=one.thing if one.kind == "e" else None,
                note=one.note[:200],
            )
            for one in some
        ]
        for one, found in zip(some, record_visits(by=by, seen=seen), strict=True):
            yield Outcome(one, found.state, found.refusal)


def _reported(by: Scope, pack: BeatPack, one: Done) -> Outcome:
    category = Category.objects.filter(city=pack.city, code=one.category).first()
    title = one.note.strip().partition("\n")[0][:40] or (category.name if category else "")
    report = Report(
        place=Point(*one.place, srid=SRID),
        title=title,
        category=one.category,
        source=Incident.Source.PATROL,
        text=one.note.strip()[:4000],
        client_id=one.client_id,
        derived=frozenset({"place", "title"}),
    )
    try:
        with transaction.atomic():
            _incident, new = report_incident(by=by, report=report, city=pack.city.slug)
    except Refusal as refusal:
        return Outcome(one, "refused", refusal)
    return Outcome(one, "new" if new else "known")


@transaction.atomic
def import_results(*, by: Scope, text: str) -> tuple[BeatPack, list[Outcome]]:
    """Take back what was done with a pack; the same again changes nothing.

    Args:
        by: who hands it in; may note visits in the pack's cells.
        text: what the pack gave, `gridmap.layers.packs.returned`.

    Raises:
        BadFile: it is no result, or was changed on the way.
        OutOfScope: there is no such pack, or it is not the caller's business.
        WrongState: the pack has ended, or was withdrawn.
    """
    pack, done = returned(by, text, now=timezone.now())
    visits = [one for one in done if one.kind != "r"]
    found = {outcome.done: outcome for outcome in _visited(by, visits)}
    for one in done:
        if one.kind == "r":
            found[one] = _reported(by, pack, one)
    new = sum(outcome.state == "new" for outcome in found.values())
    if new:
        journal.record(
            by=by,
            verb="import_results",
            subject=pack,
            where=(pack.city_id, pack.community_id, None),
            change=({}, {"new": new}),
        )
    return pack, [found[one] for one in done]
