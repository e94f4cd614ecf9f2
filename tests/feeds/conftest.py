"""Towns that are really committed: the feeds read over connections of their own."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from pytest_django import DjangoDbBlocker

from gridmap.layers.people import Role
from gridmap.layers.scope import Scope
from gridmap.layers.territory import Ground
from tests import town as toy


def raised() -> Scope:
    """Raise the toy town, with a river, and return the eyes of its leader."""
    toy.build()
    Ground.objects.create(city=toy.city(), kind="water", geom=toy.box(0, 110, 400, 20))
    return toy.eyes("leader", role=Role.LEADER)


@pytest.fixture(scope="module")
def leader(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Scope]:
    """The eyes of the leader of a town that stands for a whole module of tests that only read."""
    with django_db_blocker.unblock():
        yield raised()
        call_command("flush", verbosity=0, interactive=False)


@pytest.fixture
def mayor(transactional_db: None) -> Scope:
    """The eyes of the leader of a town raised for one test, which may change it."""
    return raised()
