"""Passwords that are guessed first where this is used: Chinese words, years, keyboards, own names.

Django's list of common passwords is American; this one takes a password apart into words and
numbers and refuses it when everything it is made of is common.
"""

from __future__ import annotations

import re
from functools import cache

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from gridmap.geo.pinyin import spellings

LEET = str.maketrans(
    {"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "@": "a", "$": "s", "!": "i"}
)
# What people love, whom they greet, where they are; work; machines and brands; the keyboard.
COMMON = """
woaini aini woaiwo wo ai ni woaizhongguo zhongguo china chinese beijing shanghai guangzhou shenzhen
hangzhou xiamen fuzhou fujian sanming meilie liedong liexi shaxian yongan quanzhou nihao hello
baobao baby laopo laogong mama baba gongxi facai gongxifacai xinnian kuaile shengri xingfu jiankang
pingan aiqing pengyou zuguo dang gongchandang renmin woshishui
wangge wanggeyuan wanggezhang jiedao jieban shequ juweihui jiezhang xiangzhang louzhang xunfang
guihua zhengfu zhengwu zhifa chengguan huanwei gongan paichusuo minzheng bangong bangongshi lingdao
zhuren shuji guanli guanliyuan yonghu mima ceshi gridmap grid map
admin administrator root user guest test demo login pass passw password passwd secret welcome
letmein master super system server office windows linux oracle mysql postgres huawei xiaomi tencent
weixin wechat qq alibaba taobao baidu sina iphone apple samsung lenovo hikvision dahua iloveyou love
sunshine dragon monkey football princess
qwerty qwertyuiop qwert qwer qwe asdf asdfg asdfgh asdfghjkl zxcv zxcvb zxcvbn zxcvbnm qaz wsx edc
rfv qazwsx qazwsxedc wasd abc abcd abcde abcdef abcdefg abcdefgh xyz a b q w x z as zx er
"""
WORDS = frozenset(COMMON.split())
FAVOURITES = "1314 520 5201314 1314520 7758521 147258369 147258 159357 112233 123321"
NUMBERS = frozenset(FAVOURITES.split())
SEQUENCES = ("01234567890123456789", "98765432109876543210", "13579", "24680")
MOST_DIGITS = 4  # a year or a number this short adds nothing
DATE = re.compile(r"(19|20)?\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
MOBILE = re.compile(r"1[3-9]\d{9}")


class Argon2(Argon2PasswordHasher):
    """Argon2id with the least that OWASP asks: Django's 100 MB a sign-in is an attack by itself."""

    memory_cost = 19_456  # KiB
    time_cost = 2
    parallelism = 1


def _number_is_common(digits: str) -> bool:
    return (
        len(digits) <= MOST_DIGITS
        or len(set(digits)) <= 2  # noqa: PLR2004 - 888888, 121212
        or digits in NUMBERS
        or any(digits in row for row in SEQUENCES)
        or bool(DATE.fullmatch(digits) or MOBILE.fullmatch(digits))
        or digits[: len(digits) // 2] * 2 == digits
    )


def _made_of(text: str, words: frozenset[str]) -> bool:
    """Whether the letters can be cut into words of the list, or are one letter again and again."""
    if len(set(text)) <= 1:
        return True

    @cache
    def rest(start: int) -> bool:
        return start == len(text) or any(
            text.startswith(word, start) and rest(start + len(word)) for word in words if word
        )

    return rest(0)


def is_common(password: str, own: frozenset[str] = frozenset()) -> bool:
    """Return whether a password is made of nothing but what everybody tries.

    Args:
        password: as typed.
        own: words that are common for this person only (names, in letters).
    """
    words = WORDS | {word.lower() for word in own}
    plain = password.lower()
    for spelling in (plain, plain.translate(LEET)):
        letters = re.findall(r"[a-z]+", spelling)
        numbers = re.findall(r"\d+", spelling)
        foreign = re.sub(r"[\x20-\x7e]", "", spelling)
        if (
            not foreign
            and all(_made_of(part, words) for part in letters)
            and all(_number_is_common(part) for part in numbers)
        ):
            return True
    return False


def _names_of(user: User | None) -> frozenset[str]:
    """The person's names as letters: whole, surname, given name, initials."""
    if user is None:
        return frozenset()
    name = user.get_full_name().replace(" ", "")
    parts = (name, name[:1], name[1:], name[2:])
    letters = [user.get_username(), name, *(word for part in parts for word in spellings(part))]
    return frozenset(re.findall(r"[a-z]{2,}", " ".join(letters).lower()))


class NotCommon:
    """Refuses what is guessed first; named in ``settings.AUTH_PASSWORD_VALIDATORS``."""

    def validate(self, password: str, user: User | None = None) -> None:
        if is_common(password, _names_of(user)):
            raise ValidationError(
                _("这个密码由常见的词、名字或数字组成，容易被猜到。"), code="common"
            )

    def get_help_text(self) -> str:
        return _("不要只用常见的词、名字、日期或键盘顺序。")


class Kinds:
    """Asks for several kinds of characters, where an assessor does (GB/T 22239)."""

    def __init__(self, least: int = 1) -> None:
        self.least = least

    def validate(self, password: str, user: User | None = None) -> None:  # noqa: ARG002
        found = [re.search(kind, password) for kind in (r"[a-z]", r"[A-Z]", r"\d", r"[^a-zA-Z\d]")]
        if sum(1 for kind in found if kind) < self.least:
            raise ValidationError(self.get_help_text(), code="kinds")

    def get_help_text(self) -> str:
        text = _("小写字母、大写字母、数字、其他字符，至少用 %(n)s 种。")
        return text % {"n": self.least}
