"""Sheets of the 12345 hotline: tried first, filed then, never twice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gridmap.geo.workbook import Sheet, workbook
from gridmap.layers.authority import propose_department
from gridmap.layers.contacts import Contact
from gridmap.layers.hotline import MOST, Reading, read_orders
from gridmap.layers.incidents import Category, Incident
from gridmap.layers.journal import Entry
from gridmap.layers.notices import Outbox
from gridmap.layers.places import Building
from gridmap.layers.postings import Posting, Role
from gridmap.layers.territory import City, PlaceCode, Subdistrict
from gridmap.pages import hotline
from tests import town as toy
from tests.pages.planning import signed_in

HEADS: list[object] = [
    "工单编号",
    "来电时间",
    "诉求内容",
    "诉求类别",
    "事发地址",
    "来电人",
    "联系电话",
]
GOOD: list[object] = [
    "SM-001",
    "",
    "门口垃圾没人收",
    "暴露垃圾",
    "榕树巷1号",
    "王先生",
    "138 0000 1234",
]


MOST_AN_ORDER = 30  # queries: everything that follows from one report


@pytest.fixture
def duty(town: City) -> Client:
    assert town
    return signed_in("duty", Role.DISPATCHER)


def sheet(*rows: Sequence[object], heads: Sequence[object] = HEADS) -> SimpleUploadedFile:
    file = workbook(Sheet("工单", list(heads), [list(row) for row in rows]))  # type: ignore[arg-type]
    return SimpleUploadedFile("orders.xlsx", file)


def tried(
    client: Client, *rows: Sequence[object], heads: Sequence[object] = HEADS, status: int = 200
) -> str:
    answer = client.post("/desk/orders", {"file": sheet(*rows, heads=heads)})
    assert answer.status_code == status
    return answer.content.decode()


def filed(client: Client, page: str) -> str:
    found = re.findall(r'name="orders" value="([^"]+)"', page)
    assert found, "nothing can be filed"
    answer = client.post("/desk/orders", {"orders": [unescape(portion) for portion in found]})
    assert answer.status_code == 200
    return answer.content.decode()


def results(page: str) -> list[str]:
    """The last cell of each order."""
    body = re.search(r'id="orders">.*?<tbody>(.*?)</tbody>', page, re.DOTALL)
    assert body
    cells = re.findall(r"<td[^>]*>((?:(?!<td).)*?)</td>\s*</tr>", body[1], re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", unescape(cell)).split()) for cell in cells]


def test_a_trial_tells_what_orders_would_become_and_writes_nothing(duty: Client) -> None:
    before = Entry.objects.count()
    page = tried(duty, GOOD)
    assert results(page) == ["可登记"]
    for word in ("SM-001", "暴露垃圾", "榕树巷 1 号", "环卫", "可登记 1 件"):
        assert word in page
    assert (Incident.objects.count(), Entry.objects.count()) == (0, before)


def test_an_order_becomes_a_case_with_everything_that_follows(duty: Client) -> None:
    called = (timezone.localtime() - timedelta(minutes=50)).replace(second=0, microsecond=0)
    row: list[object] = [*GOOD]
    row[1] = f"{called:%Y/%m/%d %H:%M}"
    filed(duty, tried(duty, row))
    case = Incident.objects.get()
    assert (case.source, case.said_at, case.typed) == ("hotline", called, None)
    assert case.title == "门口垃圾没人收（工单 SM-001）"
    assert (case.cell_id, case.address) == (toy.cell("A", 1).pk, "榕树巷1号")
    assert case.building_id == Building.objects.get(code="B1").pk
    assert (
        case.department == propose_department(case.category, case.place, timezone.now()).department
    )
    assert case.due is not None
    contact = Contact.objects.get()
    assert (contact.incident_id, contact.name) == (case.pk, "王先生")
    assert Entry.objects.filter(verb="report", subject_id=case.pk).count() == 1
    assert Outbox.objects.filter(subject_id=case.pk, subject_kind="incident").exists()


def test_the_same_order_is_filed_once_however_often_it_is_handed_in(duty: Client) -> None:
    page = tried(duty, GOOD)
    first = filed(duty, page)
    case = Incident.objects.get()
    assert results(first) == [case.number]
    assert results(filed(duty, page)) == [f"{case.number} 早已登记"], "the form sent once more"
    other = tried(duty, [*GOOD[:2], "换了说法", *GOOD[3:]])
    assert results(other) == [f"{case.number} 早已登记"]
    assert 'name="orders"' not in other, "nothing is left to be filed"
    assert Incident.objects.count() == 1


def test_place_and_category_are_heard_in_the_words(duty: Client) -> None:
    filed(duty, tried(duty, ["7", "", "榕树巷2号边上有垃圾没人收", "", "", "", ""]))
    case = Incident.objects.get()
    assert case.building_id == Building.objects.get(code="B2").pk
    assert case.category == Category.objects.get(code="0102")
    assert case.address == "榕树巷 2 号"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({0: ""}, "没有工单编号"),
        ({2: ""}, "没有诉求内容"),
        ({3: "飞碟", 2: "你好"}, "没有事件类别“飞碟”，内容里也听不出"),
        ({1: "2099-01-01 08:00"}, "时间 2099-01-01 08:00 还没有到"),
        ({3: "", 2: "你好"}, "听不出类别；请在“类别”列写上类别名称"),
        ({2: "垃圾", 4: "月亮上"}, "听不出地点；请在“地址”列写上楼名、巷名或门牌"),
        ({6: "call me"}, "电话号码只能是数字，可以有空格和连字符"),
        ({1: "昨晚"}, "时间“昨晚”读不懂；应写成 2026-03-04 08:30"),
        ({4: "x" * 121}, "事发地址 太长：最多 120 个字"),
    ],
)
def test_a_row_that_can_become_no_case_says_why_and_holds_up_no_other(
    duty: Client, changed: dict[int, str], why: str
) -> None:
    bad: list[object] = ["SM-002", *GOOD[1:]]
    for at, value in changed.items():
        bad[at] = value
    page = tried(duty, bad, GOOD)
    assert results(page) == [why, "可登记"]
    assert results(filed(duty, page)) == [Incident.objects.get().number]


def test_a_number_that_stands_twice_is_one_order(duty: Client) -> None:
    page = tried(duty, GOOD, [*GOOD[:2], "另一件垃圾", *GOOD[3:]])
    assert results(page) == ["可登记", "同一份表里第 2 行已有这个编号"]
    filed(duty, page)
    assert Incident.objects.count() == 1


def test_coordinates_are_taken_where_they_stand(duty: Client) -> None:
    place = toy.at(150, 50)
    heads = [*HEADS, "经度", "纬度"]
    away = toy.at(5_000, 50)
    page = tried(duty, [*GOOD, place.x, place.y], ["SM-3", *GOOD[1:], away.x, away.y], heads=heads)
    assert results(page)[0] == "可登记"
    assert results(page)[1].startswith("经纬度不在城市范围内")
    filed(duty, page)
    assert Incident.objects.get().place.equals_exact(place, tolerance=1e-6)


@pytest.mark.parametrize("words", [("inf", "26"), ("nan", "nan"), ("x", "y"), ("117.6", "")])
def test_coordinates_that_are_none_are_told(duty: Client, words: tuple[str, str]) -> None:
    page = tried(duty, [*GOOD, *words], heads=[*HEADS, "经度", "纬度"])
    assert results(page) == ["经纬度不在城市范围内；应按 WGS 84 写成 117.6、26.3"]


def test_a_cell_that_holds_a_moment_or_a_number_is_read_as_such(duty: Client) -> None:
    called = (timezone.localtime() - timedelta(days=2)).replace(microsecond=0, tzinfo=None)
    filed(duty, tried(duty, [20261127, called, *GOOD[2:6], 13800001234]))
    case = Incident.objects.get()
    assert case.title.endswith("（工单 20261127）")
    assert case.said_at is not None
    assert timezone.localtime(case.said_at).replace(tzinfo=None) == called
    assert Contact.objects.get().phone == "13800001234"


def test_a_category_of_another_house_is_heard_in_the_words_and_that_is_said(duty: Client) -> None:
    leaf = Category.objects.get(code="0102")
    leaf.parent = Category.objects.create(city=leaf.city, code="01", name="市容", kind=leaf.kind)
    leaf.save()
    page = tried(duty, [*GOOD[:3], "市容", *GOOD[4:]])
    assert results(page) == ["可登记 没有事件类别“市容”，按内容听成这一类"]
    filed(duty, page)
    assert Incident.objects.get().category == leaf


def test_an_open_case_near_in_place_and_kind_is_shown_beside_an_order(duty: Client) -> None:
    near = toy.incident(52, 60)
    toy.incident(52, 60, state="closed", closed_at=timezone.now())
    toy.incident(350, 50)
    assert results(tried(duty, GOOD)) == [f"可登记 附近有同类、还没办结的： {near.number}"]
    near.delete()
    assert results(tried(duty, GOOD)) == ["可登记"]


def test_a_sheet_with_nothing_below_its_heads_says_so(duty: Client) -> None:
    assert "表里没有工单：表头下面一行也没有" in tried(duty, status=422)


def test_words_too_many_for_a_form_are_refused(
    duty: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gridmap.pages.hotline.MOST_SIGNS", 100)
    assert "请分成几份" in tried(duty, GOOD, status=422)


def test_what_another_hand_has_filed_meanwhile_is_known(
    duty: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tried(duty, GOOD)
    real = read_orders

    def meanwhile(*asked: Any) -> list[Reading]:
        readings = real(*asked)
        hotline._take(asked[0], asked[1], [hotline.Row(one) for one in real(*asked)])
        return readings

    monkeypatch.setattr(hotline, "read_orders", meanwhile)
    told = filed(duty, page)
    assert results(told) == [f"{Incident.objects.get().number} 早已登记"]


def test_what_somebody_else_has_filed_meanwhile_is_known_too(
    duty: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tried(duty, GOOD)
    other = signed_in("leader", Role.LEADER)
    theirs = tried(other, [*GOOD[:2], "换了说法", *GOOD[3:]])
    real = hotline._take

    def meanwhile(*asked: Any) -> None:
        monkeypatch.setattr(hotline, "_take", real)
        filed(other, theirs)
        real(*asked)

    monkeypatch.setattr(hotline, "_take", meanwhile)
    told = filed(duty, page)
    assert results(told) == [f"{Incident.objects.get().number} 早已登记"]


def test_what_somebody_elses_area_has_is_not_told_from_what_lies_there(duty: Client) -> None:
    filed(duty, tried(duty, GOOD))
    elsewhere = Subdistrict.objects.create(
        city=toy.city(), code="350404002", name="别处街道", geom=toy.box(0, 110, 50, 50)
    )
    PlaceCode.objects.create(
        subdistrict=elsewhere, code=elsewhere.code, name=elsewhere.name, valid=toy.ALWAYS
    )
    other = signed_in("far", Role.DISPATCHER)
    Posting.objects.filter(user__username="far").update(subdistrict=elsewhere)
    page = tried(other, GOOD, ["SM-9", *GOOD[1:]])
    number = Incident.objects.get().number
    assert number not in page
    taken, free = results(page)
    assert taken == free == "地点不在您的范围内"


def orders(most: int) -> list[list[object]]:
    """Orders of every sort: with an address, heard in the words, with coordinates, of no use."""
    where = toy.at(150, 50)
    sorts: list[list[object]] = [
        ["门口垃圾没人收", "暴露垃圾", "榕树巷1号", "", ""],
        ["榕树巷2号边上有垃圾没人收", "", "", "", ""],
        ["路边垃圾没人收", "", "榕树巷", where.x, where.y],
        ["垃圾没人收", "", "月亮上", "", ""],
        ["垃圾", "", "", "", ""],
    ]
    return [[f"SM-{n}", *sorts[n % len(sorts)]] for n in range(most)]


SHORT = ["工单编号", "诉求内容", "诉求类别", "事发地址", "经度", "纬度"]


def test_a_long_sheet_costs_as_many_queries_as_a_short_one(duty: Client) -> None:
    filed(duty, tried(duty, GOOD))
    known = ["SM-001", "早已登记", "", "", "", ""]
    tried(duty, known, heads=SHORT)  # what a process reads once, it has read
    cost = []
    for most in (5, 20):
        with CaptureQueriesContext(connection) as asked:
            page = tried(duty, known, *orders(most), heads=SHORT)
        ready = [one for one in results(page) if one.startswith("可登记")]
        assert len(ready) == most * 3 // 5
        cost.append(len(asked))
    assert cost[0] == cost[1]


def test_an_order_costs_the_same_queries_however_many_are_filed(duty: Client) -> None:
    cost = []
    for most in (5, 20):
        page = tried(duty, *orders(most), heads=SHORT)
        with CaptureQueriesContext(connection) as asked:
            filed(duty, page)
        cost.append(len(asked))
    assert Incident.objects.count() == 12
    # Of twenty, three were filed with the five before: nine more.
    assert (cost[1] - cost[0]) / 6 <= MOST_AN_ORDER, cost


def test_without_its_script_the_page_files_all_portions_at_once(
    duty: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hotline, "PORTION", 2)
    page = tried(duty, *orders(10), heads=SHORT)
    assert page.count('name="orders"') == 3
    told = filed(duty, page)
    assert "新登记 6 件，早已登记 0 件，没有登记 0 件" in told
    assert Incident.objects.count() == 6


@pytest.mark.parametrize(
    ("heads", "why"), [(["编号"], "表里没有“诉求内容”列"), (["电话"], "工单编号、诉求内容")]
)
def test_a_sheet_without_its_columns_is_refused(duty: Client, heads: list[str], why: str) -> None:
    page = tried(duty, ["1"], heads=heads, status=422)
    assert why in page
    assert "选一份工单表" in page


def test_a_sheet_that_is_too_long_or_none_is_refused(duty: Client) -> None:
    rows: list[list[object]] = [[str(n), "", "垃圾", "", "", "", ""] for n in range(MOST + 1)]
    assert f"最多 {MOST} 张" in tried(duty, *rows, status=422)
    file = SimpleUploadedFile("orders.xlsx", b"no sheet")
    assert duty.post("/desk/orders", {"file": file}).status_code == 422
    assert duty.post("/desk/orders", {}).status_code == 422


def test_what_is_filed_is_what_was_shown(duty: Client) -> None:
    page = tried(duty, GOOD)
    found = re.search(r'name="orders" value="([^"]+)"', page)
    assert found
    for torn in (found[1][:-2], found[1].swapcase(), "x"):
        answer = duty.post("/desk/orders", {"orders": torn})
        assert answer.status_code == 422
        assert "请重新上传" in answer.content.decode()
    assert Incident.objects.count() == 0


def test_it_is_filed_where_it_was_shown_though_names_have_changed_since(duty: Client) -> None:
    page = tried(duty, ["7", "", "榕树巷2号边上有垃圾没人收", "", "", "", ""])
    house = Building.objects.get(code="B2")
    place = house.geom.point_on_surface
    Building.objects.filter(pk=house.pk).update(name="", address="", aliases=[])
    filed(duty, page)
    case = Incident.objects.get()
    assert (case.address, case.category.code) == ("榕树巷 2 号", "0102")
    assert case.place.equals_exact(place, tolerance=1e-9)


@pytest.mark.parametrize("role", [Role.CADRE, Role.WORKER, Role.DEPARTMENT, Role.PLANNER])
def test_who_hands_in_no_orders_has_no_page(town: City, role: Role) -> None:
    letters = ("A",) if role is Role.CADRE else ()
    client = Client()
    client.force_login(toy.posted("other", *letters, role=role))
    assert client.get("/desk/orders").status_code == 404
    assert "导入 12345 工单" not in client.get("/desk").content.decode()


def test_the_desk_leads_to_the_page(duty: Client) -> None:
    assert 'href="/desk/orders?city=toy"' in duty.get("/desk").content.decode()
    assert "选一份工单表" in duty.get("/desk/orders").content.decode()
