"""What `bench.plan` compares; run as a program, one solver solves one town and is timed."""

from __future__ import annotations

import importlib
import random
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bench.towns import Town, town
from gridmap.geo.partition import Graph, Mode, Wish, propose
from gridmap.geo.partition.graph import COST

TARGET = 400
SMALL = 200  # units of the town on which compiled code is warmed
# Edge weights: METIS wants whole numbers, GerryChain's trees prefer light edges; a border along a
# street is cheap to cut, as for us.
SCALE = 100


def ours(effort: int) -> Callable[[Town], np.ndarray]:
    """Our own, with so many rounds of further search."""
    return lambda one: propose(one.graph, Wish(target=TARGET, effort=effort)).labels


def metis(spread: int) -> Callable[[Town], np.ndarray]:
    """METIS, k-way, contiguous, with so much imbalance (1000ths)."""

    def solve(one: Town) -> np.ndarray:
        pymetis = importlib.import_module("pymetis")
        graph = one.graph
        weight = np.maximum(graph.length_m * COST[graph.level] * SCALE, 1).astype(np.int64)
        options = pymetis.Options(contig=1, ufactor=spread, seed=1)
        _, labels = pymetis.part_graph(
            wanted(graph),
            xadj=graph.start,
            adjncy=graph.near,
            vweights=graph.households,
            eweights=weight,
            options=options,
            recursive=False,
        )
        return np.asarray(labels)

    return solve


def gerrychain(spread: float) -> Callable[[Town], np.ndarray]:
    """GerryChain's recursive tree partition."""

    def solve(one: Town) -> np.ndarray:
        networkx = importlib.import_module("networkx")
        chain = importlib.import_module("gerrychain")
        tree = importlib.import_module("gerrychain.tree")
        edges = one.graph.edges()
        net = networkx.Graph()
        for place, households in enumerate(one.graph.households.tolist()):
            net.add_node(place, households=households)
        net.add_edges_from(zip(edges.a.tolist(), edges.b.tolist(), strict=True))
        many = wanted(one.graph)
        found = tree.recursive_tree_part(
            chain.Graph.from_networkx(net) if hasattr(chain.Graph, "from_networkx") else net,
            range(many),
            float(one.graph.households.sum()) / many,
            "households",
            spread,
        )
        return np.array([found[place] for place in range(len(one.graph))])

    return solve


def max_p(one: Town) -> np.ndarray:
    """MaxP of spopt, with a floor of 300 households, one construction."""
    table, near = _table(one)
    region = importlib.import_module("spopt.region")
    model = region.MaxPHeuristic(table, near, ["x", "y"], "households", 300, 2, 1)
    model.solve()
    return np.asarray(model.labels_)


def ward(one: Town) -> np.ndarray:
    """Ward's spatial clustering in spopt: compact, but balances nothing."""
    table, near = _table(one)
    region = importlib.import_module("spopt.region")
    model = region.WardSpatial(table, near, ["x", "y"], wanted(one.graph))
    model.solve()
    return np.asarray(model.labels_)


def _table(one: Town) -> tuple[Any, Any]:
    geopandas = importlib.import_module("geopandas")
    weights = importlib.import_module("libpysal.weights")
    graph = one.graph
    near = {
        place: graph.near[graph.start[place] : graph.start[place + 1]].tolist()
        for place in range(len(graph))
    }
    columns = {"households": graph.households, "x": one.middles[:, 0], "y": one.middles[:, 1]}
    return geopandas.GeoDataFrame(columns, geometry=one.shapes), weights.W(near)


def wanted(graph: Graph) -> int:
    """How many cells a town is for."""
    return round(int(graph.households.sum()) / TARGET)


SOLVERS: dict[str, Callable[[Town], np.ndarray]] = {
    "gridmap": ours(0),
    "gridmap, effort 2": ours(2),
    "METIS ufactor 100": metis(100),
    "METIS ufactor 250": metis(250),
    "GerryChain eps .25": gerrychain(0.25),
    "GerryChain eps .10": gerrychain(0.10),
    "spopt MaxP": max_p,
    "spopt Ward": ward,
}


def grown(one: Town, labels: np.ndarray) -> tuple[Graph, float]:
    """A town some years on: 1.5 % of the units gain 40 to 199 households, 1 % lose four fifths.

    Returns:
        The town then, and the least share of its households that must move to bring every cell of
        the plan into the band: what is over it, or under it, whichever is more.
    """
    dice = np.random.default_rng(5)
    households = one.graph.households.copy()
    count = len(households)
    more = dice.choice(count, int(0.015 * count), replace=False)
    households[more] += dice.integers(40, 200, len(more))
    less = dice.choice(count, int(0.01 * count), replace=False)
    households[less] = np.round(households[less] * 0.2)
    now = Graph.joined(one.graph.edges(), households, one.graph.area_m2, one.graph.perimeter_m)
    held = np.bincount(labels, households)
    over, under = np.maximum(held - 500, 0).sum(), np.maximum(300 - held, 0).sum()
    return now, float(max(over, under)) / float(households.sum())


def changed_little(graph: Graph, labels: np.ndarray) -> np.ndarray:
    """Bring a plan into the band with as little change as possible."""
    return propose(graph, Wish(target=TARGET, mode=Mode.MINIMAL_CHANGE), labels).labels


def main() -> None:
    """Solve one town with one solver: NAME SIZE SEED LIMIT OUT."""
    name, size, seed, limit, out = sys.argv[1:]
    one = town(int(size), int(seed))
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002 - the peers' dice
    solve = SOLVERS[name]
    solve(town(SMALL, 3))
    spent = int(time.process_time())
    resource.setrlimit(resource.RLIMIT_CPU, (spent + int(limit), spent + int(limit) + 5))
    began = time.process_time()
    labels = solve(one)
    np.savez(Path(out), seconds=time.process_time() - began, labels=labels)


if __name__ == "__main__":
    main()
