"""What an editor reads once beside a plan: the division in force, names, lanes, own turns."""

from uuid import uuid4

import pytest
from django.test import Client

from gridmap.layers.postings import Role
from tests import quilt
from tests import town as toy

JSON = "application/json"


@pytest.fixture
def planner(leader: Client) -> Client:
    """Signed in as planner of the whole city, with the fabric of community A laid."""
    quilt.lay("A")
    client = Client()
    client.force_login(toy.posted("gu", role=Role.PLANNER))
    return client


@pytest.fixture
def draft(planner: Client) -> str:
    """The address of a draft of community A."""
    body = {"title": "甲社区调整", "community": toy.community("A").pk}
    return f"/api/plans/{planner.post('/api/plans', body, content_type=JSON).json()['id']}"


def test_the_division_in_force_stays_whatever_the_draft_does(planner: Client, draft: str) -> None:
    wish = {"id": str(uuid4()), "kind": "paint", "units": ["BB1"], "to": 2}
    planner.post(f"{draft}/ops", {"base_seq": 0, "ops": [wish]}, content_type=JSON)
    now = planner.get(f"{draft}/ground").json()["in_force"]
    assert sorted(now["labels"]) == [1] * 6 + [2] * 6
    assert [(cell["code"][-3:], cell["households"]) for cell in now["cells"]] == [
        ("001", 100),
        ("002", 200),
    ]


def test_units_have_the_names_of_their_buildings_and_lanes_their_chiefs(
    planner: Client, draft: str
) -> None:
    ground = planner.get(f"{draft}/ground").json()
    assert sorted(name for name in ground["names"] if name) == ["榕树巷 1 号", "榕树巷 2 号"]
    (lane,) = ground["lanes"]
    assert (lane["name"], lane["headed"]) == ("榕树巷", True)
    assert [bool(ground["names"][place]) for place in lane["units"]] == [True, True]


def test_one_is_told_what_of_ones_own_can_be_undone(planner: Client, draft: str) -> None:
    def turns(client: Client) -> dict[str, bool]:
        found: dict[str, bool] = client.get(f"{draft}/ground").json()["turns"]
        return found

    assert turns(planner) == {"undo": False, "redo": False}
    wish = {"id": str(uuid4()), "kind": "paint", "units": ["BB1"], "to": 2}
    planner.post(f"{draft}/ops", {"base_seq": 0, "ops": [wish]}, content_type=JSON)
    assert turns(planner) == {"undo": True, "redo": False}
    planner.post(f"{draft}/undo", {"id": str(uuid4())}, content_type=JSON)
    assert turns(planner) == {"undo": False, "redo": True}
    other = Client()
    other.force_login(toy.posted("li", role=Role.PLANNER))
    assert turns(other) == {"undo": False, "redo": False}


def test_who_reads_no_plans_finds_no_ground(planner: Client, draft: str) -> None:
    cadre = Client()
    cadre.force_login(toy.posted("zhou", "A"))
    assert cadre.get(f"{draft}/ground").status_code == 404
    assert Client().get(f"{draft}/ground").status_code == 401
    assert planner.get("/api/plans/999/ground").status_code == 404
