"""Between what satellites say (WGS-84, CGCS2000) and what Chinese base maps say (GCJ-02, BD-09).

The shift is about 600 m in Sanming and nearly the same over a whole town, so shapes in the wrong
datum look perfect and lie a cell and a half away: datums are named at the door and never guessed.
The forward formulas are the published ones of the "Mars" coordinates; the inverse is found by
iteration, exact to less than a millimetre.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Coordinates = NDArray[np.float64]  # shape (n, 2): longitude, latitude in degrees


class Datum(StrEnum):
    """What longitudes and latitudes may be given in. CGCS2000 equals WGS-84 at our accuracy."""

    WGS84 = "wgs84"
    CGCS2000 = "cgcs2000"
    GCJ02 = "gcj02"
    BD09 = "bd09"


AXIS = 6_378_245.0  # metres; Krassovsky 1940, which the shift is defined on
ECCENTRICITY = 0.006_693_421_622_965_943
BD = np.pi * 3000.0 / 180.0
CHINA = (72.004, 137.8347, 0.8293, 55.8271)  # west, east, south, north: no shift outside
CLOSE = 1e-12  # degrees
ROUNDS = 30


def _waves(x: Coordinates, a: float, b: float) -> Coordinates:
    """The periodic part of the shift along one axis."""
    return np.asarray(
        (20 * np.sin(x * np.pi) + 40 * np.sin(x / 3 * np.pi)) * 2 / 3
        + (a * np.sin(x / 12 * np.pi) + b * np.sin(x / 30 * np.pi)) * 2 / 3
    )


def wgs84_to_gcj02(places: Coordinates) -> Coordinates:
    """Shift places as Chinese base maps do; places outside China stay."""
    lng, lat = places[:, 0], places[:, 1]
    x, y = lng - 105.0, lat - 35.0
    common = (20 * np.sin(6 * x * np.pi) + 20 * np.sin(2 * x * np.pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    north = north + common + _waves(y, 160, 320)
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    east = east + common + _waves(x, 150, 300)
    angle = np.radians(lat)
    bulge = 1 - ECCENTRICITY * np.sin(angle) ** 2
    meridian = AXIS * (1 - ECCENTRICITY) / (bulge * np.sqrt(bulge))
    parallel = AXIS / np.sqrt(bulge) * np.cos(angle)
    shift = np.degrees(np.stack([east / parallel, north / meridian], axis=1))
    west, eastern, south, northern = CHINA
    inside = (lng >= west) & (lng <= eastern) & (lat >= south) & (lat <= northern)
    return np.where(inside[:, None], places + shift, places)


def gcj02_to_bd09(places: Coordinates) -> Coordinates:
    """Shift places of a Chinese base map once more, as Baidu's does."""
    lng, lat = places[:, 0], places[:, 1]
    radius = np.hypot(lng, lat) + 0.000_02 * np.sin(lat * BD)
    angle = np.arctan2(lat, lng) + 0.000_003 * np.cos(lng * BD)
    shifted = [radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006]
    return np.stack(shifted, axis=1)


def wgs84_to_bd09(places: Coordinates) -> Coordinates:
    """Shift places twice."""
    return gcj02_to_bd09(wgs84_to_gcj02(places))


FORWARD = {Datum.GCJ02: wgs84_to_gcj02, Datum.BD09: wgs84_to_bd09}


def to_wgs84(places: Coordinates, datum: Datum) -> Coordinates:
    """Return places in WGS-84.

    Args:
        places: longitude and latitude in degrees, shape (n, 2), in ``datum``.
        datum: what they are given in.
    """
    forward = FORWARD.get(datum)
    if forward is None:
        return places
    found = places.copy()
    for _ in range(ROUNDS):  # the shift changes by less than a thousandth of itself: it converges
        step = places - forward(found)
        found += step
        if np.abs(step).max(initial=0) < CLOSE:
            break
    return found


def from_wgs84(places: Coordinates, datum: Datum) -> Coordinates:
    """Return WGS-84 places in another datum."""
    forward = FORWARD.get(datum)
    return places if forward is None else forward(places)


def metric_srid(lng: float, lat: float) -> int:
    """Return the metric system of coordinates that fits a place best.

    In China the 3-degree zones of CGCS2000 (EPSG 4534-4554, central meridians 75-135 E), elsewhere
    the UTM zone of WGS-84.
    """
    if 73.5 <= lng <= 135.1 and 17.5 <= lat <= 53.6:  # noqa: PLR2004 - the mainland's extent
        return 4534 + min(max(round(lng / 3) - 25, 0), 20)
    return (32601 if lat >= 0 else 32701) + min(int((lng + 180) // 6), 59)
