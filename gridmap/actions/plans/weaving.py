"""From what stands in the tables to a fabric, and down into the tables again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import shapely
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from numpy.typing import NDArray

from gridmap.errors import BadGeometry
from gridmap.geo import fabric as geo
from gridmap.layers import fabric_store
from gridmap.layers.fabric_geometry import as_geometry, metric
from gridmap.layers.fabric_store import Origin
from gridmap.layers.fabrics import Fabric
from gridmap.layers.incidents import Incident
from gridmap.layers.places import Building, Headcount, Lane, Street
from gridmap.layers.territory import CellEdition, Community, Ground

ARTERIAL = 20.0  # metres; a street as wide as this is one
YEAR = timedelta(days=365)


@dataclass(frozen=True, eq=False)
class Sources:
    """What a fabric is worked out from, in metres.

    Attributes:
        outline: the community.
        buildings: in it.
        ids: of the buildings, by code.
        ways: streets and lanes by their middle lines, and the borders of cells in force.
        barriers: water.
    """

    outline: Any
    buildings: geo.Buildings
    ids: dict[str, int]
    ways: geo.Ways
    barriers: geo.Barriers

    def digest(self) -> str:
        """Return what tells these sources from others."""
        found = hashlib.sha256(shapely.to_wkb(self.outline))
        for shapes in (self.buildings.shapes, self.ways.lines, self.barriers.water):
            for wkb in shapely.to_wkb(shapes):
                found.update(wkb)
        for numbers in (self.buildings.households, self.buildings.residents, self.ways.levels):
            found.update(np.asarray(numbers, np.int64).tobytes())
        found.update("\n".join(self.buildings.codes).encode())
        return found.hexdigest()


def sources_of(community: Community) -> Sources:
    """Read what a fabric of this community is worked out from."""
    srid = community.subdistrict.city.metric_srid
    city = community.subdistrict.city_id
    latest = Headcount.objects.filter(building=OuterRef("pk")).order_by("-counted_on", "-pk")
    buildings = list(
        Building.objects.filter(community=community)
        .annotate(
            lived=Coalesce(Subquery(latest.values("households")[:1]), 0),
            people=Coalesce(Subquery(latest.values("residents")[:1]), 0),
        )
        .order_by("code")
        .values_list("code", "pk", "geom", "lived", "people")
    )
    water = Ground.objects.filter(city=city, kind="water", geom__intersects=community.geom)
    return Sources(
        outline=metric([community.geom], srid)[0],
        buildings=geo.Buildings(
            codes=[row[0] for row in buildings],
            shapes=metric((row[2] for row in buildings), srid),
            households=np.array([row[3] for row in buildings], np.int64),
            residents=np.array([row[4] for row in buildings], np.int64),
        ),
        ids={row[0]: row[1] for row in buildings},
        ways=_ways(community, srid),
        barriers=geo.Barriers(
            water=metric(water.order_by("pk").values_list("geom", flat=True), srid)
        ),
    )


def _ways(community: Community, srid: int) -> geo.Ways:
    near = {
        "city": community.subdistrict.city_id,
        "centreline__intersects": community.geom,
    }
    streets = list(Street.objects.filter(**near).order_by("code"))
    lanes = list(Lane.objects.filter(**near).order_by("code"))
    levels = [
        geo.Level.ARTERIAL if (street.width_m or 0) >= ARTERIAL else geo.Level.STREET
        for street in streets
    ]
    levels += [geo.Level.LANE] * len(lanes)
    # Units end where cells in force do, so that a draft can begin with exactly what is in force.
    borders = _borders(community)
    levels += [geo.Level.INNER] * len(borders)
    lines = [*(way.centreline for way in (*streets, *lanes)), *borders]
    return geo.Ways(metric(lines, srid), np.array(levels, np.int64))


def _borders(community: Community) -> NDArray[Any]:
    """What any two cells in force have in common; not their borders with what lies outside."""
    running = CellEdition.objects.current().filter(cell__community=community).order_by("code")
    wkbs = [bytes(geom.wkb) for geom in running.values_list("geom", flat=True)]
    cells = shapely.from_wkb(np.array(wkbs, dtype=object))
    one, two = shapely.STRtree(cells).query(cells, predicate="intersects")
    pairs = one < two
    common = shapely.intersection(
        shapely.boundary(cells[one[pairs]]), shapely.boundary(cells[two[pairs]])
    )
    parts = shapely.get_parts(shapely.line_merge(common[shapely.length(common) > 0]))
    return np.asarray(parts[shapely.length(parts) > 0])


def weave(community: Community, by: int | None) -> Fabric:
    """Return the newest fabric of a community, built anew where its sources changed.

    Raises:
        BadGeometry: what stands in the tables cannot be tiled.
    """
    sources = sources_of(community)
    digest = sources.digest()
    old = Fabric.objects.filter(community=community, current=True).defer("bundle").first()
    if old is not None and old.source_hash == digest:
        return old
    made = geo.build(sources.outline, sources.buildings, sources.ways, sources.barriers)
    if old is not None:
        made = geo.renamed(as_geometry(old, community), made)
    return keep(made, sources, community, by)


def keep(made: geo.Fabric, sources: Sources, community: Community, by: int | None) -> Fabric:
    """Write units down as the newest fabric of their community, with what became of the old ones.

    Args:
        made: the units.
        sources: what stands in the tables, to see that no building is cut.
        community: whose they are.
        by: who had them made.

    Raises:
        BadGeometry: they are no fabric.
    """
    if faults := geo.faults(made, sources.buildings):
        raise BadGeometry(
            "地块底图有 %(count)s 处不成立（%(code)s：%(units)s）",
            count=len(faults),
            code=faults[0].code,
            units="、".join(faults[0].uids[:3]),
        )
    old = Fabric.objects.filter(community=community, current=True).defer("bundle").first()
    lineage: list[tuple[str, str, float]] = []
    if old is not None:
        lineage = [row for row in geo.lineage(as_geometry(old, community), made) if row[2] > 0]
    units = fabric_store.Units(
        uids=made.uids,
        shapes=made.shapes,
        kinds=[geo.Kind(kind).name.lower() for kind in made.kinds.tolist()],
        blocks=made.blocks,
        buildings=[sources.ids.get(code) if code else None for code in made.buildings],
        households=made.households,
        residents=made.residents,
        incidents=_incidents(made, community),
    )
    borders = made.edges
    edges = fabric_store.Edges(
        borders.a, borders.b, borders.length_m, borders.level, borders.crossable
    )
    shares = [(one, two, min(share, 1.0)) for one, two, share in lineage]
    return fabric_store.keep(community, units, edges, Origin(sources.digest(), by, shares))


def _incidents(made: geo.Fabric, community: Community) -> NDArray[Any]:
    """How many incidents of the last year lie in each unit; one on a border counts once."""
    places = Incident.objects.filter(
        community=community, reported_at__gte=timezone.now() - YEAR
    ).values_list("place", flat=True)
    points = metric(places, community.subdistrict.city.metric_srid)
    if not len(points):
        return np.zeros(len(made), np.int64)
    point, unit = shapely.STRtree(made.shapes).query(points, predicate="intersects")
    _, first = np.unique(point, return_index=True)
    return np.asarray(np.bincount(unit[first], minlength=len(made)))
