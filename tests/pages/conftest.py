"""Who looks: a planner, leaders, a cadre, a superuser; and a draft for the pages of plans."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client

from gridmap.actions import plans
from gridmap.actions.plans import Wish
from gridmap.layers.plans import Plan
from gridmap.layers.postings import Role
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City
from tests import quilt
from tests import town as toy
from tests.pages.planning import scope, signed_in


@pytest.fixture
def gu(town: City) -> Client:
    """A planner."""
    return signed_in("gu", Role.PLANNER)


@pytest.fixture
def ma(town: City) -> Client:
    """A leader."""
    return signed_in("ma", Role.LEADER)


@pytest.fixture
def plan(gu: Client) -> Plan:
    """A draft of community A in which house 1 with its 100 households goes to A-2."""
    quilt.lay("A")
    made = plans.open_draft(by=scope(gu), community=toy.community("A").pk, title="一起改")
    Plan.objects.update(lowest=1)
    wish = Wish(id=uuid4(), kind="paint", units=("BB1", "La1c", "La1f"), to=2)
    excuse = Wish(id=uuid4(), kind="edit", cells=(1,), fields={"reason": "公园"})
    plans.apply_ops(by=scope(gu), plan=made.pk, base_seq=0, ops=[wish, excuse])
    made.refresh_from_db()
    return made


@pytest.fixture
def leader(town: City) -> Client:
    """Of the whole city."""
    return signed_in("ma", Role.LEADER)


@pytest.fixture
def cadre(town: City) -> Client:
    """Of community A."""
    client = Client()
    client.force_login(toy.posted("wang", "A"))
    return client


@pytest.fixture
def admin(town: City) -> Client:
    """The browser of a superuser."""
    client = Client()
    client.force_login(User.objects.create_superuser("admin", password="admin-secret-7"))
    return client


@pytest.fixture
def resident(town: City, settings: Any, tmp_path: Path) -> Client:
    """Somebody without an account, in a town that shows public cards."""
    settings.MEDIA_ROOT = tmp_path
    City.objects.update(public_card=True)
    return Client()


@pytest.fixture
def eyes(town: City) -> dict[str, Scope]:
    """Those who bring a case to its end, by name."""
    return {
        "leader": toy.eyes("leader"),
        "worker": toy.eyes("worker", role=Role.WORKER),
        "duty": toy.eyes("duty", role=Role.DISPATCHER),
        "office": toy.eyes("office", role=Role.DEPARTMENT),
    }
