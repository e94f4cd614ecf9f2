"""A street is a line and an area; the one that is missing is worked out."""

import numpy as np
import pytest
import shapely
from shapely import LineString, MultiLineString, Polygon

from gridmap.geo.ways import areas_of, centreline_of, width_of


def test_the_area_of_a_straight_way_is_its_length_by_its_width() -> None:
    lines = np.array([LineString([(0, 0), (100, 0)])], dtype=object)
    (area,) = areas_of(lines, np.array([8.0]))
    assert area.equals(shapely.box(0, -4, 100, 4))


def test_a_way_that_doubles_back_has_an_area_all_the_same() -> None:
    lines = np.array(
        [
            LineString([(0, 0), (50, 0), (0, 0)]),
            MultiLineString([[(0, 0), (9, 9)], [(9, 0), (0, 9)]]),
        ],
        dtype=object,
    )
    areas = areas_of(lines, np.array([4.0, 2.0]))
    assert shapely.is_valid(areas).all()
    assert (shapely.area(areas) > 0).all()


def test_the_middle_of_a_strip_is_a_straight_line_from_end_to_end() -> None:
    line = centreline_of(shapely.box(0, 0, 100, 8))
    assert line is not None
    assert line.length == pytest.approx(100, abs=0.01)
    assert line.hausdorff_distance(LineString([(0, 4), (100, 4)])) < 0.01


def test_the_middle_of_a_bent_way_is_the_line_it_was_made_from() -> None:
    drawn = LineString([(0, 0), (100, 0), (150, 80)])
    line = centreline_of(drawn.buffer(4, cap_style="flat"))
    assert line is not None
    assert line.hausdorff_distance(drawn) < 0.5


def test_a_fork_keeps_its_branch() -> None:
    fork = shapely.union_all([shapely.box(0, -3, 100, 3), shapely.box(47, 0, 53, 60)])
    line = centreline_of(fork)
    assert line is not None
    assert len(line.geoms) == 3
    assert line.length == pytest.approx(160, abs=1)


def test_a_square_has_a_middle_too() -> None:
    square = shapely.box(0, 0, 6, 6)
    line = centreline_of(square)
    assert line is not None
    assert line.length > 0
    assert square.contains(line)


def test_two_pieces_have_two_lines() -> None:
    area = shapely.union_all([shapely.box(0, 0, 50, 5), shapely.box(0, 100, 50, 105)])
    line = centreline_of(area)
    assert line is not None
    assert len(line.geoms) == 2


def test_a_ragged_outline_does_not_grow_spurs() -> None:
    rng = np.random.default_rng(3)
    east = np.linspace(0, 200, 81)
    north = np.column_stack([east, 5 + rng.uniform(-0.4, 0.4, 81)])
    south = np.column_stack([east[::-1], -5 + rng.uniform(-0.4, 0.4, 81)])
    line = centreline_of(Polygon(np.vstack([north, south])))
    assert line is not None
    assert len(line.geoms) == 1
    assert line.length == pytest.approx(200, rel=0.03)


@pytest.mark.parametrize(
    ("kind", "width"), [("primary", 20), ("primary_link", 20), ("footway", 2), ("anything", 8)]
)
def test_a_way_without_a_width_has_the_usual_one(kind: str, width: float) -> None:
    assert width_of(kind) == width
