"""Subdistricts, communities and cells are loaded: codes completed, histories kept."""

from __future__ import annotations

import pytest
from django.contrib.gis.geos import GEOSGeometry
from django.db import connection

from gridmap.actions.territory import CityOptions, add_city
from gridmap.errors import BadValue, OutOfScope
from gridmap.layers.postings import operator_scope
from gridmap.layers.scope import Scope
from gridmap.layers.territory import Cell, CellEdition, City, Community, PlaceCode, Subdistrict
from tests import town as toy
from tests.actions.loading import counts, load, reasons, rows_of

EXTENT = (117.60, 26.24, 117.68, 26.30)  # the ground of the toy town, without a town on it


@pytest.fixture
def bare(db: None) -> City:
    """A city without anything in it."""
    return add_city(
        by=operator_scope(), slug="bare", name="空城", extent=EXTENT, options=CityOptions()
    )


def areas(*boxes: tuple[float, float, float, float]) -> list[GEOSGeometry]:
    return [toy.ring(*box) for box in boxes]


def test_a_new_city_measures_in_its_own_zone_and_gets_a_free_code(bare: City) -> None:
    assert (bare.metric_srid, bare.code, bare.edition_name) == (4548, "990001", "bare.1")
    second = add_city(
        by=operator_scope(),
        slug="second",
        name="次城",
        extent=(-88.0, 41.6, -87.5, 42.1),
        options=CityOptions(),
    )
    assert (second.metric_srid, second.code) == (32616, "990002")


@pytest.mark.parametrize(
    ("slug", "extent", "srid"),
    [
        ("bare", EXTENT, None),
        ("a b", EXTENT, None),
        ("new", (118, 26, 117, 27), None),
        ("new", EXTENT, 3857),
    ],
    ids=["taken", "no slug", "west of east", "not metric"],
)
def test_a_city_that_cannot_be(
    bare: City, slug: str, extent: tuple[float, float, float, float], srid: int | None
) -> None:
    options = CityOptions(metric_srid=srid)
    with pytest.raises(BadValue):
        add_city(by=operator_scope(), slug=slug, name="某城", extent=extent, options=options)


def test_only_the_operator_adds_cities(db: None) -> None:
    with pytest.raises(OutOfScope):
        add_city(by=Scope(user_id=1), slug="x", name="某城", extent=EXTENT, options=CityOptions())


def test_communities_without_a_subdistrict_get_one_and_a_cell_each(bare: City) -> None:
    rows = rows_of(
        {"code": ["1", "2"], "name": ["一社区", "重化社区"]},
        *areas((0, 0, 100, 100), (100, 0, 100, 100)),
    )
    report = load(bare, "communities", rows, one_cell_each=True)
    assert counts(report) == (2, 0, 0, 0)
    assert report.made == {"subdistricts": 1, "cells": 2, "cells_changed": 0}
    assert Subdistrict.objects.get().name == "空城"
    assert list(Community.objects.values_list("code", flat=True)) == [
        "990001001001",
        "990001001002",
    ]
    assert "chonghuashequ" in Community.objects.get(name="重化社区").search
    assert list(CellEdition.objects.current().values_list("code", "name")) == [
        ("990001001001001", "一社区"),
        ("990001001002001", "重化社区"),
    ]
    assert PlaceCode.objects.count() == 3
    again = load(bare, "communities", rows, one_cell_each=True)
    assert counts(again) == (0, 0, 2, 0)
    assert again.made == {"cells": 0, "cells_changed": 0}


def test_a_changed_community_keeps_its_cell_and_the_cell_its_past(bare: City) -> None:
    before = {"code": ["1", "2"], "name": ["一社区", "二社区"]}
    load(
        bare,
        "communities",
        rows_of(before, *areas((0, 0, 100, 100), (100, 0, 100, 100))),
        one_cell_each=True,
    )
    after = {"code": ["1", "2"], "name": ["一社区", "新二社区"]}
    moved = rows_of(after, *areas((0, 0, 90, 100), (90, 0, 110, 100)))
    report = load(bare, "communities", moved, one_cell_each=True)
    assert counts(report) == (0, 2, 0, 0)
    assert report.failure == ""
    assert Cell.objects.count() == 2
    editions = CellEdition.objects.filter(code="990001001002001").order_by("valid")
    assert [edition.name for edition in editions] == ["二社区", "新二社区"]
    names = PlaceCode.objects.filter(code="990001001002").order_by("valid")
    assert [(place.name, place.valid.upper is None) for place in names] == [
        ("二社区", False),
        ("新二社区", True),
    ]


def test_communities_find_their_subdistrict_by_code(bare: City) -> None:
    load(
        bare,
        "subdistricts",
        rows_of(
            {"code": ["1", "990001002"], "name": ["列东街道", "列西街道"]},
            *areas((0, 0, 200, 100), (200, 0, 200, 100)),
        ),
    )
    rows = rows_of(
        {
            "code": ["990001001001", "990001002001", "3", "4", "990001009001", "12x"],
            "subdistrict": ["", "", "1", "", "", "1"],
            "name": ["甲", "乙", "丙", "丁", "戊", "己"],
        },
        *areas(
            (0, 0, 100, 100),
            (200, 0, 100, 100),
            (100, 0, 50, 100),
            (150, 0, 50, 100),
            (300, 0, 50, 100),
            (350, 0, 50, 100),
        ),
    )
    report = load(bare, "communities", rows)
    assert reasons(report) == [(4, "no_parent"), (5, "no_parent"), (6, "bad_code")]
    parents = dict(Community.objects.values_list("code", "subdistrict__code"))
    assert parents == {
        "990001001001": "990001001",
        "990001001003": "990001001",
        "990001002001": "990001002",
    }


def test_areas_that_overlap_or_stick_out_are_refused_with_how_much(town: City) -> None:
    rows = rows_of(
        {"code": ["003", "004", "005", "1"], "name": ["丙", "丁", "戊", "己"]},
        *areas((350, 0, 60, 90), (380, 0, 20, 20), (0, 0, 50, 50), (0, 0, 50, 50)),
    )
    report = load(town, "communities", rows, commit=False)
    assert reasons(report) == [
        (1, "outside_parent"),
        (2, "overlap"),  # of 乙, which nobody redraws
        (3, "overlap"),  # of 甲, once row 4 does not redraw it
        (4, "overlap"),  # of row 3
    ]
    stick = report.problems[0]
    assert stick.detail["parent"] == "列东街道"
    assert stick.detail["m2"] == pytest.approx(900, rel=0.01)
    assert counts(report) == (0, 0, 0, 4)


def test_what_only_the_database_can_know_fails_the_whole_load_by_name(town: City) -> None:
    rows = rows_of({"code": ["1"], "name": ["甲社区"]}, toy.ring(0, 0, 50, 50))
    report = load(town, "communities", rows)
    assert report.failure.startswith("cell_within_community"), "its cells stand on the rest"
    assert not report.committed
    assert toy.community("A").geom.area == pytest.approx(toy.ring(0, 0, 200, 100).area)


def test_new_cells_take_the_ground_that_is_free(bare: City) -> None:
    load(bare, "communities", rows_of({"code": ["1"], "name": ["甲"]}, toy.ring(0, 0, 300, 100)))
    rows = rows_of(
        {
            "code": ["1", "990001001001002", "003", "000", "5"],
            "community": ["990001001001", "", "990001001001", "990001001001", "990001001404"],
            "name": ["第一网格", "第二网格", "学校", "零", "无"],
            "kind": ["", "基础网格", "special", "", ""],
        },
        *areas(
            (0, 0, 100, 100), (100, 0, 100, 100), (150, 0, 100, 100), (250, 0, 9, 9), (260, 0, 9, 9)
        ),
    )
    report = load(bare, "cells", rows)
    assert reasons(report) == [(3, "overlap"), (4, "bad_code"), (5, "no_parent")]
    assert report.problems[0].detail["other"] == "990001001001002"
    assert counts(load(bare, "cells", rows)) == (0, 0, 2, 3)


def test_a_redrawn_cell_closes_its_edition_and_opens_another(town: City) -> None:
    halves = rows_of(
        {"code": ["350404001001001", "350404001001002"], "name": ["第一网格", "第二网格"]},
        *areas((0, 0, 80, 100), (80, 0, 120, 100)),
    )
    assert counts(load(town, "cells", halves)) == (0, 2, 0, 0)
    editions = CellEdition.objects.filter(code="350404001001001").order_by("valid")
    assert len({edition.cell_id for edition in editions}) == 1
    assert [edition.valid.upper is None for edition in editions] == [False, True]


def test_two_cities_never_touch_each_other(town: City, bare: City) -> None:
    def picture(city: City) -> list[tuple[object, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT e.code, e.name, e.geom::text, e.cell_id FROM layers_celledition AS e"
                " INNER JOIN layers_cell AS c ON c.id = e.cell_id"
                " INNER JOIN layers_community AS k ON k.id = c.community_id"
                " INNER JOIN layers_subdistrict AS s ON s.id = k.subdistrict_id"
                " WHERE s.city_id = %s ORDER BY e.id",
                [city.pk],
            )
            return list(cursor.fetchall())

    before = picture(town)
    edition = City.objects.get(pk=town.pk).edition
    same_ground = rows_of(
        {"code": ["1", "2"], "name": ["甲社区", "乙社区"]},
        *areas((0, 0, 150, 100), (150, 0, 250, 100)),
    )
    assert counts(load(bare, "communities", same_ground, one_cell_each=True)) == (2, 0, 0, 0)
    building = rows_of({"code": ["B1"], "name": ["同号楼"]}, toy.ring(40, 60, 20, 20))
    assert counts(load(bare, "buildings", building)) == (1, 0, 0, 0)

    assert picture(town) == before
    assert City.objects.get(pk=town.pk).edition == edition
    assert City.objects.get(pk=bare.pk).edition > 1
    stolen = rows_of({"code": ["350404001001"], "name": ["甲社区"]}, toy.ring(0, 0, 10, 10))
    assert reasons(load(bare, "communities", stolen)) == [(1, "no_parent")]
    disguised = rows_of(
        {"code": ["350404001001"], "name": ["甲"], "subdistrict": ["990001001"]},
        toy.ring(0, 0, 10, 10),
    )
    assert reasons(load(bare, "communities", disguised)) == [(1, "code_elsewhere")]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT b.city_id, s.city_id FROM layers_building AS b"
            " INNER JOIN layers_cell AS c ON c.id = b.cell_id"
            " INNER JOIN layers_community AS k ON k.id = c.community_id"
            " INNER JOIN layers_subdistrict AS s ON s.id = k.subdistrict_id"
        )
        assert {own == cells for own, cells in cursor.fetchall()} == {True}
