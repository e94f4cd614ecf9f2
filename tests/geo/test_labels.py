"""Names on a small map: along their line, upright, and never on one another."""

import pytest
import shapely
from shapely import LineString

from gridmap.geo.labels import Label, length_of, placed

FRAME = shapely.box(0, 0, 200, 100)


def one(line: LineString, name: str = "榕树巷") -> Label | None:
    found = placed([(name, line)], 10, FRAME)
    return found[0] if found else None


def test_a_name_stands_in_the_middle_of_its_line() -> None:
    assert one(LineString([(20, 50), (180, 50)])) == Label("榕树巷", 100, 50, 0.0, stacked=False)


@pytest.mark.parametrize(
    ("line", "angle"),
    [([(50, 20), (110, 80)], 45), ([(110, 80), (50, 20)], 45), ([(50, 80), (110, 20)], -45)],
    ids=["up", "drawn backwards", "down"],
)
def test_a_name_is_never_upside_down(line: list[tuple[float, float]], angle: float) -> None:
    label = one(LineString(line))
    assert label is not None
    assert label.angle == pytest.approx(angle)


def test_a_steep_chinese_name_is_stacked_and_a_latin_one_is_turned() -> None:
    steep = LineString([(100, 5), (102, 95)])
    chinese, latin = one(steep), one(steep, "Main")
    assert chinese is not None
    assert chinese.stacked
    assert latin is not None
    assert not latin.stacked


def test_a_line_shorter_than_its_name_has_none() -> None:
    length = length_of("榕树巷", 10)
    assert one(LineString([(50, 50), (50 + length - 1, 50)])) is None
    assert one(LineString([(50, 50), (50 + length + 1, 50)])) is not None


def test_a_name_yields_to_what_stands_there() -> None:
    along = LineString([(0, 50), (200, 50)])
    across = LineString([(100, 0), (100, 100)])
    both = placed([("和平街", along), ("榕树巷", across)], 10, FRAME)
    assert (both[0].x, both[0].y) == (100, 50)
    boxes = [shapely.Point(label.x, label.y).buffer(14.9) for label in both]  # they may touch
    assert len(both) == 2
    assert not boxes[0].intersects(boxes[1])
    taken = placed([("和平街", along)], 10, FRAME, [shapely.box(0, 40, 200, 60)])
    assert taken == []


def test_a_name_is_written_once_and_stays_inside() -> None:
    line = LineString([(20, 50), (180, 50)])
    assert len(placed([("和平街", line), ("和平街", line)], 10, FRAME)) == 1
    assert one(LineString([(20, 1), (180, 1)])) is None, "it would stand half outside"


def test_a_line_that_turns_sharply_carries_no_name_at_the_bend() -> None:
    bent = LineString([(100, 30), (100, 50), (120, 50)])  # each arm shorter than the name
    assert one(bent) is None
