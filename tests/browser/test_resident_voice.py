"""A resident who holds the link says how it was done, and has it done once more."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DATABASE, PATIENCE, Visit, Visitor, connect
from tests.browser.test_case_course import Elsewhere, do, reported

expect.set_options(timeout=PATIENCE)
PICTURES = os.environ.get("GRIDMAP_PICTURES", "")  # a folder: what is seen is kept there


@pytest.fixture(scope="module", autouse=True)
def doors(server: str) -> None:
    assert server
    with connect(DATABASE) as link:
        link.execute("UPDATE layers_city SET public_card = true")


def seen(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def state_of(elsewhere: Elsewhere, number: str) -> tuple[object, object]:
    query = "SELECT state, satisfied FROM layers_incident WHERE number = %s"
    ((state, satisfied),) = elsewhere.execute(query, [number]).fetchall()
    return state, satisfied


def finished(visitor: Visitor, number: str) -> None:
    """Those who verify, dispatch, handle and inspect bring a case to its end."""
    cadre, duty, cleaner = visitor("cadre"), visitor("duty"), visitor("cleaner")
    for visit, verb in (
        (cadre, "verify"), (duty, "file"), (duty, "dispatch"), (cleaner, "accept"),
        (cleaner, "answer"), (duty, "send"), (cadre, "inspect"), (duty, "close"),
    ):  # fmt: skip
        do(visit, number, verb, choose="环卫", why="已清走")
    for visit in (cadre, duty, cleaner):
        visit.clean()


def is_for_thumbs(page: Page) -> bool:
    """Whether nothing hangs over the edge, and the three words are big enough."""
    boxes = [button.bounding_box() for button in page.locator(".judgements button").all()]
    assert len(boxes) == 3
    fits = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    return bool(fits) and all(box and box["height"] >= 44 for box in boxes)


def read_at_the_desk(duty: Visit, number: str) -> None:
    """Word and reason stand on the page of the case, and it goes its way anew."""
    duty.open(f"/cases/{number}")
    expect(duty.page.get_by_text("只清了前面，后门还有一堆")).to_be_visible()
    expect(duty.page.get_by_text("不满意", exact=True)).to_be_visible()
    seen(duty.page, "desk")
    do(duty, number, "dispatch", choose="环卫")
    duty.clean()


def test_a_resident_is_not_satisfied_and_the_desk_has_the_case_again_with_the_reason(
    visitor: Visitor, elsewhere: Elsewhere
) -> None:
    resident, number = reported(visitor, elsewhere, 50)
    page = resident.page
    expect(page.locator("#after")).to_have_count(0)
    finished(visitor, number)
    page.reload()
    seen(page, "closed")
    assert is_for_thumbs(page)
    page.get_by_role("button", name="不满意").click()
    expect(page.get_by_text("您的评价记下了")).to_be_visible()
    assert state_of(elsewhere, number) == ("closed", 1)
    why = page.get_by_label("哪里没办好")
    expect(why).to_be_visible()  # it opens by itself for who is not satisfied
    again = page.get_by_role("button", name="请再办")
    again.click()
    assert state_of(elsewhere, number) == ("closed", 1), "without a reason nothing is sent"
    why.fill("只清了前面，后门还有一堆")
    seen(page, "reason")
    again.click()
    expect(page.get_by_text("已经重新办理")).to_be_visible()
    expect(page.locator("#after")).to_have_count(0)
    assert "后门" not in page.content()
    seen(page, "again")
    assert state_of(elsewhere, number) == ("filed", None)
    resident.clean()
    read_at_the_desk(visitor("duty"), number)
