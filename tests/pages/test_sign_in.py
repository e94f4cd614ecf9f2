"""Signing in and out: the lock, the way back, nothing told to strangers."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from gridmap.layers.journal import Entry
from gridmap.layers.sign_ins import SignInFailure
from gridmap.layers.territory import City
from tests import town as toy

SECRET = "wang-secret-7"


@pytest.fixture
def wang(town: City) -> User:
    return toy.posted("wang", "A")


def attempt(client: Client, name: str = "wang", password: str = "", **more: str) -> str:
    """Try to sign in and return the page, or where it leads."""
    answer = client.post("/sign-in", {"name": name, "password": password or "wrong", **more})
    if answer.status_code == 302:
        return str(answer.headers["Location"])
    assert answer.status_code in {422, 429}
    return answer.content.decode()


def test_who_is_not_signed_in_is_led_to_the_door_and_back(client: Client, wang: User) -> None:
    answer = client.get("/?city=toy&overlay=chiefs")
    assert answer.headers["Location"] == "/sign-in?next=/%3Fcity%3Dtoy%26overlay%3Dchiefs"
    led = attempt(client, password=SECRET, next="/?city=toy&overlay=chiefs#17/26.2/117.6")
    assert led == "/?city=toy&overlay=chiefs#17/26.2/117.6"


@pytest.mark.parametrize(
    "foreign", ["https://192.0.2.1/", "//192.0.2.1/", "javascript:alert(1)", "http:///192.0.2.1"]
)
def test_nobody_is_led_to_a_foreign_address(client: Client, wang: User, foreign: str) -> None:
    assert attempt(client, password=SECRET, next=foreign) == "/"


def test_the_sixth_try_is_refused_even_with_the_right_password(client: Client, wang: User) -> None:
    for left in (4, 3, 2, 1):
        assert f"还可以试 {left} 次" in attempt(client)
    assert "请过 15 分钟再试" in attempt(client)
    assert "请过 15 分钟再试" in attempt(client, password=SECRET)
    assert "_auth_user_id" not in client.session


def test_the_lock_is_told_to_the_journal_without_the_name(client: Client, wang: User) -> None:
    for _ in range(5):
        attempt(client)
    entry = Entry.objects.get(verb="lock")
    assert entry.after == {"address": "127.0.0.1", "step": "password"}
    assert "wang" not in str(SignInFailure.objects.values_list("mark", flat=True))


def test_the_lock_opens_after_a_quarter_of_an_hour(client: Client, wang: User) -> None:
    for _ in range(5):
        attempt(client)
    SignInFailure.objects.update(at=timezone.now() - timedelta(minutes=16))
    assert attempt(client, password=SECRET) == "/"


def test_the_lock_holds_for_one_name_from_one_address_only(client: Client, wang: User) -> None:
    toy.posted("li", "B")
    for _ in range(5):
        attempt(client)
    assert attempt(Client(REMOTE_ADDR="10.0.0.9"), password=SECRET) == "/"
    assert attempt(client, name="li", password="li-secret-7") == "/"


def test_a_good_password_forgets_the_bad_ones(client: Client, wang: User) -> None:
    for _ in range(4):
        attempt(client)
    assert attempt(client, password=SECRET) == "/"
    client.post("/sign-out")
    assert "还可以试 4 次" in attempt(client)


def test_an_unknown_name_is_answered_like_a_wrong_password(client: Client, wang: User) -> None:
    def without_what_differs(page: str, name: str) -> str:
        token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"', maxsplit=1)[0]
        return page.replace(token, "").replace(name, "")

    known = attempt(client)
    unknown = attempt(client, name="nobody")
    assert without_what_differs(known, "wang") == without_what_differs(unknown, "nobody")


@pytest.mark.parametrize(
    "name", ["wa\0ng", "王" * 200, "", "<script>alert(1)</script>", "' OR 1=1"]
)
def test_a_strange_name_is_a_wrong_name(client: Client, wang: User, name: str) -> None:
    page = attempt(client, name=name)
    assert "用户名或密码不对" in page
    assert "<script>alert" not in page


def test_a_form_without_its_token_is_refused(wang: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    for path in ("/sign-in", "/sign-out", "/ticket", "/i18n/"):
        assert strict.post(path, {"name": "wang", "password": SECRET}).status_code == 403, path


def test_a_session_known_before_signing_in_is_worth_nothing_after(
    client: Client, wang: User
) -> None:
    client.get("/sign-in")
    session = client.session
    session["seen"] = True
    session.save()
    before = session.session_key
    attempt(client, password=SECRET)
    assert client.session.session_key != before


def test_signing_out_ends_the_session_and_takes_the_ticket_back(client: Client, wang: User) -> None:
    client.force_login(wang)
    client.get("/")
    answer = client.post("/sign-out")
    assert answer.headers["Location"] == "/sign-in"
    assert answer.cookies["gridmap_ticket"]["max-age"] == 0
    assert client.get("/").status_code == 302


def test_demo_accounts_are_offered_where_there_is_a_demo_town_only(
    client: Client, town: City
) -> None:
    assert "演示账号" not in client.get("/sign-in").content.decode()
    toy.posted("leader")
    assert 'data-account="leader"' in client.get("/sign-in").content.decode()
    City.objects.update(demo=False)
    assert "演示账号" not in client.get("/sign-in").content.decode()


def test_who_is_signed_in_needs_no_door(client: Client, wang: User) -> None:
    client.force_login(wang)
    assert client.get("/sign-in").headers["Location"] == "/"


def led(client: Client, address: str, **headers: str) -> str:
    answer = client.post(address, {"why": "写到一半"}, headers=headers)
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def test_whoever_sent_a_form_too_late_comes_back_to_the_page_it_stood_on(
    client: Client, wang: User
) -> None:
    case = toy.incident(50, 50)
    page = f"/cases/{case.number}?city=toy"
    late = led(client, f"/cases/{case.number}/do/verify", referer=f"http://testserver{page}")
    asked = QueryDict(late.partition("?")[2])
    assert (asked["ended"], asked["next"]) == ("1", page)
    assert "登录已过期" in client.get(late).content.decode()
    answer = client.post(late, {"name": "wang", "password": SECRET, "next": asked["next"]})
    assert client.get(answer.headers["Location"]).status_code == 200


@pytest.mark.parametrize("stranger", ["", "https://192.0.2.1/x", "//192.0.2.1/x", "/desk"])
def test_a_form_without_a_page_of_ours_leads_to_the_usual_place(
    client: Client, wang: User, stranger: str
) -> None:
    assert led(client, "/desk/together", referer=stranger) == "/sign-in?ended=1"


def test_the_language_of_the_door_changes_without_a_turn(client: Client, town: City) -> None:
    here = "/sign-in?next=/desk"
    headers = {"referer": f"http://testserver{here}"}
    answer = client.post("/i18n/", {"language": "en", "next": here}, headers=headers)
    assert answer.headers["Location"] == here
