"""Plans without what would single somebody out: for those who see sums only, and for files.

A planner may ask about any set of units, so no figure of a plan may be finer than what is
published: the difference of two plans is one house. Households stay: they count dwellings, which
stand in the street for everybody to see, and cells are balanced by them. Residents and incidents
of units, of cells as drawn and of what moves are withheld (docs/decisions/0030-small-numbers.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from gridmap.layers.bundles import Bundle, bundle_of, packed
from gridmap.layers.scope import Scope, Spot
from gridmap.layers.territory import Community

NAMES = ("residents", "incidents")
NOT_TOLD = -1  # in arrays of numbers


def sees_singly(scope: Scope, community: Community) -> bool:
    """Return whether of what lies in a community the caller sees everything, one by one."""
    return scope.area.holds(Spot(community.subdistrict.city_id, community.pk))


def rows(found: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return rows of figures (of cells, of transfers) without what is withheld."""
    return [
        {name: None if name in NAMES else value for name, value in row.items()} for row in found
    ]


def statement(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return an impact statement without figures of people, and without any incident.

    A publication keeps its statement without the lists.
    """
    if not told:
        return {}
    guarded = {
        **told,
        "figures": {**told["figures"], "residents_moved": None},
        "transfers": rows(told["transfers"]),
        "counts": {**told["counts"], "incidents": None},
    }
    if lists := told.get("lists"):
        guarded["lists"] = {**lists, "incidents": [], "buildings": rows(lists["buildings"])}
    return guarded


@lru_cache(maxsize=32)
def bundle_without(fabric_id: int) -> bytes:
    """Return the bytes of a fabric's bundle whose withheld arrays hold `NOT_TOLD` only."""
    bundle = bundle_of(fabric_id)
    nothing = {name: np.full(len(bundle), NOT_TOLD, np.int32) for name in NAMES}
    return packed(Bundle(bundle.uids, {**bundle.arrays, **nothing}))


def in_a_file(figure: int, least: int, *, singly: bool) -> int | None:
    """Return what a file says of people or incidents: files go from hand to hand."""
    return figure if singly and (figure == 0 or figure >= least) else None
