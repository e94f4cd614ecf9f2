"""The office of the toy town, whose outbox is emptied by hand."""

from __future__ import annotations

import pytest

from gridmap.layers.notices import Notice, Outbox
from gridmap.layers.spreading import spread_one
from gridmap.layers.territory import City
from tests.cases.conftest import Office, guard, staffed


def tell() -> None:
    """Tell everything that waits."""
    while spread_one():
        pass


def told(verb: str) -> set[str]:
    """Who was told of this, by user name."""
    rows = Notice.objects.filter(verb=verb).select_related("user")
    return {row.user.username for row in rows}


@pytest.fixture
def office(town: City) -> Office:
    """Everybody at work, and nothing waiting to be told."""
    found = staffed(town)
    guard()
    Outbox.objects.all().delete()
    return found
