"""The page of emphases: the own community, what follows, done and refused."""

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from gridmap.layers.intervals import Emphasis, IntervalRule
from gridmap.layers.places import Lane
from gridmap.layers.territory import City
from tests import town as toy


@pytest.fixture
def wang(town: City) -> Client:
    """A cadre of community A."""
    IntervalRule.objects.create(city=town, thing="stretch", kind="school", days=2)
    client = Client()
    client.force_login(toy.posted("wang", "A"))
    return client


def test_ways_are_chosen_looked_at_and_emphasised(wang: Client) -> None:
    page = wang.get("/patrols/emphases").content.decode()
    assert "榕树巷" in page
    assert "石坎巷" not in page, "a lane of the other community"
    lane = Lane.objects.get(code="L1").pk
    form = {"way": f"lane {lane}", "kind": "school", "why": "校门口"}
    look = wang.post("/patrols/emphases", {**form, "deed": "look"}).content.decode()
    assert re.search(r"选了\s*\d+ 处", look)
    assert f'value="lane {lane}" checked' in re.sub(r"\s+", " ", look)
    assert not Emphasis.objects.exists()
    answer = wang.post("/patrols/emphases", {**form, "deed": "emphasise"}, follow=True)
    assert "已设为重点" in answer.content.decode()
    assert Emphasis.objects.filter(kind="school", entrance=None).exists()
    assert not Emphasis.objects.exclude(kind="school", entrance=None).exists()
    answer = wang.post("/patrols/emphases", {**form, "deed": "lift"}, follow=True)
    assert "已取消重点" in answer.content.decode()
    assert not Emphasis.objects.exists()


def test_what_is_typed_stays_when_it_is_refused(wang: Client) -> None:
    form = {"way": "lane 999", "kind": "school", "why": "校门口", "deed": "emphasise"}
    answer = wang.post("/patrols/emphases", form)
    assert answer.status_code == 422
    assert 'value="校门口"' in answer.content.decode()


def test_another_community_is_not_there(wang: Client) -> None:
    address = f"/patrols/emphases?community={toy.community('B').pk}"
    assert wang.get(address).status_code == 404
    assert wang.post(address, {"deed": "emphasise"}).status_code == 404


def test_the_page_costs_a_fixed_number_of_queries(
    wang: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(10):
        wang.get("/patrols/emphases")
