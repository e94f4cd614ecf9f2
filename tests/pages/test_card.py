"""The answer card: for everybody, without a script, and nothing on it that is not for everybody."""

import re
from datetime import UTC, datetime, time, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from gridmap.layers.calendars import CalendarDay, WorkSlot
from gridmap.layers.codes import public_code
from gridmap.layers.lines import CommunityLine, DutyPoint
from gridmap.layers.people import ChiefTerm, Person
from gridmap.layers.places import Building, Lane, Street
from gridmap.layers.territory import CellEdition, City, Community, PlaceCode
from tests import town as toy
from tests.api.test_naughty import NAUGHTY

A1 = "350404001001001"


@pytest.fixture
def open_town(town: City) -> City:
    """The toy town with public cards, a line for community A and two duty points."""
    City.objects.filter(pk=town.pk).update(public_card=True)
    CommunityLine.objects.create(
        community=toy.community("A"), phone="0598-0112233", hours="工作日 08:00–17:30",
        valid=toy.ALWAYS,
    )  # fmt: skip
    for code, east in (("D1", 60), ("D2", 360)):
        DutyPoint.objects.create(
            city=town, code=code, name=f"值守点 {code}", hours="每天", place=toy.at(east, 30),
            valid=toy.ALWAYS,
        )  # fmt: skip
    Person.objects.filter(name="苏望舒").update(relay_phone="0598-0000003")
    return town


def building(number: int) -> str:
    return "/q/" + public_code("building", Building.objects.get(code=f"B{number}").pk)


def lane(code: str) -> str:
    return "/q/" + public_code("lane", Lane.objects.get(code=code).pk)


def page(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return answer.content.decode()


def said(text: str) -> list[str]:
    """Who is named for which office, in order: ``楼长 苏望舒 转 05980000003``."""
    found = []
    for rung in re.findall(r'<li class="rung.*?</li>', text, re.DOTALL):
        office = re.search(r'class="office">([^<]*)', rung)
        name = re.search(r"<b>(.*?)</b>", rung, re.DOTALL)
        assert office
        assert name
        dial = re.search(r'href="tel:(\d*)"', rung)
        who = re.sub(r"<[^>]*>|\s", "", name[1])
        found.append(f"{office[1]} {who}" + (f" 转 {dial[1]}" if dial else ""))
    return found


def test_a_building_tells_the_whole_ladder(client: Client, open_town: City) -> None:
    text = page(client, building(1))
    assert said(text) == [
        "楼长 苏望舒 转 05980000003",  # by the own relay number
        "巷长 何青禾 转 05980112233",  # by the community's line: no relay number is known
        "街长 林小满 转 05980112233",
        "网格员 陈木子 转 05980112233",
        "网格长 空缺",
    ]
    for words in ("甲社区 第一网格", "350404 001 001 001", "榕树巷 1 号", "0598-0112233"):
        assert words in text
    assert "值守点 D1" in text
    assert "值守点 D2" not in text
    assert "约 40 米" in text  # from the building's middle (50, 70) to (60, 30): 41 m


def test_a_vacancy_names_who_stands_in(client: Client, open_town: City) -> None:
    text = page(client, building(2))
    assert said(text)[0] == "楼长 何青禾（代） 转 05980112233"
    assert "空缺，暂由巷长代管" in text


def test_a_substitute_is_named_as_one(client: Client, open_town: City) -> None:
    assert said(page(client, lane("L2")))[0] == "巷长 周一禾（代）"


def test_a_lane_and_a_cell_have_their_card_too(client: Client, open_town: City) -> None:
    assert said(page(client, lane("L1")))[:2] == [
        "巷长 何青禾 转 05980112233",
        "街长 林小满 转 05980112233",
    ]
    cell = said(page(client, f"/q/{A1}"))
    assert cell[0] == "网格员 陈木子 转 05980112233"
    assert "街长 林小满 转 05980112233" in cell
    assert "巷长 何青禾 转 05980112233" in cell


def test_a_place_tells_the_same_as_the_building_that_stands_there(
    client: Client, open_town: City
) -> None:
    spot = toy.at(50, 70)
    here = page(client, f"/q?lng={spot.x}&lat={spot.y}")
    assert said(here) == said(page(client, building(1)))


def test_a_place_on_a_border_is_told_the_same_everywhere(client: Client, open_town: City) -> None:
    spot = toy.at(100, 50)
    assert "第一网格" in page(client, f"/q?lng={spot.x}&lat={spot.y}")


@pytest.mark.parametrize(
    "path", ["/q/B0000", "/q/nix", "/q/999999999999999", "/q?lng=0&lat=0", "/q?lng=x&lat=nan",
             "/q?lng=1e999&lat=1", "/q?lng=117", "/q/%00", "/q/" + "9" * 400],
)  # fmt: skip
def test_what_is_not_there_is_said_kindly(client: Client, open_town: City, path: str) -> None:
    text = page(client, path, 404)
    assert "没有找到这个编码" in text
    assert '<input id="code"' in text


def test_absent_and_switched_off_look_the_same(client: Client, town: City) -> None:
    """Without the switch no byte tells whether the building exists; with it there is a card."""
    there, absent = building(1), "/q/" + public_code("building", 987_654)
    closed = [page(client, path, 404).replace(path[3:], "") for path in (there, absent)]
    assert closed[0] == closed[1]
    City.objects.filter(pk=town.pk).update(public_card=True)
    assert "苏望舒" in page(client, there)


def test_a_typed_code_leads_to_its_card(client: Client, open_town: City) -> None:
    answer = client.get("/q", {"code": " 350404 001 001 001 ", "lang": "en"})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/q/{A1}?lang=en")
    assert "牌子上的编码" in page(client, "/q")
    assert client.get("/q", {"code": "//elsewhere.example"}).status_code == 200
    assert said(page(client, building(1).lower().replace("/q/b", "/q/B-"))), "small letters, a dash"


def test_a_retired_code_answers_with_the_cell_there_today(client: Client, open_town: City) -> None:
    now = timezone.now()
    CellEdition.objects.create(
        cell=toy.cell("A", 1), code="350402001001001", name="旧一格", geom=toy.box(0, 0, 100, 100),
        valid=DateTimeTZRange(datetime(2020, 1, 1, tzinfo=UTC), toy.OPENED),
    )  # fmt: skip
    text = page(client, "/q/350402001001001")
    assert "编码 350402 001 001 001 已经停用" in text
    assert "甲社区 第一网格" in text
    assert "已经停用" not in page(client, f"/q/{A1}")
    future = toy.cell("A", 2)
    CellEdition.objects.filter(cell=future).update(valid=DateTimeTZRange(toy.OPENED, now))
    CellEdition.objects.create(
        cell=future, code="350404001001009", name="新二格", geom=toy.box(100, 0, 100, 100),
        valid=DateTimeTZRange(now + timedelta(days=1), None),
    )  # fmt: skip
    page(client, "/q/350404001001009", 404)  # not in force yet


def test_it_speaks_the_language_that_is_asked_for(client: Client, open_town: City) -> None:
    english = client.get(building(1), headers={"accept-language": "en-GB,en;q=0.9"})
    assert "Who answers here" in english.content.decode()
    assert 'lang="en"' in english.content.decode()
    chosen = client.get(building(1) + "?lang=zh-hans", headers={"accept-language": "en"})
    assert "有事找谁" in chosen.content.decode()
    client.cookies["django_language"] = "en"
    assert "有事找谁" in page(client, building(1)), "a cookie changes nothing: caches hold one page"


def test_a_proxy_may_keep_it_for_a_minute(client: Client, open_town: City) -> None:
    client.force_login(toy.posted("wang", "A"))
    answer = client.get(building(1))
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert answer.headers["Vary"] == "Accept-Language, Accept-Encoding"
    assert not answer.cookies
    again = client.get(building(1), headers={"if-none-match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_it_takes_one_question_for_each_thing_it_tells(
    client: Client, open_town: City, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    path = building(1)
    # scope, building, cell, ladder, relays, line, duty point, metres, office hours, map
    with django_assert_num_queries(10):
        page(client, path)


def hours(city: City, kind: str) -> None:
    """Make today a day of this kind, with hours from midnight to midnight."""
    today = timezone.localdate()
    CalendarDay.objects.create(city=city, day=today, kind=kind, source="通知")
    WorkSlot.objects.create(
        city=city, season="全年", begins=time(0), ends=time(23, 59, 59, 999_999),
        valid=DateRange(today - timedelta(days=2), None),
    )  # fmt: skip


def told(text: str) -> str:
    found = re.search(r'class="now">([^<]*)', text)
    assert found
    return found[1]


def marked(text: str) -> list[str]:
    return re.findall(r'aria-current="true">\s*<span class="office">([^<]*)', text)


def test_one_sentence_says_whom_to_turn_to_now(client: Client, open_town: City) -> None:
    hours(open_town, "work")
    first, second, third = (page(client, path) for path in (building(1), building(2), lane("L2")))
    assert (told(first), marked(first)) == ("此刻找楼长苏望舒。", ["楼长"])
    assert (told(second), marked(second)) == ("楼长空缺，此刻找巷长何青禾。", ["巷长"])
    assert (told(third), marked(third)) == ("此刻找代巷长周一禾。", ["巷长"])


def test_out_of_hours_the_line_answers_then_the_duty_point(client: Client, open_town: City) -> None:
    hours(open_town, "holiday")
    text = page(client, building(1))
    assert told(text) == (
        "现在不是上班时间，请打社区热线 0598-0112233（工作日 08:00–17:30）；"
        "没人接，去值守点 D1（每天）。"
    )
    assert marked(text) == []
    CommunityLine.objects.all().delete()
    text = page(client, building(1))
    assert told(text) == "现在不是上班时间，请去最近的值守点：值守点 D1（每天）。"
    DutyPoint.objects.all().delete()
    assert told(page(client, building(1))) == "此刻找楼长苏望舒。", "nobody else is there to ask"


def test_where_all_is_vacant_the_line_answers(client: Client, open_town: City) -> None:
    now = timezone.now()
    for term in ChiefTerm.objects.filter(valid__contains=now):
        ChiefTerm.objects.filter(pk=term.pk).update(valid=DateTimeTZRange(term.valid.lower, now))
    assert told(page(client, building(1))).startswith("各级都空缺，请打社区热线 0598-0112233")
    CommunityLine.objects.all().delete()
    DutyPoint.objects.all().delete()
    assert told(page(client, building(1))) == "这里还没有人接任，也没有热线和值守点。"


CANARIES = ("井盖破损", "张三丰", "13800138000", "canary-user", "福清商会", "旧楼长", "明年街长")


def _hide_canaries() -> None:
    """Put what is nobody's business right beside what is everybody's."""
    toy.incident(50, 70, title="井盖破损", text="张三丰 13800138000", address="榕树巷 1 号")
    user = toy.posted("canary-user", "A")
    toy.incident(52, 70, title="井盖破损", reporter=user)
    now = timezone.now()
    past = DateTimeTZRange(datetime(2023, 1, 1, tzinfo=UTC), toy.OPENED)
    future = DateTimeTZRange(now + timedelta(days=30), None)
    ChiefTerm.objects.filter(office="street").update(
        valid=DateTimeTZRange(toy.OPENED, future.lower)
    )
    house = Building.objects.get(code="B1")
    for name, valid, seat in (
        ("旧楼长", past, {"office": "building", "building": house}),
        ("明年街长", future, {"office": "street", "street": Street.objects.get()}),
    ):
        person = Person.objects.create(city=toy.city(), name=name, relay_phone="13800138000")
        ChiefTerm.objects.create(person=person, valid=valid, **seat)


def test_nothing_else_is_in_any_byte(client: Client, open_town: City) -> None:
    _hide_canaries()
    spot = toy.at(50, 70)
    paths = [building(1), building(2), lane("L1"), f"/q/{A1}", f"/q?lng={spot.x}&lat={spot.y}"]
    for path in (*paths, *(f"{path}{'&' if '?' in path else '?'}lang=en" for path in paths)):
        text = page(client, path)
        assert [word for word in CANARIES if word in text] == [], path
    # The control: the same search finds them where they are somebody's business.
    client.force_login(toy.posted("wang", "A"))
    assert "井盖破损" in client.get("/api/incidents").content.decode()


@pytest.mark.parametrize("text", NAUGHTY)
def test_an_odd_name_does_not_break_out(client: Client, open_town: City, text: str) -> None:
    name = text.replace("\0", "")
    Building.objects.filter(code="B1").update(address=name)
    Street.objects.update(name=name)
    Lane.objects.update(name=name)
    Person.objects.update(name=name[:40])
    Community.objects.update(name=name)
    PlaceCode.objects.filter(community__isnull=False).update(name=name)
    CommunityLine.objects.update(hours=name)
    found = page(client, building(1))
    assert "<script" not in found
    assert set(re.findall(r"<([a-zA-Z][\w-]*)", found)) <= PLAIN
    assert "onerror" not in found


PLAIN = {
    "html", "head", "meta", "title", "link", "body", "header", "img", "p", "b", "span", "nav", "a",
    "main", "svg", "path", "text", "tspan", "section", "h1", "h2", "ul", "li", "footer", "div",
}  # fmt: skip


def test_the_picture_is_not_distorted(client: Client, open_town: City) -> None:
    """The cell of 100 m by 100 m is as wide as it is high, at 26 degrees north too."""
    drawn = re.search(r'class="edge" d="M(\d+) (\d+)l([^"z]*)', page(client, f"/q/{A1}"))
    assert drawn
    steps = [int(number) for number in re.findall(r"-?\d+", drawn[3])]
    x, y, places = 0, 0, [(0, 0)]
    for across, down in zip(steps[::2], steps[1::2], strict=True):
        x, y = x + across, y + down
        places.append((x, y))
    width = max(x for x, _ in places) - min(x for x, _ in places)
    height = max(y for _, y in places) - min(y for _, y in places)
    assert width == pytest.approx(height, abs=2)
    assert width > 200
