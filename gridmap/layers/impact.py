"""What a plan would change in the town: for whom, where, and what must be told or printed.

Nothing here trusts the plan's arithmetic: every thing is asked in which planned cell it lies, by
the database's own rule (on a border, the lower code), and compared with the cell it is in now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from gridmap.layers.divisions import Picture
from gridmap.layers.plans import Plan
from gridmap.layers.query import rows
from gridmap.layers.territory import CellEdition

_PLANNED = """
WITH planned AS MATERIALIZED (
    SELECT p.uid, p.code, ST_SetSRID(p.wkb::geometry, 4326) AS geom
    FROM unnest(%(uids)s::uuid[], %(codes)s::text[], %(wkbs)s::bytea[]) AS p (uid, code, wkb)
), thing AS MATERIALIZED ({things}), found AS MATERIALIZED (
    SELECT t.id, (
        SELECT p.uid FROM planned AS p WHERE ST_Covers(p.geom, t.place) ORDER BY p.code LIMIT 1
    ) AS target FROM thing AS t
)
SELECT t.*, c.uid::text AS source, f.target::text AS target
FROM thing AS t
INNER JOIN found AS f ON f.id = t.id
LEFT JOIN layers_cell AS c ON c.id = t.cell_id
WHERE f.target IS DISTINCT FROM c.uid
ORDER BY t.label, t.id
"""
_THINGS = {
    "buildings": """
SELECT b.id, b.cell_id, ST_PointOnSurface(b.geom) AS place,
    coalesce(nullif(b.address, ''), nullif(b.name, ''), b.code)::text AS label,
    coalesce(h.households, 0) AS households, coalesce(h.residents, 0) AS residents
FROM layers_building AS b
LEFT JOIN LATERAL (
    SELECT h.households, h.residents FROM layers_headcount AS h
    WHERE h.building_id = b.id ORDER BY h.counted_on DESC, h.id DESC LIMIT 1
) AS h ON true
WHERE b.community_id = %(community)s""",
    "incidents": """
SELECT i.id, i.cell_id, i.place, (i.number || ' ' || i.title)::text AS label
FROM layers_incident AS i WHERE i.community_id = %(community)s AND i.light <> 0""",
    "party_units": """
SELECT u.id, u.cell_id, u.place, u.name::text AS label
FROM layers_partyunit AS u WHERE u.community_id = %(community)s""",
    "stretches": """
SELECT s.id, s.cell_id, s.anchor AS place, s.lane_id, s.street_id, s.side::text AS side,
    coalesce(nullif(l.name, ''), nullif(w.name, ''), s.code)::text AS label
FROM layers_stretch AS s
LEFT JOIN layers_lane AS l ON l.id = s.lane_id
LEFT JOIN layers_street AS w ON w.id = s.street_id
WHERE s.cell_id IN (SELECT c.id FROM layers_cell AS c WHERE c.community_id = %(community)s)""",
}
_CHIEFS = """
SELECT t.id, t.office::text AS office, p.name::text AS name, p.id AS person,
    c.uid::text AS cell, t.building_id AS building, t.lane_id AS lane
FROM layers_chiefterm AS t
INNER JOIN layers_person AS p ON p.id = t.person_id
LEFT JOIN layers_cell AS c ON c.id = t.cell_id
WHERE t.valid @> now() AND (
    t.cell_id = ANY (%(cells)s) OR t.building_id = ANY (%(buildings)s)
    OR t.lane_id = ANY (%(lanes)s)
)
ORDER BY t.office, p.name, t.id
"""
_TEAMS = """
SELECT m.id, m.name::text AS name, c.uid::text AS cell
FROM layers_teamarea AS a
INNER JOIN layers_team AS m ON m.id = a.team_id
INNER JOIN layers_cell AS c ON c.id = a.cell_id
WHERE a.valid @> now() AND a.cell_id = ANY (%(cells)s)
ORDER BY m.name, m.id
"""
# Those that hang and those that wait to be hung; what was taken down is no matter.
_SIGNS = """
SELECT s.id, s.serial, k.kind::text AS kind, k.thing
FROM layers_sign AS s
CROSS JOIN LATERAL (
    VALUES ('cell', s.cell_id), ('building', s.building_id), ('lane', s.lane_id)
) AS k (kind, thing)
WHERE s.removed_at IS NULL AND k.thing IS NOT NULL AND (
    s.cell_id = ANY (%(cell)s) OR s.building_id = ANY (%(building)s) OR s.lane_id = ANY (%(lane)s)
)
ORDER BY s.serial
"""
MARKS = "甲乙丙丁戊己庚辛壬癸"


def moved_things(plan: Plan, drawn: Sequence[Picture]) -> dict[str, list[dict[str, Any]]]:
    """Return every building, open incident, party unit and stretch whose cell would change."""
    values: dict[str, Any] = {
        "community": plan.community_id,
        "uids": [picture.fields["uid"] for picture in drawn],
        "codes": [picture.fields["code"] for picture in drawn],
        "wkbs": [picture.wkb for picture in drawn],
    }
    found = {}
    for kind, things in _THINGS.items():
        listed = rows(_PLANNED.format(things=things), values)
        found[kind] = [
            {k: v for k, v in row.items() if k not in {"place", "cell_id"}} for row in listed
        ]
    return found


def impact_of(plan: Plan, drawn: Sequence[Picture]) -> dict[str, Any]:
    """Return the impact statement: figures, transfers, and a list behind every row."""
    lists = moved_things(plan, drawn)
    editions = list(
        CellEdition.objects.current()
        .filter(cell__community_id=plan.community_id)
        .select_related("cell")
        .order_by("code")
    )
    before = {str(edition.cell.uid): edition for edition in editions}
    after = {picture.fields["uid"]: picture for picture in drawn}
    names = {uid: edition.code for uid, edition in before.items()}
    names |= {uid: picture.fields["code"] for uid, picture in after.items()}
    transfers = _transfers(lists, names)
    touched = {uid for row in transfers for uid in (row["source"], row["target"]) if uid}
    touched |= {uid for uid in {*before, *after} if _changed(before.get(uid), after.get(uid))}
    lists["chiefs"] = _chiefs(lists, [e.cell_id for uid, e in before.items() if uid in touched])
    cells = [edition.cell_id for uid, edition in before.items() if uid in touched]
    lists["teams"] = rows(_TEAMS, {"cells": cells})
    lists["signs"] = _signs(
        lists, {e.cell_id: e.code for uid, e in before.items() if uid in touched}
    )
    households = sum(row["households"] for row in lists["buildings"])
    return {
        "figures": {
            "households_moved": households,
            "residents_moved": sum(row["residents"] for row in lists["buildings"]),
            "buildings_moved": len(lists["buildings"]),
            "cells_changed": len(touched),
            "cells": len(after),
            "codes_retired": sorted(e.code for uid, e in before.items() if uid not in after),
            "codes_new": sorted(p.fields["code"] for uid, p in after.items() if uid not in before),
        },
        "transfers": transfers,
        "lists": lists,
        "counts": {kind: len(found) for kind, found in lists.items()} | {"people": households},
    }


def _changed(edition: CellEdition | None, picture: Picture | None) -> bool:
    """Whether a cell begins, ends, or gets another name; its ground is told by what lies on it."""
    if edition is None or picture is None:
        return True
    told = ("code", "name", "kind", "use")
    return any(getattr(edition, name) != picture.fields[name] for name in told)  # type: ignore[literal-required]


def _transfers(
    lists: dict[str, list[dict[str, Any]]], names: dict[str, str]
) -> list[dict[str, Any]]:
    pairs: Counter[tuple[str | None, str | None]] = Counter()
    sums: dict[tuple[str | None, str | None], Counter[str]] = {}
    for kind in ("buildings", "incidents", "party_units"):
        for row in lists[kind]:
            pair = (row["source"], row["target"])
            pairs[pair] += 1
            counted = sums.setdefault(pair, Counter())
            counted[kind] += 1
            counted["households"] += row.get("households", 0)
    order = sorted(sums, key=lambda pair: (-sums[pair]["households"], -pairs[pair], str(pair)))
    return [
        {
            "mark": MARKS[place] if place < len(MARKS) else str(place + 1),
            "source": source,
            "target": target,
            "source_code": names.get(source or ""),
            "target_code": names.get(target or ""),
            **{
                kind: sums[source, target][kind]
                for kind in ("households", "buildings", "incidents", "party_units")
            },
        }
        for place, (source, target) in enumerate(order)
    ]


def _chiefs(lists: dict[str, list[dict[str, Any]]], cells: list[int]) -> list[dict[str, Any]]:
    """Chiefs of what changes: of cells touched, of buildings moved, of lanes with a moved part."""
    homes = {row["id"]: row for row in lists["buildings"]}
    lanes = {row["lane_id"]: row for row in lists["stretches"] if row["lane_id"]}
    found = rows(_CHIEFS, {"cells": cells, "buildings": list(homes), "lanes": list(lanes)})
    for row in found:
        moved = homes.get(row["building"]) or lanes.get(row["lane"]) or {}
        row["source"], row["target"] = moved.get("source"), moved.get("target")
        if row["cell"]:
            change = [
                (row_["target"] == row["cell"]) - (row_["source"] == row["cell"])
                for row_ in lists["buildings"]
            ]
            counts = [row_["households"] for row_ in lists["buildings"]]
            row["households_change"] = sum(a * b for a, b in zip(change, counts, strict=True))
    return found


def _signs(lists: dict[str, list[dict[str, Any]]], cells: dict[int, str]) -> list[dict[str, Any]]:
    """Sheets of the ledger that would be wrong: of cells touched, of houses and lanes moved.

    Args:
        lists: what moves.
        cells: codes of the cells in force that are touched, by id.
    """
    houses = {row["id"]: row["label"] for row in lists["buildings"]}
    lanes = {row["lane_id"]: row["label"] for row in lists["stretches"] if row["lane_id"]}
    things = {"cell": cells, "building": houses, "lane": lanes}
    found = rows(_SIGNS, {kind: list(known) for kind, known in things.items()})
    return [{**row, "label": things[row["kind"]][row["thing"]]} for row in found]
