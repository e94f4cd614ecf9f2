"""A database that is away is nobody's fault: 503, a word in the caller's language, come back."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test import Client

from gridmap.layers.territory import City
from tests import town as toy


@pytest.fixture
def wang(town: City) -> Client:
    user, client = toy.posted("wang", "A"), Client()
    client.force_login(user)
    return client


def away(fault: type[Exception]) -> Callable[..., Any]:
    def refuse(*_: object) -> None:
        raise fault("gone")

    return refuse


@pytest.mark.parametrize("fault", [OperationalError, InterfaceError])
@pytest.mark.parametrize("page", ["/", "/light", "/light/map"])
def test_a_page_says_come_back(wang: Client, page: str, fault: type[Exception]) -> None:
    with connection.execute_wrapper(away(fault)):
        answer = wang.get(page, headers={"accept": "text/html", "accept-language": "en"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")
    assert "busy" in answer.content.decode().lower()
    assert wang.get(page).status_code == 200


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("get", "/api/incidents"),
        ("get", "/api/search?city=toy&q=a"),
        ("post", "/api/incidents"),
        ("post", "/ticket"),
    ],
)
def test_a_program_is_told_in_json(wang: Client, method: str, address: str) -> None:
    with connection.execute_wrapper(away(OperationalError)):
        answer = getattr(wang, method)(address, {}, content_type="application/json")
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")
    assert answer.json() == {"code": "Busy", "message": "服务正忙，请稍后再试。"}


def test_any_other_fault_is_not_hidden(wang: Client) -> None:
    with (
        connection.execute_wrapper(away(ZeroDivisionError)),
        pytest.raises(ZeroDivisionError),
    ):
        wang.get("/")


def test_connections_that_died_are_noticed_before_they_are_used() -> None:
    assert connection.settings_dict["CONN_HEALTH_CHECKS"] is True
