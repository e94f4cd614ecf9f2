"""The second step of signing in: nothing opens before it, a code is good once."""

import base64
import re
import time
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from gridmap.actions import accounts
from gridmap.errors import WrongState
from gridmap.layers.accounts import Account, RecoveryCode, new_secret, opened
from gridmap.layers.journal import Entry
from gridmap.layers.postings import Role, scope_of
from gridmap.layers.sign_ins import SignInFailure
from gridmap.layers.territory import City
from tests import town as toy
from tests.telephone import code_of

SECRET = "wang-secret-7"


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Amid the half minute of a code, so that none ends while a test is at work."""
    moment = time.time() // 30 * 30 + 15
    monkeypatch.setattr(time, "time", lambda: moment)


@pytest.fixture
def wang(town: City) -> User:
    return toy.posted("wang", "A")


@pytest.fixture
def secret(wang: User) -> bytes:
    """The secret of wang's telephone; its code of a minute ago is used up."""
    made = new_secret()
    accounts.turn_on_second_factor(by=scope_of(wang.pk), secret=made, code=code_of(made, -1))
    return made


def give_password(client: Client, **more: str) -> str:
    answer = client.post("/sign-in", {"name": "wang", "password": SECRET, **more})
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def give_code(client: Client, code: str) -> tuple[int, str]:
    answer = client.post("/sign-in/code", {"code": code})
    return answer.status_code, str(answer.headers.get("Location", answer.content.decode()))


def test_the_code_follows_the_password_and_leads_where_one_wanted(
    client: Client, secret: bytes
) -> None:
    assert give_password(client, next="/?city=toy") == "/sign-in/code"
    assert give_code(client, code_of(secret)) == (302, "/?city=toy")
    assert client.get("/").status_code == 200
    assert Entry.objects.get(verb="sign-in").after["second"] == "totp"


def test_nothing_opens_before_the_code(client: Client, secret: bytes) -> None:
    give_password(client)
    assert client.get("/").headers["Location"].startswith("/sign-in")
    assert client.get("/api/cells?city=toy").status_code == 401
    answer = client.post("/ticket")
    assert answer.status_code == 401
    assert "gridmap_ticket" not in client.cookies
    assert client.get("/account").status_code == 302


def test_without_the_password_there_is_no_second_step(client: Client, secret: bytes) -> None:
    assert give_code(client, code_of(secret)) == (302, "/sign-in?ended")


def test_the_second_step_waits_five_minutes(
    client: Client, secret: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_password(client)
    now = time.time()
    monkeypatch.setattr("gridmap.pages.entering.time.time", lambda: now + 301)
    assert give_code(client, code_of(secret)) == (302, "/sign-in?ended")


def test_a_password_changed_in_between_ends_what_was_begun(
    client: Client, wang: User, secret: bytes
) -> None:
    give_password(client)
    wang.set_password("another-lamp-9-kettle")
    wang.save()
    assert give_code(client, code_of(secret)) == (302, "/sign-in?ended")


def test_a_code_is_good_once(client: Client, secret: bytes) -> None:
    give_password(client)
    seen = code_of(secret)
    assert give_code(client, seen)[0] == 302
    client.post("/sign-out")
    give_password(client)
    assert give_code(client, seen)[0] == 422
    assert give_code(client, code_of(secret, 1))[0] == 302


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "12\x003456"])
def test_a_strange_code_is_a_wrong_code(client: Client, secret: bytes, code: str) -> None:
    give_password(client)
    assert "验证码不对" in give_code(client, code)[1]


def test_codes_are_not_tried_one_after_the_other(client: Client, secret: bytes) -> None:
    give_password(client)
    wrong = "000000" if code_of(secret) != "000000" else "000001"
    for _ in range(4):
        assert "验证码不对" in give_code(client, wrong)[1]
    assert "请过 15 分钟再试" in give_code(client, wrong)[1]
    assert give_code(client, code_of(secret))[0] == 429
    give_password(client)
    assert give_code(client, code_of(secret))[0] == 429, "a new start gives no new tries"
    SignInFailure.objects.update(at=timezone.now() - timedelta(minutes=16))
    assert give_code(client, code_of(secret))[0] == 302


def test_a_recovery_code_stands_in_for_the_telephone_once(client: Client, wang: User) -> None:
    made = new_secret()
    codes = accounts.turn_on_second_factor(by=scope_of(wang.pk), secret=made, code=code_of(made))
    assert len(set(codes)) == 10
    give_password(client)
    assert give_code(client, f" {codes[3].upper()} ")[0] == 302
    assert Entry.objects.get(verb="use-recovery-code").after == {"left": 9}
    client.post("/sign-out")
    give_password(client)
    assert give_code(client, codes[3])[0] == 422
    assert not RecoveryCode.objects.filter(mark__contains=codes[0].replace("-", "")).exists()


def test_a_dump_of_the_database_gives_nobody_a_code(
    wang: User, secret: bytes, settings: Settings
) -> None:
    kept = Account.objects.get(user=wang).totp_secret
    spelled = base64.b32encode(secret).decode()
    assert secret.hex() not in kept
    assert spelled not in kept
    assert opened(kept) == secret
    settings.SECRET_KEY = "another"
    assert opened(kept) is None
    settings.SECRET_KEY_FALLBACKS = ["development-only"]
    assert opened(kept) == secret, "a key that was replaced still opens"


@pytest.mark.parametrize(
    ("roles", "asked"),
    [("cadre", True), ("planner,leader", False), ("admin", False), ("", False)],
)
def test_a_role_may_have_to_use_two_steps(
    client: Client, wang: User, settings: Settings, roles: str, *, asked: bool
) -> None:  # fmt: skip
    settings.TWO_FACTOR_ROLES = frozenset(roles.split(",")) - {""}
    assert give_password(client) == ("/sign-in/second-factor" if asked else "/")
    assert client.get("/api/cells?city=toy").status_code == (401 if asked else 200)


def test_admin_stands_for_whoever_may_enter_the_administration(
    client: Client, wang: User, settings: Settings
) -> None:
    settings.TWO_FACTOR_ROLES = frozenset({"admin"})
    User.objects.filter(pk=wang.pk).update(is_staff=True)
    assert give_password(client) == "/sign-in/second-factor"


def test_who_must_have_it_sets_it_up_on_the_way_in(
    client: Client, wang: User, settings: Settings
) -> None:
    settings.TWO_FACTOR_ROLES = frozenset({Role.CADRE.value})
    give_password(client, next="/light")
    page = client.get("/sign-in/second-factor").content.decode()
    spelled = re.search(r'class="code secret">([A-Z2-7 ]+)<', page)
    assert spelled
    secret = base64.b32decode(spelled[1].replace(" ", ""))
    assert '<svg class="square"' in page
    assert "style=" not in page
    wrong = client.post("/sign-in/second-factor", {"code": "123"})
    assert wrong.status_code == 422
    assert spelled[1] in wrong.content.decode(), "the square code stays the same"
    right = client.post("/sign-in/second-factor", {"code": code_of(secret)}).content.decode()
    assert len(re.findall(r'<li class="code">[2-9a-z]{4}-[2-9a-z]{4}</li>', right)) == 10
    assert 'href="/light"' in right
    assert client.get("/").status_code == 200
    with pytest.raises(WrongState, match="不能关闭"):
        accounts.turn_off_second_factor(by=scope_of(wang.pk), password=SECRET)


def test_one_turns_it_on_and_off_at_the_own_account(client: Client, wang: User) -> None:
    client.force_login(wang)
    page = client.get("/account/second-factor").content.decode()
    spelled = re.search(r'class="code secret">([A-Z2-7 ]+)<', page)
    assert spelled
    secret = base64.b32decode(spelled[1].replace(" ", ""))
    before = client.session.session_key
    assert "恢复码" in client.post(
        "/account/second-factor", {"code": code_of(secret)}
    ).content.decode()  # fmt: skip
    assert client.session.session_key != before
    assert "还有 10 个恢复码" in client.get("/account").content.decode()
    off = client.post("/account/second-factor/off", {"password": "wrong"})
    assert off.status_code == 422
    assert Account.objects.get(user=wang).two_steps
    assert client.post("/account/second-factor/off", {"password": SECRET}).status_code == 302
    assert not Account.objects.get(user=wang).two_steps
    assert not RecoveryCode.objects.exists()


def test_new_recovery_codes_take_the_place_of_the_old(
    client: Client, wang: User, secret: bytes
) -> None:
    client.force_login(wang)
    before = set(RecoveryCode.objects.values_list("mark", flat=True))
    assert client.post("/account/recovery-codes", {"password": "x"}).status_code == 422
    assert set(RecoveryCode.objects.values_list("mark", flat=True)) == before
    assert client.post("/account/recovery-codes", {"password": SECRET}).status_code == 200
    assert not set(RecoveryCode.objects.values_list("mark", flat=True)) & before
