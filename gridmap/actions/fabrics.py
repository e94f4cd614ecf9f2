"""The units of a community are worked out. One function, one intention, one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from gridmap.actions.plans import weaving
from gridmap.errors import BadValue, OutOfScope, WrongState
from gridmap.geo.fabric import exchange, with_edges
from gridmap.layers import journal
from gridmap.layers.bundles import bundle_of
from gridmap.layers.fabric_geometry import as_geometry
from gridmap.layers.fabrics import Fabric, UnitEdge
from gridmap.layers.scope import Scope
from gridmap.layers.territory import Community


@transaction.atomic
def build_fabric(*, by: Scope, community: int) -> Fabric:
    """Work out the units of a community from its streets, lanes, water and buildings.

    Where nothing changed since the newest fabric was built, that one is returned. Units keep their
    names; what became of the others stands in the new fabric's lineage. Drafts stay on the fabric
    they were begun on.

    Raises:
        OutOfScope: there is no such community for the caller.
        NotYours: they do not plan there.
        BadGeometry: what stands in the tables cannot be tiled.
    """
    place = _opened(by, community)
    fabric = weaving.weave(place, by.user_id)
    after = {"community": place.code, "version": fabric.version, "units": fabric.size}
    journal.record(
        by=by,
        verb="build_fabric",
        subject=fabric,
        where=(place.subdistrict.city_id, place.pk, None),
        change=({}, after),
    )
    return fabric


def _opened(by: Scope, community: int) -> Community:
    """Return a community whose units the caller may change, locked until the end."""
    place = (
        Community.objects.within(by)
        .select_related("subdistrict__city")
        .select_for_update(of=("self",))
        .filter(pk=community)
        .first()
    )
    if place is None:
        raise OutOfScope("没有这个社区，或不在您的范围内")
    by.must("draft", place.subdistrict.city_id, place.pk)
    return place


@dataclass(frozen=True)
class Border:
    """What a border of two units really is: its level, and whether one may walk across."""

    one: str
    two: str
    level: int
    crossable: bool


@transaction.atomic
def correct_borders(*, by: Scope, fabric: int, changes: Sequence[Border]) -> Fabric:
    """Say what runs along borders and which can be crossed; the units stay as they are.

    A fabric never changes: this makes a newer one. It also counts as built from the same sources,
    so that building it again keeps the corrections until a street or building changes.

    Raises:
        OutOfScope: there is no such fabric for the caller.
        NotYours: they do not plan there.
        WrongState: it is no longer the newest one.
        BadValue: no change, a level that is none, or units that are no neighbours.
    """
    found = Fabric.objects.within(by).defer("bundle").filter(pk=fabric).first()
    if found is None:
        raise OutOfScope("没有这份底图，或不在您的范围内")
    place = _opened(by, found.community_id)
    found.refresh_from_db(fields=["current"])
    if not found.current:
        raise WrongState("底图已有更新的一版", reason="NewerFabric")
    bundle = bundle_of(found.pk)
    pairs = zip(bundle.arrays["edge_a"].tolist(), bundle.arrays["edge_b"].tolist(), strict=True)
    known = {frozenset((bundle.uids[a], bundle.uids[b])) for a, b in pairs}
    wanted = {(change.one, change.two): (change.level, change.crossable) for change in changes}
    if not wanted or any(frozenset(pair) not in known for pair in wanted):
        raise BadValue("要改的边界须在两个相邻的地块之间")
    if any(level not in UnitEdge.Level.values for level, _ in wanted.values()):
        raise BadValue("没有这种边界")
    made = with_edges(as_geometry(found, place), wanted)
    stored = weaving.keep(made, weaving.sources_of(place), place, by.user_id)
    after = {"community": place.code, "version": stored.version, "borders": len(wanted)}
    journal.record(
        by=by,
        verb="correct_borders",
        subject=stored,
        where=(place.subdistrict.city_id, place.pk, None),
        change=({"version": found.version}, after),
    )
    return stored


@transaction.atomic
def import_fabric(*, by: Scope, community: int, path: Path) -> Fabric:
    """Take units that were corrected elsewhere, in QGIS, as the newest fabric of a community.

    Args:
        by: who does it.
        community: whose units they are.
        path: a GeoPackage as the export writes it; read as a stranger's file.

    Raises:
        OutOfScope: there is no such community for the caller.
        NotYours: they do not plan there.
        BadFile: it cannot be read, or is in another system of coordinates.
        BadGeometry: its units do not tile the community, or cut a building.
    """
    place = _opened(by, community)
    sources = weaving.sources_of(place)
    srid = place.subdistrict.city.metric_srid
    made = exchange.read(path, srid=srid, outline=sources.outline)
    stored = weaving.keep(made, sources, place, by.user_id)
    after = {"community": place.code, "version": stored.version, "units": stored.size}
    journal.record(
        by=by,
        verb="import_fabric",
        subject=stored,
        where=(place.subdistrict.city_id, place.pk, None),
        change=({}, after),
    )
    return stored
