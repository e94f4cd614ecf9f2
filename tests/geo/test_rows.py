"""Values of a file's rows, as people write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from gridmap.geo.rows import moment

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-03-04", datetime(2026, 3, 4, tzinfo=ZONE)),
        ("2026/3/4 8:05", datetime(2026, 3, 4, 8, 5, tzinfo=ZONE)),
        (" 2026-03-04T08:30:00 ", datetime(2026, 3, 4, 8, 30, tzinfo=ZONE)),
        ("2026-03-04 08:30:07.5", datetime(2026, 3, 4, 8, 30, 7, 500_000, tzinfo=ZONE)),
        ("2026-03-04T00:30:00Z", datetime(2026, 3, 4, 0, 30, tzinfo=UTC)),
        ("2026-03-04T08:30:00+08:00", datetime(2026, 3, 4, 0, 30, tzinfo=UTC)),
    ],
)
def test_a_written_moment_is_of_the_zone_of_its_city(written: str, meant: datetime) -> None:
    assert moment(written, ZONE) == meant


@pytest.mark.parametrize("written", ["", "昨晚", "2026-13-01", "2026-02-30 08:00", "8:30", "1e3"])
def test_what_is_no_moment_is_none(written: str) -> None:
    assert moment(written, ZONE) is None
