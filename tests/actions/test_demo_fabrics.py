"""Every community of the demo town: its units, and a draft that begins with what is in force."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
import shapely
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from gridmap.actions.demo import load_demo
from gridmap.actions.plans import weaving
from gridmap.layers import divisions
from gridmap.layers.fabrics import Unit
from gridmap.layers.places import Building
from gridmap.layers.postings import operator_scope
from gridmap.layers.territory import CellEdition, Community

SAME = 0.001  # of a cell's ground: what rounding to a centimetre may cost


@pytest.fixture(scope="module", autouse=True)
def town(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The town stands while this module runs and is gone after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_demo(by=operator_scope(), on_progress=lambda _step, _share: None)
        yield
        transaction.set_rollback(True)


def test_every_community_has_units_and_its_cells_are_made_of_them() -> None:
    communities = Community.objects.select_related("subdistrict__city").order_by("code")
    assert len(communities) == 26
    for community in communities:
        fabric = weaving.weave(community, None)  # refuses what is no valid coverage or cuts a house
        state = divisions.in_force(fabric)
        assert (state.labels > 0).all(), community.name
        drawn = {one.fields["cell"]: one for one in divisions.pictures(fabric.pk, state, community)}
        editions = CellEdition.objects.current().filter(cell__community=community)
        assert set(drawn) == set(editions.values_list("cell_id", flat=True)), community.name
        for edition in editions:
            ground = shapely.from_wkb(bytes(edition.geom.wkb))
            other = shapely.symmetric_difference(ground, drawn[edition.cell_id].geom)
            assert other.area < SAME * ground.area, f"{community.name} {edition.code}"
        homes = Building.objects.filter(community=community).count()
        own = Unit.objects.filter(fabric=fabric, building__isnull=False).count()
        sys.stdout.write(
            f"{community.name}: {fabric.size} units, {own} of {homes} buildings have one,"
            f" {len(drawn)} cells exactly, 0 buildings cut\n"
        )
