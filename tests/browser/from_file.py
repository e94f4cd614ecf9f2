"""Files of ours opened as files: from file://, without a network, and an ear on what they do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.api.test_naughty import NAUGHTY

PATIENCE = 10_000  # milliseconds an expectation may take on a busy machine
RUNS = [
    "<script>window.ran = (window.ran || 0) + 1</script>",
    "<img src=x onerror='window.ran = (window.ran || 0) + 1'>",
    "<svg onload='window.ran = (window.ran || 0) + 1'>",
    '"><img src=x onerror="window.ran = (window.ran || 0) + 1">',
    "</script><script>window.ran = (window.ran || 0) + 1</script>",
    "</style><script>window.ran = (window.ran || 0) + 1</script>",
    "${window.ran = 1}",
    "`;window.ran = 1;`",
    "'-(window.ran = 1)-'",
    "javascript:window.ran=1",
    "{{constructor.constructor('window.ran=1')()}}",
    "<!--<script>window.ran = 1",
]
WORDS = [*RUNS, *(text for text in NAUGHTY if "\0" not in text)]


@dataclass
class Opened:
    """A file opened, and what it asked for or did that it should not have."""

    page: Page
    asked: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def ran(self) -> int:
        return int(self.page.evaluate("window.ran || 0"))


Opener = Callable[[str], Opened]


@pytest.fixture
def opener(chromium: Callable[..., Browser], tmp_path: Path) -> Iterator[Opener]:
    """Opens a file from file:// in a phone that has no network."""
    context = chromium().new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", has_touch=True, is_mobile=True,
        permissions=["clipboard-read", "clipboard-write"],
    )  # fmt: skip
    context.set_default_timeout(PATIENCE)
    context.set_offline(True)

    def open_it(text: str) -> Opened:
        path = tmp_path / "kept.html"
        path.write_text(text, encoding="utf-8")
        opened = Opened(context.new_page())
        page = opened.page
        page.on("dialog", lambda dialog: opened.errors.append(dialog.message))
        page.on("request", lambda request: opened.asked.append(request.url))
        page.on("pageerror", lambda error: opened.errors.append(str(error)))
        page.on(
            "console",
            lambda said: opened.errors.append(said.text) if said.type == "error" else None,
        )
        page.goto(path.as_uri())
        opened.asked = [url for url in opened.asked if not url.startswith(("data:", "blob:"))]
        return opened

    yield open_it
    context.close()
