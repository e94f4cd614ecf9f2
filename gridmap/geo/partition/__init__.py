"""Units to cells: proposals, figures, faults and their repairs, and the planner's own edits.

A plan is an array: for each unit of a `Graph` the number of its cell, -1 for none. Read in this
order: graph, measure (figures and faults), wish (what is asked and answered), propose (how it is
worked out); kernel, trees, sweeps and seed are the inner loops, compiled where numba is there.
"""

from gridmap.geo.partition.edit import merge, renumber, split, split_by_line
from gridmap.geo.partition.graph import Graph
from gridmap.geo.partition.measure import CellFault, Metrics, faults, metrics, street_share
from gridmap.geo.partition.propose import propose, warm
from gridmap.geo.partition.repair import Repair, repair
from gridmap.geo.partition.wish import (
    CancelledError,
    Finding,
    Mode,
    Move,
    Proposal,
    Step,
    Watch,
    Wish,
)

__all__ = [
    "CancelledError",
    "CellFault",
    "Finding",
    "Graph",
    "Metrics",
    "Mode",
    "Move",
    "Proposal",
    "Repair",
    "Step",
    "Watch",
    "Wish",
    "faults",
    "merge",
    "metrics",
    "propose",
    "renumber",
    "repair",
    "split",
    "split_by_line",
    "street_share",
    "warm",
]
