"""The page of a draft: for whom it opens, and what it starts from."""

import json
import re

import pytest
from django.test import Client

from gridmap.actions import plans
from gridmap.layers.plans import Plan
from gridmap.layers.postings import Role
from gridmap.layers.territory import City
from tests import quilt
from tests import town as toy


@pytest.fixture
def draft(town: City) -> Plan:
    """A draft of community A."""
    quilt.lay("A")
    by = toy.eyes("gu", role=Role.PLANNER)
    return plans.open_draft(by=by, community=toy.community("A").pk, title="甲社区<调整>")


def boot(page: str) -> dict[str, object]:
    found = re.search(r'<script id="boot"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert found
    read: dict[str, object] = json.loads(found.group(1))
    return read


def test_a_planner_may_draw_and_a_leader_may_look(client: Client, draft: Plan) -> None:
    for who, role, drafting in (("he", Role.PLANNER, True), ("sun", Role.LEADER, False)):
        client.force_login(toy.posted(who, role=role))
        page = client.get(f"/plans/{draft.pk}")
        assert page.status_code == 200
        started = boot(page.content.decode())
        assert (started["me"], started["drafting"]) == (who, drafting)
        assert started["others"] == [toy.community("B").pk]
        assert "甲社区&lt;调整&gt;" in page.content.decode()


def test_a_draft_that_was_handed_in_is_not_drawn_on(client: Client, draft: Plan) -> None:
    he = toy.posted("he", role=Role.PLANNER)
    Plan.objects.filter(pk=draft.pk).update(status="in_review", submitted_by=he)
    client.force_login(he)
    assert boot(client.get(f"/plans/{draft.pk}").content.decode())["drafting"] is False


def test_who_reads_no_plans_finds_no_page(client: Client, draft: Plan) -> None:
    assert client.get(f"/plans/{draft.pk}").status_code == 302
    client.force_login(toy.posted("zhou", "A"))
    assert client.get(f"/plans/{draft.pk}").status_code == 404
    client.force_login(toy.posted("he", role=Role.PLANNER))
    assert client.get("/plans/999").status_code == 404


def test_the_page_links_only_to_pages_there_are(client: Client, draft: Plan) -> None:
    client.force_login(toy.posted("he", role=Role.PLANNER))
    links = boot(client.get(f"/plans/{draft.pk}").content.decode())["links"]
    assert isinstance(links, dict)
    for address in links.values():
        assert address == "" or client.get(address).status_code == 200
