"""A recorded walk becomes the stretches that were walked, whatever the receiver got wrong."""

from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import shapely

from gridmap.geo.track import Fixes, Network, clean, walked
from tests.geo.walks import START, quarter, recorded, walk

NOW = START + 86_400
REAL = Path(__file__).parents[3] / "shared" / "data" / "gpx-tracks"


def line(*stops: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString(stops)


def joined(*pieces: Fixes) -> Fixes:
    return Fixes(
        np.concatenate([one.xy for one in pieces]),
        np.concatenate([one.at for one in pieces]),
        np.concatenate([one.accuracy for one in pieces]),
    )


def seen(fixes: Fixes, network: Network) -> set[int]:
    return {one.line for one in walked(clean(fixes, now=NOW).parts, network)}


@pytest.mark.parametrize("steady", [0.0, 15.0])
def test_a_kilometre_with_eight_metres_of_noise_covers_the_lanes_it_was_meant_to(
    steady: float,
) -> None:
    right = told = meant = 0
    for seed in range(12):
        network = Network(quarter(seed))
        planned = walk(network, seed)
        found = seen(recorded(planned.way, seed, steady=steady), network)
        right += len(found & planned.lines)
        told += len(found)
        meant += len(planned.lines)
    assert right / told >= 0.95
    assert right / meant >= 0.95


def test_without_the_network_s_help_the_nearest_lane_is_often_the_wrong_one() -> None:
    # The control of the test above: the same walks, each fix given to the line nearest to it.
    right = told = 0
    for seed in range(12):
        network = Network(quarter(seed))
        planned = walk(network, seed)
        fixes = recorded(planned.way, seed)
        nearest = shapely.STRtree(network.lines).nearest(shapely.points(fixes.xy))
        found = set(nearest.tolist())
        right += len(found & planned.lines)
        told += len(found)
    assert right / told < 0.95


def test_two_lanes_twenty_metres_apart_are_told_apart() -> None:
    lanes = [line((0, 0), (200, 0)), line((0, 20), (200, 20)), line((0, 0), (0, 20))]
    assert seen(recorded(line((0, 0), (200, 0)), 1), Network(lanes)) == {0}


def test_a_lane_that_was_only_entered_is_not_seen() -> None:
    network = Network([line((0, 0), (100, 0)), line((100, 0), (200, 0))])
    assert seen(recorded(line((0, 0), (120, 0)), 1, noise=1), network) == {0}


def test_a_dead_end_walked_there_and_back_is_seen() -> None:
    network = Network([line((0, 0), (80, 0)), line((80, 0), (160, 0)), line((80, 0), (80, 70))])
    way = line((0, 0), (80, 0), (80, 70), (80, 0), (160, 0))
    assert seen(recorded(way, 3, noise=5), network) == {0, 1, 2}


def test_a_leap_of_the_receiver_is_left_out_and_the_walk_goes_on() -> None:
    network = Network([line((0, 0), (100, 0)), line((100, 0), (200, 0))])
    fixes = recorded(line((0, 0), (200, 0)), 1, noise=1)
    fixes.xy[60:62] += 900
    cleaned = clean(fixes, now=NOW)
    assert cleaned.dropped == {"leap": 2}
    assert [len(part) for part in cleaned.parts] == [len(fixes) - 2]
    assert {one.line for one in walked(cleaned.parts, network)} == {0, 1}


def test_a_clock_that_cannot_be_right_is_not_believed_but_the_places_are() -> None:
    network = Network([line((0, 0), (100, 0))])
    fixes = recorded(line((0, 0), (100, 0)), 1, noise=1)
    for wrong in (np.full(len(fixes), -2_147_483_648.0), fixes.at + 400 * 86_400):
        cleaned = clean(Fixes(fixes.xy, wrong, fixes.accuracy), now=NOW)
        assert cleaned.clock == "wrong"
        (one,) = walked(cleaned.parts, network)
        assert one.line == 0
        assert np.isnan(one.at)


def test_a_single_time_that_cannot_be_costs_its_fix_and_no_other() -> None:
    fixes = recorded(line((0, 0), (100, 0)), 1, noise=1)
    fixes.at[20] = 0
    cleaned = clean(fixes, now=NOW)
    assert (cleaned.clock, cleaned.dropped) == ("good", {"untrue": 1})
    assert [len(part) for part in cleaned.parts] == [len(fixes) - 1]


def test_fixes_out_of_order_and_twice_are_put_right() -> None:
    fixes = recorded(line((0, 0), (100, 0)), 1, noise=1)
    mixed = joined(fixes[50:], fixes[:50], fixes[10:12])
    cleaned = clean(mixed, now=NOW)
    assert cleaned.dropped == {"doubled": 2}
    (part,) = cleaned.parts
    assert (np.diff(part.at) > 0).all()


def test_nothing_is_seen_during_a_pause() -> None:
    lanes = [line((0, 0), (100, 0)), line((100, 0), (200, 0)), line((200, 0), (300, 0))]
    morning = recorded(line((0, 0), (100, 0)), 1, noise=1)
    evening = recorded(line((200, 0), (300, 0)), 2, noise=1)
    evening = Fixes(evening.xy, evening.at + 7_200, evening.accuracy)
    cleaned = clean(joined(morning, evening), now=NOW)
    assert len(cleaned.parts) == 2
    assert {one.line for one in walked(cleaned.parts, Network(lanes))} == {0, 2}


def test_from_a_car_nothing_is_seen() -> None:
    network = Network([line((0, 0), (1_000, 0))])
    cleaned = clean(recorded(line((0, 0), (1_000, 0)), 1, pace=11.0, noise=2), now=NOW)
    assert cleaned.parts == []
    assert set(cleaned.dropped) == {"driven"}
    assert seen(recorded(line((0, 0), (1_000, 0)), 1, pace=4.5, noise=2), network) == {0}, (
        "a bicycle"
    )


def test_a_fix_that_says_itself_it_is_poor_counts_for_nothing() -> None:
    fixes = recorded(line((0, 0), (100, 0)), 1, noise=1)
    fixes.accuracy[:] = 80
    cleaned = clean(fixes, now=NOW)
    assert (cleaned.parts, cleaned.dropped) == ([], {"inaccurate": len(fixes)})


def test_on_which_side_of_the_lane_it_was_walked_is_told_with_its_doubt() -> None:
    network = Network([line((0, 0), (150, 0))])
    (left,) = walked(clean(recorded(line((0, 7), (150, 7)), 1, noise=2), now=NOW).parts, network)
    (right,) = walked(clean(recorded(line((0, -7), (150, -7)), 1, noise=2), now=NOW).parts, network)
    assert left.offset == pytest.approx(7, abs=1.5)
    assert right.offset == pytest.approx(-7, abs=1.5)
    assert 0 < left.doubt < 3


def test_it_says_when_each_stretch_was_left() -> None:
    network = Network([line((0, 0), (120, 0)), line((120, 0), (240, 0))])
    first, second = walked(
        clean(recorded(line((0, 0), (240, 0)), 1, noise=1), now=NOW).parts, network
    )
    assert (first.line, second.line) == (0, 1)
    assert first.at == pytest.approx(START + 100, abs=12)
    assert second.at == pytest.approx(START + 200, abs=12)


@pytest.mark.parametrize(
    "fixes",
    [
        Fixes(np.empty((0, 2)), np.empty(0), np.empty(0)),
        Fixes(np.full((3, 2), np.nan), np.arange(3.0) + START, np.full(3, 5.0)),
        Fixes(np.array([[5.0, 5.0]]), np.array([START]), np.array([5.0])),
    ],
    ids=["empty", "nowhere", "one fix"],
)
def test_a_recording_of_nothing_covers_nothing(fixes: Fixes) -> None:
    assert seen(fixes, Network([line((0, 0), (10, 0))])) == set()


def test_a_walk_where_no_lane_is_covers_nothing() -> None:
    assert (
        seen(recorded(line((5_000, 0), (5_200, 0)), 1), Network([line((0, 0), (10, 0))])) == set()
    )


def _real(name: str) -> Fixes:
    if not REAL.is_dir():
        pytest.skip("shared/data/gpx-tracks is not beside the checkout")
    points = ET.parse(REAL / name).getroot().findall(".//{*}trkpt")  # noqa: S314 -- a known file
    rows = []
    for point in points:
        told = point.findtext("{*}time")
        at = (
            np.datetime64(told.rstrip("Z")).astype("datetime64[ms]").astype(float) / 1_000
            if told
            else np.nan
        )
        rows.append((float(point.attrib["lon"]), float(point.attrib["lat"]), at))
    table = np.array(rows)
    metres = np.array([111_320 * np.cos(np.radians(table[0, 1])), 110_574])
    return Fixes((table[:, :2] - table[0, :2]) * metres, table[:, 2], np.full(len(table), np.nan))


@pytest.mark.parametrize(
    ("name", "points", "clock", "driven"),
    [
        ("korita-zbevnica.gpx", 871, "good", 0),
        ("cerknicko-jezero.gpx", 296, "good", 70),  # partly at 8 m/s, fix after fix
        ("around-visnjan-with-car.gpx", 104, "good", 54),
        ("Mojstrovka.gpx", 184, "wrong", 0),
    ],
)
def test_real_recordings_lose_nothing_but_what_was_driven(
    name: str, points: int, clock: str, driven: int
) -> None:
    fixes = _real(name)
    assert len(fixes) == points
    cleaned = clean(fixes, now=NOW)
    assert cleaned.clock == clock
    assert cleaned.dropped.get("driven", 0) == driven
    assert sum(len(part) for part in cleaned.parts) >= points - driven - 3
