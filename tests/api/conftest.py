"""Who asks: a leader of the whole toy city, and a cadre of community A alone."""

import pytest
from django.test import Client

from gridmap.layers.postings import Role
from gridmap.layers.territory import City
from tests import town as toy


@pytest.fixture
def leader(town: City) -> Client:
    """Signed in for the whole city."""
    client = Client()
    client.force_login(toy.posted("leader", role=Role.LEADER))
    return client


@pytest.fixture
def wang(town: City) -> Client:
    """Signed in for community A."""
    client = Client()
    client.force_login(toy.posted("wang", "A"))
    return client
