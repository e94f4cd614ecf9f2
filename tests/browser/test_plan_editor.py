"""The planner's editor, by real mouse and keyboard: brush, cut, merge, proposals, company."""

import os
import re
import sys
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.contrib.gis.geos import Point
from playwright.sync_api import Page, expect

from tests import town as toy
from tests.browser.conftest import DATABASE, PATIENCE, Visit, Visitor, _running

expect.set_options(timeout=PATIENCE)

MIDDLE = toy.at(100, 50)  # of community A
ZOOM = 18.3


def new_draft(visit: Visit) -> str:
    """Open a draft of community A as the person of the window; the address of its page."""
    visit.open("/account")  # a page of ours, whose cookies the request may use
    made = visit.page.evaluate(
        """async ([title, community]) => {
            const csrf = /csrf=([^;]+)/.exec(document.cookie)[1];
            const headers = { 'Content-Type': 'application/json', 'X-CSRFToken': csrf };
            const cities = await (await fetch('/api/communities?city=toy')).json();
            const found = cities.features.find(({ properties }) => properties.code === community);
            const body = JSON.stringify({ title, community: found.id });
            const answer = await fetch('/api/plans', { method: 'POST', headers, body });
            return (await answer.json()).id;
        }""",
        [f"甲社区 {uuid4().hex[:6]}", "350404001001"],
    )
    return f"/plans/{made}"


def open_plan(visit: Visit, address: str, query: str = "") -> Page:
    """Open the editor with the middle of the community in the middle of the map."""
    visit.open(f"{address}{query}#{ZOOM}/{MIDDLE.y:.6f}/{MIDDLE.x:.6f}")
    visit.page.wait_for_selector("[data-ready]")
    # The map is at rest when the pointer meets a unit.
    for turn in range(PATIENCE // 250):
        move(visit.page, toy.at(10 + turn % 2, 10))
        visit.page.wait_for_timeout(250)
        if visit.page.locator(".balance tr.hot").count():
            return visit.page
    pytest.fail("the units were not drawn")


def pixel(page: Page, place: Point) -> tuple[float, float]:
    """Where a place lies on the page."""
    box = page.locator(".town").bounding_box()
    assert box is not None
    size = 256 * 2**ZOOM
    # A map of so little ground is flat enough: the scale of its middle holds for all of it.
    east = (place.x - MIDDLE.x) / 360 * size
    squeeze = page.evaluate("(lat) => 1 / Math.cos((lat * Math.PI) / 180)", MIDDLE.y)
    north = (place.y - MIDDLE.y) / 360 * size * squeeze
    return box["x"] + box["width"] / 2 + east, box["y"] + box["height"] / 2 - north


def move(page: Page, place: Point, steps: int = 1) -> None:
    page.mouse.move(*pixel(page, place), steps=steps)


def drag(page: Page, *places: Point) -> None:
    move(page, places[0])
    page.mouse.down()
    for place in places[1:]:
        move(page, place, 6)
        page.wait_for_timeout(60)
    page.mouse.up()


def has(page: Page, *rows: str) -> None:
    """Wait until the table shows these cells."""
    wanted = list(rows)
    page.wait_for_function(
        """wanted => JSON.stringify([...document.querySelectorAll('.balance tbody tr')].map(
            row => row.querySelector('b').textContent + ' ' +
            row.querySelector('.n').firstChild.textContent)) === JSON.stringify(wanted)""",
        arg=wanted,
    )


def saved(page: Page, step: int) -> None:
    """Wait until the server has so many steps."""
    expect(page.locator("#edition")).to_contain_text(f"第 {step} 步")
    expect(page.locator("#saved")).to_contain_text("已自动保存")


@pytest.fixture(scope="module")
def worker(server: str) -> Iterator[None]:
    """The program that works proposals out."""
    surroundings = {**os.environ, "GRIDMAP_DB_NAME": DATABASE, "GRIDMAP_DEBUG": "1"}
    with _running([sys.executable, "manage.py", "work"], surroundings):
        yield


def test_a_stroke_of_the_brush_moves_households_and_is_taken_back(visitor: Visitor) -> None:
    visit = visitor("planner", size=(1366, 768))
    page = open_plan(visit, new_draft(visit))
    has(page, "001 100", "002 200")
    page.keyboard.press("b")
    page.keyboard.press("1")
    move(page, toy.at(150, 70))
    expect(page.locator(".plan-note")).to_contain_text("002：200 → 0 户，低于 300")
    drag(page, toy.at(118, 75), toy.at(150, 75), toy.at(180, 75))
    has(page, "001 300", "002 0")
    saved(page, 1)
    expect(page.locator(".balance tbody tr").first).to_contain_text("+200")
    page.keyboard.press("Control+z")
    has(page, "001 100", "002 200")
    saved(page, 2)
    page.keyboard.press("Control+Shift+z")
    has(page, "001 300", "002 0")
    saved(page, 3)
    page.reload()
    has(page, "001 300", "002 0")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    visit.clean()


def test_a_cell_is_cut_along_a_line_and_merged_again(visitor: Visitor) -> None:
    visit = visitor("planner")
    page = open_plan(visit, new_draft(visit))
    page.keyboard.press("c")
    # North through A-1, click by click; the middle column stays in the west.
    for place in (toy.at(65, 2), toy.at(65, 98)):
        move(page, place)
        page.mouse.click(*pixel(page, place))
        page.wait_for_timeout(400)  # two clicks, no double one
    page.keyboard.press("Enter")
    expect(page.locator(".balance tbody tr")).to_have_count(3)
    saved(page, 1)
    page.get_by_role("button", name="给新网格编号").click()
    has(page, "001 0", "002 200", "003 100")
    page.keyboard.press("m")
    page.keyboard.press("1")
    page.mouse.click(*pixel(page, toy.at(50, 70)))
    has(page, "001 100", "002 200")
    page.locator(".toast").get_by_role("button", name="撤销").click()
    has(page, "001 0", "002 200", "003 100")
    visit.clean()


def test_blocks_are_chosen_and_moved_with_the_keyboard_alone(visitor: Visitor) -> None:
    visit = visitor("planner")
    page = open_plan(visit, new_draft(visit), "?tab=blocks")
    page.get_by_label("找楼栋或地址").fill("榕树巷 2 号")
    page.get_by_label("按街区还是按地块").select_option("unit")
    box = page.locator(".blocks input").first
    box.focus()
    page.keyboard.press("Space")
    expect(page.locator("[aria-labelledby=tab-blocks] [role=status]")).to_contain_text(
        "已选 1 块，200 户"
    )
    page.get_by_label("移入哪个网格").select_option(label="001")
    page.get_by_role("button", name="移入", exact=True).focus()
    page.keyboard.press("Enter")
    saved(page, 1)
    page.locator("#tab-cells").click()
    has(page, "001 300", "002 0")
    assert re.search(r"cell=1", page.url)
    visit.clean()


def test_a_proposal_runs_to_its_end_and_is_one_step(visitor: Visitor, worker: None) -> None:
    visit = visitor("planner")
    page = open_plan(visit, new_draft(visit))
    page.keyboard.press("g")
    page.get_by_label("重新划分：从头划得匀、圆、沿街巷").check()
    page.get_by_label("每格目标户数").fill("300")
    page.get_by_role("button", name="开始算").click()
    expect(page.locator(".proposal")).to_contain_text("已放进草案", timeout=60_000)
    saved(page, 1)
    expect(page.locator(".moves")).to_contain_text("户")
    page.get_by_role("button", name="撤销这个建议").click()
    has(page, "001 100", "002 200")
    visit.clean()


def test_two_planners_see_one_another_and_a_conflict_is_shown(visitor: Visitor) -> None:
    gu, li = visitor("planner"), visitor("second")
    address = new_draft(gu)
    one, two = open_plan(gu, address), open_plan(li, address)
    one.keyboard.press("c")
    drag(one, toy.at(35, -4), toy.at(35, 40), toy.at(35, 104))
    saved(one, 1)
    has(one, "001 100", "002 200", "新 3 0")
    has(two, "001 100", "002 200", "新 3 0")  # without doing anything
    # Now the second one does not hear of the first one's next step before taking one.
    two.route("**/api/plans/*/ops?after=*", lambda route: route.abort())
    one.keyboard.press("b")
    one.keyboard.press("1")
    one.mouse.click(*pixel(one, toy.at(150, 70)))
    saved(one, 2)
    two.keyboard.press("b")
    two.keyboard.press("3")
    two.mouse.click(*pixel(two, toy.at(150, 70)))
    has(two, "001 100", "002 0", "新 3 200")
    told = two.locator(".conflicts")
    expect(told).to_contain_text("1 处没有改成")
    expect(told).to_contain_text("现在 001，您要 新 3")
    two.unroute_all()
    has(two, "001 300", "002 0", "新 3 0")
    told.get_by_role("button", name="改成我的").click()
    has(two, "001 100", "002 0", "新 3 200")
    has(one, "001 100", "002 0", "新 3 200")
    expect(told).to_be_hidden()
    assert [said for said in li.errors if "ERR_FAILED" not in said and "409" not in said] == []
    gu.clean()


def test_steps_taken_offline_survive_a_reload(visitor: Visitor) -> None:
    visit = visitor("planner")
    address = new_draft(visit)
    page = open_plan(visit, address)
    page.route("**/api/plans/*/ops*", lambda route: route.abort())
    page.keyboard.press("b")
    page.keyboard.press("1")
    page.mouse.click(*pixel(page, toy.at(150, 70)))
    has(page, "001 300", "002 0")
    expect(page.locator("#saved")).to_contain_text("离线 · 1 步待传")
    page.reload()
    has(page, "001 300", "002 0")
    expect(page.locator("#saved")).to_contain_text("1 步待传")
    page.unroute_all()  # it tries again by itself
    expect(page.locator("#saved")).to_contain_text("已自动保存", timeout=30_000)
    saved(page, 1)
    assert page.evaluate("Object.keys(localStorage).filter(k => k.includes('plan')).length") == 0


def test_without_webgl_blocks_are_moved_in_the_list(visitor: Visitor) -> None:
    visit = visitor("planner", switches=("--disable-gpu", "--disable-3d-apis"))
    visit.open(f"{new_draft(visit)}?tab=blocks")
    page = visit.page
    expect(page.locator("#canvas h1")).to_contain_text("画不了")
    page.get_by_label("按街区还是按地块").select_option("unit")
    page.get_by_label("找楼栋或地址").fill("榕树巷 1 号")
    page.locator(".blocks input").first.check()
    page.get_by_label("移入哪个网格").select_option(label="002")
    page.get_by_role("button", name="移入", exact=True).click()
    saved(page, 1)
    page.locator("#tab-cells").click()
    has(page, "001 0", "002 300")
    assert visit.abroad == []


def test_who_may_only_read_sees_the_draft_and_no_tools(visitor: Visitor) -> None:
    planner, leader = visitor("planner"), visitor("leader", locale="en-US")
    page = open_plan(leader, new_draft(planner))
    expect(page.locator("#edition")).to_contain_text("read only")
    expect(page.locator(".plan-tools")).to_have_count(0)
    page.keyboard.press("b")
    drag(page, toy.at(118, 75), toy.at(180, 75))
    has(page, "001 100", "002 200")
    leader.clean()


def test_a_boundary_is_pushed_and_a_wall_is_drawn(visitor: Visitor) -> None:
    visit = visitor("planner")
    page = open_plan(visit, new_draft(visit))
    page.keyboard.press("e")
    drag(page, toy.at(100, 80), toy.at(110, 80), toy.at(150, 80), toy.at(158, 80))
    has(page, "001 300", "002 0")
    saved(page, 1)
    page.locator("#tab-ground").click()
    page.mouse.click(*pixel(page, toy.at(65, 25)))
    expect(page.locator(".border-form")).to_contain_text("50 米长")
    page.get_by_label("走得过去（有门、有路）").uncheck()
    expect(page.get_by_role("button", name="存 1 条更正")).to_be_enabled()
    page.keyboard.press("Escape")
    expect(page.locator("#tab-cells")).to_have_attribute("aria-selected", "true")
    visit.clean()
