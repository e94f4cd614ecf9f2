"""``script/bench brush``: a step of the planner's brush in the browser's own code, on seeded towns.

The towns are those of ``script/bench plan``, written as the bundle a browser gets; the steps are
timed by bench/brush.js in Node.js. No peer has such a step to be timed beside: the limit is 1 ms.
"""

from __future__ import annotations

import argparse
import gzip
import os
import subprocess
import tempfile
from pathlib import Path

import django
import numpy as np
import shapely

SIZES = {"1k": 1_000, "10k": 10_000, "50k": 50_000}
SCRIPT = Path(__file__).parent / "brush.js"
DEGREE = 111_320.0  # metres; only that units lie apart matters here


def written(size: int, seed: int, path: Path) -> None:
    """Write a town as an unpacked bundle."""
    from bench.towns import town  # noqa: PLC0415 -- numba comes with it, which takes a while
    from gridmap.layers.bundles import Bundle, adjacency, packed  # noqa: PLC0415 -- needs Django

    one = town(size, seed)
    edges, graph = one.graph.edges(), one.graph
    count = len(graph)
    nothing = np.zeros(count, np.int64)
    bundle = Bundle(
        tuple(f"U{place}" for place in range(count)),
        {
            "households": graph.households,
            "residents": graph.households * 5 // 2,
            "incidents": nothing,
            "building": np.arange(1, count + 1),
            "block": nothing,
            "kind": nothing,
            "area": shapely.area(one.shapes),
            "perimeter": shapely.length(one.shapes),
            "lng": one.middles[:, 0] / DEGREE,
            "lat": one.middles[:, 1] / DEGREE,
            "edge_a": edges.a,
            "edge_b": edges.b,
            "edge_length": edges.length_m,
            "edge_level": edges.level,
            "edge_crossable": edges.crossable,
            **adjacency(count, edges.a, edges.b),
        },
    )
    path.write_bytes(gzip.decompress(packed(bundle)))


def main() -> None:
    """Print a table of sizes."""
    reader = argparse.ArgumentParser(prog="script/bench brush")
    reader.add_argument("--sizes", nargs="+", choices=list(SIZES), default=list(SIZES))
    reader.add_argument("--seed", type=int, default=7)
    asked = reader.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gridmap.settings")
    django.setup()
    print(
        f"{'town':<6}{'units':>8}{'cells':>7}{'steps':>7}{'p50 ms':>9}{'p99 ms':>9}{'worst ms':>10}"
        f"{'limit ms':>10}"
    )
    for size in asked.sizes:
        with tempfile.TemporaryDirectory(prefix="gridmap-brush-") as room:
            path = Path(room) / "town.bundle"
            written(SIZES[size], asked.seed, path)
            node = os.environ.get("GRIDMAP_NODE", "node")
            subprocess.run([node, str(SCRIPT), size, str(path)], check=True)


if __name__ == "__main__":
    main()
