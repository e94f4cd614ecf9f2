"""A line of a chat becomes a case: pasted, looked at, filed; its reply goes back to the chat."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import psycopg
from django.utils import timezone
from playwright.sync_api import expect

from tests import town as toy
from tests.browser.conftest import PATIENCE, Visitor
from tests.browser.test_case_course import photo
from tests.browser.test_map_page import drawn, near

expect.set_options(timeout=PATIENCE)

ZONE = ZoneInfo("Asia/Shanghai")
LINE = "榕树巷1号边上有垃圾没人收"


def test_a_pasted_line_is_a_case_after_two_clicks_and_its_reply_is_ready(
    visitor: Visitor, elsewhere: psycopg.Connection[tuple[object, ...]]
) -> None:
    said = (
        (timezone.now() - timedelta(minutes=12)).astimezone(ZONE).replace(second=0, microsecond=0)
    )
    visit = visitor("leader")
    visit.open()
    visit.page.get_by_role("button", name="登记事件").click()
    form = visit.page.locator("#panel form")
    form.get_by_label("粘贴微信群里的一句话").fill(f"张三 {said:%Y/%m/%d %H:%M}\n{LINE}")
    expect(form.get_by_role("group", name="说的是哪里")).to_contain_text("榕树巷 1 号")
    expect(form.get_by_label("类别")).to_have_value("0102")
    expect(form.get_by_label("一句话", exact=True)).to_have_value(LINE)
    expect(form.get_by_label("群里几点说的")).not_to_have_value("")
    form.get_by_role("button", name="登记事件").click()
    reply = visit.page.locator("#panel textarea:only-of-type")
    expect(visit.page.locator("#panel form")).to_have_count(0)
    expect(reply).to_be_focused()
    (number, source, kept, title, text) = elsewhere.execute(
        "SELECT number, source, said_at, title, text FROM layers_incident"
        " WHERE title = %s", [LINE],
    ).fetchone() or ("", "", None, "", "")  # fmt: skip
    assert reply.input_value().startswith(f"收到，已登记，编号 {number}。地点：榕树巷 1 号。")
    assert (source, kept, title, text) == ("wechat", said, LINE, LINE)
    visit.clean()


def test_another_line_without_an_hour_forgets_the_hour_of_the_first(visitor: Visitor) -> None:
    visit = visitor("leader")
    visit.open()
    visit.page.get_by_role("button", name="登记事件").click()
    form = visit.page.locator("#panel form")
    box, hour = form.get_by_label("粘贴微信群里的一句话"), form.get_by_label("群里几点说的")
    expect(hour).to_be_hidden()
    box.fill(f"张三 00:01\n{LINE}")
    expect(hour).not_to_have_value("")
    box.fill(LINE)
    expect(hour).to_have_value("")
    hour.fill("2026-11-01T08:33")
    box.fill(f"{LINE}，味道很大")
    expect(form.get_by_label("一句话", exact=True)).to_have_value(f"{LINE}，味道很大")
    expect(hour).to_have_value("2026-11-01T08:33")  # typed by hand: it stays
    visit.clean()


def test_the_desk_leads_straight_to_the_form(visitor: Visitor) -> None:
    visit = visitor("leader")
    visit.open("/desk")
    visit.page.get_by_role("link", name="登记事件").click()
    form = visit.page.locator("#panel form")
    expect(form.get_by_label("粘贴微信群里的一句话")).to_be_focused()
    expect(form).to_contain_text("还没有地点")
    assert "report" not in visit.page.url, "the address is that of the map, to be copied as it is"
    form.get_by_role("button", name="先不登记").click()
    expect(form).to_have_count(0)
    visit.clean()


def test_a_click_on_the_map_says_where_and_what_follows_is_told_beforehand(
    visitor: Visitor, elsewhere: psycopg.Connection[tuple[object, ...]]
) -> None:
    visit = visitor("leader")
    visit.open(near(toy.at(50, 45)))
    drawn(visit.page)
    visit.page.get_by_role("button", name="登记事件").click()
    form = visit.page.locator("#panel form")
    form.get_by_label("一句话", exact=True).fill("路灯不亮")
    canvas = visit.page.locator(".maplibregl-canvas")
    box = canvas.bounding_box()
    assert box is not None
    canvas.click(position={"x": box["width"] / 2, "y": box["height"] / 2 - 60})  # to the north
    expect(form.get_by_label("一句话", exact=True)).to_have_value("路灯不亮")
    expect(visit.page.locator("#panel header")).to_contain_text("已选")
    form.get_by_label("类别").select_option(label="暴露垃圾")
    expect(form.locator(".ahead")).to_contain_text("环卫")
    expect(form.locator(".ahead")).to_contain_text("前办结")
    form.locator("input[type=file]").set_input_files(
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    )
    expect(form.locator(".picture")).to_have_count(1)
    form.get_by_role("button", name="登记事件").click()
    expect(visit.page.locator("#panel h1")).to_have_text("路灯不亮")
    ((source, north, photos),) = elsewhere.execute(
        "SELECT i.source, ST_Y(i.place), count(p.id) FROM layers_incident AS i"
        " LEFT JOIN layers_photo AS p ON p.incident_id = i.id"
        " WHERE i.title = '路灯不亮' GROUP BY i.id"
    ).fetchall()
    assert (source, photos) == ("office", 1)
    assert isinstance(north, float)
    assert north > toy.at(50, 45).y
    visit.clean()


def test_where_one_may_not_report_is_said_before_anything_is_filled_in(visitor: Visitor) -> None:
    visit = visitor("elder")
    visit.open(near(toy.at(350, 50)))
    visit.page.wait_for_selector(".town canvas")  # nothing is counted for a chief: no figure comes
    visit.page.get_by_role("button", name="登记事件").click()
    form = visit.page.locator("#panel form")
    expect(form).to_contain_text("不在您的范围内")
    expect(form.get_by_role("button", name="登记事件")).to_be_disabled()
    visit.clean()
