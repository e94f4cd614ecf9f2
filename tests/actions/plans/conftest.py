"""What tests of plans share that let several people work at once."""

from collections.abc import Iterator

import pytest
from django.db import connection

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
