"""A sheet of 12345 orders is filed in portions: counted, stopped, cut off and gone on with."""

import re
from typing import Any

import psycopg
from django.conf import settings
from playwright.sync_api import Page, Route, expect

from gridmap.geo.workbook import Sheet, workbook
from gridmap.pages.hotline import PORTION
from tests.browser.conftest import PATIENCE, Visit, Visitor

expect.set_options(timeout=PATIENCE)

HEADS = ["工单编号", "诉求内容", "诉求类别", "事发地址"]
MANY = 2 * PORTION + 5
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Connection = psycopg.Connection[tuple[object, ...]]


def tried(visit: Visit, name: str, *, bad: int = 0) -> Page:
    """Send a sheet of `MANY` sound orders and some bad ones to a trial."""
    rows = [[f"{name}-{n:02}", f"{n} 号垃圾桶满了", "暴露垃圾", "榕树巷1号"] for n in range(MANY)]
    rows += [[f"{name}-bad-{n}", "垃圾桶满了", "暴露垃圾", "月亮上"] for n in range(bad)]
    file = workbook(Sheet("工单", HEADS, rows))
    visit.open("/desk/orders")
    visit.page.set_input_files("[name=file]", {"name": "a.xlsx", "mimeType": XLSX, "buffer": file})
    visit.page.locator("form[enctype] .primary").click()
    expect(visit.page.locator("#orders tbody tr")).to_have_count(MANY + bad)
    visit.page.wait_for_load_state()  # until its script is there the form sends all at once
    return visit.page


def kept(elsewhere: Connection, name: str) -> tuple[Any, ...]:
    """How many cases there are of a sheet, and how many different orders they are of."""
    found = elsewhere.execute(
        "SELECT count(*), count(DISTINCT client_id), count(DISTINCT title) FROM layers_incident"
        " WHERE title LIKE %s", [f"%（工单 {name}-%"],
    ).fetchone()  # fmt: skip
    return found or ()


def test_orders_are_filed_in_portions_and_counted(visitor: Visitor, elsewhere: Connection) -> None:
    visit = visitor("duty")
    page = tried(visit, "ALL", bad=2)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.evaluate(
        """() => {
            const told = document.querySelector('#filing [role=status]');
            globalThis.said = [];
            const ear = new MutationObserver(() => said.push(told.textContent));
            ear.observe(told, { childList: true });
        }"""
    )
    page.get_by_role("button", name=f"登记这 {MANY} 件").click()
    expect(page.locator("#report-title")).to_have_text("已登记")
    assert page.evaluate("said") == [f"已登记 {n} / {MANY} 件" for n in (0, 20, 40, MANY)]
    assert sent.count("POST") == 3
    expect(page.locator("#report-title")).to_be_focused()
    expect(page.locator("#sums")).to_have_text(f"新登记 {MANY} 件，早已登记 0 件，没有登记 2 件")
    expect(page.locator("#filing progress")).to_have_attribute("value", str(MANY))
    expect(page.locator("#portions")).to_have_count(0)
    expect(page.locator("#orders tr[data-state=made] a")).to_have_count(MANY)
    expect(page.locator("#orders tr[data-state=refused]")).to_have_count(2)
    assert kept(elsewhere, "ALL") == (MANY, MANY, MANY)
    visit.clean()


def test_a_line_that_fails_in_the_middle_is_told_and_gone_on_with(
    visitor: Visitor, elsewhere: Connection
) -> None:
    visit = visitor("duty")
    page = tried(visit, "CUT")
    turns: list[int] = []

    def cut(route: Route) -> None:
        turns.append(1)
        if len(turns) == 2:
            route.fetch()  # it reaches the server, and the answer does not come back
            route.abort()
        else:
            route.continue_()

    page.route("**/desk/orders", cut)
    page.get_by_role("button", name=f"登记这 {MANY} 件").click()
    expect(page.get_by_role("alert")).to_contain_text("连接断了")
    told = page.locator("#filing [role=status]")
    expect(told).to_have_text(f"已登记 {PORTION} / {MANY} 件")
    assert kept(elsewhere, "CUT") == (2 * PORTION,) * 3
    on = page.get_by_role("button", name="接着登记")
    expect(on).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#sums")).to_have_text(f"新登记 {MANY} 件，早已登记 0 件，没有登记 0 件")
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator("#orders tr[data-state=known]")).to_have_count(PORTION)
    assert kept(elsewhere, "CUT") == (MANY, MANY, MANY)
    assert visit.abroad == []


def test_filing_is_stopped_and_outlives_a_session(visitor: Visitor, elsewhere: Connection) -> None:
    visit = visitor("duty", locale="en-US")
    page = tried(visit, "STOP")
    held: list[Route] = []
    page.route("**/desk/orders", lambda route: held.append(route))  # noqa: PLW0108 -- needs a name
    button = page.locator("#portions button")
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_text("Stop")
    page.keyboard.press("Enter")
    expect(button).to_have_text("Stopping after this portion…")
    held[0].continue_()
    told = page.locator("#filing [role=status]")
    expect(told).to_have_text(f"Stopped: {PORTION} of {MANY} filed")
    expect(button).to_have_text("Go on filing")
    expect(button).to_be_focused()
    assert kept(elsewhere, "STOP") == (PORTION,) * 3
    page.unroute_all()
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("signed out")
    beside = page.context.new_page()
    beside.goto(f"{visit.server}/sign-in")
    beside.fill("[name=name]", "duty")
    beside.fill("[name=password]", "duty-secret-7")
    beside.click("#sign-in .primary")
    expect(beside).not_to_have_url(re.compile("sign-in"))
    button.click()
    expect(page.locator("#sums")).to_have_text(f"{MANY} filed, 0 were known already, 0 not filed")
    assert kept(elsewhere, "STOP") == (MANY, MANY, MANY)
    assert visit.abroad == []


def test_what_the_server_refuses_is_told_in_its_words(visitor: Visitor) -> None:
    visit = visitor("duty")
    page = tried(visit, "OLD")
    page.eval_on_selector("#portions [name=orders]", "(portion) => { portion.value += 'x'; }")
    page.get_by_role("button", name=f"登记这 {MANY} 件").click()
    expect(page.get_by_role("alert")).to_have_text("这份表请重新上传")
    expect(page.locator("#portions")).to_have_count(0)
