"""What every test may ask for."""

import pytest
from django.db import connection

from gridmap.layers.territory import City
from tests import town as toy


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that reach the database through a fixture of a whole module.

    pytest-django makes a test database for marked tests only. Run by themselves, the others would
    build their town in the developer's own database, and flush it.
    """
    for item in items:
        asked = set(getattr(item, "fixturenames", ()))
        if "django_db_setup" in asked and not asked & {"db", "transactional_db"}:
            item.add_marker(pytest.mark.django_db)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """Stop before anything is written when this is not a database for tests."""
    if connection.settings_dict["NAME"] != connection.settings_dict["TEST"]["NAME"]:
        pytest.exit("no test database was made: mark what uses it with django_db", 1)


@pytest.fixture
def town(db: None) -> City:
    """The toy town, freshly raised."""
    return toy.build()
