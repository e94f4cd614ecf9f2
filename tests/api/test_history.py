"""The history in words: within the caller's area, newest first, searchable, masked for auditors."""

import csv
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from gridmap.actions.incidents import Report, report_incident
from gridmap.layers import chronicle, journal
from gridmap.layers.chronicle import Wanted
from gridmap.layers.journal import Entry
from gridmap.layers.people import ChiefTerm
from gridmap.layers.places import Building, Lane
from gridmap.layers.postings import Role
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City
from gridmap.layers.words_of_history import VERBS
from tests import town as toy

SYSTEM = Scope(user_id=None)
RECORDED = re.compile(r'journal\.record\((?:[^()]|\([^()]*\))*?verb="(\w+)"')


def told(letter: str, verb: str = "rename", **values: Any) -> Entry:
    """An entry in a community."""
    place = (toy.city().pk, toy.community(letter).pk, toy.cell(letter, 1).pk)
    standard: dict[str, Any] = {"by": SYSTEM, "subject": Building.objects.get(code="B1"),
                                "change": ({"name": "旧名"}, {"name": "新名"})}  # fmt: skip
    return journal.record(**{**standard, "verb": verb, "where": place, **values})


def client_of(name: str, *letters: str, role: Role = Role.CADRE) -> Client:
    client = Client()
    client.force_login(toy.posted(name, *letters, role=role))
    return client


def ids(client: Client, query: str = "") -> list[int]:
    answer = client.get(f"/api/history?{query}")
    assert answer.status_code == 200, answer.content
    return [line["id"] for line in answer.json()["results"]]


def test_each_reads_the_history_of_the_own_area(town: City) -> None:
    a, b = told("A").pk, told("B").pk
    whole = journal.record(by=SYSTEM, verb="load", subject=town, where=(town.pk, None, None)).pk
    assert ids(client_of("leader", role=Role.LEADER)) == [whole, b, a]
    assert ids(client_of("wang", "A")) == [a]
    assert ids(client_of("li", "B")) == [b]


@pytest.mark.parametrize("role", [Role.PATROL, Role.CHIEF, Role.WORKER, Role.PLANNER])
def test_who_may_not_read_it_sees_the_own_deeds_only(town: City, role: Role) -> None:
    told("A")
    client = client_of("zhang", role=role)
    own = told("A", by=Scope(user_id=User.objects.get(username="zhang").pk)).pk
    assert ids(client) == []
    assert ids(client, "mine=true") == [own]
    assert client.get("/history").context["given"]["mine"] == "1"
    building = Building.objects.get(code="B1").pk
    assert client.get(f"/history?kind=building&id={building}").status_code == 404


def test_filters_find_and_a_wrong_one_is_refused(town: City) -> None:
    first, second = (
        told("A").pk,
        told("A", verb="measure", why="住户来电", change=({}, {"floors": 7})).pk,
    )
    other = told("B", subject=Lane.objects.get(code="L2")).pk
    leader = client_of("leader", role=Role.LEADER)
    today = f"{Entry.objects.get(pk=first).at.astimezone():%Y-%m-%d}"
    assert ids(leader, "verb=measure") == [second]
    assert ids(leader, "kind=lane") == [other]
    assert ids(leader, f"community={toy.community('B').pk}") == [other]
    assert ids(leader, "q=来电") == [second]
    assert ids(leader, "q=新名") == [other, first]
    assert ids(leader, "actor=nobody") == []
    assert ids(leader, f"since={today}&until={today}") == [other, second, first]
    assert ids(leader, "until=2024-01-01") == []
    assert leader.get("/api/history?colour=red").status_code == 400
    assert leader.get("/api/history?since=gestern").status_code == 400
    assert leader.get("/history?id=x").status_code == 404


def test_pages_neither_lose_nor_repeat_a_line_while_others_write(town: City) -> None:
    before = [told("A").pk for _ in range(5)]
    leader = client_of("leader", role=Role.LEADER)
    first = leader.get("/api/history?page_size=2").json()
    told("A")
    second = leader.get(first["next"]).json()
    third = leader.get(second["next"]).json()
    seen = [line["id"] for page in (first, second, third) for line in page["results"]]
    assert seen == before[::-1]
    assert third["next"] is None


def test_a_change_is_told_in_words(town: City) -> None:
    term = ChiefTerm.objects.get(building__code="B1")
    told("A", verb="direct_edit", subject=term, change=(
        {"standing": "acting", "person_id": term.person_id, "valid": '["2024-01-01 00:00:00+00",)'},
        {"standing": "substitute", "person_id": None, "operation": "update"},
    ))  # fmt: skip
    (line,) = client_of("wang", "A").get("/api/history").json()["results"]
    assert (line["verb_name"], line["kind_name"]) == ("在数据库中直接修改", "任期")
    assert line["title"] == "楼长 苏望舒 榕树巷 1 号"
    assert (line["direct"], line["who"]) == (True, "")
    said = {change["name"]: (change["before"], change["after"]) for change in line["changes"]}
    assert said == {
        "有效期": ("2024-01-01 08:00 起", ""),
        "在岗情况": ("在岗", "代理"),
        "任职人": ("苏望舒", ""),
        "操作": ("", "修改"),
    }


def test_who_acted_is_told_as_post_and_account(town: City) -> None:
    client = client_of("wang", "A")
    told("A", by=Scope(user_id=User.objects.get(username="wang").pk))
    (line,) = client.get("/api/history").json()["results"]
    assert line["who"] == "社区干部 wang"


def test_what_reaches_a_resident_is_hidden_from_the_auditor(town: City) -> None:
    change = ({"text": "电话 13812345678"}, {"text": "", "reporter": "钱某", "state": "filed"})
    told("A", change=change)
    cadre, auditor = client_of("wang", "A"), client_of("shen", role=Role.AUDITOR)
    assert "13812345678" in cadre.get("/api/history").content.decode()
    for path in ("/api/history", "/history", "/history/file/csv"):
        said = auditor.get(path).content.decode()
        assert "13812345678" not in said, path
        assert "钱某" not in said, path
    assert len(ids(cadre, "q=13812345678")) == 1
    assert ids(auditor, "q=13812345678") == []


@pytest.mark.django_db(transaction=True)  # a load, a rename and a term: three transactions
def test_an_object_tells_its_own_its_terms_and_what_a_load_changed(town: City) -> None:
    building = Building.objects.get(code="B1")
    with transaction.atomic():
        Building.objects.filter(pk=building.pk).update(floors=8)
        load = journal.record(by=SYSTEM, verb="load", subject=town, where=(town.pk, None, None))
    own = told("A").pk
    term = told("A", subject=ChiefTerm.objects.get(building=building)).pk
    told("A", subject=Building.objects.get(code="B2"))
    client = client_of("wang", "A")
    lines = client.get(f"/api/history?kind=building&id={building.pk}").json()["results"]
    assert {line["id"] for line in lines} >= {own, term}
    versions = [line for line in lines if line["id"] is None]
    changed = [c for line in versions for c in line["changes"] if c["field"] == "floors"]
    assert {"field": "floors", "name": "层数", "before": "6", "after": "8"} in changed
    assert {line["verb"] for line in versions} == {load.verb}
    other = client_of("li", "B").get(f"/api/history?kind=building&id={building.pk}").json()
    assert other["results"] == []
    page = client.get(f"/history?kind=building&id={building.pk}").content.decode()
    assert "榕树巷 1 号" in page
    assert "<del>6</del>" in page


def test_a_page_of_history_costs_the_same_whatever_its_length(
    town: City, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(8):
        told("A")
        told("A", subject=ChiefTerm.objects.get(building__code="B1"))
        told(
            "B", subject=Lane.objects.get(code="L2"), change=({"street_id": None}, {"street_id": 1})
        )
    scope = toy.eyes("leader", role=Role.LEADER)
    with django_assert_max_num_queries(6):  # entries, actors' posts, names of four kinds
        chronicle.page(scope, Wanted(), size=50)


def test_the_page_keeps_its_filters_in_the_address(town: City) -> None:
    for _ in range(51):
        told("A", why="住户来电")
    page = client_of("wang", "A").get("/history?q=来电&verb=rename")
    assert len(page.context["lines"]) == 50
    assert "q=%E6%9D%A5%E7%94%B5" in page.context["older"]
    assert "before=" in page.context["older"]
    second = Client()
    second.force_login(User.objects.get(username="wang"))
    assert len(second.get(page.context["older"]).context["lines"]) == 1


FORMULAS = ["=HYPERLINK(1)", "+1", "-1", "@x", "\t=1", "\r=1", "=1+1"]


def test_no_cell_of_an_export_is_a_formula(town: City) -> None:
    for text in FORMULAS:
        told("A", why=text, change=({}, {"name": text}))
    leader = client_of("leader", role=Role.LEADER)
    book = zipfile.ZipFile(io.BytesIO(leader.get("/history/file/xlsx").content))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count('t="s"') > 40
    assert "<f>" not in sheet
    assert "=HYPERLINK(1)" in book.read("xl/sharedStrings.xml").decode()
    text = leader.get("/history/file/csv").content.decode("utf-8-sig")
    for row in csv.reader(io.StringIO(text)):
        assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert leader.get("/history/file/pdf").status_code == 404


def test_a_report_is_told_where_it_happened(town: City) -> None:
    report = Report(place=toy.at(50, 50), title="井盖", category="0102")
    made, _ = report_incident(by=toy.eyes("chen", role=Role.WORKER), report=report)
    client = client_of("wang", "A")
    (line,) = client.get(f"/api/history?kind=cell&id={toy.cell('A', 1).pk}").json()["results"]
    assert (line["verb_name"], line["object"]) == ("上报事件", made.pk)
    assert made.title in line["title"]


def test_every_deed_has_its_word() -> None:
    said = set()
    for path in (Path(journal.__file__).parents[1] / "actions").rglob("*.py"):
        said |= set(RECORDED.findall(path.read_text(encoding="utf-8")))
    assert len(said) >= 5
    assert said - set(VERBS) == set()
