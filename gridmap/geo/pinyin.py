"""Names by their sound: found by pinyin and initials, and spelled for who reads no Chinese."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice, product

from pypinyin import Style, lazy_pinyin

# Characters that are read differently in place names than a dictionary of words supposes. Whoever
# searches may know either reading, so both are kept: 重化 is found by chonghua and by zhonghua.
READINGS = {
    "重": ("chong", "zhong"),
    "长": ("chang", "zhang"),
    "行": ("hang", "xing"),
    "乐": ("le", "yue"),
    "朝": ("chao", "zhao"),
    "弄": ("long", "nong"),
    "厦": ("xia", "sha"),
    "埔": ("pu", "bu"),
    "堡": ("bao", "pu", "bu"),
    "曾": ("zeng", "ceng"),
    "单": ("dan", "shan"),
    "解": ("jie", "xie"),
    "盖": ("gai", "ge"),
    "番": ("fan", "pan"),
    "尉": ("wei", "yu"),
    "朴": ("pu", "piao"),
    "降": ("jiang", "xiang"),
    "调": ("diao", "tiao"),
    "六": ("liu", "lu"),
    "还": ("huan", "hai"),
    "传": ("chuan", "zhuan"),
    "参": ("can", "shen"),
    "省": ("sheng", "xing"),
    "薄": ("bo", "bao"),
    "柏": ("bai", "bo"),
    "泊": ("bo", "po"),
    "荥": ("xing", "ying"),
    "筠": ("yun", "jun"),
    "枞": ("zong", "cong"),
    "莞": ("guan", "wan"),
}
MOST = 4  # spellings of one name

HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]+")
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")


def _syllables(name: str) -> list[tuple[str, ...]]:
    """The readings of each character or run of other signs, the likeliest first."""
    parts: list[tuple[str, ...]] = []
    for run in re.findall(rf"{HAN.pattern}|[^\u3400-\u9fff\U00020000-\U0003ffff]+", name):
        if not HAN.match(run):
            kept = "".join(re.findall(r"\w", run)).lower()
            parts += [(kept,)] if kept else []
            continue
        for sign, usual in zip(run, lazy_pinyin(run, style=Style.NORMAL), strict=True):
            others = READINGS.get(sign, ())
            parts.append((usual, *(other for other in others if other != usual)))
    return parts


def spellings(name: str) -> list[str]:
    """Return full pinyin and initials in each likely reading; nothing for a Latin name."""
    if not HAN.search(name):
        return []
    found: dict[str, None] = {}
    for reading in islice(product(*_syllables(name)), MOST):
        found["".join(reading)] = None
        found["".join(part if part.isdigit() else part[:1] for part in reading)] = None
    return list(found)


def search_text(*names: str) -> str:
    """Return what the search box looks through: each name, its full pinyin, its initials.

    >>> search_text("重化社区")
    '重化社区 zhonghuashequ zhsq chonghuashequ chsq'
    """
    words: dict[str, None] = {}
    for name in names:
        clean = UNPRINTABLE.sub(" ", name).strip().lower()  # the search box asks in small letters
        if clean:
            words[clean] = None
            words.update(dict.fromkeys(spellings(clean)))
    return " ".join(words)


# Endings of names, longest first, each a word of its own (GB 17733: RONGSHU XIANG). What is no
# name but a term of the trade is translated.
ENDINGS = (
    "步行街", "有限公司", "幼儿园", "卫生服务站", "党支部",
    "大道", "大桥", "大街", "中路", "东路", "西路", "南路", "北路", "东街", "西街", "南街", "北街",
    "东巷", "西巷", "南巷", "北巷", "东里", "西里", "南里", "北里", "新村", "花园", "小区", "大厦",
    "广场", "市场", "小学", "中学", "学校", "医院", "公园", "公司", "商会", "协会", "河道", "山林",
    "路", "街", "巷", "弄", "里", "坊", "溪", "河", "江", "湖", "桥", "山",
)  # fmt: skip
TERMS = {
    "社区": "Community", "街道": "Subdistrict", "街道办事处": "Subdistrict",
    "区": "District", "市": "City",
    "巡防队": "Patrol Team", "文艺队": "Arts Team", "文明劝导队": "Persuasion Team",
    "法律服务队": "Legal Team", "环保志愿队": "Environment Team",
}  # fmt: skip
NUMERALS = {sign: n for n, sign in enumerate("零一二三四五六七八九")} | {"十": 10}
_NUMBERED = re.compile(r"第([一二三四五六七八九十]{1,3})网格")
_SPECIAL = re.compile(r"(.+)专属网格")
_TEAM = re.compile(r"(.+巡防)([一二三四五六七八九十]{1,3})队")
_MOST = 3  # syllables of a word; a longer run is parted into words of two


def _counted(numeral: str) -> int:
    """Return 23 for 二十三."""
    tens, ten, ones = numeral.rpartition("十")
    if not ten:
        return NUMERALS[numeral]
    return 10 * (NUMERALS[tens] if tens else 1) + (NUMERALS[ones] if ones else 0)


def _word(syllables: list[str]) -> str:
    """Join syllables to one word: Xi'an, not Xian."""
    first, *rest = syllables
    joined = first + "".join(f"'{part}" if part[0] in "aeo" else part for part in rest)
    return joined[:1].upper() + joined[1:]


def _spelled(name: str) -> str:
    """Return the words of a name without tones; what is no Chinese sign stays."""
    words: list[str] = []
    for run in re.findall(rf"{HAN.pattern}|[^\u3400-\u9fff\U00020000-\U0003ffff]+", name):
        if not HAN.match(run):
            words += run.split()
            continue
        syllables = lazy_pinyin(run, style=Style.NORMAL)
        step = len(syllables) if len(syllables) <= _MOST else 2
        words += [_word(syllables[i : i + step]) for i in range(0, len(syllables), step)]
    return " ".join(words)


@lru_cache(maxsize=20_000)
def english(name: str) -> str:
    """Return a Chinese name of a place as English readers see it: pinyin, and translated terms.

    >>> english("榕树巷"), english("一路社区"), english("第二十三网格")
    ('Rongshu Xiang', 'Yilu Community', 'Cell 23')
    """
    if found := _NUMBERED.fullmatch(name):
        return f"Cell {_counted(found[1])}"
    if found := _SPECIAL.fullmatch(name):
        return f"{english(found[1])} special cell"
    if found := _TEAM.fullmatch(name):
        return f"{english(f'{found[1]}队')} {_counted(found[2])}"
    for term, word in TERMS.items():
        if name.endswith(term) and len(name) > len(term):
            stem = name.removesuffix(term)
            # A team bears the name of its community; a community that of a road without being one.
            nested = stem.endswith(tuple(TERMS))
            return f"{english(stem) if nested else _spelled(stem)} {word}"
    for ending in ENDINGS:
        stem = name.removesuffix(ending)
        if stem != name and len(stem) > 1:
            return f"{_stem(stem)} {_spelled(ending)}"
    return _spelled(name)


def _stem(name: str) -> str:
    """Spell what stands before the ending; the number of a road is a word of its own."""
    numeral = re.search("第?[一二三四五六七八九十]{1,3}$", name)
    if numeral is None or numeral.start() < 2:  # noqa: PLR2004 -- 三路 is no third road
        return _spelled(name)
    return f"{_spelled(name[: numeral.start()])} {_spelled(numeral[0])}"
