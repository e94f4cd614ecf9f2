"""No unsound shape gets further, and each is told where it is wrong."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import (
    GeometryCollection,
    LineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
    box,
)
from shapely.geometry.base import BaseGeometry

from gridmap.geo.soundness import Caps, Form, Problem, Shapes, measure, sound


def judged(
    *shapes: BaseGeometry, form: Form = Form.AREA, caps: Caps | None = None
) -> tuple[Shapes, list[Problem]]:
    wkb = [bytes(shapely.to_wkb(shape)) for shape in shapes]
    numbers = np.arange(1, len(wkb) + 1)
    return sound(wkb, numbers, form, lambda places: places, caps or Caps())


def test_a_bow_tie_is_refused_with_the_place_where_it_crosses() -> None:
    tie = Polygon([(117, 26), (118, 27), (118, 26), (117, 27)])
    shapes, (problem,) = judged(box(0, 0, 1, 1), tie)
    assert [shape is None for shape in shapes] == [False, True]
    assert (problem.row, problem.code) == (2, "invalid_geometry")
    assert problem.detail["reason"] == "Self-intersection"
    assert (problem.lng, problem.lat) == (117.5, 26.5)


@pytest.mark.parametrize(
    ("shape", "form", "code"),
    [
        (Point(1, 2), Form.AREA, "wrong_type"),
        (box(0, 0, 1, 1), Form.LINE, "wrong_type"),
        (GeometryCollection([Point(1, 2)]), Form.POINT, "wrong_type"),
        (MultiPoint([(1, 2), (3, 4)]), Form.POINT, "wrong_type"),
        (Polygon(), Form.AREA, "no_geometry"),
        (Point(), Form.POINT, "no_geometry"),
        (Point(float("nan"), 2), Form.POINT, "not_finite"),
        (Point(float("inf"), 2), Form.POINT, "not_finite"),
        (LineString([(0, 0), (float("inf"), 1)]), Form.LINE, "not_finite"),
        (Point(181, 2), Form.POINT, "outside_world"),
        (Point(26.27, 117.6), Form.POINT, "outside_world"),
        (LineString([(1, 1), (1, 1)]), Form.LINE, "invalid_geometry"),
        (Polygon([(0, 0), (1, 1), (0, 0), (0, 0)]), Form.AREA, "invalid_geometry"),
        (Point(1, 2, 3), Form.POINT, "broken_geometry"),
    ],
)
def test_what_is_refused_and_why(shape: BaseGeometry, form: Form, code: str) -> None:
    shapes, problems = judged(shape, form=form)
    assert shapes[0] is None
    assert [problem.code for problem in problems] == [code]


def test_single_shapes_are_promoted_and_lone_points_taken_out() -> None:
    shapes, problems = judged(box(0, 0, 1, 1), MultiPolygon([box(2, 2, 3, 3)]))
    assert [shape.geom_type for shape in shapes] == ["MultiPolygon", "MultiPolygon"]
    points, more = judged(Point(1, 2), MultiPoint([(3, 4)]), form=Form.POINT)
    assert list(points) == [Point(1, 2), Point(3, 4)]
    assert problems + more == []


def test_a_way_may_be_a_line_or_an_area() -> None:
    shapes, problems = judged(LineString([(0, 0), (1, 1)]), box(0, 0, 1, 1), form=Form.WAY)
    assert [shape.geom_type for shape in shapes] == ["MultiLineString", "MultiPolygon"]
    assert problems == []


def test_a_comb_of_201_vertices_is_refused_before_anybody_repairs_it() -> None:
    teeth = [(index / 100, index % 2) for index in range(200)]
    shapes, (problem,) = judged(Polygon([*teeth, (0, 0.5)]))
    assert shapes[0] is None
    assert problem.code == "invalid_geometry"


def test_vertices_are_counted_before_the_shape_is_looked_at() -> None:
    circle = Point(0, 0).buffer(1, quad_segs=20)
    caps = Caps(shape=80, file=1_000)
    _, (problem,) = judged(circle, caps=caps)
    assert problem.code == "too_many_vertices"
    assert problem.detail == {"vertices": 81, "most": 80}


def test_a_file_has_a_cap_too() -> None:
    shapes, problems = judged(*[box(0, 0, 1, 1)] * 5, caps=Caps(shape=80, file=12))
    assert [shape is None for shape in shapes] == [False, False, True, True, True]
    assert {problem.code for problem in problems} == {"too_many_vertices"}


def test_coordinates_are_transformed_before_they_are_held_against_the_world() -> None:
    wkb = [bytes(shapely.to_wkb(Point(500_000, 3_000_000)))]
    shapes, problems = sound(wkb, np.array([1]), Form.POINT, lambda places: places / 1e5, Caps())
    assert shapes[0] == Point(5, 30)
    assert problems == []


@given(st.binary(max_size=200))
def test_any_bytes_are_measured_or_refused_and_never_crash(data: bytes) -> None:
    try:
        kind, vertices = measure(data)
    except ValueError:
        return
    assert kind in range(1, 7)
    assert 0 <= vertices <= len(data)


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=2, max_size=20))
def test_the_walk_counts_what_the_library_counts(places: list[tuple[float, float]]) -> None:
    line = LineString(places)
    assert measure(bytes(shapely.to_wkb(line))) == (2, len(places))
