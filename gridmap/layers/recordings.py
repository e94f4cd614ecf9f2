"""A recorded walk as it comes in: its fixes, its city, and the visits it can be noted as."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import numpy as np
import numpy.typing as npt
import shapely
from django.contrib.gis.geos import Point
from django.utils.dateparse import parse_datetime

from gridmap.errors import BadValue, OutOfScope
from gridmap.geo.rows import Rows
from gridmap.geo.track import Fixes
from gridmap.layers.places import Stretch
from gridmap.layers.scope import Scope
from gridmap.layers.shapes import SRID
from gridmap.layers.territory import City
from gridmap.layers.tracks import Told, told_by

MOST = 20_000  # fixes of one recording: five hours, one a second
POINTS = "track_points"  # what GDAL calls them in a GPX file
SPACE = UUID("5f3b1a52-6f1e-4b8a-9d0e-3c6f7a1f2e11")  # of the keys of visits made of tracks
Degrees = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Walk:
    """A stretch that was walked, ready to be noted as a visit.

    Attributes:
        stretch: with its lane or street.
        at: when it was left; None where the recording does not say.
        share: how much of it was walked, 0 to 1.
        client_id: the same for the same recording, so that noting it twice changes nothing.
    """

    stretch: Stretch
    at: datetime | None
    share: float
    client_id: UUID

    @property
    def name(self) -> str:
        """The name of its lane or street."""
        return str(self.stretch.lane or self.stretch.street)

    @property
    def part(self) -> str:
        """From where to where."""
        return "–".join(part for part in (self.stretch.start, self.stretch.end) if part)


@dataclass(frozen=True)
class Heard:
    """What a recording tells, and the city it was made in."""

    city: City
    told: Told
    walks: list[Walk]


def fixes_of(rows: Rows) -> tuple[Degrees, Fixes]:
    """Return places (n, 2), EPSG:4326, and fixes of the rows of a file of points.

    Raises:
        BadValue: there are too few or too many, or one has no place.
    """
    if not 1 < len(rows) <= MOST:
        raise BadValue("一份轨迹须有 2 到 %(most)s 个点", most=MOST)
    lnglat = shapely.get_coordinates(shapely.from_wkb(list(rows.shapes)))
    if len(lnglat) != len(rows):
        raise BadValue("轨迹里有没有坐标的点")
    return lnglat, Fixes(lnglat, _times(rows), np.full(len(rows), np.nan))


def _times(rows: Rows) -> npt.NDArray[np.float64]:
    """Seconds of the times a file gives; nan where it gives none, or none that can be read."""
    found = []
    for told in rows.columns.get("time", [None] * len(rows)):
        try:
            moment = parse_datetime(str(told)) if told else None
        except ValueError:
            moment = None
        if moment is not None and moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)  # GPX 1.1: times are UTC
        found.append(float("nan") if moment is None else moment.timestamp())
    return np.array(found, dtype=np.float64)


def hear(scope: Scope, lnglat: Degrees, fixes: Fixes, *, now: datetime) -> Heard:
    """Return what a recording tells those who look with these eyes; nothing of it is kept.

    Args:
        scope: whose eyes look.
        lnglat: (n, 2) places, EPSG:4326, finite, at least two.
        fixes: times and accuracies of the same.
        now: what was recorded later than this was recorded with a wrong clock.

    Raises:
        OutOfScope: it was made in no city of the caller's.
    """
    lng, lat = np.median(lnglat, axis=0).tolist()
    middle = Point(lng, lat, srid=SRID)
    city = City.objects.within(scope).filter(bounds__covers=middle).order_by("pk").first()
    if city is None:
        raise OutOfScope("这段轨迹不在您的城市里")
    told = told_by(scope, city, lnglat, fixes, now=now)
    key = hashlib.sha256(lnglat.tobytes() + fixes.at.tobytes()).hexdigest()
    ids = [one.stretch for one in told.passed]
    rows: dict[int, Any] = (
        Stretch.objects.within(scope).select_related("lane", "street").in_bulk(ids)
    )
    walks = [
        Walk(rows[one.stretch], one.at, one.share, uuid5(SPACE, f"{key} {one.stretch}"))
        for one in told.passed
    ]
    return Heard(city, told, walks)
