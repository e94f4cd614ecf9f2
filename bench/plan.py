"""``script/bench plan``: proposals beside METIS, GerryChain and spopt, on the same seeded towns.

Every solver runs in a process of its own, with a limit of processor time, and only its solving is
timed; compiled solvers are warm. All get the same streets: METIS and GerryChain as edge weights.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.plan_solvers import SOLVERS, TARGET
from bench.towns import Town, town
from gridmap.geo.partition import metrics, street_share

LIMIT = 300  # seconds of processor
SIZES = {"1k": 1_000, "10k": 10_000, "50k": 50_000}
HEAD = (
    f"{'solver':<22}{'CPU s':>9}{'cells':>7}{'min':>6}{'max':>6}{'band %':>8}"
    f"{'±10 %':>8}{'broken':>8}{'PP':>7}{'PP min':>8}{'street %':>10}"
)


@dataclass(frozen=True)
class Run:
    """One solver on one town.

    Attributes:
        seconds: of processor, for solving alone; None where it gave up or was stopped.
        labels: cell of each unit.
        said: its last words where it failed.
    """

    seconds: float | None
    labels: np.ndarray
    said: str = ""


def solved(solver: str, size: int, seed: int, limit: int) -> Run:
    """Run a solver in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="gridmap-plan-") as room:
        out = Path(room) / "labels.npz"
        wish = [solver, str(size), str(seed), str(limit), str(out)]
        done = subprocess.run(
            [sys.executable, "-m", "bench.plan_solvers", *wish],
            capture_output=True,
            text=True,
            check=False,
        )
        if not out.exists():
            words = done.stderr.strip().splitlines()
            stopped = f"stopped after {limit} s" if done.returncode < 0 else "gave up"
            return Run(None, np.empty(0), words[-1][:60] if words else stopped)
        with np.load(out) as found:
            return Run(float(found["seconds"]), found["labels"])


def line(name: str, town_: Town, run: Run) -> str:
    """Return one row of the table."""
    if run.seconds is None:
        return f"{name:<22}{'-':>9}  {run.said}"
    figures = metrics(town_.graph, run.labels, TARGET)
    held = figures.households
    band = 100 * float(((held >= 300) & (held <= 500)).mean())  # noqa: PLR2004 - the band
    tenth = 100 * float((abs(figures.deviation) <= 0.1).mean())  # noqa: PLR2004 - a tenth
    return (
        f"{name:<22}{run.seconds:>9.3f}{len(held):>7}{held.min():>6}{held.max():>6}{band:>8.1f}"
        f"{tenth:>8.1f}{int((figures.parts - 1).sum()):>8}{figures.polsby_popper.mean():>7.3f}"
        f"{figures.polsby_popper.min():>8.3f}{100 * street_share(town_.graph, run.labels):>10.1f}"
    )


def main() -> None:
    """Print a table for each size and seed."""
    words = argparse.ArgumentParser(prog="script/bench plan", description=__doc__)
    words.add_argument("--sizes", nargs="+", choices=SIZES, default=list(SIZES))
    words.add_argument("--seeds", nargs="+", type=int, default=[7])
    words.add_argument("--limit", type=int, default=LIMIT, help="seconds each solver gets")
    words.add_argument("--solvers", nargs="+", choices=SOLVERS, default=list(SOLVERS))
    asked = words.parse_args()
    for size in asked.sizes:
        for seed in asked.seeds:
            one = town(SIZES[size], seed)
            total = int(one.graph.households.sum())
            print(
                f"\n{size}, seed {seed}: {len(one.graph)} units, {total} households,"
                f" {round(total / TARGET)} cells wanted"
            )
            print(HEAD, flush=True)
            for solver in asked.solvers:
                run = solved(solver, SIZES[size], seed, asked.limit)
                print(line(solver, one, run), flush=True)


if __name__ == "__main__":
    main()
