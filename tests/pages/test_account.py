"""The own account: password, sessions, and how long they last."""

import time

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from gridmap.actions.accounts import forget_sessions
from gridmap.actions.sign_ins import count_try
from gridmap.layers.accounts import Account
from gridmap.layers.journal import Entry
from gridmap.layers.passwords import Argon2
from gridmap.layers.people import Team
from gridmap.layers.postings import Posting, Role, operator_scope
from gridmap.layers.scope import Scope
from gridmap.layers.sessions import ROTATE, SessionStore, UserSession
from gridmap.layers.sign_ins import Caller, tries_left
from gridmap.layers.territory import City
from tests import town as toy

SECRET, NEW = "wang-secret-7", "kettle-7-harbour-lamp"
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile MicroMessenger/8.0"
CLOCK = time.time
NOBODY = Scope(user_id=None)


@pytest.fixture
def wang(town: City) -> User:
    return toy.posted("wang", "A")


def signed_in(agent: str = "", address: str = "127.0.0.1") -> Client:
    client = Client(headers={"user-agent": agent}, REMOTE_ADDR=address)
    answer = client.post("/sign-in", {"name": "wang", "password": SECRET})
    assert answer.status_code == 302
    return client


def key_of(client: Client) -> str:
    key = client.session.session_key
    assert key
    return key


def change(client: Client, old: str = SECRET, new: str = NEW, again: str = "") -> int:
    words = {"old": old, "new": new, "again": again or new}
    return client.post("/account/password", words).status_code


def test_sessions_that_have_run_out_are_deleted_and_no_other(wang: User) -> None:
    over, still = signed_in(), signed_in(PHONE)
    UserSession.objects.filter(pk=key_of(over)).update(expire_date=timezone.now())
    assert forget_sessions(by=operator_scope()) == 1
    assert [held.pk for held in UserSession.objects.all()] == [key_of(still)]
    assert still.get("/account").status_code == 200
    assert forget_sessions(by=operator_scope()) == 0


def test_a_changed_password_ends_the_other_sessions_and_renews_this_one(wang: User) -> None:
    here, there = signed_in(), signed_in(PHONE)
    before = key_of(here)
    assert change(here) == 302
    assert here.get("/").status_code == 200
    assert key_of(here) != before
    assert there.get("/").status_code == 302
    assert there.get("/api/cells?city=toy").status_code == 401
    assert 'name="session"' not in here.get("/account?password").content.decode()
    assert Client().post("/sign-in", {"name": "wang", "password": NEW}).status_code == 302


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"old": "wrong", "new": NEW, "again": NEW}, "现在的密码不对"),
        ({"old": SECRET, "new": NEW, "again": NEW + "x"}, "不一样"),
        ({"old": SECRET, "new": SECRET, "again": SECRET}, "不能与现在的密码相同"),
        ({"old": SECRET, "new": "woaini1314520", "again": "woaini1314520"}, "容易被猜到"),
        ({"old": SECRET, "new": "短", "again": "短"}, "至少"),
        ({}, "现在的密码不对"),
    ],
)
def test_a_change_that_breaks_a_rule_changes_nothing(
    wang: User, words: dict[str, str], said: str
) -> None:
    here, there = signed_in(), signed_in()
    answer = here.post("/account/password", words)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert there.get("/").status_code == 200
    assert not Entry.objects.filter(verb="change-password").exists()


def test_a_password_given_by_somebody_else_opens_its_own_change_only(wang: User) -> None:
    Account.objects.create(user=wang, must_change=True)
    client = signed_in()
    assert client.get("/").headers["Location"] == "/account/password"
    assert client.get("/account").headers["Location"] == "/account/password"
    refused = client.get("/api/cells?city=toy")
    assert refused.status_code == 403
    assert "请先修改密码" in refused.json()["message"]
    assert client.post("/ticket").status_code == 403
    assert change(client) == 302
    assert client.get("/").status_code == 200
    assert client.get("/api/cells?city=toy").status_code == 200
    assert not Account.objects.get(user=wang).must_change


def test_one_sees_where_one_is_signed_in_and_ends_it(wang: User) -> None:
    here, phone = signed_in(), signed_in(PHONE, "10.0.0.9")
    page = here.get("/account").content.decode()
    assert "WeChat · Android" in page
    assert "10.0.0.9" in page
    for client in (here, phone):
        assert key_of(client) not in page, "a key on a page could be stolen from it"
    row = UserSession.objects.get(session_key=key_of(phone))
    assert here.post("/account/sessions/end", {"session": row.ident}).status_code == 302
    assert phone.get("/").status_code == 302
    assert here.get("/").status_code == 200


def test_one_ends_all_the_others_at_once(wang: User) -> None:
    here, others = signed_in(), [signed_in(), signed_in(PHONE)]
    assert here.post("/account/sessions/end").status_code == 302
    assert here.get("/").status_code == 200
    assert [client.get("/").status_code for client in others] == [302, 302]


def test_nobody_ends_the_session_of_another(wang: User) -> None:
    here = signed_in()
    stranger = Client()
    stranger.force_login(toy.posted("li", "B"))
    ident = UserSession.objects.get(session_key=key_of(here)).ident
    assert stranger.post("/account/sessions/end", {"session": ident}).status_code == 422
    assert stranger.post("/account/sessions/end").status_code == 302
    assert here.get("/").status_code == 200


def later(monkeypatch: pytest.MonkeyPatch, minutes: float) -> None:
    now = CLOCK()
    monkeypatch.setattr("gridmap.pages.sitting.time.time", lambda: now + 60 * minutes)


def test_a_desk_left_alone_for_half_an_hour_is_signed_out(
    wang: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in()
    later(monkeypatch, 29)
    assert client.get("/").status_code == 200
    later(monkeypatch, 29 + 29)
    assert client.get("/").status_code == 200, "use keeps it alive"
    later(monkeypatch, 29 + 29 + 31)
    assert client.get("/api/cells?city=toy").status_code == 401
    assert client.get("/").status_code == 302
    assert not UserSession.objects.filter(user=wang).exists()


def test_a_map_that_renews_its_ticket_by_itself_is_not_in_use(
    wang: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in()
    later(monkeypatch, 20)
    assert client.post("/ticket", headers={"X-Untouched": "1"}).status_code == 200
    later(monkeypatch, 35)
    assert client.post("/ticket", headers={"X-Untouched": "1"}).status_code == 401


def test_whoever_walks_the_lanes_is_not_signed_out_for_looking_up(
    wang: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = Team.objects.get(name="甲社区巡防队")
    Posting.objects.filter(user=wang).update(role=Role.PATROL, community=None, team=team)
    client = signed_in()
    later(monkeypatch, 120)
    assert client.get("/").status_code == 200


def test_a_session_ends_after_its_hours_however_much_it_is_used(
    wang: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in()
    for hours in range(1, 13):
        later(monkeypatch, hours * 60 - 1)
        session = client.session
        session["used"] = int(time.time())
        session.save()
        assert client.get("/").status_code == 200
    later(monkeypatch, 12 * 60 + 1)
    assert client.get("/").status_code == 302


def test_a_change_of_rights_gives_the_session_a_new_key(wang: User) -> None:
    client = signed_in()
    before = key_of(client)
    store = SessionStore(before)
    store[ROTATE] = True
    store.save()
    assert client.get("/").status_code == 200
    assert key_of(client) != before
    assert not UserSession.objects.filter(session_key=before).exists()
    assert client.get("/").status_code == 200


def test_a_closed_account_ends_at_once(wang: User) -> None:
    client = signed_in()
    User.objects.filter(pk=wang.pk).update(is_active=False)
    assert client.get("/").status_code == 302
    assert client.get("/api/cells?city=toy").status_code == 401
    assert client.post("/ticket").status_code == 401


def test_many_addresses_cannot_guess_one_account(wang: User) -> None:
    for number in range(20):
        caller = Caller(name="wang", address=f"10.0.0.{number}")
        assert count_try(by=NOBODY, caller=caller) > 0
    assert count_try(by=NOBODY, caller=Caller(name="WANG", address="10.9.9.9")) == 0
    assert count_try(by=NOBODY, caller=Caller(name="li", address="10.9.9.9")) > 0


def test_strangers_cannot_lock_somebody_out_of_a_browser_that_knows_them(wang: User) -> None:
    own = signed_in()
    own.post("/sign-out")
    for number in range(20):
        count_try(by=NOBODY, caller=Caller(name="wang", address=f"10.0.0.{number}"))
    words = {"name": "wang", "password": SECRET}
    assert Client().post("/sign-in", words).status_code == 429
    assert own.post("/sign-in", words).status_code == 302


def test_a_known_browser_has_no_more_tries_than_others(wang: User) -> None:
    own = signed_in()
    own.post("/sign-out")
    for _ in range(5):
        own.post("/sign-in", {"name": "wang", "password": "wrong"})
    assert own.post("/sign-in", {"name": "wang", "password": SECRET}).status_code == 429


def test_a_browser_known_to_one_is_a_stranger_to_another(wang: User) -> None:
    toy.posted("li", "B")
    own = signed_in()
    own.post("/sign-out")
    for number in range(20):
        count_try(by=NOBODY, caller=Caller(name="li", address=f"10.0.0.{number}"))
    assert own.post("/sign-in", {"name": "li", "password": "li-secret-7"}).status_code == 429


def test_one_address_cannot_try_a_password_on_every_account(town: City) -> None:
    for number in range(100):
        assert count_try(by=NOBODY, caller=Caller(name=f"user{number}", address="10.0.0.1")) > 0
    assert tries_left(Caller(name="another", address="10.0.0.1")) == 0
    assert tries_left(Caller(name="another", address="10.0.0.2")) > 0


def test_a_known_and_an_unknown_name_cost_the_same_work(
    wang: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked: list[str] = []
    encode, verify = Argon2.encode, Argon2.verify

    def encoding(self: Argon2, password: str, salt: str) -> str:
        worked.append("hash")
        return encode(self, password, salt)

    def verifying(self: Argon2, password: str, encoded: str) -> bool:
        worked.append("hash")
        return verify(self, password, encoded)

    monkeypatch.setattr(Argon2, "encode", encoding)
    monkeypatch.setattr(Argon2, "verify", verifying)
    for name in ("wang", "nobody"):
        client.post("/sign-in", {"name": name, "password": "wrong"})
    assert worked == ["hash", "hash"]
