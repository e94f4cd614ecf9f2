"""A moment of the past, several cells at a time, and the map without a mouse."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from tests import town as toy
from tests.browser.conftest import PATIENCE, Visitor
from tests.browser.test_map_page import click_cell, drawn, near

expect.set_options(timeout=PATIENCE)


def middle(page: Page) -> tuple[float, float]:
    box = page.locator(".town").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_yesterday_is_one_choice_away_and_back_leads_to_now(visitor: Visitor) -> None:
    visit = visitor("leader")
    visit.open()
    drawn(visit.page)
    live: list[str] = []
    visit.page.on("request", lambda asked: live.append(asked.url))
    bar = visit.page.locator("#top")
    visit.page.locator(".asof").click()
    visit.page.get_by_role("menuitemradio", name="昨天").click()
    expect(bar).to_have_class("top past")
    expect(visit.page.locator(".asof")).to_contain_text("的网格")
    assert "asof=20" in visit.page.url
    # The only incident that was reported before yesterday's midnight, overdue today, was not then.
    expect(visit.page.locator(".legend h2").first).to_contain_text("1 件")
    expect(visit.page.locator(".legend")).not_to_contain_text("—")
    expect(visit.page.get_by_role("button", name="登记事件")).to_be_disabled()
    assert not any("/feeds/live" in url for url in live), "nothing changes in the past"
    visit.page.reload()
    expect(bar).to_have_class("top past")
    expect(visit.page.locator(".legend h2").first).to_contain_text("1 件")
    visit.page.get_by_role("button", name="回到现在").click()
    expect(bar).to_have_class("top")
    expect(visit.page.locator(".legend h2").first).to_contain_text("5 件")
    expect(visit.page.get_by_role("button", name="登记事件")).to_be_enabled()
    visit.page.go_back()
    expect(bar).to_have_class("top past")
    visit.clean()


def test_a_case_of_the_past_is_told_as_it_stood(visitor: Visitor) -> None:
    visit = visitor("leader")
    yesterday = timezone.localdate() - timedelta(days=1)
    visit.open(f"/?city=toy&asof={yesterday}&incident=2")
    expect(visit.page.locator("#panel .facts")).to_contain_text("步骤立案")
    visit.clean()


def test_of_a_time_before_all_records_nothing_is_said_to_be_nought(visitor: Visitor) -> None:
    visit = visitor("leader")
    visit.open("/?city=toy&asof=2024-06-01")
    expect(visit.page.locator(".legend")).to_contain_text("那时还没有记录")
    expect(visit.page.locator("#panel .figures dd").nth(1)).to_have_text("—")
    visit.page.get_by_role("radio", name="巡查覆盖").click()
    expect(visit.page.locator(".legend")).to_contain_text("那时还没有记录")
    visit.clean()


def test_a_moment_still_to_come_cannot_be_chosen(visitor: Visitor) -> None:
    visit = visitor("leader", locale="en-US")
    visit.open()
    drawn(visit.page)
    visit.page.locator(".asof").click()
    form = visit.page.locator(".choose-moment")
    form.get_by_label("Day").evaluate("(field) => { field.max = ''; field.value = '2099-01-01'; }")
    form.get_by_role("button", name="Show this moment").click()
    expect(form.get_by_role("alert")).to_contain_text("still to come")
    assert "asof" not in visit.page.url
    visit.clean()


def test_cells_chosen_together_are_summed_and_stand_in_the_link(visitor: Visitor) -> None:
    visit = visitor("leader")
    visit.open(near(toy.at(100, 20), 18))
    drawn(visit.page)
    x, y = middle(visit.page)
    click_cell(visit.page)
    # 100 m are some 190 pixels here: a quarter of a kilometre to the east lies A-2.
    for _ in range(20):
        visit.page.keyboard.down("Shift")
        visit.page.mouse.click(x + 60 if "第一" in title(visit.page) else x - 60, y)
        visit.page.keyboard.up("Shift")
        visit.page.wait_for_timeout(300)
        if "picked=" in visit.page.url:
            break
    expect(visit.page.locator("#panel h1")).to_contain_text("一共 2 格")
    expect(visit.page.locator("#panel .figures")).to_contain_text("300")  # 100 + 200 households
    expect(visit.page.locator("#panel .section").first).to_contain_text("3 件未结")
    link = visit.page.url
    visit.page.locator("#panel").get_by_role("button", name="关闭").click()
    expect(visit.page.locator("#toasts")).to_contain_text("不再选这 2 格")
    visit.page.get_by_role("button", name="撤销").click()
    expect(visit.page.locator("#panel h1")).to_contain_text("一共 2 格")
    visit.page.locator("#panel .with-action .item").first.click()
    expect(visit.page.locator("#panel h1")).to_contain_text("网格")
    visit.page.keyboard.press("Escape")
    expect(visit.page.locator("#panel h1")).to_contain_text("一共 2 格")
    visit.page.goto("about:blank")
    visit.page.goto(link)
    expect(visit.page.locator("#panel h1")).to_contain_text("一共 2 格")
    visit.clean()


def title(page: Page) -> str:
    return page.locator("#panel h1").inner_text()


def test_tab_walks_the_signs_by_urgency_and_enter_opens_one(visitor: Visitor) -> None:
    visit = visitor("leader")
    visit.open(near(toy.at(150, 50), 17))
    drawn(visit.page)
    visit.page.wait_for_timeout(500)
    visit.page.locator(".town canvas").focus()
    visit.page.keyboard.press("Tab")
    expect(visit.page.locator("#aloud")).to_contain_text("第 1 处，共 5 处：超期，井盖破损")
    visit.page.keyboard.press("Tab")
    expect(visit.page.locator("#aloud")).to_contain_text("第 2 处")
    visit.page.keyboard.press("Shift+Tab")
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator("#panel h1")).to_contain_text("井盖破损")
    assert "incident=" in visit.page.url
    visit.clean()


def test_a_finger_that_rests_opens_the_menu_and_lifting_it_chooses_nothing(
    visitor: Visitor,
) -> None:
    visit = visitor("leader", size=(390, 844), touch=True)
    visit.open(near(toy.at(70, 20)))
    drawn(visit.page)
    visit.page.wait_for_timeout(1000)
    x, y = middle(visit.page)
    wire = visit.page.context.new_cdp_session(visit.page)
    touch = {"x": x, "y": y}
    wire.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [touch]})
    expect(visit.page.locator(".choice")).to_be_visible()
    wire.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    visit.page.wait_for_timeout(300)
    menu = visit.page.locator(".choice")
    expect(menu).to_contain_text("复制坐标")
    expect(menu).to_contain_text("打印")
    assert "cell=" not in visit.page.url
    visit.clean()


def test_english_spells_the_names_of_places(visitor: Visitor) -> None:
    visit = visitor("leader", locale="en-US")
    visit.open(near(toy.at(70, 20)))
    drawn(visit.page)
    expect(visit.page.locator("#panel h1")).to_contain_text("Toy town")
    visit.page.locator("#search").fill("rsx")
    found = visit.page.locator("#found")
    expect(found).to_contain_text("Rongshu Xiang")
    expect(found).to_contain_text("No. 1 Rongshu Xiang")
    visit.page.keyboard.press("Escape")
    visit.page.locator(".path").click()
    expect(visit.page.locator(".menu").first).to_contain_text("Jia Community")
    visit.clean()
