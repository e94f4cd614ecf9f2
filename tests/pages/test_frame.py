"""The frame of the pages: one table of stops, one drawing of every icon."""

import re

import pytest
from django.urls import reverse

from gridmap.pages.rail import STOPS, rail
from tests.pages.msgids import ROOT

ICONS = ROOT / "gridmap/static/gridmap/icons.svg"
DRAWN = set(re.findall(r'<symbol id="(\w+)"', ICONS.read_text(encoding="utf-8")))
IN_SCRIPTS = re.compile(r"""\bicon\('(\w+)'|\bicon: '(\w+)'""")
IN_TEMPLATES = re.compile(r'"icon.html" with name="(\w+)"')


def named() -> set[str]:
    """Icons that scripts, templates and the rail ask for."""
    found = {stop.icon for stop in STOPS}
    for path in (ROOT / "gridmap/static/gridmap").rglob("*.js"):
        for one, other in IN_SCRIPTS.findall(path.read_text(encoding="utf-8")):
            found.add(one or other)
    for path in (ROOT / "templates").rglob("*.html"):
        found.update(IN_TEMPLATES.findall(path.read_text(encoding="utf-8")))
    return found


def test_every_icon_that_is_asked_for_is_drawn() -> None:
    assert len(named()) > 20, "the search for icons finds them"
    assert named() - DRAWN == set()


@pytest.mark.parametrize("staff", [True, False])
def test_the_rail_leads_where_there_is_something(*, staff: bool) -> None:
    stops = rail(frozenset(), staff=staff)
    assert stops[0]["href"] == reverse("map")
    assert all(stop["href"].startswith("/") for stop in stops)
    assert ("admin:index" in {stop["name"] for stop in stops}) <= staff
