"""Stems of names heard in a sentence: whole, in part, or misspelled, many stems at a time.

A stem is aligned with the sentence sign by sign; a sign may be the right one, sound like it, or be
missing. It is a Smith-Waterman alignment that must account for the whole stem: what is not heard
costs, more if it is not one of the common ends. All stems that could be heard at all are aligned
together, a row of numbers for each, for a sheet has hundreds of sentences and a city some 1,500
stems.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pypinyin import Style, lazy_pinyin

LEAST = 0.6  # of a stem must be heard
SHORTEST = 2  # signs of a stem that is listened for
# Sums of weights in tenths are not exact in binary; nothing that differs is nearer than this.
EXACT = 1e-9

# Ends of names that people leave out: they weigh little.
COMMON = frozenset("小区花园新村大厦广场市场楼院苑公寓中心步行街路巷弄里坊南北东西幢栋号的社")
NUMERALS = frozenset("一二三四五六七八九十")
LIGHT, HEAVY = 0.35, 1.0
SAME, ALIKE, NEARLY, OTHER = 1.0, 0.75, 0.5, -0.6
WRONG_NUMBER = -2.0  # 三巷 is not 二巷, however much alike
NOT_SAID, LIGHT_NOT_SAID, TOO_MANY = -0.45, -0.1, -0.5
SOUND_ALIKE = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("h", "f"))
NEAR_ENDS = (("ing", "in"), ("eng", "en"), ("ang", "an"))

Numbers = NDArray[np.float64]
Ids = NDArray[np.intp]


@dataclass(frozen=True)
class Heard:
    """A stem and how well it was heard: 0 to 1, how much of it, and where it ended."""

    stem: str
    share: float
    weight: float
    end: int


@lru_cache(maxsize=8_000)
def _sound(sign: str) -> str:
    return str(lazy_pinyin(sign, style=Style.NORMAL)[0])


@lru_cache(maxsize=8_000)
def _rough(sign: str) -> str:
    """The sound as it is heard in the south: zh is z, n is l, ing is in."""
    sound = _sound(sign)
    for one, other in SOUND_ALIKE:
        if sound.startswith(one):
            sound = other + sound[len(one) :]
            break
    for one, other in NEAR_ENDS:
        if sound.endswith(one):
            return sound[: -len(one)] + other
    return sound


def _weights(stem: str) -> list[float]:
    """How much each sign of a stem counts: what many names end with, little."""
    weights = [HEAVY] * len(stem)
    for at in range(len(stem) - 1, 1, -1):
        if stem[at] not in COMMON:
            break
        weights[at] = LIGHT
    return weights


def _unsaid(sign: str, weight: float) -> float:
    """What it costs that a sign of a stem is not said."""
    if weight == LIGHT:
        return LIGHT_NOT_SAID
    return WRONG_NUMBER if sign in NUMERALS else NOT_SAID


class Signs:
    """The signs of all stems by number, with what each sounds like; 0 is any other sign."""

    def __init__(self, signs: Iterable[str]) -> None:
        self.ids = {sign: at for at, sign in enumerate(dict.fromkeys(signs), start=1)}
        self._sounds: dict[str, int] = {}
        self.sound = np.array([0, *(self._id(_sound(sign)) for sign in self.ids)])
        self.rough = np.array([0, *(self._id(_rough(sign)) for sign in self.ids)])
        self.number = np.array([False, *(one in NUMERALS or one.isdigit() for one in self.ids)])

    def _id(self, sound: str) -> int:
        return self._sounds.setdefault(sound, len(self._sounds) + 1)

    def alike(self, sentence: str) -> Likeness:
        """Return how like each sign, by number, every sign of a sentence is."""
        sign, sound, rough = (
            np.array(said, dtype=np.intp)
            for said in (
                [self.ids.get(one, -1) for one in sentence],
                [self._sounds.get(_sound(one), -1) for one in sentence],
                [self._sounds.get(_rough(one), -1) for one in sentence],
            )
        )
        nearly = self.rough[:, None] == rough
        like = np.where(nearly, NEARLY, OTHER)
        like[self.sound[:, None] == sound] = ALIKE
        like[self.number] = WRONG_NUMBER
        like[np.arange(len(self.sound))[:, None] == sign] = SAME
        return Likeness(like, nearly.any(axis=1))


class Likeness(NamedTuple):
    """A row for each sign of the stems: how like the signs of a sentence are, and if any nearly."""

    of: Numbers
    nearly: NDArray[np.bool_]


class Stems:
    """The stems of all names of a city, made ready once to be heard in many sentences.

    One row a stem, the longest first, and one column a sign; shorter rows end in signs of number 0
    and of no weight.
    """

    def __init__(self, stems: Iterable[str]) -> None:
        self.stems = sorted((stem for stem in stems if len(stem) >= SHORTEST), key=len)[::-1]
        self._signs = Signs(sign for stem in self.stems for sign in stem)
        self._length = np.array([len(stem) for stem in self.stems], dtype=np.intp)
        shape = len(self.stems), max(self._length, default=0)
        self._sign, self._first = np.zeros(shape, dtype=np.intp), np.zeros(shape, dtype=np.bool_)
        self._weight, self._unsaid = np.zeros(shape), np.zeros(shape)
        for row, stem in enumerate(self.stems):
            self._write(row, stem)
        self._whole = self._weight.sum(axis=1)
        # One sound alone, however often a stem has it, speaks of no name.
        self._differing = np.minimum(2, self._first.sum(axis=1))

    def _write(self, row: int, stem: str) -> None:
        here, weights = slice(len(stem)), _weights(stem)
        roughs = [_rough(sign) for sign in stem]
        self._sign[row, here] = [self._signs.ids[sign] for sign in stem]
        self._first[row, here] = [rough not in roughs[:at] for at, rough in enumerate(roughs)]
        self._weight[row, here] = weights
        self._unsaid[row, here] = [_unsaid(*pair) for pair in zip(stem, weights, strict=True)]

    def heard(self, sentence: str) -> list[Heard]:
        """Return the stems that a plain sentence speaks of, the surest first."""
        if not self.stems or not sentence:
            return []
        like = self._signs.alike(sentence)
        rows = self._possible(like)
        weight, end = self._aligned(rows, like.of)
        share = weight / self._whole[rows]
        found = [
            Heard(self.stems[rows[at]], min(float(share[at]), 1.0), float(weight[at]), int(end[at]))
            for at in np.flatnonzero(share >= LEAST - EXACT)
        ]
        return sorted(found, key=lambda one: (-one.weight * one.share, one.stem))

    def _possible(self, like: Likeness) -> Ids:
        """Return the rows that would be heard if the signs said stood in the best order."""
        best = self._weight * like.of.max(axis=1)[self._sign]
        most = np.maximum(best, self._unsaid).sum(axis=1)
        differing = (like.nearly[self._sign] & self._first).sum(axis=1)
        enough = most >= LEAST * self._whole - EXACT
        return np.flatnonzero(enough & (differing >= self._differing))

    def _aligned(self, rows: Ids, like: Numbers) -> tuple[Numbers, Ids]:
        """Return how much weight of each stem is heard in one stretch, and where it ends."""
        signs = like.shape[1]
        steps = -TOO_MANY * np.arange(signs + 1)
        before = np.zeros((len(rows), signs + 1))
        for at in range(max(self._length[rows], default=0)):
            going = rows[self._length[rows] > at]  # the first ones, for the longest come first
            sofar = before[: len(going)]
            row = sofar + self._unsaid[going, at, None]
            said = sofar[:, :-1] + self._weight[going, at, None] * like[self._sign[going, at]]
            np.maximum(row[:, 1:], said, out=row[:, 1:])
            # A sign too many costs the same everywhere: what came before is a running maximum.
            before[: len(going)] = np.maximum.accumulate(row + steps, axis=1) - steps
        before = before.round(9)
        end = before.argmax(axis=1)
        return before[np.arange(len(rows)), end], end
