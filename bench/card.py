"""The answer card on a cold phone: bytes and time to the first view, beside the limits."""

from __future__ import annotations

import asyncio
import os
import shutil
import statistics
import sys
from typing import Any

from playwright.async_api import Browser, CDPSession, Page, async_playwright

from gridmap.layers.codes import public_code
from gridmap.layers.places import Building
from gridmap.layers.territory import CellEdition

ROUNDS = 7
SLOWER = 4  # times: the processor of a cheap phone (ui.md 12)
BYTES_A_SECOND = 1.6e6 / 8
WAIT_MS = 150  # there and back, before the first byte: what goes with 1.6 Mbit/s
MOST_KB, MOST_CSS_KB, MOST_MS = 60, 8, 1000


def _addresses() -> dict[str, str]:
    """One address of each kind: the cell with the most houses, a house of it, a lane of it."""
    houses = Building.objects.filter(city__demo=True, cell__isnull=False)
    cells = [row["cell"] for row in houses.values("cell")]
    fullest = statistics.mode(cells)
    edition = CellEdition.objects.current().get(cell=fullest)
    house = houses.filter(cell=fullest, lane__isnull=False).order_by("pk").first()
    lane = house and house.lane
    if house is None or lane is None:
        sys.exit("the demo town has no house on a lane")
    return {
        "cell": f"/q/{edition.code}",
        "building": f"/q/{public_code('building', house.pk)}",
        "lane": f"/q/{public_code('lane', lane.pk)}",
    }


async def measure(port: int, bearer: str) -> None:  # noqa: ARG001 -- everybody may
    """Open one card of each kind as often as it takes, and print bytes and times."""
    addresses = await asyncio.to_thread(_addresses)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        busy = os.getloadavg()[0] / (os.cpu_count() or 1)
        print(
            f"\ncard: cold phone, {SLOWER}x slower processor, 1.6 Mbit/s, {WAIT_MS} ms there and"
            f" back, no script, {ROUNDS} rounds;"
            f" others keep this machine {busy:.1f} times as busy as it has processors"
        )
        print("card | KB over the line (limit) | of it style KB (limit) | first view ms (limit)")
        for kind, path in addresses.items():
            await _opened(browser, f"http://127.0.0.1:{port}{path}")  # the server warms up
            seen = [await _opened(browser, f"http://127.0.0.1:{port}{path}") for _ in range(ROUNDS)]
            total, style, _ = seen[0]
            times = sorted(ms for _, _, ms in seen)
            print(
                f"{kind} | {total / 1000:.1f} ({MOST_KB}) | {style / 1000:.1f} ({MOST_CSS_KB}) | "
                f"median {statistics.median(times):.0f}, worst {times[-1]:.0f} ({MOST_MS})",
                flush=True,
            )
        await browser.close()


async def _opened(browser: Browser, address: str) -> tuple[int, int, float]:
    """Return bytes over the line, those of the style sheet, and milliseconds to the first view."""
    context = await browser.new_context(
        viewport={"width": 390, "height": 844}, device_scale_factor=3, java_script_enabled=False
    )
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    sizes = await _slowed(session)
    await page.goto(address, wait_until="load")
    first = await _first_view(page)
    await context.close()
    kinds = {name: size for name, size in sizes.values() if size}
    style = sum(size for name, size in kinds.items() if ".css" in name)
    return sum(kinds.values()), style, first


async def _slowed(session: CDPSession) -> dict[str, tuple[str, int]]:
    """Make the phone slow, and count by request what comes over the line."""
    sizes: dict[str, tuple[str, int]] = {}

    def asked(event: dict[str, Any]) -> None:
        sizes[event["requestId"]] = (event["request"]["url"], 0)

    def came(event: dict[str, Any]) -> None:
        name, _ = sizes.get(event["requestId"], ("", 0))
        sizes[event["requestId"]] = (name, int(event["encodedDataLength"]))

    session.on("Network.requestWillBeSent", asked)
    session.on("Network.loadingFinished", came)
    await session.send("Network.enable")
    line = {"offline": False, "latency": WAIT_MS, "uploadThroughput": BYTES_A_SECOND}
    await session.send(
        "Network.emulateNetworkConditions", {**line, "downloadThroughput": BYTES_A_SECOND}
    )
    await session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return sizes


async def _first_view(page: Page) -> float:
    for _ in range(100):
        painted = await page.evaluate(
            "performance.getEntriesByName('first-contentful-paint').map(e => e.startTime)"
        )
        if painted:
            return float(painted[0])
        await asyncio.sleep(0.05)
    sys.exit("nothing was painted")
