"""Names of people who do not exist, and numbers that nobody can dial."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from random import Random

SURNAMES = (
    "林", "陈", "黄", "张", "吴", "李", "郑", "王", "刘", "苏", "何", "周", "叶", "许", "邓", "罗",
    "谢", "卢", "赖", "廖", "邱", "范", "洪", "江", "曾", "魏", "施", "余", "潘", "杜", "汪", "田",
    "方", "石", "姚", "康", "毛", "白", "龚", "严",
)  # fmt: skip

# Words of weather, plants and seasons, put together at random: names of nobody.
FIRST = (
    "小", "知", "听", "望", "清", "若", "予", "云", "青", "晚", "初", "一", "南", "北", "遥", "静",
    "亦", "以", "沐", "星", "栖", "宛", "采", "竹",
)  # fmt: skip
SECOND = (
    "满", "夏", "雨", "舒", "禾", "安", "谷", "霜", "露", "岚", "舟", "穗", "石", "宁", "雪", "木",
    "棠", "芽", "溪", "帆", "麦", "桐", "葵", "笙",
)  # fmt: skip


def invented(dice: Random) -> Iterator[str]:
    """Yield names, none twice: 40 x 24 x 24 of them."""
    names = [
        surname + first + second
        for surname, first, second in product(SURNAMES, FIRST, SECOND)
        if first != second
    ]
    dice.shuffle(names)
    yield from names


def relay_phone(serial: int) -> str:
    """Return a relay number that cannot be real: no local number in China begins with 0."""
    return f"0598-{serial:07d}（演示）"


def pick(dice: Random, weights: Mapping[str, float]) -> str:
    """Return one of the keys, each as often as its weight says."""
    return dice.choices(list(weights), weights=list(weights.values()))[0]


def dealt(dice: Random, total: int, shares: Sequence[float]) -> list[int]:
    """Deal classes 1, 2, … to ``total`` things by exact shares; 0 to the rest, at least one each.

    A share of 0.06 of 100 things gives six of them the class, whatever the dice say.
    """
    counts = [max(1, round(total * share)) for share in shares]
    classes = [kind for kind, count in enumerate(counts, start=1) for _ in range(count)]
    classes = [*classes, *([0] * (total - len(classes)))][:total]
    dice.shuffle(classes)
    return classes
