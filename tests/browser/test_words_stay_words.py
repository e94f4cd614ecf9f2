"""Words that want to be scripts stay words, on every page, in every map, in every file of ours.

Forty-one payloads in eighteen tables; every page is opened in Chromium as a leader and as those
who read other pages, and none opens a dialog or has the policy stop anything. The control writes
the same words down raw, where most of them do open one.
"""

import os
import subprocess
import sys

import psycopg
import pytest
from playwright.sync_api import Page

from gridmap.layers.codes import public_code
from tests.browser.conftest import DATABASE, ROOT, Visitor, connect
from tests.payloads import PAYLOADS

LISTEN = """
addEventListener('securitypolicyviolation', (event) => {
  (window.stopped ??= []).push(`${event.violatedDirective} ${event.blockedURI}`);
});
"""
PAGES = {
    "leader": (
        "/?city=toy", "/?city=toy&panel=list", "/?city=toy&overlay=chiefs&cell=1",
        "/?city=toy&overlay=party&building=1", "/?city=toy&incident=1", "/light?city=toy",
        "/light/map?city=toy", "/desk", "/cases/{number}", "/chiefs", "/chiefs?view=areas",
        "/chiefs/building/1", "/chiefs/check", "/signs", "/signs/lines", "/patrols",
        "/patrols/coverage", "/patrols/emphases", "/patrols/teams/1", "/plans", "/figures",
        "/history", "/disputes", "/account", "/service",
    ),
    "walker": ("/beat", "/beat/packs", "/patrols/note"),
    "planner": ("/plans", "/?city=toy&cell=2"),
    "keeper": ("/admin/", "/admin/layers/department/", "/admin/layers/dutypoint/"),
    "": ("/report", "/q/{card}", "/sign-in"),
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def hostile(server: str) -> None:
    """The words in every text of this module's town."""
    assert server
    surroundings = {**os.environ, "GRIDMAP_DB_NAME": DATABASE, "GRIDMAP_DEBUG": "1"}
    program = [sys.executable, "-m", "tests.browser.hostile_words"]
    subprocess.run(program, cwd=ROOT, env=surroundings, check=True)
    with connect(DATABASE) as link:
        link.execute("UPDATE layers_city SET public_card = true")


def hearing(page: Page) -> list[str]:
    """What fires in a page from now on: dialogs."""
    fired: list[str] = []

    def note(dialog: object) -> None:
        fired.append(page.url)
        dialog.dismiss()  # type: ignore[attr-defined]

    page.on("dialog", note)
    page.add_init_script(LISTEN)
    return fired


def opened(page: Page, address: str) -> list[str]:
    """Open a page, let it settle; return what the policy had to stop."""
    answer = page.goto(address)
    assert answer is not None
    # What is not there, or leads to the sign-in, would hold no word and pass.
    assert answer.status == 200, f"{answer.status} {address}"
    # A map writes where it looks behind the address, sooner or later.
    assert page.url.partition("#")[0] == address
    page.wait_for_timeout(600)
    stopped = page.evaluate("window.stopped ?? []")
    return [f"{address}: {one}" for one in stopped]


@pytest.mark.parametrize("name", PAGES)
def test_no_page_makes_a_script_of_a_word(
    visitor: Visitor, elsewhere: psycopg.Connection[tuple[object, ...]], name: str
) -> None:
    ((titles,),) = elsewhere.execute(
        "SELECT count(DISTINCT title) FROM layers_incident WHERE title ~ 'alert'"
    ).fetchall()
    assert titles == len(PAYLOADS), "the words are in the town"
    visit = visitor(name)
    fired, stopped = hearing(visit.page), []
    ((number,),) = elsewhere.execute(
        "SELECT number FROM layers_incident WHERE title ~ 'alert' ORDER BY id LIMIT 1"
    ).fetchall()
    ((building,),) = elsewhere.execute("SELECT min(id) FROM layers_building").fetchall()
    card = public_code("building", int(str(building)))
    for path in PAGES[name]:
        stopped += opened(visit.page, f"{visit.server}{path.format(number=number, card=card)}")
    assert fired == []
    assert stopped == []


def test_no_file_of_ours_makes_a_script_of_a_word(visitor: Visitor) -> None:
    """The report map as it is handed on: one file, opened without its server and its policy."""
    visit = visitor("leader")
    fired = hearing(visit.page)
    answer = visit.page.request.get(f"{visit.server}/figures/map.html")
    assert answer.status == 200
    assert "alert(1)" in answer.text(), "the words are in the file"
    visit.page.set_content(answer.text())
    visit.page.wait_for_timeout(1500)
    assert fired == []


def test_written_down_raw_most_of_them_fire(visitor: Visitor) -> None:
    """The control of the ear: a page without our care, as a careless template makes it."""
    fires, raw = 0, visitor().page
    fired = hearing(raw)
    for word in PAYLOADS:
        before = len(fired)
        raw.goto("about:blank")
        raw.set_content(f"<!doctype html><body><p>{word}</p>")
        raw.wait_for_timeout(60)
        fires += len(fired) > before
    assert fires > len(PAYLOADS) // 3, fires
