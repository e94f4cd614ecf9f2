"""The answer card on a phone: no script, no location, no other machine, and within its budget."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from gridmap.layers.codes import public_code
from tests.browser.conftest import PATIENCE, Visit

PHONE = {"width": 390, "height": 844}
MOST_BYTES = 60_000
Elsewhere = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def opened(elsewhere: Elsewhere) -> str:
    """The address of building 1 in a town that shows cards."""
    elsewhere.execute("UPDATE layers_city SET public_card = true")
    elsewhere.execute(
        "INSERT INTO layers_communityline (community_id, phone, hours, valid)"
        " SELECT id, '0598-0112233', '工作日', '[2024-01-01,)' FROM layers_community AS k"
        " WHERE NOT EXISTS (SELECT FROM layers_communityline AS l WHERE l.community_id = k.id)"
    )
    found = elsewhere.execute("SELECT id FROM layers_building WHERE code = 'B1'").fetchone()
    assert found
    return "/q/" + public_code("building", int(str(found[0])))


@pytest.fixture
def phone(server: str, chromium: Callable[..., Browser]) -> Iterator[Visit]:
    """A phone without scripts that gives no location away."""
    context: BrowserContext = chromium().new_context(
        viewport=PHONE,  # type: ignore[arg-type]
        device_scale_factor=3,
        is_mobile=True,
        has_touch=True,
        java_script_enabled=False,
        locale="zh-CN",
        permissions=[],
    )
    context.set_default_timeout(PATIENCE)
    visit = Visit(page=context.new_page(), server=server)
    visit.listen()
    yield visit
    context.close()


def test_a_scan_tells_who_answers(phone: Visit, opened: str) -> None:
    sizes: list[int] = []
    session = phone.page.context.new_cdp_session(phone.page)
    session.on("Network.loadingFinished", lambda done: sizes.append(done["encodedDataLength"]))
    session.send("Network.enable")
    phone.open(opened)
    page = phone.page
    expect(page.get_by_role("heading", name="甲社区 第一网格")).to_be_visible()
    expect(page.get_by_text("苏望舒", exact=True)).to_be_visible()
    expect(page.get_by_role("img", name="甲社区 第一网格的小地图")).to_be_visible()
    expect(page.get_by_role("link", name="打电话反映")).to_have_attribute("href", "tel:05980112233")
    assert page.context.cookies() == []
    assert 5_000 < sum(sizes) < MOST_BYTES
    phone.clean()


def test_the_page_fits_the_phone_and_fingers_hit_its_buttons(phone: Visit, opened: str) -> None:
    phone.open(opened)
    wide = phone.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE["width"]
    for button in phone.page.locator(".call, .button").all():
        box = button.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 48
    phone.page.set_viewport_size({"width": 320, "height": 640})
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_other_language_and_a_typed_code_work_without_a_script(
    phone: Visit, opened: str
) -> None:
    phone.open(opened)
    phone.page.get_by_role("link", name="EN").click()
    expect(phone.page.get_by_role("heading", name="Who answers here")).to_be_visible()
    phone.open("/q/B0000")
    phone.page.get_by_label("牌子上的编码").fill(opened.removeprefix("/q/").lower())
    phone.page.get_by_role("button", name="查一查").click()
    expect(phone.page.get_by_role("heading", name="甲社区 第一网格")).to_be_visible()
    assert phone.abroad == []


def test_nothing_asks_for_the_location(
    chromium: Callable[..., Browser], server: str, opened: str
) -> None:
    """With scripts on, too: the page has none, and the browser was never asked."""
    context = chromium().new_context(viewport=PHONE, permissions=[])  # type: ignore[arg-type]
    page = context.new_page()
    page.add_init_script(
        "window.asked = 0; const ask = () => { window.asked += 1; };"
        "navigator.geolocation.getCurrentPosition = ask; navigator.geolocation.watchPosition = ask;"
    )
    page.goto(f"{server}{opened}")
    assert page.evaluate("window.asked") == 0
    assert page.evaluate("document.scripts.length") == 0
    page.evaluate("navigator.geolocation.getCurrentPosition(() => {})")
    assert page.evaluate("window.asked") == 1, "the ear hears"
    context.close()
