"""Where a thing lies is found by the database, the same way every time."""

import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from django.db.models import F

from gridmap.layers.incidents import Incident
from gridmap.layers.territory import CellEdition, City
from tests import town as toy


def test_a_typed_cell_is_overruled_by_the_place(town: City) -> None:
    wrong = toy.cell("B", 2)
    report = toy.incident(50, 50, cell=wrong, community=toy.community("B"), light=3)
    assert report.cell_id == toy.cell("A", 1).pk
    assert report.community_id == toy.community("A").pk
    assert report.light == 1
    Incident.objects.filter(pk=report.pk).update(cell=wrong, reported_cell=wrong)
    report.refresh_from_db()
    assert report.cell_id == report.reported_cell_id == toy.cell("A", 1).pk


@pytest.mark.parametrize(
    ("east", "north", "cell"),
    [(100, 50, ("A", 1)), (200, 50, ("A", 2)), (300, 0, ("B", 1)), (50, 50, ("A", 1))],
    ids=["border of two cells", "border of two communities", "corner", "inside"],
)
def test_a_place_on_a_border_lies_in_the_cell_with_the_lowest_code(
    town: City, east: float, north: float, cell: tuple[str, int]
) -> None:
    place_on_border = toy.at(east, north)
    # The border is only met exactly where its coordinates are: take them from the cells.
    stored = CellEdition.objects.get(cell=toy.cell(*cell)).geom
    nearest = min(
        (Point(x, y, srid=4326) for ring in stored[0] for x, y in ring),
        key=place_on_border.distance,
    )
    touch = nearest if nearest.distance(place_on_border) < 1e-6 else place_on_border
    covering = CellEdition.objects.current().covering(touch).first()
    assert covering is not None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT gridmap_cell_at(%s::geometry, %s, now())", [touch.hexewkb.decode(), town.pk]
        )
        assert cursor.fetchone()[0] == covering.cell_id


def test_a_closed_incident_keeps_the_cell_it_was_counted_in(town: City) -> None:
    report = toy.incident(50, 50)
    Incident.objects.filter(pk=report.pk).update(state="closed", closed_at=F("reported_at"))
    Incident.objects.filter(pk=report.pk).update(place=toy.at(350, 50))
    report.refresh_from_db()
    assert report.cell_id == toy.cell("A", 1).pk
