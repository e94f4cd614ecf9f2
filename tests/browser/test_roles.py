"""One day of every role, by the keyboard alone: in, the own area, the own work, and no further."""

from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE, Visit, Visitor
from tests.browser.test_accounts import tab_to

expect.set_options(timeout=PATIENCE)


@dataclass(frozen=True)
class Part:
    """What one role finds.

    Attributes:
        name: of the account.
        area: the words over the panel where the map opens.
        sees: open cases there, as the panel counts them; "" for who sees none one by one.
        stops: the rail between the list and the help.
        work: the stop gone to, and what stands over its page.
        closed: addresses that are not theirs.
    """

    name: str
    area: str
    sees: str
    stops: str
    work: tuple[str, str]
    closed: tuple[str, ...]


PARTS = [
    Part(
        "leader", "玩具城", "5 件未结",
        "事件 三长 公示牌 巡查 规划 考核 轻量地图 沿革 接口",
        ("规划", "网格规划"), ("/beat/data", "/admin/"),
    ),
    Part(
        "duty", "列东街道", "5 件未结",
        "事件 三长 公示牌 巡查 考核 轻量地图 沿革 接口",
        ("事件", "事件"), ("/plans", "/admin/"),
    ),
    Part(
        "cadre", "甲社区", "3 件未结",
        "事件 三长 公示牌 巡查 考核 轻量地图 沿革 接口",
        ("三长", "三长名册"), ("/cases/4", "/chiefs?community={b}", "/plans"),
    ),
    Part(
        "guard", "乙社区", "2 件未结",
        "事件 三长 公示牌 巡查 考核 轻量地图 沿革 接口",
        ("公示牌", "公示牌"), ("/cases/1", "/chiefs?community={a}", "/plans"),
    ),
    Part(
        "bearer", "第一网格", "2 件未结",
        "事件 我的巡区 三长 公示牌 巡查 轻量地图 沿革 接口",
        ("我的巡区", "我的巡区"), ("/cases/3", "/figures", "/plans"),
    ),
    Part(
        "elder", "甲社区", "0 件未结",
        "我的巡区 三长 巡查 轻量地图 沿革 接口",
        ("三长", "三长名册"), ("/cases/1", "/desk", "/signs"),
    ),
    Part(
        "walker", "甲社区", "3 件未结",
        "我的巡区 巡查 轻量地图 沿革 接口",
        ("巡查", "巡查"), ("/cases/4", "/desk", "/chiefs"),
    ),
    Part(
        "planner", "玩具城", "",
        "规划 轻量地图 沿革 接口",
        ("规划", "网格规划"), ("/cases/1", "/desk", "/chiefs"),
    ),
    Part(
        "cleaner", "玩具城", "5 件未结",
        "事件 考核 沿革 接口",
        ("事件", "事件"), ("/plans", "/signs"),
    ),
    Part(
        "auditor", "玩具城", "",
        "沿革 接口",
        ("沿革", "沿革"), ("/cases/1", "/desk", "/figures"),
    ),
    Part(
        "keeper", "玩具城", "",
        "沿革 接口 管理",
        ("管理", "参照数据"), ("/cases/1", "/desk", "/figures"),
    ),
]  # fmt: skip


def enter(visit: Visit, name: str) -> None:
    """Sign in; the field of the name has the focus."""
    visit.open("/sign-in")
    expect(visit.page.locator("[name=name]")).to_be_focused()
    for word in (name, f"{name}-secret-7"):
        visit.page.keyboard.type(word)
        visit.page.keyboard.press("Tab")
    visit.page.keyboard.press("Enter")


def told(page: Page, address: str) -> tuple[int, str]:
    """The status and the words of a page."""
    answer = page.goto(address)
    assert answer is not None
    return answer.status, page.locator("main, body").first.inner_text()


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_everybody_finds_their_area_and_their_work_and_nothing_else(
    visitor: Visitor, part: Part
) -> None:
    visit = visitor()
    page = visit.page
    enter(visit, part.name)
    expect(page.locator("#panel h1")).to_contain_text(part.area)
    if part.sees:
        expect(page.locator("#panel")).to_contain_text(part.sees)
    else:
        expect(page.locator("#panel")).to_contain_text("不看单个事件")
    assert page.locator("#rail a, #rail button").all_inner_texts() == [
        "地图", "列表", *part.stops.split(), "帮助"
    ]  # fmt: skip
    stop, title = part.work
    tab_to(page, stop)
    page.keyboard.press("Enter")
    expect(page.locator("h1").first).to_contain_text(title)
    visit.clean()
    absent = told(page, f"{visit.server}/cases/no-such-case")
    assert absent[0] == 404
    for address in part.closed:
        ids = {"a": 1, "b": 2}
        assert told(page, visit.server + address.format(**ids))[0] == 404, address
