"""The report map in a real browser: from file://, without a network, and no string of it runs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from gridmap.layers.evaluation import RATES, VERSION, Figure
from gridmap.pages import one_file
from gridmap.pages.light_map import RAMP
from gridmap.pages.report_map import Area, Case, Shades, Sheet, report_file
from tests.browser.from_file import PATIENCE, RUNS, WORDS, Opener

expect.set_options(timeout=PATIENCE)

WEST, SOUTH, STEP = 117.60, 26.27, 0.002


def square(east: int) -> dict[str, Any]:
    west, north = WEST + east * STEP, SOUTH + STEP
    ring = [[west, SOUTH], [west + STEP, SOUTH], [west + STEP, north], [west, north], [west, SOUTH]]
    return {"type": "Polygon", "coordinates": [ring]}


def share(part: int, whole: int) -> Figure:
    return Figure(list(range(part)), list(range(whole)))


def sheet(words: list[str]) -> Sheet:
    """A community with 36 of 40, one with 3 of 5, one with none; a case for every word."""
    names = [*words, *words, *words]
    areas = [
        Area(names[at], square(at), figure, chosen=at == 0)
        for at, figure in enumerate((share(36, 40), share(3, 5), share(0, 0)))
    ]
    cases = [
        Case(WEST + (at + 1) * STEP / (len(words) + 1), SOUTH + STEP / 2, at % 2 == 0,
             (word, word, f"20261001-{at:04d}"))
        for at, word in enumerate(words)
    ]  # fmt: skip
    return Sheet(
        title=words[0], less=False, areas=areas, cases=cases,
        grounds=[("water", json.dumps(square(1)))],
        bounds=(WEST, SOUTH, WEST + STEP, SOUTH + STEP),
        told={
            "city": SimpleNamespace(name=words[0], demo=True),
            "unit": SimpleNamespace(name=words[-1]), "rate": RATES["closed"], "said": words[0],
            "version": VERSION, "made": datetime(2026, 11, 1, tzinfo=UTC), "side": words[0],
            "n": len(words),
        },
    )  # fmt: skip


def press_everything(page: Page) -> None:
    """Open every popup of the map, one after another."""
    for drawn in page.locator("#map path.leaflet-interactive, #map .leaflet-marker-icon").all():
        drawn.dispatch_event("click")


def test_no_string_of_a_report_map_runs(opener: Opener) -> None:
    opened = opener(report_file(sheet(WORDS)))
    expect(opened.page.locator("#map svg").first).to_be_visible()
    press_everything(opened.page)
    assert opened.page.locator("h1").text_content() == WORDS[0]
    assert opened.ran == 0
    assert opened.errors == []
    assert len(opened.asked) == 1, opened.asked


def test_without_the_escaping_they_do(opener: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the same strings, the same browser, the same presses."""
    monkeypatch.setattr(one_file, "inert", lambda text: text)
    opened = opener(report_file(sheet([word for word in RUNS if "{{" not in word])))
    press_everything(opened.page)
    opened.page.wait_for_function("window.ran > 0")
    assert opened.ran > 0


def test_it_tells_shares_cases_and_rules_without_a_network(opener: Opener) -> None:
    opened = opener(report_file(sheet(["甲社区", "乙社区", "榕树巷 1 号"])))
    page = opened.page
    expect(page.locator(".share")).to_have_text(["90.0%"])
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.locator("tbody tr").nth(1)).to_contain_text("—")
    expect(page.locator("section")).to_contain_text("应结案：时限在本期内到期的已立案件")
    page.locator("#map .leaflet-marker-icon svg").first.click()
    expect(page.locator(".leaflet-popup")).to_contain_text("20261001-0000")
    page.keyboard.press("Escape")
    page.locator("#map path.leaflet-interactive").nth(2).dispatch_event("click")
    expect(page.locator(".leaflet-popup").last).to_contain_text("3 / 5")
    expect(page.locator(".leaflet-popup").last).to_contain_text("不足 20 件，只列件数")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert opened.errors == []
    assert len(opened.asked) == 1


def test_a_map_that_names_an_address_is_refused() -> None:
    page = one_file.OneFileMap((WEST, SOUTH, WEST + STEP, SOUTH + STEP), 9)
    page.default_js = [("leaflet", "https://elsewhere.example/leaflet.js")]
    drawn, _scripts = one_file.drawing(page)
    assert "elsewhere" not in drawn, "what stands in the head of folium's page is left out"
    with pytest.raises(ValueError, match="too large"):
        one_file.document("x", [], ["x" * (one_file.MOST_BYTES + 1)])


def test_the_darkest_shade_is_where_there_is_most_to_look_at() -> None:
    areas = [Area("", square(0), share(part, 100)) for part in (61, 70, 80, 99)]
    more, less = (Shades(areas, less=less) for less in (False, True))
    assert [RAMP.index(more.of(area.figure)) for area in areas] == [4, 3, 2, 0]
    assert [RAMP.index(less.of(area.figure)) for area in areas] == [0, 1, 2, 4]
    assert more.of(areas[0].figure) == less.of(areas[3].figure) == RAMP[-1]
    assert [step["word"] for step in more.legend()] == [
        "60–68%", "68–76%", "76–84%", "84–92%", "92–100%",
    ]  # fmt: skip
    assert Shades([], less=False).legend()[0]["word"] == "0–20%"
