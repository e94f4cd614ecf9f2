"""A case from a resident's word to its end, and a dispute from two returns to a ruling, by hand."""

import re
from io import BytesIO

import psycopg
import pytest
from django.contrib.auth.hashers import make_password
from PIL import Image
from playwright.sync_api import Page, expect

from tests import town as toy
from tests.browser.conftest import DATABASE, PATIENCE, Visit, Visitor, connect

expect.set_options(timeout=PATIENCE)

Elsewhere = psycopg.Connection[tuple[object, ...]]
URBAN = "城管"
ENDED = "已经办结。"


@pytest.fixture(scope="module", autouse=True)
def doors(server: str) -> None:
    """Residents' pages are open; a second department stands beside the sanitation."""
    assert server
    with connect(DATABASE) as link:
        link.execute("UPDATE layers_city SET public_card = true")
        link.execute(
            "INSERT INTO layers_department (city_id, code, name, name_en, rank)"
            " SELECT id, 'urban', %s, '', 3 FROM layers_city",
            [URBAN],
        )
        link.execute(
            "INSERT INTO auth_user (username, password, is_superuser, is_staff, is_active,"
            " first_name, last_name, email, date_joined)"
            " VALUES ('urban', %s, false, false, true, '', '', '', now())",
            [make_password("urban-secret-7", hasher="pbkdf2_sha256")],
        )
        link.execute(
            "INSERT INTO layers_posting (user_id, role, city_id, department_id, valid)"
            " SELECT u.id, 'department', d.city_id, d.id, tstzrange(now(), NULL)"
            " FROM auth_user AS u, layers_department AS d"
            " WHERE u.username = 'urban' AND d.code = 'urban'"
        )


def photo() -> bytes:
    out = BytesIO()
    Image.new("RGB", (320, 240), (90, 120, 60)).save(out, "JPEG")
    return out.getvalue()


def do(visit: Visit, number: str, verb: str, *, choose: str = "", why: str = "现场看过") -> None:
    """Open a case's page and fill in and send the form of one deed, as its reader would."""
    page = visit.page
    visit.open(f"/cases/{number}")
    form = page.locator(f"form[action$='/do/{verb}']")
    if not form.is_visible():
        form.locator("xpath=..").locator("summary").click()
    for field in form.locator("textarea[required]").all():
        field.fill(why)
    radios = form.locator("input[type=radio][required]")
    if radios.count():
        radios.first.check()
    select = form.locator("select[name=department]")
    if choose and select.count():
        select.select_option(label=choose)
    form.locator("button[type=submit]").click()
    page.wait_for_load_state()
    expect(page.locator(".messages, [role=status]").first).to_be_visible()


def stage(page: Page) -> str:
    return page.locator("ol.way [aria-current=step]").inner_text()


def reported(visitor: Visitor, elsewhere: Elsewhere, east: float) -> tuple[Visit, str]:
    """A resident tells of rubbish with a photo; the window with the status, and the number."""
    spot, resident = toy.at(east, 50), visitor(size=(390, 844))
    page = resident.page
    resident.open(f"/report?lng={spot.x:.6f}&lat={spot.y:.6f}")
    page.locator("input[name=category]").first.check()
    page.locator("input[name=photo]").set_input_files(
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    )
    text = page.locator("textarea[name=text]")
    if text.is_visible():
        text.fill("路边有垃圾")
    page.locator("form button[type=submit]").last.click()
    page.wait_for_url(re.compile(r"/report/"))
    ((number,),) = elsewhere.execute(
        "SELECT number FROM layers_incident ORDER BY id DESC LIMIT 1"
    ).fetchall()
    return resident, str(number)


def test_from_a_residents_word_to_the_end_and_the_resident_sees_it(
    visitor: Visitor, elsewhere: Elsewhere
) -> None:
    resident, number = reported(visitor, elsewhere, 50)
    expect(resident.page.locator("body")).to_contain_text(number)
    # The last step's own word stands on the page from the first day; this sentence does not.
    expect(resident.page.locator("body")).not_to_contain_text(ENDED)
    cadre, duty, cleaner = visitor("cadre"), visitor("duty"), visitor("cleaner")
    do(cadre, number, "verify")
    do(duty, number, "file")
    do(duty, number, "dispatch", choose="环卫")
    assert stage(duty.page) == "派遣"
    do(cleaner, number, "accept")
    do(cleaner, number, "answer", why="已清走")
    do(duty, number, "send")
    do(cadre, number, "inspect")
    do(duty, number, "close")
    ((state,),) = elsewhere.execute(
        "SELECT state FROM layers_incident WHERE number = %s", [number]
    ).fetchall()
    assert state == "closed"
    resident.page.reload()
    expect(resident.page.locator("body")).to_contain_text(ENDED)
    for visit in (resident, cadre, duty, cleaner):
        visit.clean()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def rule_by_keyboard(page: Page) -> None:
    """Draw a square around the place with the cross, choose the second department, say why."""
    ground = page.locator("input[name=ground]")
    ground.first.focus()
    press(page, "ArrowUp")  # from the first to the last: drawn by hand
    expect(ground.last).to_be_checked()
    press(page, "Shift+Tab")
    expect(page.locator("#ground")).to_be_focused()
    expect(page.locator("#cross")).to_be_visible()
    press(page, "Enter", "Backspace", *["ArrowLeft"] * 5, *["ArrowUp"] * 5, "Enter")
    press(page, *["ArrowRight"] * 10, "Enter", *["ArrowDown"] * 10, "Enter")
    press(page, *["ArrowLeft"] * 10, "Enter", "Tab")
    expect(page.locator("#corners circle")).to_have_count(4)
    expect(ground.last).to_be_focused()
    press(page, "Tab", "Tab")  # past the button that takes a corner back
    department = page.locator("select[name=department]")
    expect(department).to_be_focused()
    while department.locator("option:checked").inner_text() != URBAN:
        press(page, "ArrowDown")
    press(page, "Tab")
    if page.locator("input[name=whole_class]").count():
        press(page, "Tab")
    page.keyboard.type("红线图现场核对")
    press(page, "Tab", "Enter")
    page.wait_for_load_state()
    expect(page.get_by_role("heading", name="已确权")).to_be_visible()


def test_who_leads_is_not_offered_as_a_helper(visitor: Visitor, elsewhere: Elsewhere) -> None:
    _, number = reported(visitor, elsewhere, 60)
    cadre, duty = visitor("cadre"), visitor("duty")
    do(cadre, number, "verify")
    do(duty, number, "file")
    duty.open(f"/cases/{number}")
    form = duty.page.locator("form[action$='/do/dispatch']")
    form.locator("summary", has_text="协办部门").click()
    lead = form.locator("select[name=department]")
    boxes = form.get_by_role("group", name="协办部门")
    expect(lead.locator("option:checked")).to_have_text("环卫")  # proposed
    expect(boxes.get_by_label("环卫")).to_be_disabled()
    boxes.get_by_label(URBAN).check()
    lead.select_option(label=URBAN)
    expect(boxes.get_by_label(URBAN)).to_be_disabled()
    expect(boxes.get_by_label(URBAN)).not_to_be_checked()
    expect(boxes.get_by_label("环卫")).to_be_enabled()
    for visit in (cadre, duty):
        visit.clean()


def test_twice_returned_ruled_on_and_the_next_one_goes_there_at_once(
    visitor: Visitor, elsewhere: Elsewhere
) -> None:
    _, number = reported(visitor, elsewhere, 150)
    cadre, duty = visitor("cadre"), visitor("duty")
    cleaner, urban = visitor("cleaner"), visitor("urban")
    do(cadre, number, "verify")
    do(duty, number, "file")
    for department, who in (("环卫", cleaner), (URBAN, urban)):
        do(duty, number, "dispatch", choose=department)
        do(who, number, "ask_return", why="不归我管")
        do(duty, number, "return")
    duty.open("/disputes")
    duty.page.locator("main a[href^='/disputes/'], a[href^='/disputes/']").first.click()
    page = duty.page
    expect(page.locator("svg")).not_to_have_count(0)
    rule_by_keyboard(page)
    _, following = reported(visitor, elsewhere, 152)
    do(cadre, following, "verify")
    do(duty, following, "file")
    ((state, returns, name),) = elsewhere.execute(
        "SELECT i.state, i.returns, d.name FROM layers_incident AS i"
        " INNER JOIN layers_department AS d ON d.id = i.department_id WHERE i.number = %s",
        [following],
    ).fetchall()
    assert (state, returns, name) == ("dispatched", 0, URBAN)
    for visit in (duty, cadre, cleaner, urban):
        visit.clean()
