"""Drafts a planner finds at once: two communities on their units, divided as they are now."""

from __future__ import annotations

from django.contrib.auth.models import User

from gridmap.actions.demo.stage import Stage
from gridmap.actions.plans import start, weaving
from gridmap.layers import divisions
from gridmap.layers.plans import Plan
from gridmap.layers.territory import Community

PLANNED = ("三路社区", "一路社区")  # the last one opened stands first in the list


def load_drafts(stage: Stage) -> None:
    """Work out the units of some communities and open a draft of each."""
    stage.begin("drafts")
    planner = User.objects.filter(username="planner").first()
    found = {
        place.name: place
        for place in Community.objects.filter(pk__in=stage.communities.values()).select_related(
            "subdistrict__city"
        )
    }
    opened = 0
    for step, name in enumerate(PLANNED, start=1):
        if (place := found.get(name)) is not None:
            fabric = weaving.weave(place, None)
            plan = Plan.objects.create(
                community=place,
                fabric=fabric,
                title=f"{place.name} {stage.now.year + 1} 年网格调整",
                owner=planner,
            )
            start.keep(plan, divisions.in_force(fabric))
            opened += 1
        stage.tick(step / len(PLANNED))
    stage.counts["drafts"] = opened
