"""The look-up of coverage: map, sums, holes, spreadsheet; the visits of a place."""

import zipfile
from datetime import timedelta
from io import BytesIO

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from gridmap.layers.patrols import Visit
from gridmap.layers.places import Stretch
from gridmap.layers.postings import Role
from gridmap.layers.territory import City
from tests import town as toy


def of(role: Role | None, *letters: str) -> Client:
    client = Client()
    client.force_login(toy.posted(role.value if role else "wang", *letters, role=role))
    return client


@pytest.fixture
def wang(town: City) -> Client:
    """Signed in for community A."""
    return of(None, "A")


def visit(days: int = 0) -> Visit:
    lane = Stretch.objects.get(code="L1-1", side="left")
    at = timezone.now() - timedelta(days=days)
    return Visit.objects.create(city=toy.city(), stretch=lane, at=at, source="tap", note="=1+1")


def test_the_page_shows_the_own_area(
    wang: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    visit()
    with django_assert_max_num_queries(16):
        page = wang.get("/patrols/coverage")
    text = page.content.decode()
    assert page.status_code == 200
    assert "榕树巷 2 号" in text
    assert "石坎巷" not in text
    assert text.count('class="cell s') == 2
    assert "甲社区巡防队" in text


def test_the_slider_and_the_other_day_go_back(wang: Client) -> None:
    visit(5)
    yesterday = timezone.localdate() - timedelta(days=10)
    text = wang.get(f"/patrols/coverage?ago=0&against={yesterday}").content.decode()
    assert f'value="{yesterday}"' in text
    assert "变化" in text
    before = wang.get("/patrols/coverage?ago=10").content.decode()
    now = wang.get("/patrols/coverage?ago=0").content.decode()
    assert f">{yesterday}</output>" in before
    assert before != now
    # What is no day of the last ninety, or nobody's team, is left out or empty; never an error.
    for query in ("ago=90", "ago=x", "against=2020-01-01", "day=2026-13-40", "team=99", "cell=99",
                  "span=5", "thing=lamp", "page=9999", "community=x"):  # fmt: skip
        assert wang.get(f"/patrols/coverage?{query}").status_code == 200, query


def test_a_foreign_community_looks_absent(wang: Client) -> None:
    theirs = toy.community("B").pk
    assert wang.get(f"/patrols/coverage?community={theirs}").status_code == 404
    assert wang.get("/patrols/coverage?community=999999").status_code == 404
    assert wang.get(f"/patrols/coverage?community={toy.community('A').pk}").status_code == 200


@pytest.mark.parametrize("role", [Role.PLANNER, Role.AUDITOR, Role.ADMIN, Role.DEPARTMENT])
def test_who_has_no_places_has_no_page(town: City, role: Role) -> None:
    client = of(role)
    assert client.get("/patrols/coverage").status_code == 404
    assert client.get("/patrols/coverage/export.xlsx").status_code == 404
    place = Stretch.objects.get(code="L2-1").pk
    assert client.get(f"/patrols/places/stretch/{place}").status_code == 404


@pytest.mark.parametrize(
    "role", [Role.LEADER, Role.DISPATCHER, Role.WORKER, Role.CHIEF, Role.PATROL]
)
def test_who_has_an_area_has_the_page_and_its_stop(town: City, role: Role) -> None:
    page = of(role).get("/patrols/coverage")
    assert page.status_code == 200
    assert 'aria-current="page"' in page.content.decode()


def test_the_spreadsheet_holds_every_hole_and_no_formula(wang: Client) -> None:
    answer = wang.get("/patrols/coverage/export.xlsx?thing=stretch")
    with zipfile.ZipFile(BytesIO(answer.content)) as book:
        text = book.read("xl/sharedStrings.xml").decode()
        assert "<f>" not in book.read("xl/worksheets/sheet1.xml").decode()
    assert "榕树巷" in text
    assert "石坎巷" not in text


def test_a_visit_is_taken_back_from_its_place(wang: Client) -> None:
    told = visit()
    place = f"/patrols/places/stretch/{told.stretch_id}"
    assert "=1+1" in wang.get(place).content.decode()
    empty = wang.post(place, {"deed": "withdraw", "visit": told.pk, "why": ""})
    assert empty.status_code == 422
    assert "请写明原因" in empty.content.decode()
    when = timezone.localtime(told.at) - timedelta(hours=1)
    form = {"deed": "correct", "visit": told.pk, "why": "钟不准", "at": f"{when:%Y-%m-%dT%H:%M}"}
    assert wang.post(place, {**form, "note": "=1+1"}).status_code == 302
    made = Visit.objects.get()
    assert abs(made.at - when) < timedelta(minutes=1)
    assert (
        wang.post(place, {"deed": "withdraw", "visit": made.pk, "why": "没去"}).status_code == 302
    )
    text = wang.get(place).content.decode()
    assert ("已更正" in text, "已撤回" in text, "钟不准" in text) == (True, True, True)
    assert wang.post(place, {"deed": "withdraw", "visit": made.pk, "why": "x"}).status_code == 404


def test_the_place_of_another_looks_absent(wang: Client) -> None:
    theirs = Stretch.objects.get(code="L2-1").pk
    for place in (f"stretch/{theirs}", "stretch/999999", "lamp/1", "entrance/999999"):
        assert wang.get(f"/patrols/places/{place}").status_code == 404, place


def test_a_leader_reads_and_changes_nothing(town: City) -> None:
    told = visit()
    leader = of(Role.LEADER)
    place = f"/patrols/places/stretch/{told.stretch_id}"
    assert "记错了" not in leader.get(place).content.decode()
    form = {"deed": "withdraw", "visit": told.pk, "why": "x"}
    assert leader.post(place, form).status_code == 404
    assert Visit.objects.exists()
