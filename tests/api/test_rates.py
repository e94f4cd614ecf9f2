"""Who knocks too often waits; everybody else is answered meanwhile."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from gridmap.layers.rates import count_call, limit
from tests import town as toy

PATH = "/api/cities"


def test_a_person_who_calls_too_often_is_told_how_long_to_wait(
    leader: Client, settings: Settings
) -> None:
    settings.API_RATE = "3/minute"
    assert [leader.get(PATH).status_code for _ in range(3)] == [200] * 3
    refused = leader.get(PATH, headers={"accept-language": "en"})
    assert refused.status_code == 429
    assert refused.json()["code"] == "TooMany"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    other = Client()
    other.force_login(toy.posted("other"))
    assert other.get(PATH).status_code == 200, "another person is not kept waiting"


def test_a_stranger_waits_sooner_and_only_on_that_machine(
    leader: Client, settings: Settings
) -> None:
    settings.API_RATE_STRANGERS = "2/minute"
    stranger = Client()
    assert [stranger.get(PATH).status_code for _ in range(3)] == [401, 401, 429]
    assert "Retry-After" in stranger.get(PATH).headers
    assert stranger.get(PATH, REMOTE_ADDR="192.0.2.7").status_code == 401
    assert leader.get(PATH).status_code == 200, "whoever is signed in there is no stranger"


def test_a_new_span_begins_at_nought(town: object) -> None:
    assert count_call("me", 60)[0] == 1
    assert count_call("me", 60)[0] == 2
    calls, left = count_call("me", 0)
    assert calls == 1, "the span is over at once"
    assert left <= 0


def test_without_a_rate_nothing_is_counted(
    leader: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assert limit("") is None
    assert limit("20/hour") == (20, 3_600)
    with pytest.raises(KeyError):
        limit("20/day")
    queries = 4  # session, user, postings, cities
    with django_assert_num_queries(queries):
        leader.get(PATH)
