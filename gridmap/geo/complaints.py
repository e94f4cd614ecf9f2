"""Which kind of matter a sentence tells of: everyday words, and the kinds they stand for.

The words are data (``complaints.json``): ``category`` are pieces of the names that the categories
of a city may bear, ``words`` what people say. A category of another name is found by its own name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TypedDict

MOST = 3
LEAST = 2  # signs of a name that stand in the sentence as they are


class Words(TypedDict):
    """One row of the table."""

    category: list[str]
    words: list[str]


@cache
def table() -> tuple[Words, ...]:
    """Return the table of everyday words."""
    path = Path(__file__).with_name("complaints.json")
    return tuple(json.loads(path.read_text(encoding="utf-8")))


def _common(one: str, other: str) -> int:
    """Length of the longest run of signs that both hold."""
    for length in range(min(len(one), len(other)), 0, -1):
        if any(one[at : at + length] in other for at in range(len(one) - length + 1)):
            return length
    return 0


def likeness(sentence: str, category: str) -> float:
    """Return how likely a sentence tells of a category; 0: nothing speaks for it."""
    spoken = [
        len(word) + 0.1 * len(row["words"][0])
        for row in table()
        if any(piece in category for piece in row["category"])
        for word in row["words"]
        if word in sentence
    ]
    own = _common(category, sentence)
    return sum(spoken) + (own if own >= LEAST else 0)


def likeliest(sentence: str, categories: Iterable[str], *, most: int = MOST) -> list[str]:
    """Return the categories a sentence tells of, the likeliest first."""
    scores = {name: likeness(sentence, name) for name in categories}
    found = sorted((name for name in scores if scores[name]), key=lambda name: -scores[name])
    return found[:most]
