"""The fabric (划分底图) of a community: the smallest pieces of ground that cells are made of.

One unit a building, open land between, tiling the community to the centimetre; a cell is a set of
units, so it can neither cut a building nor leave a gap. Read in this order: model (words),
footprints (whose ground is it), weave (lines to units), borders (who is whose neighbour), given
(units drawn by others), check (faults, lineage), exchange (GeoPackage).
"""

from gridmap.geo.fabric.borders import Lines
from gridmap.geo.fabric.check import Fault, faults, inherited, lineage, renamed
from gridmap.geo.fabric.given import Units, from_units, with_edges
from gridmap.geo.fabric.model import (
    Barriers,
    Buildings,
    Edges,
    Fabric,
    Kind,
    Level,
    Remark,
    Ways,
)
from gridmap.geo.fabric.weave import build

__all__ = [
    "Barriers",
    "Buildings",
    "Edges",
    "Fabric",
    "Fault",
    "Kind",
    "Level",
    "Lines",
    "Remark",
    "Units",
    "Ways",
    "build",
    "faults",
    "from_units",
    "inherited",
    "lineage",
    "renamed",
    "with_edges",
]
