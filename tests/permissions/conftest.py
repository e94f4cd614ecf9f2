"""The four places, committed once for every module here: the feeds read over lines of their own."""

import logging
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from tests.permissions.asking import FIGURES, Asker, asking
from tests.permissions.raising import raise_world
from tests.permissions.world import World


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
    with django_db_blocker.unblock():
        media = tmp_path_factory.mktemp("media")
        with override_settings(MEDIA_ROOT=media):
            yield raise_world()
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
