"""Datums: known control points, and there and back again to less than a millimetre."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.geo.datum import (
    Datum,
    from_wgs84,
    gcj02_to_bd09,
    metric_srid,
    to_wgs84,
    wgs84_to_gcj02,
)

MILLIMETRE = 1e-3 / 111_320  # in degrees
# Published test values of the coordtransform libraries for Tiananmen.
PLACE = np.array([[116.404, 39.915]])


def test_wgs84_to_gcj02_at_the_known_point() -> None:
    assert wgs84_to_gcj02(PLACE) == pytest.approx(
        np.array([[116.41024449916938, 39.91640428150164]]), abs=1e-12
    )


def test_gcj02_to_bd09_at_the_known_point() -> None:
    assert gcj02_to_bd09(PLACE) == pytest.approx(
        np.array([[116.41036949371029, 39.92133699351021]]), abs=1e-12
    )


def test_the_shift_in_sanming_is_620_metres() -> None:
    here = np.array([[117.637, 26.270]])
    east, north = (wgs84_to_gcj02(here) - here)[0] * 111_320
    assert np.hypot(east * np.cos(np.radians(26.27)), north) == pytest.approx(620, abs=2)


@given(st.floats(73.6, 135.0), st.floats(18.0, 53.5), st.sampled_from(list(Datum)))
def test_there_and_back_is_exact_to_a_millimetre(lng: float, lat: float, datum: Datum) -> None:
    place = np.array([[lng, lat]])
    back = to_wgs84(from_wgs84(place, datum), datum)
    assert np.abs(back - place).max() < MILLIMETRE


def test_a_whole_town_is_shifted_back_at_once() -> None:
    corner = np.array([117.60, 26.24])
    town = corner + np.random.default_rng(7).random((10_000, 2)) * 0.08
    assert np.abs(to_wgs84(wgs84_to_gcj02(town), Datum.GCJ02) - town).max() < MILLIMETRE


def test_places_outside_china_are_not_shifted() -> None:
    chicago = np.array([[-87.63, 41.88]])
    assert (wgs84_to_gcj02(chicago) == chicago).all()


def test_cgcs2000_equals_wgs84() -> None:
    assert to_wgs84(PLACE, Datum.CGCS2000) is PLACE


@pytest.mark.parametrize(
    ("lng", "lat", "srid"),
    [
        (117.637, 26.270, 4548),  # Sanming: CGCS2000, central meridian 117 E
        (121.50, 31.24, 4549),  # Shanghai: 120 E
        (87.6, 43.8, 4538),  # Urumqi: 87 E
        (-87.63, 41.88, 32616),  # Chicago: UTM 16 N
        (7.42, 43.73, 32632),  # Monaco: UTM 32 N
        (-71.41, 41.82, 32619),  # Providence: UTM 19 N
        (151.2, -33.9, 32756),  # Sydney: UTM 56 S
        (180.0, 10.0, 32660),
    ],
)
def test_each_place_is_measured_in_its_own_zone(lng: float, lat: float, srid: int) -> None:
    assert metric_srid(lng, lat) == srid
