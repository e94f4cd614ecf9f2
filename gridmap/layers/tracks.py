"""What a recorded walk can have gone along: the stretches of a city as a network of lines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from math import isnan

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.geo.track import Fixes, Network, Walked, clean, walked
from gridmap.layers.places import Stretch
from gridmap.layers.query import Value, rows
from gridmap.layers.scope import Scope
from gridmap.layers.shapes import SRID
from gridmap.layers.territory import City

AROUND = 0.002  # degrees around the fixes in which stretches are looked for: 200 m
SURE = 2.0  # standard deviations by which the fixes must lie on one side of a line to say so
BESIDE = 3.0  # metres they must lie beside it besides

# Two sides of a lane are drawn by one line: they are one line of the network.
LINES = """
SELECT ST_AsBinary(ST_Transform(s.centreline, %(srid)s)) AS line,
    array_agg(s.id ORDER BY s.side) AS ids, array_agg(s.side ORDER BY s.side) AS sides
FROM layers_stretch AS s
WHERE s.city_id = %(city)s AND s.id = ANY(%(ids)s)
GROUP BY s.centreline
"""
METRES = """
SELECT ST_X(p.place) AS x, ST_Y(p.place) AS y
FROM unnest(%(lng)s::float8[], %(lat)s::float8[]) WITH ORDINALITY AS g (lng, lat, n)
CROSS JOIN LATERAL (
    SELECT ST_Transform(ST_SetSRID(ST_MakePoint(g.lng, g.lat), 4326), %(srid)s) AS place
) AS p
ORDER BY g.n
"""


@dataclass(frozen=True)
class Lines:
    """A network of lines, and the stretches each of them stands for.

    Attributes:
        network: lines in metres.
        stretches: of each line: ids by side (``both``, or ``left`` and ``right``).
    """

    network: Network
    stretches: list[dict[str, int]]


@dataclass(frozen=True)
class Passed:
    """A stretch that was walked, and when it was left; None where the recording does not say."""

    stretch: int
    at: datetime | None
    share: float


@dataclass(frozen=True)
class Told:
    """What a recording tells.

    Attributes:
        passed: stretches in the order they were left.
        fixes: how many there were.
        dropped: how many were left out, by reason (`gridmap.geo.track.Cleaned`).
        clock: ``good``, ``none`` or ``wrong``.
    """

    passed: list[Passed]
    fixes: int
    dropped: dict[str, int]
    clock: str


def lines_of(scope: Scope, city: City, lnglat: npt.NDArray[np.float64]) -> Lines | None:
    """Return the network of the stretches around some places; None where there are none."""
    west, south = lnglat.min(axis=0) - AROUND
    east, north = lnglat.max(axis=0) + AROUND
    box = shapely.box(west, south, east, north)
    near = Stretch.objects.within(scope).filter(
        city=city, centreline__bboverlaps=f"SRID={SRID};{box.wkt}"
    )
    ids = list(near.values_list("pk", flat=True))
    values: dict[str, Value] = {"city": city.pk, "srid": city.metric_srid, "ids": ids}
    found = rows(LINES, values) if ids else []
    if not found:
        return None
    lines = shapely.from_wkb([bytes(row["line"]) for row in found])
    sides = [dict(zip(row["sides"], row["ids"], strict=True)) for row in found]
    return Lines(Network(list(lines)), sides)


def told_by(
    scope: Scope, city: City, lnglat: npt.NDArray[np.float64], fixes: Fixes, *, now: datetime
) -> Told:
    """Return the stretches a recording went along.

    Args:
        scope: whose eyes look: only stretches of their ground.
        city: one city, in whose metres it is measured.
        lnglat: (n, 2) places of the fixes, EPSG:4326, finite.
        fixes: times and accuracies; its places are worked out here.
        now: what is recorded after it was recorded with a wrong clock.
    """
    count = len(lnglat)
    lines = lines_of(scope, city, lnglat) if count else None
    if lines is None:
        return Told([], count, {}, "good")
    values: dict[str, Value] = {
        "lng": lnglat[:, 0].tolist(), "lat": lnglat[:, 1].tolist(), "srid": city.metric_srid,
    }  # fmt: skip
    xy = np.array([(row["x"], row["y"]) for row in rows(METRES, values)])
    cleaned = clean(Fixes(xy, fixes.at, fixes.accuracy), now=now.timestamp())
    passed = [
        Passed(stretch, _moment(one.at), one.share)
        for one in walked(cleaned.parts, lines.network)
        for stretch in _sides(one, lines.stretches[one.line])
    ]
    return Told(passed, count, cleaned.dropped, cleaned.clock)


def _moment(seconds: float) -> datetime | None:
    return None if isnan(seconds) else datetime.fromtimestamp(seconds, UTC)


def _sides(one: Walked, sides: dict[str, int]) -> list[int]:
    """The stretch on whose side it was walked; both where the fixes do not tell them apart."""
    beside = "left" if one.offset > 0 else "right"
    sure = abs(one.offset) > SURE * one.doubt + BESIDE
    return [sides[beside]] if sure and beside in sides else list(sides.values())
