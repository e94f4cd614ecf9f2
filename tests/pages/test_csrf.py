"""No address that changes something takes a request without its token: read from the routes."""

import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from gridmap.layers.territory import City
from tests import town as toy

FILLED = {"int": "1", "slug": "x", "str": "en", "path": "x", "uuid": "0" * 32}
# Where nobody is signed in by a cookie, no cookie can be abused: named here one by one.
WITHOUT_SESSION: frozenset[str] = frozenset()


def addresses(node: URLResolver, prefix: str = "/") -> Iterator[str]:
    """Every address of the URLconf, its fields filled with something."""
    for below in node.url_patterns:
        path = prefix + re.sub(
            r"<(?:(\w+):)?\w+>",
            lambda found: FILLED.get(found[1] or "str", "1"),
            str(below.pattern),
        )
        if isinstance(below, URLPattern):
            # An address written as a regular expression is a catch-all of refusals.
            yield re.sub(r"\^|\$|\\Z|\(\?P<\w+>.*?\)", "x", path).replace("//", "/")
        else:
            yield from addresses(below, path)


ALL = sorted(set(addresses(get_resolver())))


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_no_unsafe_request_passes_without_its_token(town: City, method: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(toy.posted("wang", "A"))
    assert len(ALL) > 40
    answers = {path: strict.generic(method, path).status_code for path in ALL}
    # 404 and 405: nothing is there, or it takes no such request, with or without a token.
    passed = {path: status for path, status in answers.items() if status not in {403, 404, 405}}
    assert set(passed) - WITHOUT_SESSION == set()
    refused = {path for path, status in answers.items() if status == 403}
    if method == "POST":
        assert {
            "/sign-in",
            "/sign-out",
            "/ticket",
            "/account/password",
            "/api/incidents",
        } <= refused


def test_the_token_is_what_makes_the_difference(town: City) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(toy.posted("wang", "A"))
    strict.get("/")
    token = strict.cookies[settings.CSRF_COOKIE_NAME].value
    assert strict.post("/ticket").status_code == 403
    assert strict.post("/ticket", headers={"X-CSRFToken": token}).status_code == 200


def refused(client: Client, path: str, **sent: str) -> str:
    """Send a form from a page of ours with a token that is none of the session's; the answer."""
    headers = {"referer": "http://testserver/cases/7?city=toy", "accept": "text/html", **HEADERS}
    answer = client.post(path, {"csrfmiddlewaretoken": "x" * 32, **sent}, headers=headers)
    assert answer.status_code == 403
    return answer.content.decode()


HEADERS = {"accept-language": "zh"}
WORDS = "已清走<b>两</b>车"


def test_an_old_token_is_told_with_the_words_and_the_way_back(town: City) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(toy.posted("wang", "A"))
    strict.get("/")
    text = refused(strict, "/cases/7/do/answer", why=WORDS, phone="13800000426")
    assert "重新登录过" in text
    assert "已清走&lt;b&gt;两" in text
    assert 'href="/cases/7?city=toy"' in text
    assert "13800000426" not in text
    english = strict.post(
        "/cases/7/do/answer", headers={"accept": "text/html", "accept-language": "en"}
    )
    assert "Nothing was sent" in english.content.decode()


def test_a_resident_without_cookies_is_told_so_in_the_language_of_the_address(town: City) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert "Cookie" in refused(strict, "/report", text="路灯不亮")
    text = refused(strict, "/report?lang=en", text="路灯不亮")
    assert "cookies" in text
    assert 'lang="en"' in text
    assert "路灯不亮" in text


def test_no_strangers_page_makes_ours_say_anything(town: City) -> None:
    strict = Client(enforce_csrf_checks=True)
    for referer in ("", "https://192.0.2.1/"):
        headers = {"referer": referer, "accept": "text/html"}
        answer = strict.post("/report", {"text": "打这个电话"}, headers=headers)
        assert answer.status_code == 403
        assert "打这个电话" not in answer.content.decode()


def test_a_program_is_refused_in_its_own_form(town: City) -> None:
    answer = Client(enforce_csrf_checks=True).post("/ticket", headers={"accept": "*/*"})
    assert (answer.status_code, answer.json()["code"]) == (403, "NotAllowed")
