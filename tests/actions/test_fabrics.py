"""Fabrics corrected: borders on the map, units in QGIS; each makes a newer one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gridmap.actions.fabrics import Border, build_fabric, correct_borders, import_fabric
from gridmap.errors import BadFile, BadGeometry, BadValue, NotYours, WrongState
from gridmap.geo.fabric import exchange
from gridmap.layers.bundles import bundle_of
from gridmap.layers.fabric_geometry import as_geometry
from gridmap.layers.fabrics import Fabric, UnitEdge, UnitLineage
from gridmap.layers.postings import Role
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City
from tests import town as toy
from tests.sandboxed import needs_sandbox

Level = UnitEdge.Level


@pytest.fixture
def gu(town: City) -> Scope:
    """A planner."""
    return toy.eyes("gu", role=Role.PLANNER)


@pytest.fixture
def fabric(gu: Scope) -> Fabric:
    """The units of community A, from its lane and its two buildings."""
    return build_fabric(by=gu, community=toy.community("A").pk)


def borders(fabric: Fabric) -> dict[tuple[str, str], tuple[int, bool]]:
    """Level and crossability of every border."""
    bundle = bundle_of(fabric.pk)
    rows = (bundle.arrays[f"edge_{name}"].tolist() for name in ("a", "b", "level", "crossable"))
    return {
        (bundle.uids[a], bundle.uids[b]): (level, bool(open_))
        for a, b, level, open_ in zip(*rows, strict=True)
    }


def test_a_wall_is_drawn_where_one_stands_and_building_again_keeps_it(
    fabric: Fabric, gu: Scope
) -> None:
    before = borders(fabric)
    (one, two), _ = min(before.items())
    # In either order of the two units.
    made = correct_borders(
        by=gu, fabric=fabric.pk, changes=[Border(two, one, Level.BARRIER, crossable=False)]
    )
    assert (made.version, made.current) == (2, True)
    assert borders(made) == before | {(one, two): (Level.BARRIER, False)}
    assert borders(fabric) == before, "the old one stays as it was, for the drafts on it"
    assert bundle_of(made.pk).uids == bundle_of(fabric.pk).uids
    kept = UnitLineage.objects.filter(fabric=made)
    assert {(row.old_uid, row.share) for row in kept if row.old_uid == row.new_uid} == {
        (uid, 1.0) for uid in bundle_of(made.pk).uids
    }
    assert build_fabric(by=gu, community=made.community_id) == made


def test_what_is_no_border_is_refused(fabric: Fabric, gu: Scope) -> None:
    uids = bundle_of(fabric.pk).uids
    for changes in (
        [],
        [Border(uids[0], uids[0], Level.LANE, crossable=True)],
        [Border(uids[0], "nowhere", Level.LANE, crossable=True)],
        [Border(*min(borders(fabric)), 9, crossable=True)],
    ):
        with pytest.raises(BadValue):
            correct_borders(by=gu, fabric=fabric.pk, changes=changes)
    assert Fabric.objects.count() == 1


def test_only_the_newest_is_corrected_and_only_by_planners(fabric: Fabric, gu: Scope) -> None:
    change = [Border(*min(borders(fabric)), Level.BARRIER, crossable=False)]
    with pytest.raises(NotYours):
        correct_borders(by=toy.eyes("wang", "A"), fabric=fabric.pk, changes=change)
    correct_borders(by=gu, fabric=fabric.pk, changes=change)
    with pytest.raises(WrongState):
        correct_borders(by=gu, fabric=fabric.pk, changes=change)


@needs_sandbox
def test_units_go_to_qgis_and_come_back_as_they_were(
    fabric: Fabric, gu: Scope, tmp_path: Path
) -> None:
    path = tmp_path / "fabric.gpkg"
    place = toy.community("A")
    exchange.write(as_geometry(fabric, place), path, srid=toy.SRID)
    made = import_fabric(by=gu, community=place.pk, path=path)
    assert made.version == 2
    assert borders(made) == borders(fabric)
    for name in ("households", "residents", "building", "block", "kind"):
        assert np.array_equal(bundle_of(made.pk).arrays[name], bundle_of(fabric.pk).arrays[name])


@needs_sandbox
def test_units_that_do_not_tile_the_community_are_refused(
    fabric: Fabric, gu: Scope, tmp_path: Path
) -> None:
    place = toy.community("A")
    path = tmp_path / "other.gpkg"
    other = build_fabric(by=gu, community=toy.community("B").pk)
    exchange.write(as_geometry(other, toy.community("B")), path, srid=toy.SRID)
    with pytest.raises(BadGeometry):
        import_fabric(by=gu, community=place.pk, path=path)
    exchange.write(as_geometry(fabric, place), tmp_path / "degrees.gpkg", srid=4490)
    with pytest.raises(BadFile):
        import_fabric(by=gu, community=place.pk, path=tmp_path / "degrees.gpkg")
    assert Fabric.objects.filter(community=place).count() == 1
