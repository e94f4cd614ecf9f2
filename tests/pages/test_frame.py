"""The frame of the pages: one table of stops, one drawing of every icon."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from gridmap.layers.postings import Posting, Role, scope_of
from gridmap.layers.territory import City
from gridmap.pages.rail import STOPS, leads_to, rail
from tests import town as toy
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


@pytest.mark.parametrize("role", Role.values)
def test_a_page_is_there_for_those_whom_the_rail_leads_to_it_and_for_nobody_else(
    town: City, client: Client, role: str
) -> None:
    letters = ["A"] if role == Role.CADRE else []  # a cadre has a community, not a city
    wang = toy.posted("wang", *letters, role=Role(role))
    client.force_login(wang)
    # The frame of the beat holds nothing: whoever's posting ended still sees what waits in a phone.
    pages = [stop for stop in STOPS if stop.name != "beat"]
    scope = scope_of(wang.pk)
    statuses = {
        stop.name: client.get(reverse(stop.name), follow=True).status_code for stop in pages
    }
    expected = {stop.name: 200 if leads_to(scope, stop.name) else 404 for stop in pages}
    assert statuses == expected


def leads_to_administration(client: Client) -> tuple[bool, bool]:
    """Whether the rail of a plain page does, and the one from which the map's script starts."""
    page, mapped = client.get("/history"), client.get("/")
    assert page.status_code == mapped.status_code == 200
    boot = {stop["name"] for stop in mapped.context["boot"]["rail"]}
    return 'href="/admin/"' in page.content.decode(), "admin:index" in boot


def test_the_flag_of_staff_alone_leads_nowhere_and_a_superuser_keeps_all(
    town: City, client: Client
) -> None:
    wang = toy.posted("wang")
    for fields, there in (
        ({"is_staff": True}, False), ({"is_staff": True, "is_superuser": True}, True),
    ):  # fmt: skip
        User.objects.filter(pk=wang.pk).update(**fields)
        client.force_login(User.objects.get(pk=wang.pk))
        assert leads_to_administration(client) == (there, there)
        assert (client.get("/admin/", follow=True).status_code == 200) is there


def test_who_administers_is_led_there_from_the_map_and_from_a_page_without_any_flag(
    town: City, client: Client
) -> None:
    keeper = toy.posted("keeper", role=Role.ADMIN)
    assert not keeper.is_staff
    client.force_login(keeper)
    assert leads_to_administration(client) == (True, True)
    assert client.get("/admin/", follow=True).status_code == 200
    # Once the posting has ended there is no stop and no page, whatever the flag says.
    Posting.objects.filter(user=keeper).delete()
    User.objects.filter(pk=keeper.pk).update(is_staff=True)
    assert leads_to_administration(client) == (False, False)
    assert client.get("/admin/", follow=True).status_code == 404


@pytest.mark.parametrize("superuser", [True, False])
def test_the_rail_leads_where_there_is_something(*, superuser: bool) -> None:
    stops = rail(frozenset(), superuser=superuser)
    assert stops[0]["href"] == reverse("map")
    assert all(stop["href"].startswith("/") for stop in stops)
    assert ("admin:index" in {stop["name"] for stop in stops}) is superuser
