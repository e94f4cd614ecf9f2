"""The demo's rules of how often a place is seen, and the places near schools that need more."""

from __future__ import annotations

import shapely

from gridmap.actions.demo.stage import Spot, Stage
from gridmap.layers.intervals import Emphasis, IntervalRule, Kind, Thing
from gridmap.layers.places import Entrance, Stretch
from gridmap.layers.territory import Ground

DAYS = {Kind.SCHOOL: (2, 7), Kind.MARKET: (2, 7), Kind.NIGHT: (3, 7), Kind.HAZARD: (3, 5)}
NEAR = 0.0005  # degrees: some fifty metres around a school


def load_intervals(stage: Stage) -> None:
    """Write rules and emphases; the spots learn the intervals that follow."""
    stage.begin("intervals")
    stage.write(
        IntervalRule,
        "city_id thing kind days",
        [
            (stage.city.pk, thing, kind, days)
            for kind, both in DAYS.items()
            for thing, days in zip((Thing.STRETCH, Thing.ENTRANCE), both, strict=True)
        ],
    )
    schools = Ground.objects.filter(city=stage.city, kind="school_ground")
    near = shapely.union_all([shapely.from_wkb(bytes(one.geom.wkb)) for one in schools]).buffer(
        NEAR
    )
    shapely.prepare(near)
    stage.write(
        Emphasis,
        "city_id stretch_id entrance_id kind",
        [
            (
                stage.city.pk,
                spot.id if spot.kind == "stretch" else None,
                spot.id if spot.kind == "entrance" else None,
                Kind.SCHOOL,
            )
            for spot in (*stage.stretches, *stage.entrances)
            if near.intersects(spot.place)
        ],
    )
    days = dict(Stretch.objects.filter(city=stage.city).values_list("pk", "interval_days"))
    stage.stretches[:] = [_learnt(spot, days) for spot in stage.stretches]
    days = dict(
        Entrance.objects.filter(building__city=stage.city).values_list("pk", "interval_days")
    )
    stage.entrances[:] = [_learnt(spot, days) for spot in stage.entrances]


def _learnt(spot: Spot, days: dict[int, int]) -> Spot:
    return spot._replace(interval_days=days[spot.id])
