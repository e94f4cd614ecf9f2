"""How a rate went from period to period: each point is the figure of that period as it was then."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

from gridmap.layers.evaluation import Figure, Rate, figure
from gridmap.layers.facts import Fact, Period, micro, read, take
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City

BEGINS = itemgetter(3)  # of what a step tells


class Point(NamedTuple):
    """A period and its figure."""

    period: Period
    figure: Figure


def course(
    scope: Scope,
    city: City,
    rate: Rate,
    periods: Sequence[Period],
    *,
    of: Callable[[Fact], bool],
    left_out: Mapping[str, frozenset[int]],
) -> list[Point]:
    """Return the figures of periods that follow each other, oldest first.

    The steps are read once and let happen in their order; at the end of each period it is counted
    what had happened by then, which is what `facts_of` of that period alone would tell.

    Args:
        scope: the caller's.
        city: whose incidents.
        rate: which rate.
        periods: without a gap, oldest first.
        of: which facts count, as to a department or a community.
        left_out: by rate, incidents whose contest was upheld.
    """
    if not periods:
        return []
    found, told = read(scope, city, Period(periods[0].since, periods[-1].until))
    steps = sorted(told, key=BEGINS)  # stable: of one incident in their order
    points, at = [], 0
    begun: dict[int, Fact] = {}
    for period in periods:
        end = bisect_left(steps, micro(period.until), at, key=BEGINS)
        for step in steps[at:end]:
            fact = begun.setdefault(step[0], found[step[0]])
            take(fact, step)
        at = end
        mine = [fact for fact in begun.values() if of(fact)]
        points.append(
            Point(period, figure(rate, mine, period, left_out.get(rate.key, frozenset())))
        )
    return points
