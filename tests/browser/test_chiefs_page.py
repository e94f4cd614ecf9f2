"""Appointing from the map: by mouse, and by the keyboard alone; then back where one was."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests import town as toy
from tests.browser.conftest import PATIENCE, Visitor
from tests.browser.test_map_page import drawn, near

expect.set_options(timeout=PATIENCE)

HOUSE = "overlay=chiefs&building="


def house_of(page: Page, server: str, number: int) -> int:
    """The id of a building, by its code."""
    answer = page.request.get(f"{server}/api/buildings?city=toy&code=B{number}&fields=code")
    return int(answer.json()["features"][0]["id"])


def at_the_ladder(page: Page, server: str, number: int, east: float) -> None:
    """Open the ladder of a building on the map."""
    place = near(toy.at(east, 70))
    pk = house_of(page, server, number)
    page.goto(server + place.replace("/?city=toy", f"/?city=toy&{HOUSE}{pk}"))
    drawn(page)
    expect(page.locator(".ladder > li").first).to_be_visible()


def test_a_vacancy_is_filled_from_the_map_with_the_mouse(visitor: Visitor) -> None:
    visit = visitor("leader")
    page = visit.page
    at_the_ladder(page, visit.server, 2, 150)
    rung = page.locator(".ladder > li").first
    expect(rung).to_contain_text("空缺")
    expect(rung).to_contain_text("暂由巷长顶")
    expect(page.locator(".answers")).to_have_text("楼长空缺，此刻找巷长何青禾。")
    expect(page.locator(".ladder [aria-current]")).to_contain_text("何青禾")
    before = page.url
    rung.get_by_role("link", name="指定").click()
    expect(page.locator("h1")).to_contain_text("榕树巷 2 号 · 楼长")
    page.get_by_label("任职人姓名").first.fill("没有的人")
    page.locator("details[open] button.primary").click()
    expect(page.get_by_role("alert")).to_contain_text("还没有叫“没有的人”的任职人")
    page.get_by_label("任职人姓名").first.fill("何青禾")
    page.locator("details[open] button.primary").click()
    page.wait_for_url(re.compile(HOUSE))
    assert page.url.split("#")[0] == before.split("#")[0], "back where one was"
    expect(page.locator(".ladder > li").first).to_contain_text("何青禾")
    assert visit.abroad == []


def test_a_chief_is_replaced_with_the_keyboard_alone(visitor: Visitor) -> None:
    visit = visitor("leader")
    page = visit.page
    at_the_ladder(page, visit.server, 1, 50)
    link = page.locator(".ladder > li").first.get_by_role("link", name="看任期")
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("榕树巷 1 号 · 楼长")
    summary = page.locator("summary", has_text="换人（交接）")
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("陈木子")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(HOUSE))
    expect(page.locator(".ladder > li").first).to_contain_text("陈木子")
    assert visit.abroad == []


@pytest.mark.parametrize("size", [(1366, 768), (390, 844)], ids=["desk", "phone"])
def test_the_roster_fits_and_leads_to_an_office(visitor: Visitor, size: tuple[int, int]) -> None:
    visit = visitor("cadre", size=size)
    visit.open("/chiefs?state=vacant")
    page = visit.page
    expect(page.locator("h1")).to_contain_text("三长名册")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator(".roster a").first.click()
    expect(page.locator("h1")).to_contain_text("·")
    visit.clean()


def test_only_what_is_vacant_is_left_on_the_map(visitor: Visitor) -> None:
    visit = visitor("leader")
    visit.open(near(toy.at(200, 50), 16.5).replace("/?city=toy", "/?city=toy&overlay=chiefs"))
    drawn(visit.page)
    for word, classes in (("管得太多", "many"), ("空缺", "b3.n3.s3")):
        visit.page.get_by_role("button", name=word, exact=True).first.click()
        visit.page.wait_for_url(re.compile(f"classes={re.escape(classes)}"))
    visit.clean()
