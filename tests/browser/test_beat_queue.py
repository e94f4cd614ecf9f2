"""A hundred reports over a line that fails three times in ten: a hundred rows, none twice."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator

import psycopg
import pytest
from playwright.sync_api import Browser, Page

from tests.browser import queueing
from tests.browser.flaky import WHOLE, FlakyLine

N = int(os.environ.get("QUEUE_REPORTS", "100"))  # script/bench queue sends a thousand
SHARE = 0.3
FEW = 100  # of which one in ten is told twice
Elsewhere = psycopg.Connection[tuple[object, ...]]


def tell(text: str) -> None:
    """Say it where output is shown: script/bench queue prints counts."""
    sys.stdout.write(f"{text}\n")


@pytest.fixture
def line(server: str) -> FlakyLine:
    """The line between the page and the server."""
    return FlakyLine(server, SHARE)


@pytest.fixture
def far_side(line: FlakyLine, chromium: Callable[..., Browser]) -> Iterator[Page]:
    """A page of somebody signed in on the far side of the line."""
    context = chromium().new_context()
    with line as address:
        page = context.new_page()
        page.set_default_timeout(120_000)
        page.goto(f"{address}/sign-in")
        page.fill("[name=name]", "walker")
        page.fill("[name=password]", "walker-secret-7")
        page.click("#sign-in .primary")
        page.wait_for_selector("#panel", state="attached")
        page.goto(f"{address}/beat")
        page.wait_for_selector("#beat[data-ready]")
        yield page
    context.close()


def test_what_is_told_arrives_once_and_without_keys_it_does_not(
    far_side: Page, line: FlakyLine, elsewhere: Elsewhere
) -> None:
    sent = queueing.send(far_side, elsewhere, N, "once", keys=True)
    assert sent == queueing.Sent(left=0, refused=0, rows=N, titles=N)
    tell(f"\n{N} reports: {sent.rows} rows, {sent.titles} different; the line: {dict(line.fates)}")
    bad = sum(line.fates.values()) - line.fates[WHOLE]
    assert bad > N // 5, line.fates
    assert N < 100 or len(line.fates) == 7, "every fate was met"
    for _ in range(20):
        status = queueing.again(far_side, elsewhere, "once")
        if status:
            break
    assert status == 409
    control = queueing.send(far_side, elsewhere, FEW, "twice", keys=False)
    tell(f"the control without keys: {FEW} reports, {control.rows} rows")
    assert control.titles == FEW
    assert control.rows > FEW, "without keys the same line makes rows twice"
