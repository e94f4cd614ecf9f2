"""``script/bench plan``: proposals beside METIS, GerryChain and spopt, on the same seeded towns.

Every solver runs in a process of its own, with a limit of processor time, and only its solving is
timed; compiled solvers are warm. All get the same streets: METIS and GerryChain as edge weights.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.plan_solvers import SMALL, SOLVERS, TARGET, changed_little, grown
from bench.towns import Town, town
from gridmap.geo.partition import Graph, metrics, street_share

LIMIT = 300  # seconds of processor
SIZES = {"1k": 1_000, "10k": 10_000, "50k": 50_000}
SECONDS = {"1k": 0.1, "10k": 1.5, "50k": 7.0}  # that ours may take
OURS, PEER = "gridmap", "GerryChain eps .25"
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
        spent: seconds of processor of the whole process, warming up and the town included.
    """

    seconds: float | None
    labels: np.ndarray
    said: str = ""
    spent: float = 0.0


def solved(solver: str, size: int, seed: int, limit: int) -> Run:
    """Run a solver in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="gridmap-plan-") as room:
        out = Path(room) / "labels.npz"
        wish = [solver, str(size), str(seed), str(limit), str(out)]
        before = _children()
        done = subprocess.run(
            [sys.executable, "-m", "bench.plan_solvers", *wish],
            capture_output=True,
            text=True,
            check=False,
        )
        if not out.exists():
            words = done.stderr.strip().splitlines()
            stopped = f"stopped after {limit} s" if done.returncode < 0 else "gave up"
            said = words[-1][:60] if words else stopped
            return Run(None, np.empty(0), said, _children() - before)
        with np.load(out) as found:
            return Run(float(found["seconds"]), found["labels"])


def _children() -> float:
    """Seconds of processor of everything that was run and has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def line(name: str, town_: Town, run: Run) -> str:
    """Return one row of the table."""
    if run.seconds is None:
        return f"{name:<22}{'-':>9}  after {run.spent:.0f} s: {run.said}"
    figures = metrics(town_.graph, run.labels, TARGET)
    held = figures.households
    band = 100 * float(((held >= 300) & (held <= 500)).mean())  # noqa: PLR2004 - the band
    tenth = 100 * float((abs(held - TARGET) <= TARGET / 10).mean())
    return (
        f"{name:<22}{run.seconds:>9.3f}{len(held):>7}{held.min():>6}{held.max():>6}{band:>8.1f}"
        f"{tenth:>8.1f}{int((figures.parts - 1).sum()):>8}{figures.polsby_popper.mean():>7.3f}"
        f"{figures.polsby_popper.min():>8.3f}{100 * street_share(town_.graph, run.labels):>10.1f}"
    )


def limits(size: str) -> str:
    """Return what ours is to reach, as a row of the table."""
    return (
        f"{'to reach':<22}{SECONDS[size]:>9}{'exact':>7}{300:>6}{500:>6}{100:>8}{'>= 98.5':>8}"
        f"{0:>8}{'>= .60':>7}{'':>8}{'>= 95':>10}"
    )


def little(one: Town, labels: np.ndarray) -> str:
    """Return what minimal change moves when the town has grown, beside what must move."""
    changed_little(*_small_and_plan())  # compiled before it is timed
    now, least = grown(one, labels)
    began = time.process_time()
    after = changed_little(now, labels)
    took = time.process_time() - began
    moved = float(now.households[after[: len(labels)] != labels].sum() / now.households.sum())
    held = np.bincount(after, now.households)
    held = held[np.bincount(after) > 0]
    band = 100 * float(((held >= 300) & (held <= 500)).mean())  # noqa: PLR2004 - the band
    return (
        f"minimal change after growth: {100 * moved:.2f} % of households move, at least"
        f" {100 * least:.2f} % must: {moved / least:.2f}x (<= 2); band {band:.1f} % (100);"
        f" {took:.3f} s"
    )


def _small_and_plan() -> tuple[Graph, np.ndarray]:
    small = town(SMALL, 3)
    return small.graph, SOLVERS[OURS](small)


def beside(took: dict[str, Run]) -> str:
    """Say how much longer the slow peer takes; one that gave up takes at least what it spent."""
    ours, peer = took.get(OURS), took.get(PEER)
    if ours is None or peer is None or not ours.seconds:
        return ""
    longer = (peer.seconds or peer.spent) / ours.seconds
    least = "" if peer.seconds else "at least "
    return f"{PEER} takes {least}{longer:.0f} times as long as ours (>= 50 at 10k)"


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
            print(f"{HEAD}\n{limits(size)}", flush=True)
            took: dict[str, Run] = {}
            for solver in asked.solvers:
                run = solved(solver, SIZES[size], seed, asked.limit)
                took[solver] = run
                print(line(solver, one, run), flush=True)
                if solver == OURS and run.seconds is not None:
                    print(little(one, run.labels), flush=True)
            print(beside(took), flush=True)


if __name__ == "__main__":
    main()
