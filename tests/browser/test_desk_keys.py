"""The desk and the page of a case by keyboard alone, and on a phone."""

import psycopg
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PATIENCE, Visit, Visitor

expect.set_options(timeout=PATIENCE)

Elsewhere = psycopg.Connection[tuple[object, ...]]
# Something of ours is drawn around what has the focus, and nothing lies over it.
RING = """(part) => {
  const style = getComputedStyle(part);
  const box = part.getBoundingClientRect();
  const seen = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return (style.outlineStyle !== 'none' || style.boxShadow !== 'none')
    && box.top >= 0 && box.bottom <= innerHeight && part.contains(seen);
}"""


@pytest.fixture
def duty(visitor: Visitor) -> Visit:
    visit: Visit = visitor("duty", size=(1366, 768))
    visit.open("/desk")
    return visit


def held(page: Page) -> Locator:
    return page.locator(":focus")


def ringed(page: Page) -> bool:
    return bool(held(page).evaluate(RING))


def row(page: Page, number: int) -> Locator:
    return page.locator(".rows a").nth(number)


def test_arrows_walk_the_rows_and_enter_opens_one_and_escape_goes_back(duty: Visit) -> None:
    page = duty.page
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(row(page, 1)).to_be_focused()
    assert ringed(page)
    page.keyboard.press("Shift+Tab")  # its box: arrows go on from there
    expect(page.locator(".rows input").nth(1)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(row(page, 2)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".beside .case h2")).to_be_visible()
    page.wait_for_load_state()  # the script that hears keys comes after the words
    page.keyboard.press("Escape")
    expect(page.locator(".beside .case")).to_have_count(0)
    duty.clean()


def test_escape_leaves_a_field_and_what_was_typed_stays(duty: Visit) -> None:
    page = duty.page
    page.keyboard.press("/")
    expect(page.locator("input[type=search]")).to_be_focused()
    assert ringed(page)
    page.keyboard.type("/井盖")
    page.keyboard.press("Escape")
    expect(row(page, 0)).to_be_focused()
    expect(page.locator("input[type=search]")).to_have_value("/井盖")
    duty.clean()


def test_a_filter_passed_through_by_keyboard_waits_for_enter(duty: Visit) -> None:
    page = duty.page
    page.locator("select[name=state]").focus()
    assert ringed(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    chosen = page.locator("select[name=state]").input_value()
    assert chosen, "the keys choose"
    assert "state=" not in page.url
    page.keyboard.press("Enter")
    page.wait_for_url(f"**state={chosen}*")
    page.locator("select[name=state]").select_option("")  # by pointer it narrows at once
    page.wait_for_url(lambda address: f"state={chosen}" not in address)
    duty.clean()


def test_several_are_done_at_once_by_keyboard(duty: Visit) -> None:
    page = duty.page
    page.locator("#all").focus()
    page.keyboard.press("Space")
    assert page.locator(".rows input:checked").count() > 0  # those that can be done
    page.keyboard.press("Tab")
    expect(page.locator("select[name=verb]")).to_be_focused()
    page.keyboard.press("End")
    expect(page.locator("select[name=verb]")).to_have_value("supervise")
    page.keyboard.press("Tab")
    assert ringed(page)
    page.keyboard.type("请加快")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[role=status]").first).to_contain_text("督办")
    duty.clean()


def test_every_deed_of_a_case_is_reached_and_left_by_keyboard(duty: Visit) -> None:
    page = duty.page
    number = row(page, 0).locator(".number").first.inner_text()
    duty.open(f"/cases/{number}")
    summaries = page.locator(".deeds > details > summary")
    assert summaries.count() > 1
    for at in range(summaries.count()):
        summary = summaries.nth(at)
        fold = page.locator(".deeds > details").nth(at)
        summary.focus()
        assert ringed(page)
        if fold.get_attribute("open") is None:
            page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert fold.evaluate("(fold) => fold.contains(document.activeElement)")
        assert ringed(page)
        page.keyboard.press("Escape")
        expect(summary).to_be_focused()
        assert fold.get_attribute("open") is None
    duty.clean()


def test_the_way_out_of_an_empty_list_is_a_button_of_its_own_size(duty: Visit) -> None:
    duty.open("/desk?q=没有这样的标题")
    way = duty.page.locator(".rows .empty a")
    box, line = way.bounding_box(), duty.page.locator(".rows .empty").bounding_box()
    assert box is not None
    assert line is not None
    assert box["width"] < line["width"] / 3
    duty.page.keyboard.press("Tab")
    way.focus()
    assert ringed(duty.page)
    duty.page.keyboard.press("Enter")
    expect(row(duty.page, 0)).to_be_visible()
    duty.clean()


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_on_a_phone_the_map_is_lower_than_wide_and_nothing_sticks_out(
    visitor: Visitor, language: str
) -> None:
    visit = visitor("duty", size=(390, 844), touch=True, locale=language)
    visit.open("/desk")
    page = visit.page
    page.locator(".unfold-line").click()
    box = page.locator(".beside .picture").bounding_box()
    assert box is not None
    assert box["height"] < box["width"]
    wide, sight = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide == sight
    visit.clean()
