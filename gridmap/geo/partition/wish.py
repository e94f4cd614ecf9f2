"""What is asked of a proposal, and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from gridmap.geo.fabric.model import Ints


class Mode(StrEnum):
    """How much of what is there may change."""

    FRESH = "fresh"
    MINIMAL_CHANGE = "minimal_change"


@dataclass(frozen=True)
class Wish:
    """What is asked of a proposal.

    Attributes:
        target: households of a good cell.
        band: fewest and most households of a cell.
        mode: from scratch, or as little as brings every cell into the band.
        locked: cells, by their numbers now, that keep exactly the units they have. A proposal for
            a selection of cells locks all others.
        pins: places of units that stay in the cell they are in now.
        seed: the same seed gives the same plan, on every machine.
        effort: rounds of further search after a good plan is found; rounds, not seconds, because
            seconds would make the plan depend on the machine.
    """

    target: int = 400
    band: tuple[int, int] = (300, 500)
    mode: Mode = Mode.FRESH
    locked: frozenset[int] = frozenset()
    pins: frozenset[int] = frozenset()
    seed: int = 1
    effort: int = 0


@dataclass(frozen=True)
class Finding:
    """Why a cell cannot be as it was asked for.

    Attributes:
        code: ``unit_over_band`` (one building holds more than a cell may), ``part_under_band`` (an
            island with too few households for a cell), ``no_number_fits`` (no number of cells
            brings the mean into the band), ``pins_apart`` (pinned units of one cell do not hang
            together), ``out_of_band`` (search did not bring the cell in), ``fewer_cells``.
        units: places of the units it is about.
        cells: numbers of the cells it is about.
        households: how many it is about.
    """

    code: str
    units: tuple[int, ...] = ()
    cells: tuple[int, ...] = ()
    households: int = 0


@dataclass(frozen=True)
class Move:
    """Units that change cell together, and why.

    Attributes:
        from_cell: number of the cell they leave; -1 if they were in none.
        to_cell: number of the cell they come to.
        units: their places.
        households: of them all.
        why: ``from_over_band``, ``to_under_band``, ``unassigned``, ``apart`` (they did not hang
            together with their cell), ``passing_on`` (to make room further on), ``shape``.
    """

    from_cell: int
    to_cell: int
    units: tuple[int, ...]
    households: int
    why: str


@dataclass(frozen=True)
class Step:
    """How far a proposal is.

    Attributes:
        done: from 0 to 1.
        cells: how many there are.
        in_band: how many of them are in the band.
        within_tenth: how many are within a tenth of the target.
    """

    done: float
    cells: int
    in_band: int
    within_tenth: int


@dataclass(frozen=True, eq=False)
class Proposal:
    """A plan that is proposed.

    Attributes:
        labels: number of the cell of each unit.
        findings: why some cells are not as asked for.
        moved: what changes against the plan in hand, empty if there was none.
        history: how it came about.
    """

    labels: Ints
    findings: tuple[Finding, ...] = ()
    moved: tuple[Move, ...] = ()
    history: tuple[Step, ...] = field(default=())


class CancelledError(Exception):
    """The one who asked does not want the proposal any more."""


@dataclass(frozen=True)
class Watch:
    """Who looks on while a proposal is worked out.

    Attributes:
        progress: told of every step.
        cancelled: asked between steps whether to stop.
    """

    progress: Callable[[Step], None] = lambda _step: None
    cancelled: Callable[[], bool] = lambda: False
