"""The map page in a real browser: what an official does with it in the first five minutes."""

import re

import psycopg
import pytest
from django.contrib.gis.geos import Point
from playwright.sync_api import Page, expect

from tests import town as toy
from tests.browser.conftest import PATIENCE, Visitor

expect.set_options(timeout=PATIENCE)

LANGUAGES = ["zh-CN", "en-US"]
OVERLAYS = {
    "zh-CN": [("巡查覆盖", "距上次走过"), ("三长", "楼长"), ("事件", "未结事件")],
    "en-US": [
        ("Coverage", "Since the last visit"),
        ("Chiefs", "Building chief"),
        ("Incidents", "Open incidents"),
    ],
}
OPEN_IN_A1 = {"zh-CN": "2 件未结", "en-US": "2 open"}
CELL_A1 = {"zh-CN": "第一网格", "en-US": "Cell 1"}
ATTACK = "<img src=x onerror=alert(1)>${alert(2)}"


def near(place: Point, zoom: float = 18) -> str:
    """The address of a map that has the place in its middle."""
    return f"/?city=toy#{zoom}/{place.y:.5f}/{place.x:.5f}"


def drawn(page: Page) -> None:
    """Wait until the map has its cells and is at rest."""
    page.wait_for_selector(".town canvas")
    expect(page.locator("#panel h1")).to_be_visible()
    page.wait_for_function(
        "document.querySelector('.legend h2 .number')?.textContent.match(/[1-9]/)"
    )


def click_cell(page: Page) -> None:
    """Click the cell in the middle of the map, where `near` has put it; again until it is drawn."""
    box = page.locator(".town").bounding_box()
    assert box is not None
    for _ in range(PATIENCE // 500):
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.wait_for_timeout(500)
        if "cell=" in page.url:
            return
    pytest.fail("no cell was selected by a click in the middle of the map")


def report(elsewhere: psycopg.Connection[tuple[object, ...]], title: str, place: Point) -> None:
    """File an incident without the page's knowledge, as the hotline's own program might."""
    elsewhere.execute(
        """INSERT INTO layers_incident (city_id, number, title, text, place, address, search,
            category_id, source, state, parked, urgent, reported_at, filed_at, soon_at, due, light)
        SELECT c.city_id, gen_random_uuid(), %(title)s, '', ST_Point(%(x)s, %(y)s, 4326), '', '',
            c.id, 'hotline', 'filed', false, false, now(), now(), now() + interval '1 day',
            now() + interval '2 days', 1
        FROM layers_category AS c LIMIT 1""",
        {"title": title, "x": place.x, "y": place.y},
    )


@pytest.mark.parametrize("locale", LANGUAGES)
def test_three_questions_are_put_to_the_map_one_after_the_other(
    visitor: Visitor, locale: str
) -> None:
    visit = visitor("leader", locale=locale)
    visit.open()
    drawn(visit.page)
    for overlay, legend in OVERLAYS[locale]:
        visit.page.get_by_role("radio", name=overlay, exact=True).click()
        expect(visit.page.locator(".legend h2").first).to_contain_text(legend)
    assert "overlay" not in visit.page.url, "incidents are what the page shows without being told"
    visit.page.go_back()
    expect(visit.page.locator(".legend h2").first).to_contain_text(OVERLAYS[locale][1][1])
    assert "overlay=chiefs" in visit.page.url
    visit.clean()


@pytest.mark.parametrize("locale", LANGUAGES)
def test_a_click_on_the_map_opens_the_card_of_the_cell(visitor: Visitor, locale: str) -> None:
    visit = visitor("leader", locale=locale)
    visit.open(near(toy.at(70, 20)))
    drawn(visit.page)
    click_cell(visit.page)
    expect(visit.page.locator("#panel h1")).to_contain_text(CELL_A1[locale])
    expect(visit.page.locator("#panel")).to_contain_text(OPEN_IN_A1[locale])
    expect(visit.page.locator("#panel")).to_contain_text("井盖破损")
    visit.page.keyboard.press("Escape")
    expect(visit.page.locator("#panel h1")).not_to_contain_text(CELL_A1[locale])
    visit.clean()


def test_the_list_does_what_the_map_does_from_the_keyboard_alone(visitor: Visitor) -> None:
    visit = visitor("leader")
    visit.open()
    drawn(visit.page)
    visit.page.get_by_role("button", name="列表").press("Enter")
    rows = visit.page.locator("#panel tbody tr")  # what is overdue comes first
    expect(rows).to_have_count(4)
    expect(rows.first).to_contain_text(CELL_A1["zh-CN"])
    visit.page.get_by_role("button", name="未结").press("Enter")
    expect(visit.page.get_by_role("columnheader", name="未结")).to_have_attribute(
        "aria-sort", "descending"
    )
    rows.first.get_by_role("button").focus()
    visit.page.keyboard.press("ArrowDown")
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator("#panel .head .code")).to_be_visible()
    assert "cell=" in visit.page.url
    visit.clean()


def test_initials_find_a_lane_and_the_keyboard_opens_it(visitor: Visitor) -> None:
    visit = visitor("leader")
    visit.open()
    drawn(visit.page)
    visit.page.keyboard.press("/")
    visit.page.keyboard.type("rsx")
    lanes = visit.page.get_by_role("group", name="巷", exact=True)
    expect(lanes.get_by_role("option").first).to_contain_text("榕树巷")
    box = visit.page.get_by_role("combobox", name="搜索")
    expect(box).to_have_attribute("aria-expanded", "true")
    before = visit.page.url
    visit.page.keyboard.press("ArrowDown")
    visit.page.keyboard.press("Enter")
    expect(visit.page.get_by_role("listbox")).to_be_hidden()
    visit.page.wait_for_function("before => location.href !== before", arg=before)
    visit.clean()


def test_a_search_without_an_answer_says_what_to_do(visitor: Visitor) -> None:
    visit = visitor("leader")
    visit.open()
    visit.page.locator("#search").fill("没有这条巷")
    expect(visit.page.locator("#found")).to_contain_text("没找到“没有这条巷”。试试少打几个字")
    visit.page.keyboard.press("Escape")
    expect(visit.page.locator("#found")).to_be_hidden()
    visit.clean()


@pytest.mark.parametrize("locale", LANGUAGES)
def test_what_is_filed_elsewhere_arrives_without_a_reload(
    visitor: Visitor, elsewhere: psycopg.Connection[tuple[object, ...]], locale: str
) -> None:
    visit = visitor("leader", locale=locale)
    visit.open()
    drawn(visit.page)
    visit.page.evaluate("window.stayed = true")
    figure = visit.page.locator("#panel .figures dd").nth(1)
    before = int(figure.inner_text())
    report(elsewhere, "路灯不亮", toy.at(350, 20))
    expect(figure).to_have_text(str(before + 1))
    expect(visit.page.locator("#panel .items")).to_contain_text("路灯不亮")
    assert visit.page.evaluate("window.stayed")
    visit.clean()


def test_entrances_near_by_tell_their_days_and_follow_a_visit_made_elsewhere(
    visitor: Visitor, elsewhere: psycopg.Connection[tuple[object, ...]]
) -> None:
    visit = visitor("leader")
    visit.open(near(toy.at(350, 60)).replace("#", "&overlay=coverage#"))  # the door of building 4
    drawn(visit.page)
    _hover(visit.page, "楼栋入口 · 没有记录，要求每 14 天")
    elsewhere.execute(
        """INSERT INTO layers_visit (city_id, entrance_id, at, source, note)
        SELECT b.city_id, e.id, now(), 'qr', '' FROM layers_entrance AS e
        INNER JOIN layers_building AS b ON b.id = e.building_id WHERE b.code = 'B4'"""
    )
    _hover(visit.page, "楼栋入口 · 今天走过，要求每 14 天")
    visit.open(near(toy.at(350, 60), 16.5).replace("#", "&overlay=coverage#"))
    visit.page.reload()
    drawn(visit.page)  # from farther away, the lanes alone
    _hover(visit.page, "第二网格")
    visit.clean()


def _hover(page: Page, words: str) -> None:
    """Move the pointer about the middle of the map until the note by it has these words."""
    box = page.locator(".town").bounding_box()
    assert box is not None
    for turn in range(PATIENCE // 250):
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x + turn % 2, y)
        page.wait_for_timeout(250)
        if words in (page.locator(".note").text_content() or ""):
            return
    pytest.fail(f"no note by the pointer says {words}")


def test_an_area_counts_its_chiefs_once_however_many_cells_a_street_crosses(
    visitor: Visitor,
) -> None:
    visit = visitor("leader")
    visit.open("/?city=toy&overlay=chiefs")
    drawn(visit.page)
    rungs = visit.page.locator("#panel .rungs dd")
    expect(rungs).to_have_text(["1 / 1", "2 / 2", "1 / 4"])
    expect(visit.page.locator("#panel .figures dd").last).to_have_text("3")
    visit.clean()


def test_from_a_cell_that_is_not_the_readers_there_is_a_way_back(visitor: Visitor) -> None:
    visit = visitor("leader")
    visit.open("/?city=toy&cell=999999")
    visit.page.get_by_role("button", name="回到全部").click()
    expect(visit.page.locator("#panel h1")).to_contain_text("玩具城")
    assert "cell=" not in visit.page.url
    assert visit.abroad == []


def test_a_link_shows_a_colleague_the_same_view(visitor: Visitor) -> None:
    mine = visitor("leader")
    mine.open(near(toy.at(70, 20), zoom=17.5))
    drawn(mine.page)
    click_cell(mine.page)
    expect(mine.page.locator("#panel h1")).to_contain_text(CELL_A1["zh-CN"])
    mine.page.get_by_role("radio", name="三长").click()
    expect(mine.page.locator("#panel h1")).to_contain_text("三长")
    mine.page.get_by_role("button", name="复制链接").click()
    link = mine.page.evaluate("navigator.clipboard.readText()")

    theirs = visitor("cadre")
    theirs.page.goto(link)
    drawn(theirs.page)
    expect(theirs.page.locator("#panel h1")).to_have_text(
        mine.page.locator("#panel h1").inner_text()
    )
    expect(theirs.page.get_by_role("radio", name="三长")).to_be_checked()
    assert theirs.page.url == mine.page.url
    mine.clean()
    theirs.clean()


def test_a_cadre_lands_on_the_own_community(visitor: Visitor) -> None:
    visit = visitor("cadre")
    visit.open()
    drawn(visit.page)
    expect(visit.page.locator(".path b")).to_have_text("甲社区")
    expect(visit.page.locator("#panel .figures dd").first).to_have_text("2")
    before = visit.page.url
    visit.page.locator(".path").click()
    visit.page.keyboard.press("End")
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator(".path b")).to_have_text("乙社区")
    expect(visit.page.locator("#panel h1")).to_contain_text("乙社区")
    assert visit.page.url != before
    visit.page.go_back()
    expect(visit.page.locator(".path b")).to_have_text("甲社区")
    visit.clean()


def test_a_machine_without_webgl2_is_offered_the_light_map(visitor: Visitor) -> None:
    visit = visitor("leader", switches=("--disable-3d-apis",))
    visit.open()
    light = visit.page.get_by_role("link", name="看轻量地图")
    expect(light).to_have_attribute("href", re.compile("/light"))
    visit.page.get_by_role("button", name="用列表方式").click()
    light.click()
    expect(visit.page).to_have_url(re.compile("/light"))
    expect(visit.page.get_by_text("第一网格").first).to_be_visible()
    assert visit.abroad == []


def test_an_incident_is_filed_where_the_map_shows(
    visitor: Visitor, elsewhere: psycopg.Connection[tuple[object, ...]]
) -> None:
    visit = visitor("leader")
    visit.open(near(toy.at(280, 30)))
    drawn(visit.page)
    visit.page.get_by_role("button", name="登记事件").click()
    form = visit.page.locator("#panel form")
    expect(form).to_contain_text("乙社区 · 第一网格")
    form.get_by_label("类别").select_option(label="暴露垃圾")
    form.get_by_label("一句话", exact=True).fill(ATTACK)
    form.get_by_text("上报人的联系方式").click()
    form.get_by_label("怎么称呼").fill("王师傅")
    form.get_by_role("button", name="登记事件").click()
    expect(form.get_by_label("电话")).to_be_focused()  # a name alone reaches nobody
    form.get_by_label("电话").fill("13800001234")
    assert "13800001234" not in visit.page.evaluate("JSON.stringify(sessionStorage)")
    form.get_by_role("button", name="登记事件").click()
    expect(visit.page.locator("#panel h1")).to_have_text(ATTACK)
    expect(visit.page.locator("#toasts")).to_contain_text("已登记")
    expect(visit.page.locator(".changes li").first).to_contain_text("leader")
    ((name, phone),) = elsewhere.execute("SELECT name, phone FROM layers_contact").fetchall()
    assert (name, phone) == ("王师傅", "13800001234")
    assert "13800001234" not in visit.page.locator("#panel").inner_text()
    visit.clean()


def test_who_was_signed_out_comes_back_to_the_same_view(visitor: Visitor) -> None:
    visit = visitor("leader")
    visit.open(near(toy.at(70, 20)))
    drawn(visit.page)
    visit.page.context.clear_cookies()
    visit.page.get_by_role("radio", name="巡查覆盖").click()
    view = visit.page.url
    visit.page.get_by_role("link", name="重新登录").click()
    visit.page.fill("[name=name]", "leader")
    visit.page.fill("[name=password]", "leader-secret-7")
    visit.page.get_by_role("button", name="登录", exact=True).click()
    expect(visit.page).to_have_url(view)
    assert visit.abroad == []


def test_a_lost_network_is_said_and_what_is_shown_stays(visitor: Visitor) -> None:
    visit = visitor("leader")
    visit.open()
    drawn(visit.page)
    visit.page.context.set_offline(True)
    expect(visit.page.locator(".asof")).to_contain_text("离线 · 数据停在")
    visit.page.locator("#search").fill("rsx")
    expect(visit.page.locator("#found")).to_contain_text("没有连上，搜不了")
    expect(visit.page.locator("#panel h1")).to_contain_text("玩具城")
    visit.page.context.set_offline(False)
    expect(visit.page.locator(".asof")).to_contain_text("截至")
    assert visit.abroad == []


def test_the_language_changes_and_the_view_stays(visitor: Visitor) -> None:
    visit = visitor("leader")
    visit.open(near(toy.at(70, 20)))
    drawn(visit.page)
    visit.page.get_by_role("radio", name="三长").click()
    view = visit.page.url
    visit.page.get_by_role("button", name="English").click()
    expect(visit.page.get_by_role("radio", name="Chiefs")).to_be_checked()
    assert visit.page.url == view
    assert visit.page.locator("html").get_attribute("lang") == "en"
    visit.clean()


@pytest.mark.parametrize("size", [(1366, 768), (390, 844)], ids=["old office machine", "phone"])
def test_the_frame_does_not_scroll(visitor: Visitor, size: tuple[int, int]) -> None:
    visit = visitor("leader", size=size)
    visit.open(near(toy.at(70, 20)))
    drawn(visit.page)
    wide, high = visit.page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
    )
    assert (wide, high) == size
    assert visit.page.get_by_role("button", name="登记事件").is_visible()
    visit.clean()


def test_the_ear_hears_what_goes_to_another_machine(visitor: Visitor) -> None:
    # The control of every `clean` above: without it, deafness would look like silence.
    visit = visitor()
    visit.page.goto("about:blank")
    visit.page.evaluate("fetch('http://192.0.2.1/away').catch(() => null)")
    visit.page.evaluate("console.error('told')")
    assert visit.abroad == ["http://192.0.2.1/away"]
    assert "told" in visit.errors


def test_the_page_itself_may_ask_no_other_machine(visitor: Visitor) -> None:
    visit = visitor("leader")
    visit.open()
    refused = "fetch('http://192.0.2.1/away').then(() => false, () => true)"
    assert visit.page.evaluate(refused)
    assert visit.abroad == [], "the content security policy stops it before it is sent"
