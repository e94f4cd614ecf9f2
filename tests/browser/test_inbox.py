"""A notice reaches whoever is at the map, without a reload, and leads to the case."""

import os
import re
import sys
from collections.abc import Iterator

import psycopg
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DATABASE, PATIENCE, Visitor, _running, connect
from tests.browser.test_case_course import reported

expect.set_options(timeout=PATIENCE)

Elsewhere = psycopg.Connection[tuple[object, ...]]


@pytest.fixture(scope="module", autouse=True)
def worker(server: str) -> Iterator[None]:
    """Residents may report, and the worker that tells of it runs."""
    with connect(DATABASE) as link:
        link.execute("UPDATE layers_city SET public_card = true")
        link.execute("DELETE FROM layers_outbox")
    surroundings = {**os.environ, "GRIDMAP_DB_NAME": DATABASE, "GRIDMAP_DEBUG": "1"}
    with _running([sys.executable, "manage.py", "work"], surroundings):
        yield


@pytest.mark.parametrize("size", [(1366, 768), (390, 844)])
def test_a_report_rings_the_bell_of_an_open_map_and_leads_to_the_case(
    visitor: Visitor, elsewhere: Elsewhere, size: tuple[int, int]
) -> None:
    visit = visitor("duty", size=size)
    page = visit.page
    visit.open("/")
    bell = page.locator(".bell")
    expect(bell.locator("b")).to_be_hidden()
    told: list[str] = []
    page.on("request", lambda one: told.append(str(one.headers)) if "count" in one.url else None)
    _, number = reported(visitor, elsewhere, 50)
    for _ in range(100):  # somebody comes back to the window until the worker has told
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        page.wait_for_timeout(100)
        if bell.locator("b").is_visible():
            break
    expect(bell).to_have_attribute("aria-label", "通知，1 条未读")
    assert all("x-untouched" in one for one in told), "a page left open ends with its session"
    bell.focus()
    page.keyboard.press("Enter")
    row = page.locator(".notices li.new")
    expect(row).to_have_count(1)
    expect(row).to_contain_text(number)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    row.locator("button").first.click()
    page.wait_for_url(re.compile(rf"/cases/{number}"))
    page.go_back()
    page.reload()
    expect(page.locator(".notices li.new")).to_have_count(0)
    expect(page.locator(".bell b")).to_be_hidden()
    visit.clean()
