"""Signing in with a second step, and an administrator at work, in a real browser."""

import base64
import hmac
import json
import struct
import time
from datetime import timedelta

import psycopg
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests import town as toy
from tests.browser.conftest import PATIENCE, Visitor

expect.set_options(timeout=PATIENCE)


SPOKEN = """() => {
  const held = document.activeElement;
  return held.getAttribute('aria-label') || held.labels?.[0]?.innerText || held.innerText;
}"""


def code_of(spelled: str, steps: int = 0) -> str:
    """RFC 6238, worked out by hand: what the telephone shows."""
    secret = base64.b32decode(spelled.replace(" ", ""))
    digest = hmac.digest(secret, struct.pack(">Q", int(time.time()) // 30 + steps), "sha1")
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def tab_to(page: Page, name: str) -> None:
    """Press Tab until something with this accessible name has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        held = page.evaluate(SPOKEN)
        if name in str(held):
            return
    raise AssertionError(name)


def test_a_second_step_is_set_up_and_used_by_the_keyboard_alone(visitor: Visitor) -> None:
    visit = visitor("guard")
    page = visit.page
    visit.open("/account")
    tab_to(page, "开启")
    page.keyboard.press("Enter")
    expect(page.locator("svg.square")).to_be_visible()
    secret = page.locator(".secret").text_content() or ""
    expect(page.locator("[name=code]")).to_be_focused()
    page.keyboard.type(code_of(secret, -1))
    page.keyboard.press("Enter")
    expect(page.locator(".codes li")).to_have_count(10)
    tab_to(page, "已经抄好")
    page.keyboard.press("Enter")
    expect(page.get_by_text("已开启")).to_be_visible()
    tab_to(page, "退出登录")
    page.keyboard.press("Enter")
    expect(page.locator("[name=name]")).to_be_focused()
    page.keyboard.type("guard")
    page.keyboard.press("Tab")
    page.keyboard.type("guard-secret-7")
    page.keyboard.press("Enter")
    expect(page.locator("[name=code]")).to_be_focused()
    page.keyboard.type("000000" if code_of(secret) != "000000" else "000001")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("验证码不对")
    page.locator("[name=code]").focus()
    page.keyboard.type(code_of(secret))
    page.keyboard.press("Enter")
    expect(page.locator("#panel h1")).to_be_visible()
    assert visit.abroad == []


def test_a_posting_saved_by_an_administrator_opens_the_users_map(
    visitor: Visitor, elsewhere: psycopg.Connection[tuple[object, ...]]
) -> None:
    newcomer = visitor("newcomer")
    assert newcomer.page.request.get(f"{newcomer.server}/api/cells?city=toy").status == 404
    admin = visitor("admin")
    page = admin.page
    admin.open("/admin/layers/posting/add/")
    page.locator("[name=user]").select_option(label="newcomer")
    page.locator("[name=role]").select_option("planner")
    page.locator("[name=city]").select_option(label="玩具城")
    page.locator("[name=valid_0]").fill(
        f"{timezone.localtime() - timedelta(minutes=1):%Y-%m-%dT%H:%M}"
    )
    page.locator("[name=why]").fill("新任规划员")
    page.locator("[name=_save]").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".messagelist .success")).to_be_visible()
    newcomer.open("/")
    expect(newcomer.page.locator("#panel h1")).to_be_visible()
    assert newcomer.page.request.get(f"{newcomer.server}/api/cells?city=toy").status == 200
    told = elsewhere.execute("SELECT why FROM layers_entry WHERE verb = 'post'").fetchone()
    assert told == ("新任规划员",)
    admin.clean()
    newcomer.clean()


def test_the_bounds_of_a_city_are_drawn_without_anything_from_elsewhere(visitor: Visitor) -> None:
    admin = visitor("admin", size=(1366, 768))
    page = admin.page
    admin.open("/admin/layers/city/")
    page.locator("#result_list tbody a").first.click()
    expect(page.locator(".outline-map canvas")).to_be_visible()
    before = page.locator("#id_bounds").input_value()
    assert '"MultiPolygon"' in before
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    admin.clean()


def test_a_duty_point_is_set_by_a_click_on_the_towns_own_ways(visitor: Visitor) -> None:
    admin = visitor("keeper", size=(1366, 768))
    page = admin.page
    with page.expect_response("**/api/lanes?*") as asked:
        admin.open("/admin/layers/dutypoint/add/")
    assert asked.value.status == 200
    shown = page.locator(".outline-map canvas")
    expect(shown).to_be_visible()
    page.wait_for_timeout(500)  # the map has no other word for having moved
    shown.click()
    found = json.loads(page.locator("#id_place").input_value())
    assert found["type"] == "Point"
    east, north = found["coordinates"]
    middle = toy.box(0, 0, 400, 100).centroid
    assert abs(east - middle.x) < 0.02
    assert abs(north - middle.y) < 0.02
    admin.clean()
