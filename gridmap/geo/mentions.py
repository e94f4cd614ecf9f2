"""Which place a sentence speaks of: names heard in it, whole, in part, or misspelled.

People write what they say: 福清商会大厦边上有装修垃圾, 阳光城3栋2单元门口灯不亮, 榕树项24号对面.
A name is its stem and perhaps a number (榕树巷 24 号: 榕树巷, 24). Stems are aligned with the
sentence sign by sign; a sign may be the right one, sound like it, or be missing. What stands behind
the best stems is then asked of the caller, so that nobody has to hold every building of a city in
memory.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

MOST = 3  # places proposed
STEMS = 8  # stems whose places are looked up
LEAST = 0.6  # of a stem must be heard
LONGEST = 500  # signs of a sentence that are read

UNITS = "号楼|幢楼|号|幢|栋|橦|座|棟|#"
HAN_NUMBER = r"[零〇一二两三四五六七八九十百]{1,5}"
NUMBERED = re.compile(rf"^(.*?)\s*(\d{{1,4}})\s*(?:{UNITS})?$")
SAID = re.compile(rf"^[的那个这里家有在、，\s]{{0,3}}(\d{{1,4}})(?!\d)(?:\s*(?:{UNITS}))?")
ANYWHERE = re.compile(rf"(?<!\d)(\d{{1,4}})\s*(?:{UNITS})")
DOOR = re.compile(r"(\d{1,2})\s*单元")
SPACES = re.compile(r"\s+")
DIGITS = {sign: n for n, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
WAY_NUMBER = re.compile(r"(\d{1,2})(?=[路街巷弄里])")
COUNTED = re.compile(rf"({HAN_NUMBER})(?=(?:{UNITS}|单元))")

# Ends of names that people leave out: they weigh little.
COMMON = frozenset("小区花园新村大厦广场市场楼院苑公寓中心步行街路巷弄里坊南北东西幢栋号的社")
NUMERALS = frozenset("一二三四五六七八九十")
LIGHT, HEAVY = 0.35, 1.0
SOUND_ALIKE = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("h", "f"))
NEAR_ENDS = (("ing", "in"), ("eng", "en"), ("ang", "an"))


@dataclass(frozen=True)
class Named:
    """Something on the map with the name it was found by.

    Attributes:
        kind: ``building``, ``lane`` or ``street``.
        id: of the row.
        name: the name, alias or address in full.
        community: name of its community, which the sentence may speak of too.
        near: whether it lies in the area of whoever asks; of equals it comes first.
    """

    kind: str
    id: int
    name: str
    community: str = ""
    near: bool = False


@dataclass(frozen=True)
class Heard:
    """A stem and how well it was heard: 0 to 1, how much of it, and where it ended."""

    stem: str
    share: float
    weight: float
    end: int


@dataclass(frozen=True)
class Mention:
    """A place the sentence may speak of, and how likely: above 0, the greater the better."""

    place: Named
    score: float
    door: int | None = None  # of a building: the unit (单元) that was named


def parts(name: str) -> tuple[str, int | None]:
    """Return stem and number of a name.

    >>> parts("榕树巷 24 号"), parts("福清商会大厦")
    (('榕树巷', 24), ('福清商会大厦', None))
    """
    found = NUMBERED.match(name.strip())
    if found and found[1]:
        return SPACES.sub("", found[1]), int(found[2])
    return SPACES.sub("", name), None


def _counted(numeral: str) -> str:
    tens, ten, ones = numeral.rpartition("十")
    if not ten:
        return "".join(str(DIGITS.get(sign, "")) for sign in numeral)
    return str(10 * (DIGITS.get(tens, 1) if tens else 1) + (DIGITS.get(ones, 0) if ones else 0))


def _numeral(number: int) -> str:
    tens, ones = divmod(number, 10)
    signs = "零一二三四五六七八九"
    head = ("" if tens == 1 else signs[tens]) + "十" if tens else ""
    return head + (signs[ones] if ones or not tens else "")


def plain(sentence: str) -> str:
    """Return a sentence as it is read: half-width, without spaces, numbers as names have them."""
    text = SPACES.sub("", unicodedata.normalize("NFKC", sentence[:LONGEST])).lower()
    text = COUNTED.sub(lambda found: _counted(found[1]), text)
    return WAY_NUMBER.sub(lambda found: _numeral(int(found[1])), text)


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


@lru_cache(maxsize=60_000)
def _likeness(said: str, meant: str) -> float:
    if said == meant:
        return 1.0
    if meant in NUMERALS or meant.isdigit():
        return -2.0  # 三巷 is not 二巷, however much alike
    if _sound(said) == _sound(meant):
        return 0.75
    return 0.5 if _rough(said) == _rough(meant) else -0.6


@lru_cache(maxsize=20_000)
def _weights(stem: str) -> tuple[float, ...]:
    """How much each sign of a stem counts: what many names end with, little."""
    weights = [HEAVY] * len(stem)
    for at in range(len(stem) - 1, 1, -1):
        if stem[at] not in COMMON:
            break
        weights[at] = LIGHT
    return tuple(weights)


@lru_cache(maxsize=20_000)
def _roughly(stem: str) -> frozenset[str]:
    return frozenset(_rough(sign) for sign in stem)


def _aligned(text: str, stem: str) -> tuple[float, int]:
    """Return how much weight of the stem is heard in one stretch of the text, and where it ends.

    A Smith-Waterman alignment that must account for the whole stem: what is not heard costs, more
    if it is not one of the common ends.
    """
    weights = _weights(stem)
    before = [0.0] * (len(text) + 1)
    for meant, weight in zip(stem, weights, strict=True):
        missing = -0.1 if weight == LIGHT else -2.0 if meant in NUMERALS else -0.45
        row = [before[0] + missing]
        for at, said in enumerate(text, start=1):
            row.append(
                max(
                    before[at - 1] + weight * _likeness(said, meant),
                    before[at] + missing,
                    row[at - 1] - 0.5,  # a sign too many in the sentence
                )
            )
        before = row
    best = max(range(len(before)), key=lambda at: (before[at], -at))
    return before[best], best


def heard(sentence: str, stems: Iterable[str]) -> list[Heard]:
    """Return the stems that a plain sentence speaks of, the surest first."""
    said = {_rough(sign) for sign in sentence}
    found = []
    for stem in stems:
        wanted = _roughly(stem)
        # Most names have nothing in common with the sentence and are not aligned.
        if len(stem) < 2 or len(wanted & said) < min(2, len(wanted)):  # noqa: PLR2004
            continue
        weight, end = _aligned(sentence, stem)
        share = weight / sum(_weights(stem))
        if share >= LEAST:
            found.append(Heard(stem, min(share, 1.0), weight, end))
    return sorted(found, key=lambda one: (-one.weight * one.share, one.stem))


def _number_after(sentence: str, end: int) -> int | None:
    """The number behind a stem, or the only one of the sentence that names a house."""
    if found := SAID.match(sentence[end:]):
        return int(found[1])
    numbers = {int(number) for number in ANYWHERE.findall(sentence)}
    return numbers.pop() if len(numbers) == 1 else None


def _speaks_of(sentence: str, community: str) -> bool:
    return bool(community) and community.removesuffix("社区") in sentence


def _scored(sentence: str, one: Heard, places: Iterable[Named]) -> Iterator[Mention]:
    said = _number_after(sentence, one.end)
    door = DOOR.search(sentence)
    for place in places:
        _, number = parts(place.name)
        score = one.weight * one.share
        if number is not None and said is not None:
            score += 1.5 if number == said else -1.5
        elif number is not None:
            score -= 0.2 + min(number, 99) / 1_000  # no number said: the way or the first house
        elif said is not None:
            score -= 0.6
        score += 0.4 * _speaks_of(sentence.replace(one.stem, ""), place.community)
        score += 0.3 * place.near
        if score > 0:
            fits = place.kind == "building" and door is not None
            yield Mention(place, score, int(door[1]) if fits and door else None)


def mentions(
    sentence: str,
    stems: Iterable[str],
    places: Callable[[Sequence[str]], Iterable[Named]],
    *,
    most: int = MOST,
) -> list[Mention]:
    """Return the places a sentence speaks of, the likeliest first.

    Args:
        sentence: as people write it.
        stems: of every name there is (`parts`), each once.
        places: returns whatever is called by one of the stems given.
        most: how many are returned.
    """
    text = plain(sentence)
    sure = heard(text, stems)[:STEMS]
    by_stem: dict[str, list[Named]] = {}
    for place in places([one.stem for one in sure]) if sure else ():
        by_stem.setdefault(parts(place.name)[0], []).append(place)
    best: dict[tuple[str, int], Mention] = {}
    for one in sure:
        for mention in _scored(text, one, by_stem.get(one.stem, ())):
            key = (mention.place.kind, mention.place.id)
            if key not in best or best[key].score < mention.score:
                best[key] = mention
    ranked = sorted(best.values(), key=lambda m: (-m.score, m.place.name, m.place.id))
    return ranked[:most]
