"""The shapes of city M: a warped quilt of cells, exact along every border, with buildings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

SIDE = 100  # cells along each side of the city
PITCH = 230.0  # metres from cell to cell
WARP = 30.0  # metres by which a corner strays
RIPPLE = 4.0  # metres by which the line between two corners strays
STEPS = 8  # pieces of a line between two corners
BUILDINGS = 40  # in a cell
ROWS = 7  # a cell's buildings stand in 7 rows of 6, two places stay empty
ORIGIN = (117.5, 26.1)
METRE_E = 1 / (111_320 * np.cos(np.radians(26.2)))  # degrees
METRE_N = 1 / 110_574

Floats = npt.NDArray[np.float64]
Shapes = npt.NDArray[np.object_]


def degrees(metres: Floats) -> Floats:
    """Return (…, 2) metres east and north of the origin as degrees, 7 decimals like our data."""
    scale = np.array([METRE_E, METRE_N])
    found: Floats = np.round(metres * scale + np.array(ORIGIN), 7)
    return found


def _shapes(found: Any) -> Shapes:
    """Name the type of what a library without types has made."""
    return np.asarray(found, dtype=np.object_)


@dataclass
class Quilt:
    """Corners and the lines between them; what shares a border shares its points.

    Attributes:
        east: (rows + 1, columns, STEPS + 1, 2) lines that run east, metres.
        north: (rows, columns + 1, STEPS + 1, 2) lines that run north, metres.
    """

    seed: int
    east: Floats = field(init=False)
    north: Floats = field(init=False)

    def __post_init__(self) -> None:
        dice = np.random.default_rng(self.seed)
        row, column = np.mgrid[0 : SIDE + 1, 0 : SIDE + 1]
        corners = np.stack([column, row], axis=-1) * PITCH
        corners = corners + dice.uniform(-WARP, WARP, corners.shape)
        self.east = _rippled(corners[:, :-1], corners[:, 1:], dice)
        self.north = _rippled(corners[:-1], corners[1:], dice)

    def blocks(self, size: int) -> Shapes:
        """Return square blocks of ``size`` by ``size`` cells as polygons in degrees, row by row."""
        rings = [
            self._ring(row, column, size)
            for row in range(0, SIDE, size)
            for column in range(0, SIDE, size)
        ]
        return _shapes(shapely.polygons(rings))

    def _ring(self, row: int, column: int, size: int) -> Floats:
        south = self.east[row, column : column + size, :-1].reshape(-1, 2)
        east = self.north[row : row + size, column + size, :-1].reshape(-1, 2)
        north = self.east[row + size, column : column + size, 1:].reshape(-1, 2)[::-1]
        west = self.north[row : row + size, column, 1:].reshape(-1, 2)[::-1]
        ring = np.concatenate([south, east, north, west])
        return degrees(np.concatenate([ring, ring[:1]]))

    def lanes(self) -> Shapes:
        """Return the line on the west side of each cell, in degrees, row by row."""
        return _shapes(shapely.linestrings(degrees(self.north[:, :-1].reshape(-1, STEPS + 1, 2))))

    def streets(self, every: int) -> Shapes:
        """Return the lines right across the city, north of every so many rows, in degrees."""
        lines = [self.east[row].reshape(-1, 2)[:: STEPS // 2] for row in range(0, SIDE, every)]
        return _shapes(shapely.linestrings([degrees(line) for line in lines]))


def _rippled(start: Floats, end: Floats, dice: np.random.Generator) -> Floats:
    along = np.linspace(0, 1, STEPS + 1)[:, None]
    lines = start[..., None, :] * (1 - along) + end[..., None, :] * along
    stray = dice.uniform(-RIPPLE, RIPPLE, lines.shape)
    stray[..., [0, -1], :] = 0
    return lines + stray


def buildings(seed: int) -> Shapes:
    """Return BUILDINGS of each cell as polygons in degrees, cell by cell: four or six corners."""
    dice = np.random.default_rng(seed)
    cells = SIDE * SIDE
    slot = np.arange(BUILDINGS)
    room = PITCH - 2 * WARP - 2 * RIPPLE - 22
    local = np.stack([slot % 6 / 5 * room, slot // 6 / (ROWS - 1) * room], axis=-1)
    row, column = np.divmod(np.arange(cells), SIDE)
    corner = np.stack([column, row], axis=-1) * PITCH + WARP + RIPPLE + 11
    centre = (corner[:, None] + local).reshape(-1, 2)
    half = dice.uniform(4.5, 8.5, (len(centre), 2))
    turn = dice.uniform(-0.3, 0.3, len(centre))
    # Corners in halves of the sides; an L has a notch, a box repeats its corner instead.
    notch = np.where(dice.random(len(centre)) < 1 / 3, 0.2, 1.0)
    ones = np.ones_like(notch)
    x = np.stack([-ones, ones, ones, notch, notch, -ones], axis=-1) * half[:, :1]
    y = np.stack([-ones, -ones, notch, notch, ones, ones], axis=-1) * half[:, 1:]
    cos, sin = np.cos(turn)[:, None], np.sin(turn)[:, None]
    ring = np.stack([x * cos - y * sin, x * sin + y * cos], axis=-1) + centre[:, None]
    ring = degrees(np.concatenate([ring, ring[:, :1]], axis=1))
    return _shapes(shapely.remove_repeated_points(shapely.polygons(ring)))
