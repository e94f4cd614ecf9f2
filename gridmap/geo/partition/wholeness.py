"""Cells in one piece: what lies apart, or in no cell, goes to a neighbour."""

from __future__ import annotations

import numpy as np

from gridmap.geo.fabric.borders import next_door
from gridmap.geo.fabric.model import Edges, Ints
from gridmap.geo.partition.graph import Graph
from gridmap.geo.partition.measure import apart

NOBODY = -1


def made_whole(graph: Graph, labels: Ints) -> Ints:
    """Return labels under which every unit has a cell and every cell hangs together.

    Parts that lie apart from most of their cell, and units without one, go to the neighbour with
    most border that people cross. A part that has no such neighbour becomes a cell of its own.
    """
    label = labels.copy()
    label[apart(graph, label)] = NOBODY
    every = graph.edges()
    way = every.crossable
    edges = Edges(every.a[way], every.b[way], every.length_m[way], every.level[way], way[way])
    while (label == NOBODY).any():
        part = graph.parts(label)
        parts, heirs = next_door(edges, np.zeros(len(edges), dtype=bool), part, label)
        if not len(parts):
            loose = label == NOBODY
            label[loose] = label.max() + 1 + np.unique(part[loose], return_inverse=True)[1]
            break
        heir = np.full(len(graph), NOBODY)
        heir[parts] = heirs
        label = np.where(label == NOBODY, heir[part], label)
    return label
