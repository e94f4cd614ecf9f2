"""The beat on a phone: without a network nothing is lost, and nothing is told twice."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from gridmap.layers.codes import public_code
from tests.browser.conftest import DATABASE, PATIENCE, Visit, connect

Elsewhere = psycopg.Connection[tuple[object, ...]]
PHONE = {"width": 390, "height": 844}
SENDING = 60_000  # milliseconds a busy machine may take to send what waits
ROWS = 20

# Twenty more stretches of the lane, one beside the other in cell A-1, never walked.
STRETCHES = """
INSERT INTO layers_stretch
    (city_id, code, lane_id, side, start, "end", interval_days, centreline, anchor)
SELECT s.city_id, 'T-' || n, s.lane_id, 'both', '', '', 3,
    ST_SetSRID(ST_MakeLine(
        ST_Translate(s.anchor, -0.00003 * n, 0), ST_Translate(s.anchor, -0.00003 * n, 0.0001)
    ), 4326), ST_Translate(s.anchor, -0.00003 * n, 0.00005)
FROM layers_stretch AS s, generate_series(1, %s) AS n WHERE s.code = 'L1-1' AND s.side = 'left'
"""


@pytest.fixture(scope="module")
def lanes(server: str) -> str:
    """The server, its town with twenty more stretches to walk."""
    with connect(DATABASE) as connection:
        connection.execute(STRETCHES, [ROWS])
    return server


@pytest.fixture
def phone(lanes: str, chromium: Callable[..., Browser]) -> Iterator[BrowserContext]:
    """A phone; what it keeps outlives its pages."""
    context = chromium().new_context(
        viewport=PHONE,  # type: ignore[arg-type]
        device_scale_factor=2, is_mobile=True, has_touch=True, locale="zh-CN",
        reduced_motion="reduce",
        user_agent="Mozilla/5.0 (Linux; Android 14) Chrome/140.0 Mobile Safari/537.36",
    )  # fmt: skip
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


def sign_in(context: BrowserContext, server: str, name: str = "walker") -> Page:
    page = context.new_page()
    page.goto(f"{server}/sign-in")
    page.fill("[name=name]", name)
    page.fill("[name=password]", f"{name}-secret-7")
    page.click("#sign-in .primary")
    return page


def beat(context: BrowserContext, server: str) -> Page:
    """The beat, kept by the phone from now on."""
    page = sign_in(context, server)
    page.wait_for_url("**/beat")
    ready(page)
    page.evaluate("navigator.serviceWorker.ready.then((found) => found.active.state)")
    page.wait_for_function("async () => (await caches.keys()).length === 1")
    return page


def ready(page: Page) -> None:
    page.wait_for_selector("#beat[data-ready]")
    page.wait_for_selector("#map[data-ready]")


def picture(number: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (320, 240), (40 * number, 90, 160)).save(file, "JPEG")
    return file.getvalue()


def report(page: Page, number: int) -> None:
    """Photo, kind, sent: three taps."""
    with page.expect_file_chooser() as camera:
        page.click("#report")
    camera.value.set_files(
        {"name": f"{number}.jpg", "mimeType": "image/jpeg", "buffer": picture(number)}
    )
    expect(page.locator(".picture")).to_have_count(1)
    page.locator(".kind").first.click()
    page.get_by_role("button", name="报上去").click()
    expect(page.locator("dialog")).to_have_count(0)


def see_a_door(page: Page, elsewhere: Elsewhere) -> None:
    """Type the code of a sign and say that its entrance was seen."""
    found = elsewhere.execute("SELECT id FROM layers_building WHERE code = 'B1'").fetchone()
    assert found
    page.click("#scan")
    page.fill("[name=code]", public_code("building", int(str(found[0]))))
    page.get_by_role("button", name="查", exact=True).click()
    page.get_by_role("button", name="这个入口看过了").click()
    expect(page.locator("dialog")).to_have_count(0)


def counted(elsewhere: Elsewhere) -> tuple[int, int, int]:
    """Visits, reports and photos that came from phones."""
    found = elsewhere.execute(
        "SELECT (SELECT count(*) FROM layers_visit WHERE client_id IS NOT NULL),"
        " (SELECT count(*) FROM layers_incident WHERE source = 'patrol'),"
        " (SELECT count(*) FROM layers_photo)"
    ).fetchone()
    assert found
    visits, reports, photos = (int(str(n)) for n in found)
    return visits, reports, photos


def test_twenty_visits_and_three_reports_survive_a_dead_page_and_a_flapping_line(
    phone: BrowserContext, lanes: str, elsewhere: Elsewhere
) -> None:
    before = counted(elsewhere)
    page = beat(phone, lanes)
    expect(page.locator("#badge")).to_contain_text("已同步")
    phone.set_offline(True)
    for number in range(ROWS):
        page.locator("[data-walk]").first.click()
        expect(page.locator("#badge")).to_contain_text(f"{number + 1} 条待传")
    for number in range(3):
        report(page, number)
    expect(page.locator("#badge")).to_contain_text("23 条待传")
    assert counted(elsewhere) == before
    page.close()

    page = phone.new_page()
    page.goto(f"{lanes}/beat")
    ready(page)
    expect(page.locator("#badge")).to_contain_text("23 条待传")
    for _ in range(10):
        phone.set_offline(False)
        page.wait_for_timeout(150)
        phone.set_offline(True)
        page.wait_for_timeout(60)
    phone.set_offline(False)
    expect(page.locator("#badge")).to_contain_text("已同步", timeout=SENDING)
    sent = tuple(now - then for now, then in zip(counted(elsewhere), before, strict=True))
    assert sent == (20, 3, 3)
    page.reload()
    ready(page)
    expect(page.locator("#badge")).to_contain_text("已同步", timeout=SENDING)
    assert counted(elsewhere)[0] - before[0] == 20


def test_a_patrol_with_a_phone_begins_with_its_beat(phone: BrowserContext, lanes: str) -> None:
    page = beat(phone, lanes)
    visit = Visit(page=page, server=lanes)
    visit.listen()
    expect(page.get_by_role("heading", name="甲社区巡防队")).to_be_visible()
    expect(page.get_by_role("heading", name="接下来")).to_be_visible()
    page.click("#locate")
    expect(page.get_by_text("网页收不到定位")).to_be_visible()
    page.keyboard.press("Escape")
    smallest = page.evaluate(
        """() => Math.min(...[...document.querySelectorAll(
          '#badge, .beat-foot .button, .walk, .beat-map .square')].map((button) => {
            const {width, height} = button.getBoundingClientRect();
            return Math.min(width, height);
          }))"""
    )
    assert smallest >= 48
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    visit.clean()


def test_a_tap_can_be_taken_back(phone: BrowserContext, lanes: str, elsewhere: Elsewhere) -> None:
    before = counted(elsewhere)
    page = beat(phone, lanes)
    see_a_door(page, elsewhere)
    page.get_by_role("button", name="撤销").click()
    expect(page.locator("#badge")).to_contain_text("已同步")
    page.wait_for_timeout(500)
    assert counted(elsewhere) == before


def test_where_am_i_without_a_location(phone: BrowserContext, lanes: str) -> None:
    page = beat(phone, lanes)
    page.click("#scan")
    page.fill("[name=code]", "B00000")
    page.get_by_role("button", name="查", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="不是您巡区里的门牌编码")).to_be_visible()
    code = page.evaluate("async () => (await (await fetch('/beat/data')).json()).buildings[0].sign")
    page.fill("[name=code]", f"https://elsewhere.example/q/{code.lower()}")
    page.get_by_role("button", name="查", exact=True).click()
    expect(page.get_by_text("苏望舒")).to_be_visible()
    expect(page.get_by_role("button", name="这个入口看过了")).to_be_visible()


def test_what_is_refused_is_loud_and_can_be_settled(
    phone: BrowserContext, lanes: str, elsewhere: Elsewhere
) -> None:
    page = beat(phone, lanes)
    phone.set_offline(True)
    page.click("#more")
    page.keyboard.press("Escape")
    see_a_door(page, elsewhere)
    taken = page.evaluate(
        """async () => {
          const base = await new Promise((done) => {
            const open = indexedDB.open('gridmap-beat');
            open.onsuccess = () => done(open.result);
          });
          const rows = base.transaction('queue').objectStore('queue').getAll();
          return new Promise((done) => { rows.onsuccess = () => done(rows.result[0].id); });
        }"""
    )
    elsewhere.execute(
        "INSERT INTO layers_visit (city_id, entrance_id, at, source, note, client_id)"
        " SELECT b.city_id, e.id, now(), 'qr', '别的', %s FROM layers_entrance AS e"
        " INNER JOIN layers_building AS b ON b.id = e.building_id LIMIT 1",
        [taken],
    )
    phone.set_offline(False)
    expect(page.locator("#alarm")).to_contain_text("没传上", timeout=SENDING)
    page.click("#badge")
    expect(page.locator("[data-refused=true]")).to_contain_text("内容不同的一条")
    page.get_by_role("button", name="重试").click()
    page.keyboard.press("Escape")
    expect(page.locator("#badge")).to_contain_text("已同步", timeout=SENDING)
    expect(page.locator("#alarm")).to_be_hidden()


def test_signing_out_seals_what_waits_and_the_next_user_cannot_read_it(
    phone: BrowserContext, lanes: str, elsewhere: Elsewhere
) -> None:
    before = counted(elsewhere)
    page = beat(phone, lanes)
    phone.set_offline(True)
    see_a_door(page, elsewhere)
    phone.set_offline(False)
    assert left(page) == {"keys": 1, "data": 1, "queue": 1}
    page.click("#more")
    page.get_by_role("button", name="退出登录").click()
    page.locator("dialog").get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/sign-in*")
    assert left(page) == {"keys": 0, "data": 0, "queue": 1}
    assert "榕树巷" not in everything(page)
    page.fill("[name=name]", "bearer")
    page.fill("[name=password]", "bearer-secret-7")
    page.click("#sign-in .primary")
    page.goto(f"{lanes}/beat")
    page.wait_for_selector("#beat[data-ready]")
    expect(page.locator("#badge")).to_contain_text("已同步")
    assert counted(elsewhere) == before
    page.goto(f"{lanes}/beat")
    page.click("#more")
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/sign-in*")
    page.close()
    page = beat(phone, lanes)
    deadline = time.monotonic() + SENDING / 1000
    while counted(elsewhere) == before and time.monotonic() < deadline:
        page.wait_for_timeout(250)
    assert counted(elsewhere)[0] == before[0] + 1


def test_a_session_that_was_ended_elsewhere_locks_the_phone_at_the_next_contact(
    phone: BrowserContext, lanes: str, elsewhere: Elsewhere
) -> None:
    page = beat(phone, lanes)
    phone.set_offline(True)
    see_a_door(page, elsewhere)
    elsewhere.execute(
        "DELETE FROM layers_usersession WHERE user_id ="
        " (SELECT id FROM auth_user WHERE username = 'walker')"
    )
    page.reload()
    ready(page)
    expect(page.locator("#badge")).to_contain_text("1 条待传")
    phone.set_offline(False)
    page.wait_for_url("**/sign-in*", timeout=SENDING)
    assert left(page) == {"keys": 0, "data": 0, "queue": 1}


def left(page: Page) -> dict[str, Any]:
    """How many rows of each kind the phone holds."""
    found: dict[str, Any] = page.evaluate(
        """async () => {
          const base = await new Promise((done) => {
            const open = indexedDB.open('gridmap-beat');
            open.onsuccess = () => done(open.result);
          });
          const count = (store) => new Promise((done) => {
            const rows = base.transaction(store).objectStore(store).count();
            rows.onsuccess = () => done(rows.result);
          });
          const told = { keys: await count('keys'), data: await count('data'),
            queue: await count('queue') };
          base.close();
          return told;
        }"""
    )
    return found


def everything(page: Page) -> str:
    """All that a page can read on the phone, as text."""
    text: str = page.evaluate(
        """async () => {
          const base = await new Promise((done) => {
            const open = indexedDB.open('gridmap-beat');
            open.onsuccess = () => done(open.result);
          });
          const texts = [JSON.stringify(localStorage)];
          for (const store of base.objectStoreNames) {
            const rows = await new Promise((done) => {
              const all = base.transaction(store).objectStore(store).getAll();
              all.onsuccess = () => done(all.result);
            });
            for (const row of rows) {
              const bytes = row.sealed ? new TextDecoder().decode(row.sealed) : '';
              texts.push(bytes + JSON.stringify(row));
            }
          }
          for (const name of await caches.keys()) {
            const cache = await caches.open(name);
            for (const key of await cache.keys()) {
              if (!new URL(key.url).pathname.startsWith('/beat')) continue;
              texts.push(await (await cache.match(key)).text());
            }
          }
          base.close();
          return texts.join('\\n');
        }"""
    )
    return text
