"""Figures in a real browser: from a number to its cases and back, charts, contest, both tongues."""

import os
import re
import subprocess
import sys

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DATABASE, PATIENCE, ROOT, Visitor

expect.set_options(timeout=PATIENCE)

PAGE = "/figures?by=community&rate=missed"
OTHER = "/figures?by=community&rate=valid_reports"  # contested here, so that the first stays


@pytest.fixture(scope="module", autouse=True)
def last_month(server: str) -> None:
    """Cases of last month in the town of this module's server."""
    assert server
    surroundings = {**os.environ, "GRIDMAP_DB_NAME": DATABASE, "GRIDMAP_DEBUG": "1"}
    program = [sys.executable, "-m", "tests.browser.past_cases"]
    subprocess.run(program, cwd=ROOT, env=surroundings, check=True)


def charts(page: Page) -> None:
    """All charts are drawn, as SVG and without an inline style that the policy would stop."""
    for name in ("units", "months", "bars"):
        expect(page.locator(f"#{name}-chart svg")).to_be_visible()
        assert page.locator(f"#{name}-chart canvas").count() == 0


@pytest.mark.parametrize(
    ("locale", "share", "few", "report"),
    [
        ("zh-CN", "漏报率", "不足 20 件，只列件数", "考核"),
        ("en", "missed", "Fewer than 20 cases: numbers only", "Figures"),
    ],
)
def test_from_a_number_to_its_cases_to_one_case_and_back(
    visitor: Visitor, locale: str, share: str, few: str, report: str
) -> None:
    visit = visitor("leader", locale=locale)
    visit.open("/figures")
    page = visit.page
    expect(page.locator(".rail [aria-current]")).to_contain_text(report)
    page.locator("#look-up select[name=rate]").select_option("missed")
    page.wait_for_url(re.compile("rate=missed"))
    page.locator("#look-up select[name=by]").select_option("community")
    page.wait_for_url(re.compile("by=community"))
    first = page.locator("#units tbody tr").first
    expect(first).to_contain_text("37.5%")
    expect(page.locator("#units tbody tr").nth(1)).to_contain_text(few)
    charts(page)
    first.get_by_role("link", name="9", exact=False).first.click()
    page.wait_for_url(re.compile("side=part"))
    expect(page.locator("#cases-title")).to_have_text("37.5% = 9 / 24")
    expect(page.locator("#cases")).to_contain_text(share)
    expect(page.locator(".cases-of li")).to_have_count(9)
    number = page.locator(".cases-of .number span").first.inner_text()
    page.locator(".cases-of li a").first.click()
    page.wait_for_url(re.compile(f"/cases/{number}"))
    page.go_back()
    expect(page.locator("#cases-title")).to_have_text("37.5% = 9 / 24")
    page.go_back()
    expect(page.locator("#cases")).to_have_count(0)
    charts(page)
    visit.clean()


def test_a_dot_of_the_chart_opens_its_list_and_stands_in_its_row(visitor: Visitor) -> None:
    visit = visitor("leader")
    visit.open(PAGE)
    page = visit.page
    charts(page)
    row = page.locator("#units tbody tr").first.bounding_box()
    dot = page.locator("#units-chart svg path[fill='#1550a8']").last
    expect(dot).to_be_visible()
    drawn = dot.bounding_box()
    assert row
    assert drawn
    assert row["y"] < drawn["y"] < drawn["y"] + drawn["height"] < row["y"] + row["height"]
    dot.click()
    page.wait_for_url(re.compile("side=part"))
    expect(page.locator("#cases-title")).to_have_text("37.5% = 9 / 24")
    visit.clean()


def test_a_case_is_contested_and_the_answer_keeps_both_numbers(visitor: Visitor) -> None:
    asking = visitor("cadre")
    asking.open(f"{OTHER}&side=part")
    asking.page.get_by_role("link", name=re.compile("对 .* 提异议")).first.click()
    asking.page.get_by_label("为什么不该这样算").fill("道路封闭，居民不知情")
    asking.page.get_by_role("button", name="提出异议").click()
    expect(asking.page.get_by_role("status")).to_contain_text("异议已提出")
    expect(asking.page.locator("#cases .badge")).to_have_text("异议待答复")
    expect(asking.page.locator("#cases-title")).to_have_text("100.0% = 24 / 24")
    asking.clean()
    leader = visitor("leader")
    leader.open(OTHER)
    leader.page.locator("#contests input[name=answer]").fill("属实")
    leader.page.get_by_role("button", name="成立", exact=True).click()
    expect(leader.page.get_by_role("status")).to_contain_text("原来的数仍在")
    community = leader.page.locator("#units tbody tr").first
    expect(community).to_contain_text("23 / 23")
    community.get_by_role("link").first.click()
    expect(leader.page.locator("#cases .why")).to_contain_text("100.0% = 24 / 24")
    leader.clean()


@pytest.mark.parametrize(
    "size", [(1440, 900), (1366, 768), (390, 844)], ids=["1440", "1366", "phone"]
)
def test_the_page_fits_and_nothing_covers_its_numbers(
    visitor: Visitor, size: tuple[int, int]
) -> None:
    visit = visitor("leader", size=size)
    visit.open(f"{PAGE}&side=whole")
    charts(visit.page)
    assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for summary in visit.page.locator("summary", has_text="看数字").all():
        summary.click()
    expect(visit.page.locator("details[open] table")).to_have_count(2)
    visit.clean()


def test_tables_and_the_report_map_are_handed_over_as_files(visitor: Visitor) -> None:
    visit = visitor("leader")
    visit.open(f"{PAGE}&side=part")
    for link, name in (
        ("报告地图（一个文件）", r"toy-missed-\d{8}-\d{8}\.html"),
        ("导出 XLSX", r"toy-figures-\d{8}-\d{8}\.xlsx"),
        ("导出清单", r"toy-cases-\d{8}-\d{8}\.xlsx"),
    ):
        with visit.page.expect_download() as kept:
            visit.page.get_by_role("link", name=link).click()
        assert re.fullmatch(name, kept.value.suggested_filename)
    visit.clean()


def test_on_paper_no_chart_lies_on_another(visitor: Visitor) -> None:
    visit = visitor("leader", size=(1440, 900))
    visit.open(PAGE)
    page = visit.page
    charts(page)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 1032, "height": 730})  # A4 across, without its margins
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    edges = """(part) => {
      const { left, right, top, bottom } = part.getBoundingClientRect();
      return { left, right, top, bottom };
    }"""
    boxes = {
        name: page.locator(f"#{name}-chart svg").first.evaluate(edges)
        for name in ("units", "months", "bars")
    }
    column = page.locator("#units thead .drawn").evaluate(edges)
    assert boxes["months"]["right"] <= boxes["bars"]["left"]
    assert boxes["units"]["right"] <= column["right"] + 1
    assert boxes["units"]["left"] >= column["left"] - 1
    assert max(box["right"] for box in boxes.values()) <= 1032
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator(".on-paper").count() == 0
    visit.clean()
