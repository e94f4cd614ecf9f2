"""The page of figures: shares, the lists behind them, contests, what is kept, spreadsheets."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.contrib.staticfiles import finders
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from gridmap.layers.assessments import Contest, Evaluation
from gridmap.layers.city_settings import CitySetting
from gridmap.layers.evaluation import LEAST
from gridmap.layers.incidents import Incident
from gridmap.layers.journal import Entry
from gridmap.layers.postings import Role
from gridmap.layers.territory import City
from tests import town as toy
from tests.pages.counting import SPAN, ZONE, contested, filed, said
from tests.pages.planning import page, signed_in

SHARE = re.compile(r'href="(/figures\?[^"]*side=(?:part|whole|rest)[^"]*)"[^>]*>(\d+)</a>')


def head(text: str) -> str:
    """The number over the open list."""
    found = re.search(r'<h2 id="cases-title"[^>]*>([^<]+)</h2>', text)
    assert found
    return found[1]


def listed(text: str) -> list[str]:
    return re.findall(r'<li id="case-(\d+)">', text)


@pytest.mark.parametrize("by", ["department", "community", "post"])
def test_every_number_opens_a_list_that_is_as_long(leader: Client, by: str) -> None:
    filed(24, outside=9)
    filed(3, east=250)
    found = page(leader, f"/figures?{SPAN}&by={by}&rate=missed")
    numbers = SHARE.findall(found)
    assert len(numbers) > 20
    assert any(int(n) for _, n in numbers)
    for address, number in set(numbers):
        shown = page(leader, unescape(address))
        assert len(listed(shown)) == int(number), address


def test_a_share_has_its_numbers_and_below_twenty_only_these(leader: Client) -> None:
    filed(24, outside=9)
    filed(3, outside=1, east=250)
    found = page(leader, f"/figures?{SPAN}&by=community&rate=missed&side=part")
    assert head(found) == "37.0% = 10 / 27"
    a, b = (toy.community(letter).pk for letter in "AB")
    assert head(page(leader, f"/figures?{SPAN}&by=community&rate=missed&unit={a}&side=rest")) == (
        "37.5% = 9 / 24"
    )
    few = page(leader, f"/figures?{SPAN}&by=community&rate=missed&unit={b}&side=rest")
    assert head(few) == "1 / 3"
    assert f"不足 {LEAST} 件，只列件数" in few
    assert "33.3%" not in few


def test_units_stand_in_their_fixed_order_and_no_person_is_named(leader: Client) -> None:
    filed(2, east=250)
    filed(24, outside=20)
    found = page(leader, f"/figures?{SPAN}&by=community&rate=missed")
    names = re.findall(r'<tr data-unit="[^"]+"[^>]*>\s*<th scope="row">([^<]+)</th>', found)
    assert names == ["甲社区", "乙社区"]
    text = page(leader, f"/figures?{SPAN}&by=post")
    for name in ("苏望舒", "陈木子", "林小满", "wang", "worker"):
        assert name not in text.partition("<main")[2], name
    assert "不评个人" in text


def test_everybody_counts_the_own_area_only(leader: Client, cadre: Client) -> None:
    filed(2)
    theirs = filed(3, east=250)
    address = f"/figures?{SPAN}&rate=missed&side=whole"
    assert head(page(leader, address)) == "0 / 5"
    mine = page(cadre, address)
    assert head(mine) == "0 / 2"
    assert not {str(one.pk) for one in theirs} & set(listed(mine))
    b = toy.community("B").pk
    assert head(page(cadre, f"{address}&by=community&unit={b}")) == "0 / 2", "no such unit of hers"


def test_a_department_counts_the_own_cases(town: City, leader: Client) -> None:
    filed(2)
    other = filed(1)[0]
    Incident.objects.filter(pk=other.pk).update(department=None)
    client = signed_in("lu", Role.DEPARTMENT)
    assert head(page(client, f"/figures?{SPAN}&rate=missed&side=whole")) == "0 / 2"


@pytest.mark.parametrize(
    "role", [Role.PLANNER, Role.AUDITOR, Role.ADMIN, Role.WORKER, Role.CHIEF, Role.PATROL]
)
def test_who_answers_for_no_figures_has_no_page(town: City, role: Role) -> None:
    client = signed_in(role.value, role)
    for address in ("", "/export.xlsx", "/cases.xlsx?side=whole", "/map.html"):
        assert client.get(f"/figures{address}").status_code == 404, address
    assert 'href="/figures"' not in client.get("/history").content.decode()


@pytest.mark.parametrize("role", [Role.LEADER, Role.DISPATCHER, Role.DEPARTMENT])
def test_who_answers_for_figures_has_the_page_and_its_stop(town: City, role: Role) -> None:
    text = page(signed_in(role.value, role), "/figures")
    assert re.search(r'<a href="/figures" aria-current="page"', text)


def test_a_stranger_is_sent_to_sign_in(town: City) -> None:
    for address in ("/figures", "/figures/export.xlsx", "/figures/cases.xlsx", "/figures/map.html"):
        assert Client().get(address).status_code == 302
    for address in ("/figures/contest", "/figures/contests/1", "/figures/keep"):
        assert Client().post(address).headers["Location"].startswith("/sign-in")


def test_another_city_looks_absent(leader: Client) -> None:
    assert leader.get("/figures?city=elsewhere").status_code == 404


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("since=2026-09-30&until=2026-09-01", "起始日晚于截止日"),
        ("since=2026-02-30&until=2026-03-01", "日期应写成"),
        ("since=2026-09-01", "日期应写成"),
        ("since=x&until=y", "日期应写成"),
        ("since=0001-01-01&until=0001-01-02", "日期应写成"),
        ("since=9999-01-01&until=9999-12-31", "日期应写成"),
        ("since=2025-01-01&until=2026-09-01", "起止之间最多 400 天"),
    ],
)
def test_days_that_make_no_period_are_refused_in_words(
    leader: Client, query: str, told: str
) -> None:
    text = page(leader, f"/figures?{query}", 422)
    assert told in text


def test_what_the_address_names_and_is_not_there_is_left_out(leader: Client) -> None:
    filed(2)

    def figures(query: str) -> list[str]:
        """Every share and number of the page, whatever its links say."""
        return re.findall(r">\s*([\d.]+%?)\s*<", page(leader, f"/figures?{SPAN}{query}"))

    usual = figures("")
    assert "2" in usual, "the cases are counted"
    for query in ("rate=mood", "unit=999999", "unit=-1", "side=x", "category=99", "page=77",
                  "by=person", "contest=5", "category=x", "unit=none"):  # fmt: skip
        assert figures(f"&{query}") == usual, query


def test_the_page_asks_as_often_for_many_cases_as_for_few(
    leader: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    address = f"/figures?{SPAN}&rate=missed&side=whole"
    for _ in range(2):
        filed(12, outside=4)
        with django_assert_max_num_queries(20):
            page(leader, address)


def test_without_days_it_is_the_last_month(leader: Client) -> None:
    last = timezone.now().astimezone(ZONE).replace(day=1) - timedelta(days=1)
    assert f"{last.year} 年 {last.month} 月" in page(leader, "/figures")


def test_an_upheld_contest_leaves_the_case_out_and_both_numbers_stay(
    leader: Client, cadre: Client
) -> None:
    cases = filed(24, outside=9)
    asking = page(cadre, f"/figures?{SPAN}&rate=missed&side=part&contest={cases[0].pk}")
    assert "为什么不该这样算" in asking
    assert contested(cadre, cases[0]) == ["异议已提出，答复前照旧计入。"]
    address = f"/figures?{SPAN}&rate=missed&side=part"
    text = page(leader, address)
    assert head(text) == "37.5% = 9 / 24"
    assert "待答复的异议若都成立" in text
    assert "34.8% = 8 / 23" in text
    form = {"upheld": "1", "answer": "属实", "back": f"{SPAN}&rate=missed"}
    answer = leader.post(f"/figures/contests/{Contest.objects.get().pk}", form, follow=True)
    assert said(answer) == ["异议成立：这件不再计入，原来的数仍在。"]
    text = page(leader, address)
    assert head(text) == "34.8% = 8 / 23"
    assert "全部计入（异议前）" in text
    assert "37.5% = 9 / 24" in text
    out = page(leader, f"/figures?{SPAN}&rate=missed&side=out")
    assert listed(out) == [str(cases[0].pk)]
    assert "属实" in text


def test_kept_figures_stand_beside_the_present_ones(leader: Client, cadre: Client) -> None:
    cases = filed(24, outside=9)
    keep = {"city": "toy", "since": "2026-09-01", "until": "2026-09-30",
            "back": f"{SPAN}&rate=missed"}  # fmt: skip
    answer = leader.post("/figures/keep", keep, follow=True)
    assert said(answer) == ["本期结果已保存，以前保存的不变。"]
    contested(cadre, cases[0])
    leader.post(f"/figures/contests/{Contest.objects.get().pk}", {"upheld": "1"})
    leader.post("/figures/keep", keep)
    kept = page(leader, f"/figures?{SPAN}&rate=missed")
    kept = kept.partition('id="kept"')[2].partition("</section>")[0]
    assert re.findall(r"(\d+\.\d)%", kept) == ["34.8", "34.8", "37.5"]
    assert re.findall(r">(\d+ / \d+)<", kept) == ["8 / 23", "8 / 23", "9 / 24"]
    assert Evaluation.objects.count() == 2
    assert Entry.objects.filter(verb="keep_evaluation").count() == 2


def test_forms_refuse_what_is_wrong_in_words_and_write_nothing(
    leader: Client, cadre: Client
) -> None:
    case = filed(1)[0]
    assert contested(cadre, case, " ") == ["须写明理由或说明"]
    assert contested(cadre, case, "长" * 2001) == ["最多 2000 个字"]
    wrong = cadre.post(
        "/figures/contest", {"case": case.pk, "rate": "mood", "why": "x"}, follow=True
    )
    assert said(wrong) == ["没有叫 mood 的指标"]
    assert not Contest.objects.exists()
    contested(cadre, case)
    assert contested(cadre, case) == ["同样的异议还没有答复"]
    row = Contest.objects.get()
    unsure = leader.post(f"/figures/contests/{row.pk}", {"answer": "?"}, follow=True)
    assert said(unsure) == ["请选成立或不成立"]
    leader.post(f"/figures/contests/{row.pk}", {"upheld": "0"}, follow=True)
    again = leader.post(f"/figures/contests/{row.pk}", {"upheld": "1"}, follow=True)
    assert said(again) == ["这份申请已经批复"]
    keep = {"city": "toy", "since": "2026-09-01", "until": "2199-01-01"}
    assert said(leader.post("/figures/keep", keep, follow=True)) == ["起止之间最多 400 天"]
    future = {"city": "toy", "since": "2100-01-01", "until": "2100-01-02"}
    assert said(leader.post("/figures/keep", future, follow=True)) == ["只能保存已经结束的时段"]
    assert not Evaluation.objects.exists()


def test_whoever_has_no_right_is_turned_away(leader: Client, cadre: Client) -> None:
    mine, theirs = filed(1)[0], filed(1, east=250)[0]
    form = {"rate": "missed", "why": "x"}
    assert leader.post("/figures/contest", {**form, "case": mine.pk}).status_code == 403
    assert cadre.post("/figures/contest", {**form, "case": theirs.pk}).status_code == 404
    assert cadre.post("/figures/contest", {**form, "case": "x"}).status_code == 404
    contested(cadre, mine)
    row = Contest.objects.get()
    assert cadre.post(f"/figures/contests/{row.pk}", {"upheld": "1"}).status_code == 403
    assert leader.post("/figures/contests/999999", {"upheld": "1"}).status_code == 404
    keep = {"city": "toy", "since": "2026-09-01", "until": "2026-09-30"}
    assert cadre.post("/figures/keep", keep).status_code == 403
    assert leader.post("/figures/keep", {**keep, "city": "elsewhere"}).status_code == 404
    assert Contest.objects.filter(decided_at=None).count() == 1
    assert not Evaluation.objects.exists()


def test_the_address_of_a_form_is_no_way_out_of_the_page(cadre: Client) -> None:
    case = filed(1)[0]
    form = {"case": case.pk, "rate": "missed", "why": "x", "back": "//evil.example/?next=//evil"}
    answer = cadre.post("/figures/contest", form)
    assert answer.headers["Location"] == "/figures?#cases"


def test_a_category_narrows_the_list(leader: Client) -> None:
    case = filed(3)[0]
    kind = case.category_id
    address = f"/figures?{SPAN}&rate=missed&side=rest"
    assert len(listed(page(leader, f"{address}&category={kind}"))) == 3
    assert listed(page(leader, f"{address}&category={kind + 1}")) == []


def test_the_page_reads_in_english(leader: Client) -> None:
    filed(24, outside=9)
    leader.cookies["django_language"] = "en"
    text = page(leader, f"/figures?{SPAN}&rate=missed&side=part")
    assert "September 2026" in text
    body = text.partition("<main")[2]
    left = set(re.findall(r"[一-鿿]+", re.sub(r'aria-label="[^"]*"|榕树巷|暴露垃圾|号', "", body)))
    assert left <= {"环卫"}, left


def test_only_this_page_asks_for_the_chart_library(leader: Client) -> None:
    library = "vendor/echarts-6.1.0/echarts.mjs"
    assert library in page(leader, "/figures")
    assert finders.find(library)
    for other in ("/", "/desk", "/patrols/coverage", "/chiefs", "/history"):
        assert "echarts" not in page(leader, other), other


def test_the_first_reply_is_told_by_its_median_and_the_longest_wait_stands_first(
    leader: Client,
) -> None:
    cases = filed(LEAST, outside=LEAST)
    slow = cases[3]
    Incident.objects.filter(pk=slow.pk).update(said_at=slow.reported_at - timedelta(days=3))
    found = page(leader, f"/figures?{SPAN}")
    tile = re.search(r"首次回应</a>\s*<b>([^<]+)</b>", found)
    assert tile
    assert tile[1] == "1.0 小时"
    shown = page(leader, f"/figures?{SPAN}&rate=replied&side=whole")
    assert head(shown) == "100.0% = 20 / 20"
    assert "首次回应中位数 1.0 小时" in shown
    assert listed(shown)[0] == str(slow.pk)
    assert "首次回应 3.0 天" in shown


def test_below_twenty_cases_no_median_is_told(leader: Client) -> None:
    filed(LEAST - 1, outside=LEAST - 1)
    shown = page(leader, f"/figures?{SPAN}&rate=replied&side=whole")
    assert head(shown) == "19 / 19"
    assert "首次回应 1.0 小时" in shown, "of each case it is told"
    assert "首次回应中位数" not in shown


def test_the_target_is_the_one_of_the_period_and_of_its_rate_alone(leader: Client) -> None:
    filed(LEAST)
    usual = page(leader, f"/figures?{SPAN}")
    assert "竖线为目标" not in usual
    october = datetime(2026, 10, 1, tzinfo=ZONE)
    for valid, value in (
        (DateTimeTZRange(toy.OPENED, october), "85"),
        (DateTimeTZRange(october, None), "95"),
    ):
        CitySetting.objects.create(city=toy.city(), name="close_target", value=value, valid=valid)
    assert "竖线为目标 85%" in page(leader, f"/figures?{SPAN}")
    later = "since=2026-10-01&until=2026-10-31"
    assert "竖线为目标 95%" in page(leader, f"/figures?{later}")
    assert "竖线为目标" not in page(leader, f"/figures?{SPAN}&rate=missed")
