"""What was begun in a form of a case is not lost: by a refusal, or by a session that ended."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DATABASE, PATIENCE, Visit, Visitor, connect

expect.set_options(timeout=PATIENCE)

WORDS = "已经催过两次，请今天答复"


@pytest.fixture
def duty(visitor: Visitor) -> Visit:
    """The dispatcher, at the page of the first case."""
    visit = visitor("duty")
    with connect(DATABASE) as link:
        found = link.execute("SELECT number FROM layers_incident ORDER BY id LIMIT 1").fetchone()
    assert found
    visit.open(f"/cases/{found[0]}")
    return visit


def unfold(page: Page) -> Locator:
    """The form that presses for a case, open."""
    form = page.locator("form[action$='/do/supervise']")
    if not form.is_visible():
        form.locator("xpath=..").locator("summary").click()
    return form


def sign_in(page: Page) -> None:
    page.locator("input[name=name]").fill("duty")
    page.locator("input[name=password]").fill("duty-secret-7")
    page.locator("#sign-in button[type=submit]").click()


def test_words_outlive_the_session_and_go_when_they_are_sent(duty: Visit) -> None:
    page, here = duty.page, duty.page.url
    form = unfold(page)
    form.locator("textarea").fill(WORDS)
    page.context.clear_cookies(name="session")
    form.locator("button[type=submit]").click()
    expect(page.locator(".hint.warn")).to_be_visible()
    sign_in(page)
    page.wait_for_url(here)
    expect(form.locator("textarea")).to_have_value(WORDS)
    expect(form.locator("[data-put-back]")).to_be_visible()
    form.locator("button[type=submit]").click()
    expect(page.locator(".hint.success")).to_be_visible()
    page.reload()
    expect(unfold(page).locator("textarea")).to_have_value("")
    duty.clean()


def test_a_refused_form_has_the_focus_where_it_lacks_something(duty: Visit) -> None:
    page = duty.page
    form = unfold(page)
    form.locator("textarea").fill("   ")
    form.locator("button[type=submit]").click()
    expect(form.locator("#trouble")).to_be_visible()
    expect(form.locator("textarea")).to_be_focused()
    page.evaluate("location.assign(location.href)")  # the address of the deed, visited
    page.wait_for_url(lambda address: "/do/" not in address)
    assert duty.abroad == []


def test_whoever_signs_out_leaves_nothing_begun(duty: Visit) -> None:
    page, here = duty.page, duty.page.url
    page.context.clear_cookies(name="session")  # the one the other windows use is not ended
    page.reload()
    sign_in(page)
    page.wait_for_url(here)
    unfold(page).locator("textarea").fill(WORDS)
    page.locator(".who summary").click()
    page.locator("form[action='/sign-out'] button").click()
    expect(page.locator("#sign-in")).to_be_visible()
    sign_in(page)
    page.wait_for_load_state()
    page.goto(here)
    expect(unfold(page).locator("textarea")).to_have_value("")
