"""All stems aligned at once are heard as each is alone, written out sign by sign."""

import json
import random
from functools import cache
from pathlib import Path

import pytest

from gridmap.geo import hearing
from gridmap.geo.hearing import Stems
from gridmap.geo.mentions import parts, plain

HERE = Path(__file__).resolve().parent
FIXTURES = HERE.parent.parent / "fixtures/geojson"


@cache
def stems() -> list[str]:
    """Some hundred of the demo town, and a few that are hard."""
    found = {"阳光城小区", "台台巷", "三巷", "二十三巷", "巷", "小区", "ab", "步行街"}
    for layer in ("lanes", "streets", "buildings"):
        text = (FIXTURES / f"{layer}.geojson").read_text(encoding="utf-8")
        found |= {parts(row["properties"]["name"])[0] for row in json.loads(text)["features"]}
    return random.Random(5).sample(sorted(found - {""}), k=300)


def likeness(said: str, meant: str) -> float:
    if said == meant:
        return 1.0
    if meant in hearing.NUMERALS or meant.isdigit():
        return -2.0
    if hearing._sound(said) == hearing._sound(meant):
        return 0.75
    return 0.5 if hearing._rough(said) == hearing._rough(meant) else -0.6


def aligned(text: str, stem: str) -> tuple[float, int]:
    """Return how much of one stem is heard in one text and where it ends: sign by sign."""
    before = [0.0] * (len(text) + 1)
    for meant, weight in zip(stem, hearing._weights(stem), strict=True):
        missing = hearing._unsaid(meant, weight)
        row = [before[0] + missing]
        for at, said in enumerate(text, start=1):
            spoken = before[at - 1] + weight * likeness(said, meant)
            row.append(max(spoken, before[at] + missing, row[at - 1] - 0.5))
        before = row
    best = max(range(len(before)), key=lambda at: (round(before[at], 9), -at))
    return before[best], best


def slowly(text: str) -> dict[str, tuple[float, int]]:
    found = {}
    said = {hearing._rough(sign) for sign in text}
    for stem in stems():
        wanted = {hearing._rough(sign) for sign in stem}
        if len(stem) > 1 and len(wanted & said) >= min(2, len(wanted)):
            weight, end = aligned(text, stem)
            if weight / sum(hearing._weights(stem)) >= hearing.LEAST - 1e-9:
                found[stem] = (round(weight, 6), end)
    return found


def sentences() -> list[str]:
    """What people wrote, and names put together, torn and misspelled."""
    messages = json.loads((HERE / "messages.json").read_text(encoding="utf-8"))
    chance = random.Random(11)
    made = [chance.choice(messages)["text"] for _ in range(15)]
    for _ in range(25):
        signs = list(chance.choice(stems()) + "的" + chance.choice(stems()))
        for _ in range(chance.randrange(3)):
            signs.insert(chance.randrange(len(signs)), chance.choice("三二南巷大阳a1"))
        signs.pop(chance.randrange(len(signs)))
        made.append("".join(signs))
    return [*made, "台台台", "一", "1234567890"]


def test_many_stems_at_once_are_heard_as_each_alone() -> None:
    known = Stems(stems())
    heard = 0
    for text in map(plain, sentences()):
        found = {one.stem: (round(one.weight, 6), one.end) for one in known.heard(text)}
        assert found == slowly(text), text
        heard += len(found)
    assert heard > 50


@pytest.mark.parametrize("known", [[], ["巷"], ["榕树巷"]])
def test_nothing_said_or_nothing_known_is_not_heard(known: list[str]) -> None:
    assert Stems(known).heard("") == []
    assert Stems(known).heard("巷") == []
