"""What is copied out of a chat: the hour above a message is read, the name above it forgotten."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gridmap.geo.messages import LONGEST_AGO, message

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)  # ten in the morning there
LINE = "福清商会大厦边上有装修垃圾"


def local(day: int, hour: int, minute: int, month: int = 11, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("head", "moment"),
    [
        ("张三 08:33", local(27, 8, 33)),
        ("张三  8：33", local(27, 8, 33)),
        ("08:33", local(27, 8, 33)),
        ("张三 22:10", local(26, 22, 10)),  # not yet ten at night: it was yesterday
        ("张三 下午 3:05", local(26, 15, 5)),
        ("张三 晚上11:40:12", local(26, 23, 40)),
        ("昨天 23:59", local(26, 23, 59)),
        ("甲社区-李四 2026/11/20 8:05:12", local(20, 8, 5)),
        ("李四 2026年11月20日 18:05", local(20, 18, 5)),
        ("李四 11-20 18:05", local(20, 18, 5)),
        ("————— 2026-11-25 —————\n\n张三  08:33\n", local(25, 8, 33)),
    ],
)
def test_the_head_of_a_message_tells_the_hour_and_is_taken_off(head: str, moment: datetime) -> None:
    assert message(f"{head}\n{LINE}", NOW, ZONE) == (LINE, moment)


def test_a_day_without_a_year_is_the_last_one_of_that_name() -> None:
    january = datetime(2027, 1, 3, tzinfo=UTC)
    assert message(f"12-30 18:05\n{LINE}", january, ZONE).said_at == local(30, 18, 5, month=12)


def test_several_messages_count_from_the_first() -> None:
    pasted = f"张三 08:33\n{LINE}\n\n李四 08:40\n我也看到了"
    assert message(pasted, NOW, ZONE) == (f"{LINE}\n\n我也看到了", local(27, 8, 33))


def test_a_name_alone_above_a_message_is_taken_off() -> None:
    assert message(f"张三:\n{LINE}", NOW, ZONE) == (LINE, None)


@pytest.mark.parametrize(
    "pasted",
    [
        LINE,
        "榕树巷3号楼道灯坏了 8:30",  # the words themselves, with an hour in them
        "大家好，水管爆了 8:30\n快来人",  # a sentence: names have no comma
        "张三 25:10\n坏时间",
        "张三 2026/13/45 8:05\n没有这一天",
        "张三 2026/11/28 8:05\n还没有到",
        f"张三 {(NOW - LONGEST_AGO - timedelta(days=2)):%Y/%m/%d} 8:05\n太久以前",
        "垃圾堆了三天:",
    ],
)
def test_what_only_looks_like_a_head_stays(pasted: str) -> None:
    assert message(pasted, NOW, ZONE) == (pasted, None)
