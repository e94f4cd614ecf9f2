"""How names are found by their sound: full pinyin and initials beside the name itself."""

from __future__ import annotations

import re
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
