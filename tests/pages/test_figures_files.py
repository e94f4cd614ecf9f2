"""What the page of figures hands over: spreadsheets, and the report map as one file."""

from __future__ import annotations

import re

from django.test import Client
from pytest_django import DjangoAssertNumQueries

from gridmap.layers.assessments import Contest
from gridmap.layers.city_settings import CitySetting
from gridmap.layers.incidents import Incident
from tests import town as toy
from tests.pages.counting import SPAN, contested, filed
from tests.pages.planning import workbook


def test_the_spreadsheet_tells_every_rate_both_numbers_and_its_rule(
    leader: Client, cadre: Client
) -> None:
    cases = filed(24, outside=9)
    contested(cadre, cases[0])
    leader.post(f"/figures/contests/{Contest.objects.get().pk}", {"upheld": "1"})
    answer = leader.get(f"/figures/export.xlsx?{SPAN}&by=community")
    assert 'filename="toy-figures-20260901-20260930.xlsx"' in answer.headers["Content-Disposition"]
    figures, ratings, rules = workbook(answer.content)
    missed = next(row for row in figures if row[:2] == ["甲社区", "漏报率"])
    assert missed[2:5] == [8.0, 23.0, 34.78]
    assert missed[-2:] == [9.0, 24.0], "as it was before the contest"
    assert ["全部", "监督员岗", "不足 20 件，不评"] in ratings
    assert any(row[0] == "漏报率" and row[1].startswith("本期内立案") for row in rules)  # type: ignore[union-attr]
    few = leader.get(f"/figures/export.xlsx?{SPAN}").content
    assert any("不足 20 件，只列件数" in row for row in workbook(few)[0])


def test_the_spreadsheet_tells_the_target_and_how_long_people_waited(leader: Client) -> None:
    filed(24, outside=24)
    CitySetting.objects.create(city=toy.city(), name="close_target", value="90", valid=toy.ALWAYS)
    figures = workbook(leader.get(f"/figures/export.xlsx?{SPAN}").content)[0]
    rates = {row[1]: row for row in figures if row[:1] == ["全部"]}
    assert rates["回应率"][-2:] == ["首次回应", 60.0]
    assert [name for name, row in rates.items() if 90.0 in row] == ["按期结案率"]
    (rows,) = workbook(leader.get(f"/figures/cases.xlsx?{SPAN}&rate=replied&side=whole").content)
    assert rows[1][-1] == "首次回应（分钟）"
    assert rows[2][-1] == 60


def test_the_list_goes_out_without_the_words_of_a_report(leader: Client, cadre: Client) -> None:
    case = filed(3, outside=1)[0]
    Incident.objects.filter(pk=case.pk).update(title="=HYPERLINK(1)王某家", address="=1+1")
    contested(cadre, case)
    answer = leader.get(f"/figures/cases.xlsx?{SPAN}&rate=missed&side=part")
    (rows,) = workbook(answer.content)
    assert rows[-1][:3] == [case.number, "暴露垃圾", "=1+1"]
    assert rows[-1][-2:] == ["是", "待答复"]
    assert "王某" not in answer.content.decode("latin-1")
    assert len(rows) == 3, "title, heads and one case"
    everything = leader.get(f"/figures/cases.xlsx?{SPAN}&rate=missed&side=whole").content
    assert len(workbook(everything)[0]) == 5


def report_of(client: Client, query: str) -> str:
    answer = client.get(f"/figures/map.html?{SPAN}&{query}")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    return answer.content.decode()


def test_the_report_map_holds_the_own_cases_and_no_words_of_a_report(
    leader: Client, cadre: Client
) -> None:
    mine, theirs = filed(24, outside=9), filed(2, outside=2, east=250)
    Incident.objects.filter(pk=mine[0].pk).update(title="王某家漏水", address="榕树巷 <b>{{7*7}}")
    for case in theirs:
        Incident.objects.filter(pk=case.pk).update(address="石坎巷 8 号")
    text = report_of(leader, "rate=missed")
    assert "37.5%" in text
    assert text.count('"words": ') == 11 + 2, "cases told from outside, and two communities"
    for hidden in ("王某", "漏水"):
        assert hidden not in text
        assert ascii(hidden)[1:-1] not in text
    assert "{{7" not in text
    assert "<b>&#123;" not in text
    place = ascii("石坎巷")[1:-1]  # as it stands in a script
    own = report_of(cadre, "rate=missed")
    assert mine[1].number in own
    assert place in text
    assert place not in own
    assert theirs[0].number not in own


def test_the_report_map_has_its_own_policy_and_asks_nobody(leader: Client) -> None:
    text = report_of(leader, "rate=missed")
    assert "default-src &#x27;none&#x27;" in text
    assert not re.search(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=", text)


def test_the_report_map_of_one_community_marks_it(leader: Client) -> None:
    filed(24, outside=9)
    a = toy.community("A").pk
    assert report_of(leader, f"rate=missed&by=community&unit={a}").count('"chosen": true') == 1
    assert report_of(leader, "rate=missed&by=community").count('"chosen": true') == 0


def test_the_report_map_asks_as_often_for_many_cases_as_for_few(
    leader: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(2):
        filed(12, outside=4)
        with django_assert_max_num_queries(16):
            report_of(leader, "rate=missed")
