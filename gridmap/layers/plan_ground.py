"""What a planner sees under a plan: the division in force, names of units, lanes and chiefs."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import Max

from gridmap.layers import divisions
from gridmap.layers.bundles import bundle_of
from gridmap.layers.people import ChiefTerm
from gridmap.layers.places import Building
from gridmap.layers.plan_figures import figures_of
from gridmap.layers.plans import Plan, PlanOp

TURNS = (PlanOp.Kind.UNDO, PlanOp.Kind.REDO)


def ground_of(plan: Plan) -> dict[str, Any]:
    """Return what a plan is drawn against, on the units of its fabric.

    ``in_force``: number of each unit's cell (numbers of their own, 0 for none) and the cells.
    ``names``: of the building in each unit, empty for open land. ``lanes``: the lanes whose
    buildings lie here, with the places of their units and whether somebody heads them.
    """
    bundle = bundle_of(plan.fabric_id)
    now = divisions.in_force(plan.fabric)
    figures = {row["no"]: row for row in figures_of(now.labels, bundle, now.cells)}
    homes = _homes(plan)
    told = [homes.get(pk) for pk in bundle.arrays["building"].tolist()]
    return {
        "in_force": {
            "labels": now.labels.tolist(),
            "cells": [
                {
                    "no": no,
                    "uid": cell["uid"],
                    "code": cell["code"],
                    "name": cell["name"],
                    "households": figures[no]["households"],
                }
                for no, cell in now.cells.items()
            ],
        },
        "names": [home["name"] if home else "" for home in told],
        "lanes": _lanes(told),
    }


def _homes(plan: Plan) -> dict[int, dict[str, Any]]:
    """Name and lane of every building of the plan's units."""
    found = Building.objects.filter(units__fabric_id=plan.fabric_id).select_related("lane")
    return {
        home.pk: {
            "name": str(home),
            "lane": home.lane_id,
            "of": home.lane.name if home.lane else "",
        }
        for home in found
    }


def _lanes(told: list[dict[str, Any] | None]) -> list[dict[str, Any]]:
    units: dict[int, list[int]] = defaultdict(list)
    names: dict[int, str] = {}
    for place, home in enumerate(told):
        if home and home["lane"] is not None:
            units[home["lane"]].append(place)
            names[home["lane"]] = home["of"]
    headed = set(
        ChiefTerm.objects.current().filter(lane__in=units).values_list("lane_id", flat=True)
    )
    return [
        {"name": names[lane], "headed": lane in headed, "units": places}
        for lane, places in sorted(units.items())
    ]


def turns_of(plan: Plan, user_id: int | None) -> dict[str, bool]:
    """Return whether this person has something to undo, and something to do again."""
    own = PlanOp.objects.filter(plan=plan, author_id=user_id).exclude(kind__in=TURNS)
    newest = own.aggregate(seq=Max("seq"))["seq"] or 0
    return {
        "undo": own.filter(undone_at=None).exists(),
        "redo": own.filter(undone_at__gt=newest).exists(),
    }
