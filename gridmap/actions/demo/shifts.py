"""The demo's segments, one for each cell of a patrol team, and the shifts of three weeks."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from string import ascii_uppercase

from django.utils import timezone

from gridmap.actions.demo.stage import Stage
from gridmap.layers.shifts import Segment, SegmentStretch, Shift, ShiftSegment

DAYS = range(-7, 14)
EVERY = 3  # a team goes out on every third evening
HOUR, HOURS = 19, 2


def load_shifts(stage: Stage) -> None:
    """Write segments and shifts; what is over was walked."""
    stage.begin("shifts")
    cells: dict[int, list[int]] = defaultdict(list)
    there = {spot.cell for spot in stage.stretches}
    for cell, team in sorted(stage.patrols.items()):
        if cell not in there:
            continue
        cells[team].append(cell)
    named = [
        (team, letter, cell)
        for team, held in cells.items()
        for letter, cell in zip(ascii_uppercase, held, strict=False)
    ]
    keys = stage.write(
        Segment,
        "team_id letter name began_at",
        [(team, letter, "", stage.now) for team, letter, _ in named],
    )
    of_cell = {cell: key for key, (_, _, cell) in zip(keys, named, strict=True)}
    stage.write(
        SegmentStretch,
        "segment_id stretch_id",
        [(of_cell[spot.cell], spot.id) for spot in stage.stretches if spot.cell in of_cell],
    )
    _write_shifts(
        stage, {team: [of_cell[c] for c in held if c in of_cell] for team, held in cells.items()}
    )


def _write_shifts(stage: Stage, segments: dict[int, list[int]]) -> None:
    dice = stage.dice("shifts")
    midnight = timezone.localtime(stage.now).replace(hour=0, minute=0, second=0, microsecond=0)
    rows: list[tuple[object, ...]] = []
    walked: list[list[int]] = []
    for place, (team, held) in enumerate(segments.items()):
        for day in DAYS:
            if (day + place) % EVERY:
                continue
            starts = midnight + timedelta(days=day, hours=HOUR, minutes=30 * (place % 3))
            rows.append(_shift(team, starts, starts + timedelta(hours=HOURS), stage.now))
            walked.append(sorted(dice.sample(held, min(3, len(held)))))
    columns = "team_id starts ends meeting wanted state started_at ended_at why"
    keys = stage.write(Shift, columns, rows)
    stage.write(
        ShiftSegment,
        "shift_id segment_id",
        [(key, one) for key, some in zip(keys, walked, strict=True) for one in some],
    )


def _shift(team: int, starts: datetime, ends: datetime, now: datetime) -> tuple[object, ...]:
    words = ("社区服务站门口", 4)
    if ends < now:
        return (team, starts, ends, *words, "done", starts, ends, "")
    if starts < now:
        return (team, starts, ends, *words, "active", starts, None, "")
    return (team, starts, ends, *words, "scheduled", None, None, "")
