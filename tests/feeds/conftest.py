"""Towns that are really committed: the feeds read over connections of their own."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django import DjangoDbBlocker

from gridmap.layers.postings import Role
from gridmap.layers.scope import Scope
from gridmap.layers.territory import Ground
from tests import town as toy


def raised() -> Scope:
    """Raise the toy town, with a river, and return the eyes of its leader."""
    toy.build()
    Ground.objects.create(city=toy.city(), kind="water", geom=toy.box(0, 110, 400, 20))
    return toy.eyes("leader", role=Role.LEADER)


@pytest.fixture(scope="session")
def farewell(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Let no connection of the feeds outlive the tests: the test database could not be dropped."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND application_name = 'gridmap feeds'"
        )


@pytest.fixture(scope="module")
def leader(farewell: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Scope]:
    """The eyes of the leader of a town that stands for a whole module of tests that only read."""
    with django_db_blocker.unblock():
        yield raised()
        call_command("flush", verbosity=0, interactive=False)


@pytest.fixture
def mayor(farewell: None, transactional_db: None) -> Scope:
    """The eyes of the leader of a town raised for one test, which may change it."""
    return raised()
