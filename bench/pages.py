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
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
LINE = 1.6e6 / 8  # bytes a second
DELAY = 150  # milliseconds there and back
SLOWER = 4  # times, of the processor
PERSON = "leader"  # of the demo town
# What the map page may cost: KB as they come over the line, and seconds until it can be used.
LIMITS = {"script": 90, "map library": 230, "style": 18, "first data": 250, "usable s": 3.0}
USABLE = "() => document.querySelector('.legend h2 .number')?.textContent.match(/[0-9]/)"


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
    if "/vendor/" in address:
        return "map library" if address.split("?", maxsplit=1)[0].endswith(".mjs") else "style"
    known = {"Script": "script", "Stylesheet": "style", "Document": "page"}
    return known.get(sort, "first data")


def _visit(page: Page, address: str) -> tuple[Counter[str], Counter[str], float]:
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
    page.wait_for_function(USABLE, timeout=120_000)
    took = time.perf_counter() - begun
    page.wait_for_load_state("networkidle")
    wire.detach()
    return size, number, took


def measure() -> None:
    """Print the map page in both languages, cold and from the browser's own store."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    print(
        f"\npages: 1.6 Mbit/s, {DELAY} ms there and back, processor {SLOWER}x slower, demo town\n"
        "map page | script KB | map library KB | style KB | first data KB | usable s | answers"
    )
    limits = " | ".join(str(limit) for limit in LIMITS.values())
    print(f"budget | {limits} | ")
    with _served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for locale in ("zh-CN", "en-US"):
            context = browser.new_context(locale=locale, viewport={"width": 1366, "height": 768})
            page = context.new_page()
            page.goto(f"{address}/sign-in")
            page.fill("[name=name]", PERSON)
            page.fill("[name=password]", PERSON)
            page.click("#sign-in .primary")
            page.wait_for_selector("#panel")
            cookies = context.storage_state()
            context.close()
            fresh = browser.new_context(
                locale=locale, viewport={"width": 1366, "height": 768}, storage_state=cookies
            )
            for name in ("cold", "warm"):
                page = fresh.new_page()
                size, number, took = _visit(page, f"{address}/")
                _tell(f"{locale} {name}", size, number, took)
                page.close()
            fresh.close()
        browser.close()


def _tell(name: str, size: Counter[str], number: Counter[str], took: float) -> None:
    kinds = [f"{size[kind] / 1000:.0f}" for kind in LIMITS if kind != "usable s"]
    print(f"{name} | {' | '.join(kinds)} | {took:.1f} | {number.total()}", flush=True)
