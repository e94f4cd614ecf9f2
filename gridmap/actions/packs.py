"""What people do with beat packs: hand one out, withdraw it, and take back what was done with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils import timezone

from gridmap.actions.incidents import Report, report_incident
from gridmap.errors import BadValue, OutOfScope, Refusal
from gridmap.layers import journal
from gridmap.layers.incidents import Category, Incident
from gridmap.layers.packs import BeatPack, Done, returned
from gridmap.layers.people import Team
from gridmap.layers.pocket import Beat
from gridmap.layers.scope import Scope
from gridmap.layers.shapes import SRID
from gridmap.layers.territory import Cell

DAYS = 7  # a pack is good for so long unless said otherwise
MOST_DAYS = 31


@dataclass(frozen=True)
class Outcome:
    """What became of one thing that came back.

    Attributes:
        done: what came back.
        state: ``new``, ``known`` (it was here already), ``refused``.
        reason: msgid of a refusal and its fields.
    """

    done: Done
    state: str
    reason: str = ""
    detail: dict[str, Any] | None = None


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
