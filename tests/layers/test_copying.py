"""Rows copied in bulk obey the same rules as rows saved one by one."""

import pytest
from django.db import IntegrityError, connection

from gridmap.layers.copying import copy_rows
from gridmap.layers.places import Building
from gridmap.layers.territory import City
from tests import town as toy

COLUMNS = ["city_id", "code", "name", "address", "number", "aliases", "search", "kind", "geom"]


def row(city: City, code: str, east: float) -> list[object]:
    wkb = bytes(toy.box(east, 20, 10, 10).wkb)
    return [city.pk, code, "新楼", "", "", ["别名"], "", "", wkb]


def test_copied_buildings_find_their_cell(town: City) -> None:
    assert copy_rows("layers_building", COLUMNS, [row(town, "N1", 10), row(town, "N2", 210)]) == 2
    first, second = Building.objects.filter(code__startswith="N")
    assert (first.cell, second.cell) == (toy.cell("A", 1), toy.cell("B", 1))
    assert first.aliases == ["别名"]
    assert first.geom.srid == 4326


def test_the_database_refuses_a_copied_building_outside_its_city(town: City) -> None:
    with pytest.raises(IntegrityError, match="building_within_city"):
        copy_rows("layers_building", COLUMNS, [row(town, "N1", 900)])


def test_copying_nothing_is_nothing(town: City) -> None:
    assert copy_rows("layers_building", COLUMNS, []) == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM layers_building")
        assert cursor.fetchone() == (4,)
