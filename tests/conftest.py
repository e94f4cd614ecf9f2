"""What every test may ask for."""

import pytest
from django.conf import settings
from django.db import connection
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as drawing
from pytest_django import DjangoDbBlocker

from gridmap.layers.territory import City
from tests import town as toy

# A test asserts no times, neither of what it tries nor of how long it takes to draw it.
drawing.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
drawing.load_profile("house")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that reach the database through a fixture of a whole module.

    pytest-django makes a test database for marked tests only. Run by themselves, the others would
    build their town in the developer's own database, and flush it.
    """
    for item in items:
        asked = set(getattr(item, "fixturenames", ()))
        if "django_db_setup" in asked and not asked & {"db", "transactional_db"}:
            item.add_marker(pytest.mark.django_db)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Begin each test in the house's language, whichever page was read in English before it.

    A request leaves its language behind in the thread, where tests come in accidental order.
    """
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Stop before anything is written when this is not a database for tests.

    Tests that commit are cleaned up after by TRUNCATE, which the journal and the tables of
    versions refuse everywhere else (tests/layers/test_journal.py tries it).
    """
    if connection.settings_dict["NAME"] != connection.settings_dict["TEST"]["NAME"]:
        pytest.exit("no test database was made: mark what uses it with django_db", 1)
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for table, trigger in (*not_emptied(), *FOLLOWED):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")


# Most tests put an incident into a state by hand. Those of the life cycle (tests/cases) do not, and
# switch on again what refuses it.
FOLLOWED = [
    ("layers_incident", "incident_follows_its_steps"),
    ("layers_step", "step_and_incident_agree"),
]


def not_emptied() -> list[tuple[str, str]]:
    """The triggers that refuse TRUNCATE, each with its table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgname ~ '_not_emptied$'"
        )
        return list(cursor.fetchall())


@pytest.fixture
def town(db: None) -> City:
    """The toy town, freshly raised."""
    return toy.build()
