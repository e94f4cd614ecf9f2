"""Fixes as receivers write them, without those that cannot be.

What goes wrong in earnest: a fix beside the way with an accuracy that says so; one that leaps
hundreds of metres and comes back; fixes in the wrong order or twice; a clock that stands at 1901
or runs ahead; a pause in which the owner went home; a stretch in a car, from which nothing is seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

WORST = 50.0  # metres of accuracy; a worse fix says nothing about a lane
FASTEST = 12.0  # m/s between two fixes; faster is a leap of the receiver
ON_FOOT = 6.0  # m/s over half a minute: a bicycle; faster sees nothing
OVER = 30.0  # seconds over which speed is judged
PAUSE = 180.0  # seconds without a fix, and
GAP = 150.0  # metres between two: there the walk is cut, for nobody knows what lies between
STRAY = 25.0  # metres two good fixes may lie apart by noise alone
AHEAD = 600.0  # seconds a clock may run ahead
TRUSTED = 0.9  # share of times that can be, below which the clock is not believed at all
FIRST = 1_167_609_600.0  # 2007-01-01: before, nobody recorded walks with a telephone
LOOK = 3  # fixes after a leap in which the receiver may come back

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Fixes:
    """Places and moments of a recording, in its order.

    Attributes:
        xy: (n, 2) metres.
        at: (n,) seconds since 1970 UTC; nan where the recording has no time.
        accuracy: (n,) metres; nan where the receiver does not say.
    """

    xy: Floats
    at: Floats
    accuracy: Floats

    def __len__(self) -> int:
        return len(self.xy)

    def __getitem__(self, chosen: slice | npt.NDArray[np.bool_ | np.int64]) -> Fixes:
        """The fixes chosen by a slice, a mask or places."""
        return Fixes(self.xy[chosen], self.at[chosen], self.accuracy[chosen])


@dataclass(frozen=True)
class Cleaned:
    """What is left of a recording.

    Attributes:
        parts: pieces without a pause, each of two fixes or more.
        dropped: how many fixes were left out, by reason: ``nowhere``, ``inaccurate``, ``untrue``
            (its time cannot be), ``doubled``, ``leap``, ``driven``, ``alone``.
        clock: ``good``, ``none`` (no times at all), or ``wrong`` (most times cannot be).
    """

    parts: list[Fixes]
    dropped: dict[str, int] = field(default_factory=dict)
    clock: str = "good"


def clean(fixes: Fixes, *, now: float) -> Cleaned:
    """Return the pieces of a recording that can be believed.

    Args:
        fixes: as recorded.
        now: seconds since 1970 UTC; what lies after it was recorded with a wrong clock.
    """
    dropped: dict[str, int] = {}

    def keep(left: Fixes, good: npt.NDArray[np.bool_], why: str) -> Fixes:
        lost = int(len(good) - good.sum())
        if lost:
            dropped[why] = dropped.get(why, 0) + lost
        return left[good]

    left = keep(fixes, np.isfinite(fixes.xy.sum(axis=1)), "nowhere")
    left = keep(left, np.isnan(left.accuracy) | (left.accuracy <= WORST), "inaccurate")
    timed, clock = _timed(left, now)
    if untrue := len(left) - sum(map(len, timed)):
        dropped["untrue"] = untrue
    parts = []
    for one in timed:
        single = keep(one, _first_of_each(one), "doubled")
        for whole in _unbroken(single):
            steady = keep(whole, ~_leaps(whole), "leap")
            for piece in _unbroken(steady):
                slow = ~_driven(piece)
                keep(piece, slow, "driven")
                parts += [piece[run] for run in _runs(slow)]
    alone = sum(len(part) for part in parts if len(part) < 2)  # noqa: PLR2004 - a way has two ends
    if alone:
        dropped["alone"] = alone
    return Cleaned([part for part in parts if len(part) > 1], dropped, clock)


def _timed(fixes: Fixes, now: float) -> tuple[list[Fixes], str]:
    """Put fixes in the order of their clock, or take its times away where it cannot be right.

    Those without a time in a recording that has times are a recording of their own.
    """
    known = ~np.isnan(fixes.at)
    if not known.any():
        return [fixes], "none"
    believed = (fixes.at >= FIRST) & (fixes.at <= now + AHEAD)
    if believed.sum() < TRUSTED * known.sum():
        return [Fixes(fixes.xy, np.full(len(fixes), np.nan), fixes.accuracy)], "wrong"
    good, rest = fixes[believed], fixes[~known]
    return [good[np.argsort(good.at, kind="stable")], rest], "good"


def _first_of_each(fixes: Fixes) -> npt.NDArray[np.bool_]:
    """Of fixes of the same second at which nothing moved, and of the same moment, the first."""
    first = np.ones(len(fixes), dtype=bool)
    still = (np.diff(fixes.xy, axis=0) == 0).all(axis=1)
    first[1:] = ~((np.diff(fixes.at) == 0) | (still & np.isnan(fixes.at[1:])))
    return first


def _unbroken(fixes: Fixes) -> Iterator[Fixes]:
    """Pieces between which neither a long time nor a long way lies."""
    if not len(fixes):
        return
    # Comparing with nan is false: without times only the way counts.
    far = np.hypot(*np.diff(fixes.xy, axis=0).T) > GAP
    late = np.diff(fixes.at) > PAUSE
    leap = _leaps(fixes)
    cuts = [at for at in np.flatnonzero(far | late) + 1 if not (leap[at] or leap[at - 1])]
    for start, end in zip([0, *cuts], [*cuts, len(fixes)], strict=True):
        yield fixes[start:end]


def _leaps(fixes: Fixes) -> npt.NDArray[np.bool_]:
    """Fixes from which the receiver came back: too far from the last good one, the next is not."""
    leap = np.zeros(len(fixes), dtype=bool)
    last = 0
    for here in range(1, len(fixes)):
        if _reachable(fixes, last, here):
            last = here
        elif any(_reachable(fixes, last, then) for then in range(here + 1, here + 1 + LOOK)):
            leap[here] = True
        else:  # it stays there: it was the place before, or nobody knows
            last = here
    return leap


def _reachable(fixes: Fixes, start: int, end: int) -> bool:
    if end >= len(fixes):
        return False
    way = float(np.hypot(*(fixes.xy[end] - fixes.xy[start])))
    took = float(fixes.at[end] - fixes.at[start])
    return way <= (GAP if np.isnan(took) else FASTEST * max(took, 1.0) + STRAY)


def _driven(fixes: Fixes) -> npt.NDArray[np.bool_]:
    """Fixes around which the way of half a minute was too fast to see anything."""
    if len(fixes) < 2 or np.isnan(fixes.at).any():  # noqa: PLR2004 - a way has two ends
        return np.zeros(len(fixes), dtype=bool)
    first = np.searchsorted(fixes.at, fixes.at - OVER / 2)
    last = np.searchsorted(fixes.at, fixes.at + OVER / 2, side="right") - 1
    took = fixes.at[last] - fixes.at[first]
    # From end to end, not along the noise of a receiver that stands still.
    way = np.hypot(*(fixes.xy[last] - fixes.xy[first]).T)
    return np.asarray(way > ON_FOOT * np.maximum(took, 1.0))


def _runs(good: npt.NDArray[np.bool_]) -> Iterator[slice]:
    """The stretches of a mask in which it is true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], good, [False]]).astype(np.int8)))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        yield slice(int(start), int(end))
