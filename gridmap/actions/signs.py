"""What people do with signs: print them, hang them, take them down, and take a slip back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Q
from django.utils import timezone

from gridmap.errors import BadValue, OutOfScope, WrongState
from gridmap.layers import cards, journal, signs
from gridmap.layers.scope import Scope
from gridmap.layers.signs import Printing, Sign
from gridmap.layers.territory import City

# Numbers are handed out to one print list at a time in each city; the second key is the city's id.
SERIAL_LOCK = 74_205
MOST = 24  # sheets of one list: so many are drawn within ten seconds (docs/decisions/0009)


@dataclass(frozen=True)
class Thing:
    """What a sign is for: a building, a lane or a cell."""

    kind: str
    id: int


@transaction.atomic
def print_signs(
    *, by: Scope, city: City, things: Sequence[Thing], paper: str = Printing.Paper.A4
) -> Printing:
    """Enter new sheets for these things into the ledger, with what they show at this moment.

    Args:
        by: who prints; every thing must lie in the own area.
        city: the city of all of them.
        things: at most ``MOST``.
        paper: A4 or A3.

    Raises:
        BadValue: none, too many, or no such paper.
        OutOfScope: one of them is not there, or not the caller's business.
    """
    if not 0 < len(things) <= MOST:
        raise BadValue("一次印 1 到 %(most)s 张公示牌", most=MOST)
    if paper not in Printing.Paper.values:
        raise BadValue("纸张只能是 A4 或 A3")
    now = timezone.now()
    rows = [row for kind in signs.KINDS for row in _located(by, kind, things, now)]
    if len(rows) != len(set(things)) or any(row["city_id"] != city.pk for row in rows):
        raise OutOfScope("没有找到，或不在您的范围内")
    for row in rows:
        by.must("sign", city.pk, row["community"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [SERIAL_LOCK, city.pk])
    printing = Printing.objects.create(city=city, at=now, by_id=by.user_id, paper=paper)
    last = Sign.objects.filter(city=city).aggregate(last=Max("serial"))["last"] or 0
    made = Sign.objects.bulk_create(
        Sign(
            city=city,
            serial=serial,
            printing=printing,
            at_lane_id=row["lane"],
            at_street_id=row["street"],
            at_cell_id=row["cell"],
            at_community_id=row["community"],
            **{f"{row['kind']}_id": row[row["kind"]]},
        )
        for serial, row in enumerate(rows, last + 1)
    )
    shown = signs.shown([sign.pk for sign in made], now=now)
    for sign in made:
        sign.shows = shown[sign.pk]
    Sign.objects.bulk_update(made, ["shows"])
    homes = {row["community"] for row in rows}
    journal.record(
        by=by,
        verb="print_signs",
        subject=printing,
        where=(city.pk, homes.pop() if len(homes) == 1 else None, None),
        change=({}, {"signs": [str(sign) for sign in made], "paper": paper}),
    )
    return printing


def _located(by: Scope, kind: str, things: Sequence[Thing], now: datetime) -> list[dict[str, Any]]:
    ids = sorted({thing.id for thing in things if thing.kind == kind})
    if not ids:
        return []
    return [{**row, "kind": kind} for row in cards.located(by, kind, ids, now=now)]


def _taken(by: Scope, ids: Sequence[int]) -> list[Sign]:
    """Return these signs, locked, in the order of their numbers.

    Raises:
        OutOfScope: one of them is not there, or not the caller's business.
        NotYours: the caller's postings do not allow it there.
    """
    found = list(
        Sign.objects.within(by)
        .filter(pk__in=ids)
        .select_for_update(of=("self",))
        .order_by("serial")
    )
    if not found or len(found) != len(set(ids)):
        raise OutOfScope("没有找到，或不在您的范围内")
    for sign in found:
        by.must("hang", sign.city_id, sign.at_community_id, sign.at_cell_id)
    return found


def _where(sign: Sign) -> tuple[int | None, int | None, int | None]:
    return (sign.city_id, sign.at_community_id, sign.at_cell_id)


@transaction.atomic
def hang_signs(*, by: Scope, ids: Sequence[int]) -> list[Sign]:
    """Note that these sheets hang now; what hung there and showed something else is taken down.

    Raises:
        OutOfScope: one of them is not there, or not the caller's business.
        WrongState: one of them hangs already, or was taken down.
    """
    found = _taken(by, ids)
    if any(sign.hung_at or sign.removed_at for sign in found):
        raise WrongState("只有待挂的公示牌才能挂上")
    now = timezone.now()
    for sign in found:
        sign.hung_at, sign.hung_by_id = now, by.user_id
        sign.save(update_fields=["hung_at", "hung_by"])
        same = Q(building=sign.building_id, lane=sign.lane_id, cell=sign.cell_id)
        old = Sign.objects.filter(
            same, city=sign.city_id, hung_at__isnull=False, removed_at=None
        ).exclude(Q(pk=sign.pk) | Q(shows=sign.shows))
        gone = old.update(removed_at=now, removed_by=by.user_id, replaced_by=sign)
        journal.record(
            by=by,
            verb="hang_sign",
            subject=sign,
            where=_where(sign),
            change=({}, {"number": str(sign), "replaced": gone}),
        )
    return found


@transaction.atomic
def remove_signs(*, by: Scope, ids: Sequence[int]) -> list[Sign]:
    """Note that these signs hang no longer; a sheet that was never hung is thrown away.

    Raises:
        OutOfScope: one of them is not there, or not the caller's business.
        WrongState: one of them was taken down already.
    """
    found = _taken(by, ids)
    if any(sign.removed_at for sign in found):
        raise WrongState("这张公示牌已经取下")
    now = timezone.now()
    for sign in found:
        sign.removed_at, sign.removed_by_id = now, by.user_id
        sign.save(update_fields=["removed_at", "removed_by"])
        journal.record(
            by=by,
            verb="remove_sign",
            subject=sign,
            where=_where(sign),
            change=({}, {"number": str(sign)}),
        )
    return found


@transaction.atomic
def take_back(*, by: Scope, ids: Sequence[int]) -> list[Sign]:
    """Undo the last step of these signs: taken down hangs again, hung waits to be hung.

    What was taken down because a sign was hung comes back with it.

    Raises:
        OutOfScope: one of them is not there, or not the caller's business.
        WrongState: one of them was only printed, or another hangs in its place.
    """
    found = _taken(by, ids)
    for sign in found:
        if sign.replaced_by_id or not (sign.removed_at or sign.hung_at):
            raise WrongState("这一步不能撤销")
        before = {"hung": bool(sign.hung_at), "removed": bool(sign.removed_at)}
        if sign.removed_at:
            sign.removed_at = sign.removed_by_id = None
        else:
            sign.hung_at = sign.hung_by_id = None
            old = Sign.objects.filter(replaced_by=sign)
            old.update(removed_at=None, removed_by=None, replaced_by=None)
        sign.save(update_fields=["hung_at", "hung_by", "removed_at", "removed_by"])
        after = {"hung": bool(sign.hung_at), "removed": bool(sign.removed_at)}
        journal.record(
            by=by, verb="take_back_sign", subject=sign, where=_where(sign), change=(before, after)
        )
    return found
