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
