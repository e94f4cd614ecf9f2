"""Which passwords are taken: what is guessed first is refused, whatever is put behind it."""

import pytest
from django.contrib.auth.hashers import check_password, identify_hasher, make_password
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import override_settings

from gridmap.layers.passwords import is_common

WANG = User(username="wangxm", first_name="王小明", email="wang@example.invalid")
GUESSED = [
    "woaini1314520",
    "woaini5201314",
    "a123456789",
    "qwertyuiop123",
    "Admin@123456",
    "P@ssw0rd2026",
    "wangge12345678",
    "Wanggeyuan@2026",
    "sanming-2026!!",
    "LieDong.19980214",
    "jiedao13805981234",
    "1qaz2wsx3edc",
    "123456789012",
    "aaaaaaaaaa1",
    "huawei@2026abc",
]
OWN = ["wangxiaoming2026", "WangXM@123456", "xiaoming#19880808", "wxm12345678!"]
GOOD = ["榕树巷口的第三盏灯亮着", "kettle-7-harbour-lamp", "Tv9#mQ2r!xLp", "heyan tingyu 42 deng"]


def reasons(password: str, user: User = WANG) -> list[str]:
    try:
        validate_password(password, user)
    except ValidationError as broken:
        return broken.messages
    return []


@pytest.mark.parametrize("password", GUESSED)
def test_what_everybody_tries_first_is_refused(password: str) -> None:
    assert is_common(password)
    assert reasons(password)


@pytest.mark.parametrize("password", OWN)
def test_the_own_name_in_letters_is_refused_for_its_bearer_only(password: str) -> None:
    assert "这个密码由常见的词、名字或数字组成，容易被猜到。" in reasons(password)
    assert not is_common(password)


@pytest.mark.parametrize("password", GOOD)
def test_what_is_long_and_strange_is_taken(password: str) -> None:
    assert reasons(password) == []


def test_a_short_password_is_refused_however_strange() -> None:
    assert any("10" in reason for reason in reasons("Tv9#mQ2r!"))


def test_an_assessor_may_ask_for_kinds_of_characters() -> None:
    asked = [{"NAME": "gridmap.layers.passwords.Kinds", "OPTIONS": {"least": 3}}]
    with override_settings(AUTH_PASSWORD_VALIDATORS=asked):
        assert "至少用 3 种" in reasons("kettle harbour lamp")[0]
        assert reasons("Kettle harbour lamp") == []


def test_passwords_are_hashed_with_argon2_and_old_hashes_are_still_known() -> None:
    new = make_password("kettle-7-harbour-lamp")
    assert new.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1")
    old = make_password("kettle-7-harbour-lamp", hasher="pbkdf2_sha256")
    renewed: list[str] = []
    assert check_password("kettle-7-harbour-lamp", old, setter=renewed.append)
    assert renewed == ["kettle-7-harbour-lamp"], "signing in renews the hash"
    assert identify_hasher(new).algorithm == "argon2"
