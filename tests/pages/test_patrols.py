"""The week of the patrols: as many questions to the database for many shifts as for one."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gridmap.layers.people import Team
from gridmap.layers.shifts import Shift
from gridmap.layers.territory import City
from tests import town as toy

MOST = 20  # questions; the session, the scope and the frame are among them


@pytest.fixture
def wang(town: City) -> Client:
    """A cadre of community A."""
    client = Client()
    client.force_login(toy.posted("wang", "A"))
    return client


def shifts(count: int) -> None:
    team, today = Team.objects.get(community=toy.community("A")), timezone.now()
    Shift.objects.bulk_create(
        Shift(team=team, starts=today + timedelta(minutes=n), ends=today + timedelta(hours=2))
        for n in range(count)
    )


def asked(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as questions:
        assert client.get(address).status_code == 200
    return len(questions)


def test_many_shifts_cost_what_one_costs(wang: Client) -> None:
    shifts(1)
    one = asked(wang, "/patrols")
    shifts(20)
    assert asked(wang, "/patrols") == one <= MOST


def test_a_team_s_page_costs_the_same_whatever_it_walks(wang: Client) -> None:
    team = Team.objects.get(community=toy.community("A"))
    shifts(1)
    one = asked(wang, f"/patrols/teams/{team.pk}")
    shifts(20)
    assert asked(wang, f"/patrols/teams/{team.pk}") == one <= MOST
