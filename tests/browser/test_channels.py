"""Whoever leads a city sends again what was not delivered, or drops it; by keyboard too."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from uuid import uuid4

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DATABASE, PATIENCE, Visitor, _running, connect
from tests.notices.far_side import FarSide, far_side

expect.set_options(timeout=PATIENCE)

GROUP = "甲社区群"


@pytest.fixture
def group(server: str) -> Iterator[FarSide]:
    """A group on loopback, a worker that writes to it, and three messages that did not arrive."""
    with connect(DATABASE) as link:
        link.execute("DELETE FROM layers_attempt")
        link.execute("DELETE FROM layers_delivery")
        link.execute("DELETE FROM layers_outbox")
        for state, trouble in (
            ("given_up", "HTTP 500"), ("unsure", "ReadTimeout"), ("given_up", "errcode 93000"),
        ):  # fmt: skip
            _put(link, state, trouble)
    with far_side() as side:
        robot = {"name": GROUP, "url": side.url("/send"), "inside": True}
        surroundings = {
            **os.environ, "GRIDMAP_DB_NAME": DATABASE, "GRIDMAP_DEBUG": "1",
            "GRIDMAP_ROBOTS": json.dumps([robot]),
        }  # fmt: skip
        with _running([sys.executable, "manage.py", "work"], surroundings):
            yield side


def _put(link: psycopg.Connection[tuple[object, ...]], state: str, trouble: str) -> None:
    body = {"verb": "late", "word": trouble, "community": "甲社区", "path": "/inbox"}
    link.execute(
        "INSERT INTO layers_delivery (city_id, key, channel, target, about, body, made_at, state,"
        " tries, next_at, trouble) SELECT id, %s, 'robot', %s, %s, %s, now(), %s, 3, now(), %s"
        " FROM layers_city WHERE slug = 'toy'",
        [uuid4(), GROUP, trouble, json.dumps(body), state, trouble],
    )


@pytest.mark.parametrize("size", [(1440, 900), (1366, 768), (390, 844)])
def test_what_was_set_aside_is_sent_again_once_or_never(
    visitor: Visitor, group: FarSide, size: tuple[int, int]
) -> None:
    visit = visitor("leader", size=size)
    page = visit.page
    visit.open("/desk")
    page.get_by_role("link", name="外发渠道 3").click()
    rows = page.locator(".parcels li")
    expect(rows).to_have_count(3)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    _send_again(page, group)
    expect(rows).to_have_count(2)
    _drop_by_keyboard(page)
    expect(rows).to_have_count(1)
    _look_and_send(page, group)
    page.wait_for_timeout(1_500)  # time enough for a worker to send what it should not
    told = [got.told["markdown"]["content"] for got in group.got]
    assert [one.split("**")[1] for one in told] == ["HTTP 500", "ReadTimeout"]
    page.get_by_role("link", name="刷新").click()
    expect(rows).to_have_count(0)
    expect(page.locator(".channel")).to_contain_text("没有要处理的")
    visit.clean()


def _send_again(page: Page, group: FarSide) -> None:
    row = page.locator(".parcels li", has_text="HTTP 500")
    row.get_by_role("button", name="再发").click()
    expect(page.get_by_role("status")).to_have_text("1 条消息马上再发。")
    _until(page, lambda: len(group.got) == 1)
    page.get_by_role("link", name="刷新").click()


def _drop_by_keyboard(page: Page) -> None:
    """What is unfolded asks first, and Esc folds it up again."""
    page.wait_for_load_state()  # the script that hears keys comes after the words
    row = page.locator(".parcels li", has_text="密钥无效")
    fold = row.locator("summary", has_text="不再发")
    fold.focus()
    page.keyboard.press("Enter")
    sure = page.get_by_role("button", name="确定不再发")
    expect(sure).to_be_visible()
    page.keyboard.press("Tab")
    expect(sure).to_be_focused()
    page.keyboard.press("Escape")
    expect(sure).to_be_hidden()
    expect(fold).to_be_focused()
    for key in ("Enter", "Tab", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_role("status")).to_have_text("1 条消息不再发。")


def _look_and_send(page: Page, group: FarSide) -> None:
    """Of what may have arrived, only who has looked sends it again."""
    row = page.locator(".parcels li")
    row.locator("summary", has_text="再发").first.click()
    expect(row).to_contain_text("先到群里看")
    page.get_by_role("button", name="群里没有，再发").click()
    _until(page, lambda: len(group.got) == 2)


def _until(page: Page, holds: Callable[[], bool]) -> None:
    for _ in range(100):
        if holds():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not arrive")
