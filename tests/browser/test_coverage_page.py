"""Looking coverage up in a real browser: holes, another day, a comparison, who covers a place."""

import re

import psycopg
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE, Visitor

expect.set_options(timeout=PATIENCE)

SIZES = [(1366, 768), (390, 844)]


@pytest.mark.parametrize("size", SIZES, ids=["desk", "phone"])
def test_holes_are_looked_up_on_another_day_and_beside_one(
    visitor: Visitor,
    elsewhere: psycopg.Connection[tuple[object, ...]],
    size: tuple[int, int],
) -> None:
    elsewhere.execute(
        "INSERT INTO layers_visit (city_id, at, source, note, stretch_id)"
        " SELECT city_id, now() - interval '2 days', 'tap', '', id FROM layers_stretch"
        " WHERE code = 'L2-1'"
    )
    visit = visitor("leader", size=size)
    page = visit.page
    visit.open("/patrols/coverage")
    expect(page.locator("h1")).to_have_text("巡查覆盖")
    expect(page.locator("svg [class*=cell], svg path").first).to_be_attached()
    today = page.locator("#day-shown").inner_text()
    slider = page.locator("#look-up input[type=range]")
    slider.focus()
    # The newest day stands at the right end: to the left is earlier.
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    expect(page.locator("#day-shown")).not_to_have_text(today)
    page.get_by_role("button", name="查看").click()
    page.wait_for_url(re.compile(r"ago=5"))
    expect(page.locator("#day-shown")).not_to_have_text(today)
    page.locator("#look-up select[name=thing]").select_option("stretch")
    page.locator("#look-up input[name=against]").fill(today)
    page.get_by_role("button", name="查看").click()
    page.wait_for_url(re.compile(rf"against={today}"))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    with page.expect_download() as given:
        page.get_by_role("link", name="导出 XLSX").click()
    assert given.value.suggested_filename.endswith(".xlsx")
    visit.clean()


def test_a_house_on_the_map_tells_which_team_covers_it(visitor: Visitor) -> None:
    visit = visitor("leader")
    house = visit.page.request.get(f"{visit.server}/api/buildings?city=toy&code=B1").json()
    pk = house["features"][0]["id"]
    visit.open(f"/?city=toy&building={pk}")
    covering = visit.page.locator(".covering")
    expect(covering).to_contain_text("谁来巡查")
    expect(covering).to_contain_text("甲社区巡防队")
    expect(covering).to_contain_text("还没有排班")
    visit.clean()
