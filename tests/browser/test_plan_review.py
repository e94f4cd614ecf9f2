"""A plan from its draft to its publication, by two people, with mouse and keyboard."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE, Visit, Visitor

expect.set_options(timeout=PATIENCE)


def begun(visit: Visit) -> str:
    """Open a draft by its form and merge the two cells of community A; its number."""
    page, title = visit.page, f"合成一格 {uuid4().hex[:6]}"
    visit.open("/plans")
    if not page.locator("details.deed[open]").count():
        page.get_by_text("新草案", exact=True).click()
    page.get_by_label("社区").first.select_option(label="甲社区")
    page.get_by_label("标题").fill(title)
    page.get_by_role("button", name="开草案").click()
    page.wait_for_url(re.compile(r"/plans/\d+"))
    (number,) = re.findall(r"/plans/(\d+)", page.url)
    done = page.evaluate(
        """async (number) => {
            const csrf = /csrf=([^;]+)/.exec(document.cookie)[1];
            const headers = { 'Content-Type': 'application/json', 'X-CSRFToken': csrf };
            const op = { id: crypto.randomUUID(), kind: 'merge', cells: [1], to: 2 };
            const body = JSON.stringify({ base_seq: 0, ops: [op] });
            const asked = { method: 'POST', headers, body };
            return (await fetch(`/api/plans/${number}/ops`, asked)).status;
        }""",
        number,
    )
    assert done == 200
    return str(number)


def tab_to(page: Page, name: str, most: int = 80) -> None:
    """Walk by the keyboard until what has the focus says this."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == name:
            return
    pytest.fail(f"the keyboard does not come to {name}")


def look_around(page: Page) -> None:
    """One block: found on the map by its row, and looked at from every side."""
    expect(page.locator("tr[data-mark]")).to_have_count(1)
    seen = page.locator(".sheet-map.one").get_attribute("viewBox")
    page.get_by_role("button", name="定位").click()
    expect(page.locator(".patch.found")).to_have_count(1)
    assert page.locator(".sheet-map.one").get_attribute("viewBox") != seen
    for word, view in (("现行", "old"), ("草案", "new"), ("左右对照", "both"), ("差异", "diff")):
        page.get_by_role("radio", name=word, exact=True).click()
        expect(page.locator("#plan-map")).to_have_attribute("data-view", view)
        assert f"view={view}" in page.url


def hand_in(page: Page) -> None:
    """Look at a list, tick the box and hand the plan in, with the mouse."""
    expect(page.locator(".plan-sums dd").first).to_have_text("100")
    page.locator("summary", has_text="需要告知").click()
    expect(page.locator(".happens[open] li").first).to_contain_text("榕树巷 1 号")
    page.get_by_label("我已看过").check()
    page.get_by_role("button", name="提交街道审核").click()
    expect(page.locator(".decide .hint")).to_contain_text("已送审")


def send_back(page: Page, why: str) -> None:
    """Return the plan with the keyboard alone."""
    tab_to(page, "退回")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type(why)
    page.keyboard.press("Enter")
    expect(page.locator(".decide .hint").first).to_contain_text("已退回")


def hand_in_again(page: Page, why: str) -> None:
    """Read why it came back, and hand it in by the keyboard."""
    page.reload()
    expect(page.locator(".decide .hint.warn")).to_contain_text(why)
    page.get_by_label("我已看过").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".decide .hint").first).to_contain_text("已送审")


def approve_and_publish(page: Page) -> None:
    """Each time with the numbers once more before the eyes."""
    page.reload()
    page.locator("summary", has_text="批准生效").click()
    asked = page.locator(".confirm[open]")
    expect(asked).to_contain_text("100 户、1 栋换网格")
    asked.get_by_label("我已看过").check()
    asked.get_by_role("button", name="批准这个方案").click()
    page.locator("summary", has_text="定日发布").click()
    asked = page.locator(".confirm[open]")
    asked.get_by_label("我已核对").check()
    asked.get_by_role("button", name="发布新网格").click()
    expect(page.locator(".decide")).to_contain_text("此前一切照旧")


def test_two_people_take_a_plan_from_draft_to_publication(visitor: Visitor) -> None:
    planner, leader = visitor("planner", size=(1440, 900)), visitor("leader", size=(1366, 768))
    number = begun(planner)
    planner.open(f"/plans/{number}/compare")
    look_around(planner.page)
    planner.page.get_by_role("link", name="影响说明").click()
    hand_in(planner.page)
    leader.open(f"/plans/{number}/impact")
    send_back(leader.page, "界线请沿巷走")
    hand_in_again(planner.page, "界线请沿巷走")
    approve_and_publish(leader.page)
    # Taken back before its day, so that the town is as it was.
    leader.open("/plans?show=publications")
    leader.page.locator("summary", has_text="撤回").first.click()
    leader.page.get_by_role("button", name="撤回发布").click()
    expect(leader.page.locator("tbody tr").first).to_contain_text("已撤回")
    planner.clean()
    leader.clean()


def test_a_comment_is_pinned_with_the_mouse_and_with_the_keyboard(visitor: Visitor) -> None:
    visit = visitor("planner", size=(1366, 768))
    number = begun(visit)
    page = visit.page
    visit.open(f"/plans/{number}/compare?tab=comments")
    page.get_by_label("写一条批注").fill("这里")
    page.get_by_role("button", name="钉在图上一处").click()
    box = page.locator(".sheet-map.one").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 3)
    expect(page.locator("[data-picked]")).to_have_text("已钉在图上")
    page.get_by_role("button", name="写下").click()
    expect(page.locator(".pin")).to_have_count(1)
    page.wait_for_load_state()  # the page's script hears the key
    page.get_by_label("写一条批注").fill("正中")
    page.get_by_role("button", name="钉在图上一处").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-picked]")).to_have_text("已钉在图上")
    page.get_by_role("button", name="写下").click()
    expect(page.locator(".pin")).to_have_count(2)
    page.wait_for_load_state()
    page.get_by_role("button", name="在图上看批注 1").click()
    page.locator(".thread").first.get_by_role("button", name="了结").click()
    expect(page.locator(".thread").first).to_contain_text("已了结")
    expect(page.locator(".pin.settled")).to_have_count(1)
    visit.clean()


@pytest.mark.parametrize(
    "size", [(1440, 900), (1366, 768), (390, 844)], ids=["wide", "desk", "phone"]
)
def test_the_statement_fits_its_screen(visitor: Visitor, size: tuple[int, int]) -> None:
    visit = visitor("planner", size=size)
    number = begun(visit)
    for address in (f"/plans/{number}/impact", f"/plans/{number}/compare", "/plans"):
        visit.open(address)
        assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    visit.open(f"/plans/{number}/impact")
    if size[0] > 720:
        button = visit.page.get_by_role("button", name="提交街道审核")
        expect(button).to_be_in_viewport()
    visit.clean()
