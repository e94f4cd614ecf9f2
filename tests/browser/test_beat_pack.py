"""The beat pack in a real browser: from file://, without a network, and no string runs."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from gridmap.layers.packs import BeatPack, seal_of
from gridmap.pages import one_file, pack_file
from tests.browser.from_file import RUNS, WORDS, Opener

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
WEST, SOUTH = 117.60, 26.27
STEP = 0.0006


def _pack(**values: Any) -> BeatPack:
    standard = {"title": "甲社区巡防队", "made_at": NOW, "until": NOW + timedelta(days=3650)}
    return BeatPack(uid=uuid4(), cells=[1], **{**standard, **values})


def _pocket(words: list[str]) -> dict[str, Any]:
    """A beat as `gridmap.layers.pocket` gives it: one of everything for every word."""
    places = [(WEST + STEP * (i + 1), SOUTH + STEP) for i in range(len(words))]
    east, north = WEST + STEP * (len(words) + 1), SOUTH + 4 * STEP
    whole = [[[[WEST, SOUTH], [east, SOUTH], [east, north], [WEST, north], [WEST, SOUTH]]]]

    def square(x: float, y: float) -> list[Any]:
        side = STEP / 3
        ring = [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]
        return [[ring]]

    numbered = list(enumerate(zip(words, places, strict=True), start=1))
    return {
        "bbox": [WEST, SOUTH, east, north],
        "cells": [{"id": 1, "code": "1", "name": words[0], "community": words[0], "teams": words,
                   "shape": whole}],
        "stretches": [
            {"id": i, "code": f"S{i}", "name": word, "start": word, "end": word, "side": "left",
             "interval": 3, "seen": None, "metres": 60.0, "cell": 1,
             "shape": [[x, y], [x, y + STEP]]}
            for i, (word, (x, y)) in numbered
        ],
        "entrances": [
            {"id": i, "building": i, "seq": 1, "interval": 14, "cell": 1, "seen": None, "lng": x,
             "lat": y}
            for i, (_, (x, y)) in numbered
        ],
        "buildings": [
            {"id": i, "address": word, "number": word, "cell": 1, "shape": square(x, y)}
            for i, (word, (x, y)) in numbered
        ],
        "ways": [{"kind": "lane", "id": 1, "name": words[0], "width": 4.0,
                  "shape": [[[WEST, SOUTH], [east, north]]]}],
        "ground": [{"kind": "water", "shape": square(WEST, SOUTH)}],
        "chiefs": [],
        "incidents": [
            {"id": i, "title": word, "address": word, "category": word, "lng": x, "lat": y}
            for i, (word, (x, y)) in numbered
        ],
        "categories": [{"code": "0102", "name": word, "name_en": word} for word in words],
    }  # fmt: skip


def made(words: list[str], pack: BeatPack | None = None) -> str:
    checks = [{"id": i, "text": word, "category": None} for i, word in enumerate(words)]
    pack = pack or _pack()
    return pack_file.pack_file(pack, _pocket(words), checks, now=NOW, demo=True)


def press_everything(page: Page) -> None:
    """Open every tab and every popup of the map."""
    for tab in ("lanes", "doors", "cases", "list", "report", "back"):
        page.click(f"[data-tab={tab}]")
    for drawn in page.locator("#map path.leaflet-interactive").all():
        drawn.dispatch_event("click")


def test_no_string_of_a_pack_runs(opener: Opener) -> None:
    opened = opener(made(WORDS, _pack(title=RUNS[1])))
    press_everything(opened.page)
    opened.page.click("[data-tab=lanes]")
    expect(opened.page.locator("#app li")).to_have_count(len(WORDS))
    assert opened.page.locator("#app li b").first.text_content() in WORDS
    assert opened.ran == 0
    assert opened.errors == []
    assert len(opened.asked) == 1, opened.asked


def test_without_the_escaping_they_do(opener: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the same strings, the same browser, the same presses."""
    monkeypatch.setattr(one_file, "inert", lambda text: text)
    opened = opener(made([word for word in RUNS if "{{" not in word], _pack(title=RUNS[1])))
    press_everything(opened.page)
    opened.page.wait_for_function("window.ran > 0")
    assert opened.ran > 0


def test_a_pack_works_from_a_file_and_keeps_what_was_done(opener: Opener) -> None:
    pack = _pack()
    text = made(["豆行巷", "榕树巷", "米市巷"], pack)
    assert len(text.encode()) < one_file.MOST_BYTES
    opened = opener(text)
    page = opened.page
    for ident in (2, 3):
        page.click(f"#app li button[data-id='{ident}']")
    page.click("[data-tab=doors]")
    page.fill("#app input", "米市")
    expect(page.locator("#app li")).to_have_count(1)
    page.click("#app li button")
    page.click("[data-tab=report]")
    page.fill("#app textarea", "路灯不亮")
    page.click("#app button.main")
    page.reload()
    expect(page.get_by_text("已记下 4 条")).to_be_visible()
    page.click("[data-tab=back]")
    head, uid, payload, seal = page.input_value("#code").split(".")
    assert (head, seal) == ("GMP1", seal_of(pack.secret, payload))
    assert base64.urlsafe_b64decode(uid + "==") == pack.uid.bytes
    told = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert [(row[1], row[2]) for row in told["n"]] == [("s", 2), ("s", 3), ("e", 3), ("r", 0)]
    assert told["n"][3][4] == "路灯不亮"
    assert opened.errors == []
    assert len(opened.asked) == 2, "the file, and the file again"


def test_a_slip_of_the_thumb_is_taken_back(opener: Opener) -> None:
    page = opener(made(["豆行巷", "榕树巷"])).page
    page.click("#app li button[data-id='1']")
    page.click("#app li button[data-done=yes]")
    expect(page.get_by_text("已记下 0 条")).to_be_visible()


def test_the_pictures_of_a_result_say_the_same_as_its_text(opener: Opener, tmp_path: Path) -> None:
    page = opener(made([f"第{i}巷" for i in range(30)])).page
    for ident in range(1, 31):
        page.click(f"#app li button[data-id='{ident}']")
    page.click("[data-tab=back]")
    code = page.input_value("#code")
    parts: dict[int, str] = {}
    while True:
        shot = tmp_path / "code.png"
        page.locator("img.code").screenshot(path=shot)
        seen = zxingcpp.read_barcodes(Image.open(shot))[0].text
        mark, where, part = seen.split(" ", 2)
        number, count = (int(n) for n in where.split("/"))
        assert mark == "GMQ"
        parts[number] = part
        if len(parts) == count:
            break
        page.get_by_role("button", name="下一张").click()
    assert count > 1
    assert "".join(parts[n] for n in sorted(parts)) == code


def test_a_pack_that_has_ended_says_so(opener: Opener) -> None:
    pack = _pack(until=NOW + timedelta(days=1), made_at=NOW)
    expect(opener(made(["豆行巷"], pack)).page.locator(".alarm")).to_be_visible()
