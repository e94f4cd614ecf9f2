"""What tests of plans share: a planner, a leader, a draft, and lines for many at work at once."""

from collections.abc import Iterator

import pytest
from django.db import connection

from gridmap.actions import plans
from gridmap.actions.plans import Wish
from gridmap.layers.plans import Plan
from gridmap.layers.postings import Role
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City
from tests import quilt
from tests import town as toy
from tests.actions.plans.drawing import Draw

MOST = 24  # people at work at once


@pytest.fixture
def many_lines(transactional_db: None) -> Iterator[None]:
    """A pool of its own with a connection for everybody, whatever other tests still hold."""
    options = connection.settings_dict["OPTIONS"]
    kept = options["pool"]
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
    options["pool"] = {**kept, "max_size": MOST, "timeout": 60}
    yield
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
    options["pool"] = kept


@pytest.fixture
def gu(town: City) -> Scope:
    """A planner."""
    return toy.eyes("gu", role=Role.PLANNER)


@pytest.fixture
def ma(town: City) -> Scope:
    """A leader, who decides."""
    return toy.eyes("ma", role=Role.LEADER)


@pytest.fixture
def draw(gu: Scope) -> Draw:
    """A draft of community A with these operations, its band wide enough for the toy town."""
    quilt.lay("A")

    def drawn(*ops: Wish) -> Plan:
        plan = plans.open_draft(by=gu, community=toy.community("A").pk, title="稿")
        Plan.objects.filter(pk=plan.pk).update(lowest=1, highest=500)
        plans.apply_ops(by=gu, plan=plan.pk, base_seq=0, ops=ops)
        plan.refresh_from_db()
        return plan

    return drawn
