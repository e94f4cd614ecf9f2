"""The four places, committed once for every module here: the feeds read over lines of their own."""

import logging
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from gridmap.layers.bundles import bundle_of
from gridmap.layers.plan_guard import bundle_without
from tests.feeds.asking import tend
from tests.permissions.asking import FIGURES, Asker, asking
from tests.permissions.eyes import raise_eyes
from tests.permissions.world import World, raise_ground, raise_people, raise_work
from tests.permissions.world_cases import raise_cases
from tests.permissions.world_patrols import raise_patrols
from tests.permissions.world_plans import raise_plans


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell the size of the matrix and of the walks, whatever came of them."""
    for figure in FIGURES:
        terminalreporter.write_line(f"permissions: {figure}")


@pytest.fixture(scope="module")
def world(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    """The four places with everything in them; photos lie in a folder of their own."""
    media = override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media"))
    bundle_of.cache_clear()  # ids begin anew after a flush
    bundle_without.cache_clear()
    with media, django_db_blocker.unblock():
        with transaction.atomic():
            raised = raise_ground()
            raise_people(raised)
            raise_work(raised)
            raise_cases(raised)
            raise_patrols(raised)
            raise_eyes(raised)
            raise_plans(raised)
        tend()
        yield raised
        call_command("flush", verbosity=0, interactive=False)


@pytest.fixture(scope="module")
def asker(world: World, django_db_blocker: DjangoDbBlocker) -> Iterator[Asker]:
    """Everybody at every door."""
    with django_db_blocker.unblock():
        logging.getLogger("django.request").setLevel(logging.CRITICAL)  # refusals by the thousand
        with asking(world) as everyone:
            yield everyone
        logging.getLogger("django.request").setLevel(logging.NOTSET)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND application_name = 'gridmap feeds'"
            )
