"""The roster of chiefs, the page of one office and its forms, the spreadsheet, the check."""

import re
import zipfile
from datetime import timedelta
from io import BytesIO

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from gridmap.layers.city_settings import CitySetting
from gridmap.layers.handovers import Handover
from gridmap.layers.people import ChiefTerm, Person
from gridmap.layers.places import Building, Lane
from gridmap.layers.postings import Role
from gridmap.layers.roster import limits_of, roster, sums
from gridmap.layers.scope import Area, Scope
from gridmap.layers.territory import City
from tests import town as toy


@pytest.fixture
def leader(town: City) -> Client:
    """Signed in for the whole city."""
    client = Client()
    client.force_login(toy.posted("leader", role=Role.LEADER))
    return client


@pytest.fixture
def wang(town: City) -> Client:
    """Signed in for community A."""
    client = Client()
    client.force_login(toy.posted("wang", "A"))
    return client


def listed(client: Client, query: str = "") -> list[str]:
    """The objects a page of the roster lists."""
    page = client.get(f"/chiefs?{query}")
    assert page.status_code == 200
    found = re.findall(r'href="/chiefs/(\w+)/\d+">([^<]+)</a>', page.content.decode())
    return [f"{office} {title}" for office, title in found]


def house(code: str) -> str:
    return f"/chiefs/building/{Building.objects.get(code=code).pk}"


def day(number: int) -> str:
    return (timezone.localdate() + timedelta(days=number)).isoformat()


def test_the_roster_of_the_own_area(leader: Client, wang: Client) -> None:
    assert len(listed(leader)) == 4 + 2 + 1 + 4 * 2  # buildings, lanes, streets, two a cell
    assert listed(wang) == [
        "cell_head 第一网格", "cell_worker 第一网格", "cell_head 第二网格", "cell_worker 第二网格",
        "building 榕树巷 1 号", "building 榕树巷 2 号", "lane 榕树巷", "street 和平街",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=vacant&office=building", ["building 榕树巷 2 号"]),
        ("state=expiring", ["building 榕树巷 1 号"]),
        ("state=expiring&days=5", []),
        ("q=何青禾", ["lane 榕树巷"]),
        ("q=榕树巷 2", ["building 榕树巷 2 号"]),
        ("office=street", ["street 和平街"]),
        ("state=overloaded", []),
        ("state=nonsense&office=king&office=street", ["street 和平街"]),
    ],
)
def test_the_list_is_narrowed_by_the_address(wang: Client, query: str, found: list[str]) -> None:
    assert listed(wang, query) == found


def test_more_objects_in_one_hand_than_asked_are_listed_as_objects(wang: Client) -> None:
    lane, somebody = Lane.objects.get(code="L2"), Person.objects.get(name="何青禾")
    ChiefTerm.objects.create(office="lane", lane=lane, person=somebody, valid=toy.ALWAYS)
    assert listed(wang, "state=overloaded&objects=1") == []  # a substitute stands before it
    ChiefTerm.objects.create(
        office="building", building=Building.objects.get(code="B2"), valid=toy.ALWAYS,
        person=Person.objects.get(name="苏望舒"),
    )  # fmt: skip
    assert listed(wang, "state=overloaded&objects=1") == [
        "building 榕树巷 1 号", "building 榕树巷 2 号",
    ]  # fmt: skip
    assert listed(wang, "state=overloaded&objects=2") == []


def test_a_substitute_who_stands_in_too_long(leader: Client) -> None:
    assert listed(leader, "state=long_substitute") == ["lane 石坎巷"]  # since 2024


def test_what_is_too_soon_and_too_many_the_city_decides(leader: Client, town: City) -> None:
    assert listed(leader, "state=expiring") == ["building 榕树巷 1 号"]
    assert listed(leader, "state=overloaded") == []
    assert leader.get("/api/standing?city=toy").json()["many"] == []
    term = ChiefTerm.objects.get(building__code="B1")
    house_2 = Building.objects.get(code="B2")
    ChiefTerm.objects.create(
        person=term.person, office="building", building=house_2, valid=toy.ALWAYS
    )
    for name in ("chief_days", "chief_objects"):
        CitySetting.objects.create(city=town, name=name, value="1", valid=toy.ALWAYS)
    assert listed(leader, "state=expiring") == []
    assert listed(leader, "state=overloaded") == ["building 榕树巷 1 号", "building 榕树巷 2 号"]
    many = leader.get("/api/standing?city=toy").json()["many"]
    assert sorted(many) == sorted(f"building {pk}" for pk in (term.building_id, house_2.pk))


def test_sums_of_communities_count_a_street_in_each_and_once_above(town: City) -> None:
    lines = roster(toy.eyes("leader"), town, now=timezone.now(), limits=limits_of(town))
    rows = [
        (row["name"], row["total"], row["vacant"], row["expiring"]) for row in sums(lines, town)
    ]
    assert rows == [
        ("列东街道", 15, 10, 1), ("甲社区", 8, 4, 1), ("乙社区", 8, 6, 0),
    ]  # fmt: skip


def test_the_roster_costs_one_query(
    town: City, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    scope, limits = toy.eyes("leader"), limits_of(town)
    with django_assert_num_queries(1):
        roster(scope, town, now=timezone.now(), limits=limits)


def test_pages_of_another_community_are_not_there(wang: Client) -> None:
    other = toy.community("B").pk
    for address in (
        f"/chiefs?community={other}",
        f"/chiefs/export.xlsx?community={other}",
        "/chiefs?city=nowhere",
        "/chiefs/king/1",
        "/chiefs/building/999999",
    ):
        assert wang.get(address).status_code == 404, address
    page = wang.get(house("B3")).content.decode()
    assert "任免由本社区或街道办理" in page
    assert wang.post(house("B3"), {"deed": "appoint", "name": "x", "new": "1"}).status_code == 403
    assert not ChiefTerm.objects.filter(building__code="B3").exists()


def test_whoever_serves_one_cell_or_one_thing_sees_that(town: City) -> None:
    def seen(**area: frozenset[int]) -> list[str]:
        scope = Scope(user_id=None, ground=frozenset({town.pk}), area=Area(**area))
        lines = roster(scope, town, now=timezone.now(), limits=limits_of(town))
        return [line.code for line in lines]

    cell = "350404001001001"
    assert seen(cells=frozenset({toy.cell("A", 1).pk})) == [cell, cell, "B1"]
    assert seen(lanes=frozenset({Lane.objects.get(code="L2").pk})) == ["L2"]
    assert seen() == []


def test_appointing_by_the_form_and_the_way_back(wang: Client) -> None:
    back = "/?overlay=chiefs#17/26.27/117.64"
    form = {"deed": "appoint", "name": "何青禾", "since": day(0), "until": day(300), "back": back}
    answer = wang.post(house("B2"), form)
    assert (answer.status_code, answer.headers["Location"]) == (302, back)
    made = ChiefTerm.objects.get(building__code="B2")
    assert made.person.name == "何青禾"
    page = wang.get(house("B2")).content.decode()
    assert "换人（交接）" in page
    evil = wang.post(house("B2"), {**form, "deed": "relieve", "term": made.pk, "why": "x",
                                   "back": "https://elsewhere.example/"})  # fmt: skip
    assert evil.headers["Location"] == house("B2")


def test_a_form_sent_twice_is_done_once(wang: Client) -> None:
    form = {"deed": "appoint", "name": "新来的", "new": "1",
            "client_id": "5a3d1f6e-6c0b-4a7c-9f4e-3f2f6f0a0b01"}  # fmt: skip
    for _ in range(2):
        assert wang.post(house("B2"), form).status_code == 302
    assert Person.objects.filter(name="新来的").count() == 1


def test_what_was_typed_is_kept_and_namesakes_are_offered(wang: Client, town: City) -> None:
    form = {"deed": "appoint", "name": "没有的人", "until": day(9)}
    page = wang.post(house("B2"), form)
    assert page.status_code == 409
    body = page.content.decode()
    assert "还没有叫“没有的人”的任职人" in body
    assert f'value="{day(9)}"' in body
    Person.objects.create(city=town, name="何青禾", search="何青禾 heqinghe hqh")
    body = wang.post(house("B2"), {**form, "name": "何青禾"}).content.decode()
    assert body.count('type="radio"') == 2
    chosen = Person.objects.filter(name="何青禾").earliest("pk").pk
    assert wang.post(house("B2"), {**form, "name": "何青禾", "person": chosen}).status_code == 302


@pytest.mark.parametrize(
    "form",
    [
        {"deed": "coronate"},
        {"deed": "appoint", "name": "何青禾", "until": "2026-99-99"},
        {"deed": "appoint", "name": "何青禾", "since": day(-3)},
        {"deed": "appoint", "name": "\0"},
        {"deed": "renew", "term": "999999999999999999999"},
        {"deed": "substitute", "name": "何青禾", "reason": "x" * 50},
    ],
)
def test_a_form_that_cannot_be_used_says_so(wang: Client, form: dict[str, str]) -> None:
    page = wang.post(house("B2"), form)
    assert page.status_code == 409
    assert ChiefTerm.objects.count() == 5


def test_the_page_of_an_office_tells_its_whole_story(wang: Client) -> None:
    term = ChiefTerm.objects.get(building__code="B1")
    toy.incident(50, 70)
    form = {"deed": "hand_over", "term": term.pk, "name": "何青禾", "note": "钥匙已交"}
    assert wang.post(house("B1"), form).status_code == 302
    page = wang.get(house("B1")).content.decode()
    assert Handover.objects.count() == 1
    for word in ("苏望舒 → 何青禾", "钥匙已交", "未结事件：暴露垃圾 1"):
        assert word in page


HOSTILE = ["=1+1", '=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\t=1", "{=1}", "http://x"]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_becomes_a_formula_in_the_spreadsheet(wang: Client, name: str) -> None:
    person = Person.objects.create(city=toy.city(), name=name, search="x")
    ChiefTerm.objects.create(
        office="building", building=Building.objects.get(code="B2"), person=person,
        valid=DateTimeTZRange(toy.OPENED, None),
    )  # fmt: skip
    answer = wang.get("/chiefs/export.xlsx?office=building")
    assert answer.headers["Content-Disposition"].endswith('.xlsx"')
    with zipfile.ZipFile(BytesIO(answer.content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        strings = book.read("xl/sharedStrings.xml").decode()
        assert not any("hyperlink" in part for part in book.namelist())
    assert "<f>" not in sheet
    assert "<hyperlink" not in sheet
    assert name.strip().split('"')[0] in strings
    assert sheet.count("<row ") == 3  # the head and two houses of A
    assert "乙社区" not in strings


def test_everything_is_signed_in_for(client: Client, town: City) -> None:
    for address in ("/chiefs", "/chiefs/export.xlsx", "/chiefs/check", house("B1")):
        assert client.get(address).status_code == 302, address


def test_the_pages_are_english_for_the_english(wang: Client) -> None:
    for address in ("/chiefs?view=areas", "/chiefs/check"):
        page = wang.get(address, headers={"accept-language": "en"}).content.decode()
        main = page[page.index('<main class="desk"') :]
        names = re.sub("列东街道|甲社区|乙社区|玩具城", "", main)
        assert re.findall("[\u4e00-\u9fff]+", names) == [], address
