"""Editions of cells end and begin at one midnight: what differs is opened anew, the rest stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from gridmap.errors import BadGeometry
from gridmap.layers.copying import copy_rows
from gridmap.layers.publications import CellLineage, Publication, UnitCell
from gridmap.layers.shapes import SRID
from gridmap.layers.territory import Cell, CellEdition, Community


@dataclass(frozen=True)
class Wanted:
    """A cell as it shall be from a midnight on.

    Attributes:
        uid: its identity; a cell that does not exist yet is made.
        told: code, name, kind, use.
        wkb: its ground, a multipolygon in EPSG:4326.
    """

    uid: str
    told: Mapping[str, str]
    wkb: bytes


def open_editions(
    community: Community, start: datetime, wanted: Sequence[Wanted]
) -> dict[str, Cell]:
    """End every edition that does not stay and open the new ones.

    Returns:
        The cells wanted, by uid.
    """
    running = {
        str(edition.cell.uid): edition
        for edition in CellEdition.objects.filter(
            cell__community=community, valid__upper_inf=True
        ).select_related("cell")
    }
    new = [one for one in wanted if not _stays(running.get(one.uid), one)]
    kept = {one.uid for one in wanted} - {one.uid for one in new}
    _end([edition.pk for uid, edition in running.items() if uid not in kept], start)
    cells = {str(cell.uid): cell for cell in Cell.objects.filter(community=community)}
    for one in new:
        if one.uid not in cells:
            cells[one.uid] = Cell.objects.create(uid=UUID(one.uid), community=community)
    CellEdition.objects.bulk_create(
        CellEdition(
            cell=cells[one.uid],
            geom=_ground(one),
            valid=DateTimeTZRange(start, None),
            **one.told,
        )
        for one in new
    )
    return {one.uid: cells[one.uid] for one in wanted}


def _ground(one: Wanted) -> MultiPolygon:
    found = GEOSGeometry(memoryview(one.wkb), srid=SRID)
    if not isinstance(found, MultiPolygon):
        raise BadGeometry("网格 %(code)s 不成面", code=one.told["code"])
    return found


def _stays(edition: CellEdition | None, one: Wanted) -> bool:
    if edition is None or any(getattr(edition, name) != text for name, text in one.told.items()):
        return False
    here, there = shapely.from_wkb(bytes(edition.geom.wkb)), shapely.from_wkb(one.wkb)
    return bool(shapely.equals(here, there))


def _end(editions: Sequence[int], start: datetime) -> None:
    """Let editions end at a moment, in one statement, so that no rule sees half of it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE layers_celledition SET valid = tstzrange(lower(valid), %s) WHERE id = ANY (%s)",
            [start, list(editions)],
        )


@dataclass(frozen=True, eq=False)
class Ground:
    """Units with the cell each belongs to before and after; 0 for none.

    Attributes:
        uids: of the units.
        before: ids of cells.
        after: ids of cells.
        households, buildings, area_m2: of each unit.
    """

    uids: Sequence[str]
    before: np.ndarray[Any, np.dtype[np.int64]]
    after: np.ndarray[Any, np.dtype[np.int64]]
    households: np.ndarray[Any, Any]
    buildings: np.ndarray[Any, Any]
    area_m2: np.ndarray[Any, Any]


def write_lineage(publication: Publication, ground: Ground) -> list[CellLineage]:
    """Write down how much of which cell went where, what stayed too."""
    both = (ground.before > 0) & (ground.after > 0)
    pairs, row = np.unique(
        np.stack([ground.before[both], ground.after[both]], axis=1), axis=0, return_inverse=True
    )
    row = row.reshape(-1)
    sums = [
        np.bincount(row, weights=values[both], minlength=len(pairs))
        for values in (ground.households, ground.buildings, ground.area_m2)
    ]
    return CellLineage.objects.bulk_create(
        CellLineage(
            publication=publication,
            source_id=source,
            target_id=target,
            households=int(sums[0][place]),
            buildings=int(sums[1][place]),
            area_m2=float(sums[2][place]),
        )
        for place, (source, target) in enumerate(pairs.tolist())
    )


_CLOSE = """
UPDATE layers_unitcell AS h SET valid = tstzrange(lower(h.valid), %(start)s)
FROM unnest(%(uids)s::text[], %(cells)s::bigint[]) AS n (uid, cell)
WHERE h.community_id = %(community)s AND h.uid = n.uid AND upper_inf(h.valid)
    AND h.cell_id <> n.cell
"""
_CLOSE_GONE = """
UPDATE layers_unitcell AS h SET valid = tstzrange(lower(h.valid), %(start)s)
WHERE h.community_id = %(community)s AND upper_inf(h.valid) AND h.uid <> ALL (%(uids)s::text[])
"""


def write_history(community: Community, start: datetime, ground: Ground) -> None:
    """Write down which cell each unit belongs to from now on, and until when it belonged where."""
    if not UnitCell.objects.filter(community=community).exists():
        _write(community, ground.uids, ground.before, DateTimeTZRange(None, start))
    values = {
        "community": community.pk,
        "start": start,
        "uids": list(ground.uids),
        "cells": ground.after.tolist(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE, values)
        cursor.execute(_CLOSE_GONE, values)
    running = set(
        UnitCell.objects.filter(community=community, valid__upper_inf=True).values_list(
            "uid", flat=True
        )
    )
    new = np.array([uid not in running for uid in ground.uids])
    fresh = [uid for uid, is_new in zip(ground.uids, new.tolist(), strict=True) if is_new]
    _write(community, fresh, ground.after[new], DateTimeTZRange(start, None))


def _write(
    community: Community,
    uids: Sequence[str],
    cells: np.ndarray[Any, np.dtype[np.int64]],
    valid: DateTimeTZRange,
) -> None:
    copy_rows(
        "layers_unitcell",
        ["community_id", "uid", "cell_id", "valid"],
        (
            (community.pk, uid, cell, valid)
            for uid, cell in zip(uids, cells.tolist(), strict=True)
            if cell
        ),
    )


_AGAIN = (
    # First what was to come, so that nothing overlaps what goes on instead.
    """DELETE FROM layers_celledition AS e USING layers_cell AS c
    WHERE c.id = e.cell_id AND c.community_id = %(community)s AND lower(e.valid) = %(start)s""",
    """UPDATE layers_celledition AS e SET valid = tstzrange(lower(e.valid), NULL)
    FROM layers_cell AS c
    WHERE c.id = e.cell_id AND c.community_id = %(community)s AND upper(e.valid) = %(start)s""",
    """DELETE FROM layers_unitcell AS h
    WHERE h.community_id = %(community)s AND lower(h.valid) = %(start)s""",
    """UPDATE layers_unitcell AS h SET valid = tstzrange(lower(h.valid), NULL)
    WHERE h.community_id = %(community)s AND upper(h.valid) = %(start)s""",
)


def close_again(community: Community, start: datetime) -> None:
    """Take back editions that have not begun, and let those that were to end go on."""
    with connection.cursor() as cursor:
        for statement in _AGAIN:
            cursor.execute(statement, {"community": community.pk, "start": start})
