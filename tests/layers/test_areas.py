"""What a role sees follows from what its bearer holds now, the same in rows and in the value."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from gridmap.layers.coverage import freshness
from gridmap.layers.figures import cell_card
from gridmap.layers.incidents import Incident, State
from gridmap.layers.patrols import Visit
from gridmap.layers.people import ChiefTerm, Department, Person, Team, TeamArea
from gridmap.layers.places import Building, Lane, Street, Stretch
from gridmap.layers.postings import AREAS, COLUMNS, Posting, Role, scope_of
from gridmap.layers.rollup import CellStat
from gridmap.layers.scope import Scope, Spot
from gridmap.layers.standing import standing
from gridmap.layers.territory import City, Community, Subdistrict
from tests import town as toy

# Where an incident is reported, and whether it is closed.
PLACES = {
    "at 1": (50, 70, False), "in A-1": (10, 20, False), "ended in A-1": (10, 30, True),
    "on L1": (101, 10, False), "on L2": (250, 50, False), "in B-2": (350, 20, False),
}  # fmt: skip
# Building 1 belongs to L1 and S1; whatever lies within 60 m of S1 is answered for by its chief too.
SEEN = {
    Role.LEADER: set(PLACES),
    Role.DISPATCHER: set(PLACES),
    Role.WORKER: {"at 1", "in A-1", "ended in A-1"},
    Role.CHIEF: {"at 1"},
    Role.PATROL: {"at 1", "in A-1", "on L1"},
    Role.PLANNER: set(),
    Role.AUDITOR: set(),
    Role.ADMIN: set(),
}


@pytest.fixture
def incidents(town: City) -> dict[str, int]:
    made = {}
    for name, (east, north, ended) in PLACES.items():
        ending = {"state": State.CLOSED, "closed_at": timezone.now()} if ended else {}
        made[name] = toy.incident(east, north, title=name, department=None, **ending).pk
    return made


def seen_by(scope: Scope) -> set[str]:
    rows = {row.title for row in Incident.objects.within(scope)}
    for row in Incident.objects.all():
        objects = (row.street_id, row.lane_id, row.building_id)
        spot = Spot(row.city_id, row.community_id, row.cell_id, *objects)
        told = scope.sees(spot, row.department_id, row.helpers, still_open=row.light != 0)
        assert told == (row.title in rows), row.title
    return rows


@pytest.mark.parametrize("role", SEEN)
def test_a_role_sees_the_incidents_of_its_area(incidents: dict[str, int], role: Role) -> None:
    assert seen_by(toy.eyes("x", role=role)) == SEEN[role]


def held(**term: Any) -> Scope:
    person = Person.objects.create(city=toy.city(), name="新人")
    ChiefTerm.objects.create(person=person, valid=toy.ALWAYS, **term)
    user = User.objects.create_user("new")
    Posting.objects.create(
        user=user, role=Role.CHIEF, city=toy.city(), person=person, valid=toy.ALWAYS
    )
    return scope_of(user.pk)


def test_chiefs_see_what_happens_where_they_answer(incidents: dict[str, int]) -> None:
    lane = Lane.objects.get(code="L2")
    assert seen_by(held(office="lane", lane=lane)) == {"on L2"}


def test_an_area_ends_with_the_term_it_follows_from(incidents: dict[str, int]) -> None:
    user = toy.posted("chief", role=Role.CHIEF)
    ends = scope_of(user.pk).until
    assert ends is not None
    assert timedelta(days=9) < ends - timezone.now() < timedelta(days=11)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE layers_chiefterm SET valid = tstzrange(lower(valid), now()) "
            "WHERE office = 'building'"
        )
    left = scope_of(user.pk)
    assert left.ground == {toy.city().pk}
    assert seen_by(left) == set()


def test_a_patrol_goes_where_its_team_goes(incidents: dict[str, int]) -> None:
    user = toy.posted("patrol", role=Role.PATROL)
    TeamArea.objects.filter(cell=toy.cell("A", 1)).delete()
    TeamArea.objects.create(team=Team.objects.get(), cell=toy.cell("B", 2), valid=toy.ALWAYS)
    assert seen_by(scope_of(user.pk)) == {"on L1", "in B-2"}


def test_a_department_sees_its_incidents_inside_its_area_only(incidents: dict[str, int]) -> None:
    theirs = Department.objects.get()
    user = toy.posted("ding", role=Role.DEPARTMENT)
    Incident.objects.filter(title__in=["in A-1", "on L2"]).update(department=theirs)
    assert seen_by(scope_of(user.pk)) == {"in A-1", "on L2"}
    Posting.objects.filter(user=user).update(community=toy.community("B"))
    assert seen_by(scope_of(user.pk)) == {"on L2"}


def test_a_department_sees_what_it_helps_with_as_what_it_leads(incidents: dict[str, int]) -> None:
    theirs = Department.objects.get()
    user = toy.posted("ding", role=Role.DEPARTMENT)
    assert seen_by(scope_of(user.pk)) == set()
    Incident.objects.filter(title__in=["in A-1", "on L2"]).update(helpers=[theirs.pk])
    assert seen_by(scope_of(user.pk)) == {"in A-1", "on L2"}
    Posting.objects.filter(user=user).update(community=toy.community("B"))
    assert seen_by(scope_of(user.pk)) == {"on L2"}
    office = Subdistrict.objects.get()
    Posting.objects.filter(user=user).update(community=None, subdistrict=office)
    assert seen_by(scope_of(user.pk)) == {"in A-1", "on L2"}


CELLS = {
    Role.LEADER: 4, Role.WORKER: 1, Role.CHIEF: 0, Role.PATROL: 2, Role.PLANNER: 4,
    Role.AUDITOR: 0,
}  # fmt: skip
STRETCHES = {
    Role.LEADER: 4, Role.WORKER: 2, Role.CHIEF: 0, Role.PATROL: 3, Role.PLANNER: 4,
    Role.AUDITOR: 0,
}  # fmt: skip
BUILDINGS = {
    Role.LEADER: 4, Role.WORKER: 1, Role.CHIEF: 1, Role.PATROL: 2, Role.PLANNER: 4,
    Role.AUDITOR: 0,
}  # fmt: skip


@pytest.mark.parametrize("role", CELLS)
def test_a_role_sees_the_figures_of_its_area(incidents: dict[str, int], role: Role) -> None:
    scope, city, now = toy.eyes("x", role=role), toy.city(), timezone.now()
    assert CellStat.objects.within(scope).count() == CELLS[role]
    assert len(freshness(scope, city, moment=(now, False))["stretches"]) == STRETCHES[role]
    for area in ({}, {"community": toy.community("A").pk}):
        found = standing(scope, city, now=now, **area)["buildings"]
        assert len(found) == min(BUILDINGS[role], 2 if area else 4)
    assert standing(scope, city, now=now, community=0)["buildings"] == []


def test_a_planner_is_told_sums_and_no_incident(incidents: dict[str, int]) -> None:
    planner, cell = toy.eyes("x", role=Role.PLANNER), toy.cell("A", 1).pk
    sums = cell_card(planner, cell, now=timezone.now())
    assert sums["outside"] is False
    assert sums["incidents"]["top"] == []
    # As at Monday: none then, or too few to be told (docs/decisions/0030).
    assert sums["incidents"]["open"] in {0, None}
    mine = cell_card(toy.eyes("y", role=Role.WORKER), toy.cell("A", 1).pk, now=timezone.now())
    assert (mine["incidents"]["open"], len(mine["incidents"]["top"])) == (2, 2)


def test_visits_are_seen_where_they_are_ones_business(town: City) -> None:
    for stretch in Stretch.objects.all():
        Visit.objects.create(city=town, stretch=stretch, source="tap", at=timezone.now())
    door = Building.objects.get(code="B1").entrances.get()
    Visit.objects.create(city=town, entrance=door, source="qr", at=timezone.now())
    counts = {
        role: Visit.objects.within(toy.eyes(role, role=role)).count()
        for role in (Role.LEADER, Role.WORKER, Role.CHIEF, Role.PATROL, Role.PLANNER)
    }
    assert list(counts.values()) == [5, 3, 1, 4, 0]
    street = held(office="street", street=Street.objects.create(**street_two(town)))
    assert Visit.objects.within(street).count() == 0


def street_two(town: City) -> dict[str, Any]:
    line, area = toy.way((0, 105), (400, 105)), toy.box(0, 100, 400, 10)
    return {"city": town, "code": "S2", "centreline": line, "polygon": area}


def test_the_communities_of_an_area_are_those_it_reaches_into(town: City) -> None:
    reach = {
        role: Community.objects.own(toy.eyes(role, role=role)).count()
        for role in (Role.LEADER, Role.WORKER, Role.CHIEF, Role.PATROL, Role.AUDITOR)
    }
    assert list(reach.values()) == [2, 1, 1, 1, 0]
    ridge = held(office="lane", lane=Lane.objects.get(code="L2"))
    assert Community.objects.own(ridge).get() == toy.community("B")


AREA_OF: dict[str, Any] = {
    "subdistrict": Subdistrict.objects.get, "community": lambda: toy.community("A"),
    "department": Department.objects.get, "team": Team.objects.get,
    "person": lambda: Person.objects.get(name="陈木子"),
}  # fmt: skip


@pytest.mark.parametrize("role", Role.values)
def test_a_posting_names_what_its_role_needs_and_nothing_else(town: City, role: str) -> None:
    user = User.objects.create_user("x")
    needed, possible = AREAS[role]
    accepted = 0
    for given in product((False, True), repeat=len(COLUMNS)):
        named = {column for column, wanted in zip(COLUMNS, given, strict=True) if wanted}
        areas = {column: AREA_OF[column]() for column in named}
        fits = set(needed) <= named <= {*needed, *possible} and len(named & set(possible)) < 2
        posting = Posting(user=user, role=role, city=town, valid=toy.ALWAYS, **areas)
        if fits:
            posting.save()
            accepted += 1
            continue
        with pytest.raises(IntegrityError, match="posting_"), transaction.atomic():
            posting.save()
    assert accepted == 1 + len(possible)
