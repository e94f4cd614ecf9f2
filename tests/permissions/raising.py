"""Raises the four places with everything in them, and commits them."""

from django.db import transaction

from gridmap.layers.bundles import bundle_of
from gridmap.layers.plan_guard import bundle_without
from tests.feeds.asking import tend
from tests.permissions.eyes import raise_eyes
from tests.permissions.world import World, raise_ground, raise_people, raise_work
from tests.permissions.world_cases import raise_cases, raise_notices
from tests.permissions.world_patrols import raise_patrols
from tests.permissions.world_plans import raise_plans


def raise_world() -> World:
    """The four places; photos go where MEDIA_ROOT says."""
    bundle_of.cache_clear()  # ids begin anew after a flush
    bundle_without.cache_clear()
    with transaction.atomic():
        raised = raise_ground()
        raise_people(raised)
        raise_work(raised)
        raise_cases(raised)
        raise_patrols(raised)
        raise_eyes(raised)
        raise_notices(raised)
        raise_plans(raised)
    tend()
    return raised
