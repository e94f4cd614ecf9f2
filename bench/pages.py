"""The pages as a browser loads them over a slow line, beside the budgets of ui.md 12."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
LINE = 1.6e6 / 8  # bytes a second
DELAY = 150  # milliseconds there and back
SLOWER = 4  # times, of the processor
HEADS = ("script KB", "map library KB", "style KB", "first data KB", "usable s")


@dataclass(frozen=True)
class Measured:
    """A page, who opens it, when it can be used, and what it may cost.

    The limits are those of ui.md 12, in the order of `HEADS`: KB as they come over the line with
    their heads, and seconds.
    """

    name: str
    person: str  # of the demo town; empty: nobody signs in
    path: str
    usable: str
    limits: tuple[float, float, float, float, float]
    phone: bool = False


def shown(selector: str) -> str:
    """Return the question whether something is on the page."""
    return f"() => document.querySelector('{selector}')"


LEGEND = f"{shown('.legend h2 .number')}?.textContent.match(/[0-9]/)"
BEAT = shown("#next li")
FIGURES = shown("#units tbody tr")  # the charts come when the numbers can be read
PAGES = (
    Measured("map", "leader", "/", LEGEND, (90, 230, 18, 250, 3.0)),
    Measured("desk", "duty", "/desk", shown(".cases .rows li"), (90, 230, 18, 250, 3.0)),
    Measured("figures", "leader", "/figures", FIGURES, (90, 230, 18, 250, 3.0)),
    Measured("plan", "planner", "", shown("[data-ready]"), (150, 230, 18, 400, 3.5)),
    Measured("beat", "patrol", "/beat", BEAT, (60, 230, 14, 150, 3.0), phone=True),
    Measured("report", "", "/report", shown("#q"), (25, 0, 12, 10, 1.5), phone=True),
)  # fmt: skip


@contextmanager
def _served() -> Iterator[str]:
    """Serve the demo town as in earnest: packed files under lasting names, no development mode."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        surroundings = {
            **{name: value for name, value in os.environ.items() if name != "GRIDMAP_DB_NAME"},
            "GRIDMAP_DEBUG": "0",
            "GRIDMAP_SECRET_KEY": "only-for-this-measurement",
            "GRIDMAP_STATIC_ROOT": folder,
        }
        run = [sys.executable, "manage.py", "collectstatic", "--no-input", "-v0"]
        subprocess.run(run, cwd=ROOT, env=surroundings, check=True)
        serve = [sys.executable, "-m", "uvicorn", "gridmap.asgi:application", "--port", str(port)]
        with subprocess.Popen([*serve, "--log-level", "error"], cwd=ROOT, env=surroundings) as web:
            address = f"http://127.0.0.1:{port}"
            while True:
                try:
                    urllib.request.urlopen(f"{address}/readyz", timeout=2).close()  # noqa: S310 -- ours
                    break
                except OSError:
                    time.sleep(0.2)
            try:
                yield address
            finally:
                web.terminate()


def _slow(page: Page) -> CDPSession:
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": DELAY, "downloadThroughput": LINE, "uploadThroughput": LINE},
    )
    wire.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return wire


def _kind(address: str, sort: str) -> str:
    if "/vendor/" in address or "/beat/library/" in address:
        return "map library" if address.split("?", maxsplit=1)[0].endswith(".mjs") else "style"
    known = {"Script": "script", "Stylesheet": "style", "Document": "page"}
    return known.get(sort, "first data")


def _visit(page: Page, address: str, usable: str) -> tuple[Counter[str], Counter[str], float]:
    """Return bytes and number of answers by kind, and seconds until the page can be used."""
    wire = _slow(page)
    kinds: dict[str, str] = {}
    size: Counter[str] = Counter()
    number: Counter[str] = Counter()

    def told(event: dict[str, Any]) -> None:
        kinds[event["requestId"]] = _kind(event["response"]["url"], event["type"])

    def ended(event: dict[str, Any]) -> None:
        kind = kinds.get(event["requestId"], "first data")
        size[kind] += int(event["encodedDataLength"])
        number[kind] += 1

    wire.on("Network.responseReceived", told)
    wire.on("Network.loadingFinished", ended)
    begun = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_function(usable, timeout=120_000)
    took = time.perf_counter() - begun
    page.wait_for_timeout(4_000)  # what comes late is counted too; live news never ends
    wire.detach()
    return size, number, took


def measure() -> None:
    """Print every page of ui.md 12, cold and from the browser's own store, beside its limits."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    print(
        f"\npages: 1.6 Mbit/s, {DELAY} ms there and back, processor {SLOWER}x slower, demo town\n"
        f"page | {' | '.join(f'{head} (limit)' for head in HEADS)} | answers"
    )
    with _served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for measured in PAGES:
            for locale in ("zh-CN", "en-US"):
                _measure(browser, address, measured, locale)
        browser.close()


def _measure(browser: Browser, address: str, measured: Measured, locale: str) -> None:
    wide, high = (390, 844) if measured.phone else (1366, 768)
    options: dict[str, Any] = {"locale": locale, "viewport": {"width": wide, "height": high}}
    path = measured.path
    if measured.person:
        before = browser.new_context(**options)
        page = before.new_page()
        page.goto(f"{address}/sign-in")
        page.fill("[name=name]", measured.person)
        page.fill("[name=password]", measured.person)
        with page.expect_navigation():
            page.click("#sign-in .primary")
        path = path or _draft(page, address)
        options["storage_state"] = before.storage_state()
        before.close()
    fresh = browser.new_context(**options)
    for name in ("cold", "warm"):
        page = fresh.new_page()
        size, number, took = _visit(page, f"{address}{path}", measured.usable)
        figures = [size[head.removesuffix(" KB")] / 1000 for head in HEADS[:-1]]
        told = [f"{n:.0f} ({most:g})" for n, most in zip(figures, measured.limits, strict=False)]
        told.append(f"{took:.1f} ({measured.limits[-1]:g})")
        print(
            f"{measured.name} {locale} {name} | {' | '.join(told)} | {number.total()}", flush=True
        )
        page.close()
    fresh.close()


def _draft(page: Page, address: str) -> str:
    """Return where the first draft of the planner lies."""
    page.goto(f"{address}/plans")
    return str(page.locator("table.plans tbody a.strong").first.get_attribute("href"))
