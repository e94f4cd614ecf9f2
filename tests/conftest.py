"""What every test may ask for."""

import pytest

from gridmap.layers.territory import City
from tests import town as toy


@pytest.fixture
def town(db: None) -> City:
    """The toy town, freshly raised."""
    return toy.build()
