"""What can be worked out of published tables: linear algebra in exact numbers, and bounds.

Knows nothing of how figures are hidden. Figures are unknowns; what is published and how sums are
made are equations between them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping
from fractions import Fraction

Equation = tuple[dict[Hashable, Fraction], Fraction]  # coefficients of unknowns, and their sum
Bounds = dict[Hashable, tuple[int, int | None]]
ROUNDS = 500


class Attack:
    """Equations collected from every table somebody can lay hands on."""

    def __init__(self) -> None:
        self.known: dict[Hashable, int] = {}
        self._equations: list[dict[Hashable, int]] = []
        self.unknown: set[Hashable] = set()
        self._least: dict[Hashable, int] = {}

    def published(self, what: Hashable, figure: int | None, *, least: int = 1) -> None:
        """Take in a figure of a table; None: it is not shown, but is known not to be less."""
        if figure is None:
            self.unknown.add(what)
            self._least[what] = max(least, self._least.get(what, 0))
        else:
            assert self.known.setdefault(what, figure) == figure, f"{what} is told in two ways"

    def adds_up(self, whole: Hashable, parts: list[Hashable]) -> None:
        """Take in that a figure is the sum of others; what nobody told is unknown too."""
        self._equations.append({whole: -1, **dict.fromkeys(parts, 1)})
        self.unknown |= {whole, *parts}

    def _left(self) -> list[Equation]:
        """The equations with what is known put in."""
        left = []
        for equation in self._equations:
            open_ones = {x: Fraction(a) for x, a in equation.items() if x not in self.known}
            told = sum(a * self.known[x] for x, a in equation.items() if x in self.known)
            if open_ones:
                left.append((open_ones, Fraction(-told)))
            else:
                assert told == 0, "the tables contradict one another"
        return left

    def reduced(self) -> list[Equation]:
        """The equations in reduced row echelon form."""
        done: list[tuple[Hashable, dict[Hashable, Fraction], Fraction]] = []
        for fresh, told in self._left():
            row, total = fresh, told
            for lead, other, other_total in done:
                row, total = _without(row, total, lead, (other, other_total))
            if not row:
                assert total == 0, "the tables contradict one another"
                continue
            lead = next(iter(row))
            scale = row[lead]
            scaled = ({x: a / scale for x, a in row.items()}, total / scale)
            done = [(at, *_without(other, t, lead, scaled)) for at, other, t in done]
            done.append((lead, *scaled))
        return [(row, total) for _, row, total in done]

    def solved(self) -> dict[Hashable, Fraction]:
        """What the equations alone determine."""
        return {next(iter(row)): total for row, total in self.reduced() if len(row) == 1}

    def bounds(self) -> Bounds:
        """Between which whole numbers each hidden figure must lie.

        Every equation narrows each of its unknowns by what the others can be, until nothing moves.
        Where no two equations share more than one unknown around a ring, as in a hierarchy, that
        is all there is to know.
        """
        unknown = self.unknown - self.known.keys()
        low = {x: Fraction(self._least.get(x, 0)) for x in unknown}
        high: dict[Hashable, Fraction | None] = dict.fromkeys(unknown, None)
        rows = [*self._left(), *self.reduced()]
        for _ in range(ROUNDS):
            before = (dict(low), dict(high))
            for row, total in rows:
                _narrow(row, total, low, high)
            if before == (low, high):
                break
        found: Bounds = {}
        for x in unknown:
            most = high[x]
            found[x] = (int(low[x]), None if most is None else int(most))
        for x, value in self.solved().items():
            found[x] = (int(value), int(value))
        return found


def _without(
    row: dict[Hashable, Fraction], total: Fraction, lead: Hashable, other: Equation
) -> Equation:
    """The row less as much of the other as brings the leading unknown to nought."""
    factor = row.get(lead)
    if not factor:
        return row, total
    made = dict(row)
    for x, a in other[0].items():
        made[x] = made.get(x, Fraction(0)) - factor * a
    return {x: a for x, a in made.items() if a}, total - factor * other[1]


def _narrow(
    row: dict[Hashable, Fraction], total: Fraction,
    low: dict[Hashable, Fraction], high: dict[Hashable, Fraction | None],
) -> None:  # fmt: skip
    for x, a in row.items():
        least: Fraction | None = total
        most: Fraction | None = total
        for y, b in row.items():
            if y == x:
                continue
            small, large = (low[y], high[y]) if b > 0 else (high[y], low[y])
            most = None if most is None or small is None else most - b * small
            least = None if least is None or large is None else least - b * large
        if a < 0:
            least, most = most, least
        if least is not None:
            low[x] = max(low[x], least / a)
        if most is not None:
            limit = most / a
            known = high[x]
            high[x] = limit if known is None else min(known, limit)


def determined(parents: Mapping[str, str | None], table: Mapping[str, int | None]) -> Bounds:
    """Attack one table of a hierarchy."""
    attack = Attack()
    parts: defaultdict[str, list[Hashable]] = defaultdict(list)
    for node, parent in parents.items():
        attack.published(node, table[node])
        if parent is not None:
            parts[parent].append(node)
    for whole, under in parts.items():
        attack.adds_up(whole, under)
    return {x: found for x, found in attack.bounds().items() if x not in attack.known}
