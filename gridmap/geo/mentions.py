"""Which place a sentence speaks of: names heard in it, whole, in part, or misspelled.

People write what they say: 福清商会大厦边上有装修垃圾, 阳光城3栋2单元门口灯不亮, 榕树项24号对面.
A name is its stem and perhaps a number (榕树巷 24 号: 榕树巷, 24). Stems are heard in the sentence
(`gridmap.geo.hearing`); what stands behind the best ones is then asked of the caller, for many
sentences at once, so that nobody has to hold every building of a city in memory.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gridmap.geo.hearing import Heard, Stems

MOST = 3  # places proposed
STEMS = 8  # stems whose places are looked up
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
    sentences: Sequence[str], stems: Stems, places: Callable[[Sequence[str]], Iterable[Named]]
) -> list[list[Mention]]:
    """Return the places that each sentence speaks of, the likeliest first, at most `MOST`.

    Args:
        sentences: as people write them.
        stems: of every name there is (`parts`).
        places: returns whatever is called by one of the stems given; asked once, if any is heard.
    """
    texts = [plain(sentence) for sentence in sentences]
    heard = [stems.heard(text)[:STEMS] for text in texts]
    wanted = list(dict.fromkeys(one.stem for sure in heard for one in sure))
    by_stem: dict[str, list[Named]] = {}
    for place in places(wanted) if wanted else ():
        by_stem.setdefault(parts(place.name)[0], []).append(place)
    return [_ranked(text, sure, by_stem) for text, sure in zip(texts, heard, strict=True)]


def _ranked(
    text: str, sure: Sequence[Heard], by_stem: Mapping[str, Sequence[Named]]
) -> list[Mention]:
    best: dict[tuple[str, int], Mention] = {}
    for one in sure:
        for mention in _scored(text, one, by_stem.get(one.stem, ())):
            key = (mention.place.kind, mention.place.id)
            if key not in best or best[key].score < mention.score:
                best[key] = mention
    return sorted(best.values(), key=lambda m: (-m.score, m.place.name, m.place.id))[:MOST]
