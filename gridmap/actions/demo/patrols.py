"""Ninety days of visits to the demo's stretches and entrances."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random

from django.utils import timezone

from gridmap.actions.demo.names import pick
from gridmap.actions.demo.stage import Spot, Stage
from gridmap.layers.patrols import Visit

DAYS = 90
# Shares of the places that were never seen, that are over their interval, that are due today.
NEVER, OVERDUE, DUE = 0.025, 0.1, 0.05
SOURCES = {
    "stretch": {"track": 0.5, "tap": 0.38, "paper": 0.12},
    "entrance": {"qr": 0.6, "tap": 0.28, "paper": 0.12},
}
NOTED = 0.02
NOTES = (
    "路灯不亮，已登记", "楼道堆物，已劝导", "井盖松动，已登记", "电动车停在楼道，已劝导",
    "门禁坏了，已告知物业", "积水，已告知环卫",
)  # fmt: skip
# Rounds begin at these hours: most in the evening, some before work.
ROUNDS = {"19": 5, "20": 3, "8": 2, "9": 1, "16": 1}
ROUND_MINUTES = 75
BEHIND = 0.5  # how much of a place's lateness is its team's, the rest being chance


def load_visits(stage: Stage) -> None:
    """Write the visits of the last ninety days, oldest first."""
    stage.begin("visits")
    rounds = Rounds(stage)
    rows: list[tuple[object, ...]] = []
    for spots in (stage.stretches, stage.entrances):
        rows += rounds.visits([spot for spot in spots if spot.cell is not None])
    rows.sort(key=_when)
    stage.write(Visit, "city_id team_id stretch_id entrance_id at source note", rows)


def _when(row: tuple[object, ...]) -> datetime:
    at = row[4]
    if not isinstance(at, datetime):
        raise TypeError(at)
    return at


def last_seen(interval: int, standing: str, dice: Random) -> int:
    """Return how many days ago a place was last seen that stands so: overdue, due or fresh."""
    if standing == "overdue":
        return min(DAYS - 1, interval + dice.randint(1, max(2, interval)))
    return interval if standing == "due" else dice.randint(0, interval - 1)


class Rounds:
    """The rounds the teams made, and what each place's last visit tells of them."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.dice = stage.dice("visits")
        today = timezone.localtime(stage.now)
        self.midnight = today.replace(hour=0, minute=0, second=0, microsecond=0)
        self.behind = {cell: self.dice.random() for cell in sorted(stage.patrols)}
        self.begun: dict[tuple[int, int], int] = {}

    def visits(self, spots: Sequence[Spot]) -> Iterator[tuple[object, ...]]:
        """Yield the visits to these places; shares of standings are exact."""
        for spot, standing in zip(spots, self._standings(spots), strict=True):
            if standing == "never":
                continue
            day = last_seen(spot.interval_days, standing, self.dice)
            while day < DAYS:
                yield self._visit(spot, day)
                day += max(1, round(spot.interval_days * self.dice.uniform(0.5, 1.15)))

    def _standings(self, spots: Sequence[Spot]) -> list[str]:
        """Deal the standings: what is late lies close together, for a cell's team is behind."""
        dice = self.dice
        order = sorted(
            range(len(spots)),
            key=lambda i: self.behind.get(spots[i].cell or 0, 0.5) * BEHIND + dice.random(),
            reverse=True,
        )
        standings = ["fresh"] * len(spots)
        late = max(1, round(len(spots) * OVERDUE))
        due = max(1, round(len(spots) * DUE))
        for place, standing in ((slice(0, late), "overdue"), (slice(late, late + due), "due")):
            for i in order[place]:
                standings[i] = standing
        fresh = [i for i in order if standings[i] == "fresh"]
        for i in dice.sample(fresh, min(len(fresh), max(1, round(len(spots) * NEVER)))):
            standings[i] = "never"
        return standings

    def _visit(self, spot: Spot, days_ago: int) -> tuple[object, ...]:
        dice = self.dice
        return (
            self.stage.city.pk,
            self.stage.patrols.get(spot.cell or 0),
            spot.id if spot.kind == "stretch" else None,
            spot.id if spot.kind == "entrance" else None,
            self._moment(spot.cell or 0, days_ago),
            pick(dice, SOURCES[spot.kind]),
            dice.choice(NOTES) if dice.random() < NOTED else "",
        )

    def _moment(self, cell: int, days_ago: int) -> datetime:
        if days_ago == 0:
            passed = (self.stage.now - self.midnight).total_seconds()
            return self.stage.now - timedelta(seconds=self.dice.uniform(0, min(passed, 4 * 3600)))
        hour = self.begun.setdefault((cell, days_ago), int(pick(self.dice, ROUNDS)))
        minutes = hour * 60 + self.dice.uniform(0, ROUND_MINUTES)
        return self.midnight - timedelta(days=days_ago) + timedelta(minutes=minutes)
