"""The list of the desk in a browser: its place is kept, it is live and still, it fits a phone."""

import psycopg
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DATABASE, PATIENCE, Visit, Visitor, connect

expect.set_options(timeout=PATIENCE)

Elsewhere = psycopg.Connection[tuple[object, ...]]
MANY = 40
AGAIN = """
    INSERT INTO layers_incident (city_id, number, title, text, place, address, search, category_id,
        source, state, parked, urgent, department_id, reported_at, filed_at, soon_at, due, light)
    SELECT i.city_id, '20200101-' || lpad(n::text, 4, '0'), '很多之一', '', i.place, '', '',
        i.category_id, 'worker', 'reported', FALSE, FALSE, NULL, i.reported_at, NULL, NULL, NULL, 1
    FROM generate_series(1, %s) AS n, (SELECT * FROM layers_incident ORDER BY id LIMIT 1) AS i
"""


@pytest.fixture(scope="module", autouse=True)
def many(server: str) -> None:
    """More reports than a screen holds, in the town of this module's server."""
    assert server
    with connect(DATABASE) as connection:
        connection.execute(AGAIN, [MANY])


@pytest.fixture
def duty(visitor: Visitor) -> Visit:
    visit: Visit = visitor("duty", size=(1366, 768))
    visit.open("/desk")
    return visit


def top(row: Locator) -> float:
    return float(row.evaluate("(row) => row.getBoundingClientRect().top"))


def row(page: Page, number: int) -> Locator:
    return page.locator(".rows a[data-page]").nth(number)


def test_who_chooses_a_row_far_down_finds_it_where_it_was(duty: Visit) -> None:
    page = duty.page
    row(page, 36).scroll_into_view_if_needed()
    before = top(row(page, 36))
    row(page, 36).click()
    expect(page.locator(".beside .case h2")).to_be_visible()
    expect(row(page, 36)).to_be_focused()
    assert top(row(page, 36)) == pytest.approx(before, abs=2)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".rows li.on a[data-page]")).to_be_focused()
    expect(row(page, 37)).to_be_focused()
    page.go_back()
    expect(page.locator(".beside .case h2")).to_be_visible()
    expect(row(page, 37)).to_be_focused()  # where it was left
    expect(row(page, 37)).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(page.locator(".beside .case")).to_have_count(0)
    expect(row(page, 36)).to_be_focused()  # the one that was open
    expect(row(page, 36)).to_be_in_viewport()
    duty.clean()


def test_an_address_with_a_case_shows_its_row_and_takes_no_focus(duty: Visit) -> None:
    page = duty.page
    number = row(page, 40).locator(".number").first.inner_text()
    duty.open(f"/desk?case={number}")
    expect(page.locator(".rows li.on")).to_be_in_viewport()
    assert page.evaluate("document.activeElement === document.body")
    duty.clean()


def test_only_what_can_be_done_is_chosen(duty: Visit) -> None:
    page = duty.page
    page.locator("select[name=verb]").select_option("supervise")
    page.locator("#all").check()
    able = page.locator(".rows input[data-able~=supervise]").count()
    assert 0 < able < page.locator(".rows input").count()
    assert page.locator(".rows input:checked").count() == able
    expect(page.locator("#picked")).to_have_text(f"选中 {able} 件，其中可办 {able} 件")
    page.locator("select[name=verb]").select_option("file")
    assert page.locator(".rows input:checked").count() == 0
    row(page, 20).locator("xpath=..").locator("input").check()
    expect(page.locator("#picked")).to_have_text("选中 1 件，其中可办 0 件")
    duty.clean()


def test_counts_change_in_place_and_the_list_keeps_still(duty: Visit, elsewhere: Elsewhere) -> None:
    page = duty.page
    chip = page.locator("[data-count-of=verify]")
    expect(chip).to_have_text(str(MANY))
    answers: list[int] = []
    page.on("response", lambda a: answers.append(a.status) if "/desk" in a.url else None)
    page.wait_for_event("response", lambda a: a.status == 304)
    rows = page.locator(".rows li")
    before = rows.count()
    elsewhere.execute(
        "UPDATE layers_incident SET title = '新的标题' WHERE number = '20200101-0001'"
    )
    elsewhere.execute(
        "UPDATE layers_incident SET verified = TRUE WHERE number IN"
        " ('20200101-0001', '20200101-0002')"
    )
    expect(chip).to_have_text(str(MANY - 2))
    expect(page.locator("#news")).to_be_visible()
    assert rows.count() == before
    assert page.locator(".rows", has_text="新的标题").count() == 0
    assert 304 in answers
    page.locator("#news a").click()
    expect(page.locator(".rows")).to_contain_text("新的标题")
    duty.clean()


def test_on_a_phone_the_list_comes_first(visitor: Visitor) -> None:
    visit = visitor("duty", size=(390, 844), touch=True)
    visit.open("/desk")
    page = visit.page
    assert top(row(page, 0)) < 844 / 2
    expect(page.locator(".beside .picture")).to_be_hidden()
    expect(page.locator("select[name=state]")).to_be_hidden()
    page.locator(".unfold-line").click()
    expect(page.locator(".beside .picture")).to_be_visible()
    expect(page.locator("select[name=state]")).to_be_visible()
    assert top(page.locator(".beside .picture")) < top(row(page, 0))
    page.locator(".unfold-line").click()
    row(page, 3).click()
    expect(page.locator(".beside .case h2")).to_be_in_viewport()
    page.locator("#closed").click()
    expect(row(page, 3)).to_be_in_viewport()
    expect(row(page, 3)).to_be_focused()
    visit.clean()


def test_on_paper_the_list_stands_alone(duty: Visit) -> None:
    page = duty.page
    page.emulate_media(media="print")
    for part in (".top", ".rail", "#narrow", ".together", ".beside", ".sorts", ".rows input"):
        expect(page.locator(part).first).to_be_hidden()
    expect(row(page, 40)).to_be_visible()
    expect(page.locator(".desk-head h1")).to_be_visible()
    duty.clean()
