"""Two cities live side by side: the database refuses every reference from one into the other."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone

from gridmap.layers.incidents import Category, Incident
from gridmap.layers.patrols import Visit
from gridmap.layers.people import ChiefTerm, Department, Membership, Person, Team, TeamArea
from gridmap.layers.places import Building, Entrance, Lane, Street, Stretch
from gridmap.layers.postings import Posting
from gridmap.layers.territory import Cell, City, Community, PlaceCode, Subdistrict
from tests import town as toy


@pytest.fixture
def elsewhere(town: City) -> City:
    """A second city on the next ground, with one thing of each kind."""
    city = City.objects.create(
        slug="next",
        code="990001",
        name="邻城",
        metric_srid=toy.SRID,
        bounds=toy.box(1000, 0, 900, 900),
    )
    ground = toy.box(1000, 0, 400, 400)
    office = Subdistrict.objects.create(city=city, code="990001001", name="邻街道", geom=ground)
    PlaceCode.objects.create(
        subdistrict=office, code=office.code, name=office.name, valid=toy.ALWAYS
    )
    area = Community.objects.create(
        subdistrict=office, code="990001001001", name="邻社区", geom=ground
    )
    PlaceCode.objects.create(community=area, code=area.code, name=area.name, valid=toy.ALWAYS)
    Cell.objects.create(uid=uuid4(), community=area)
    way = {"centreline": toy.way((1000, 0), (1009, 9)), "polygon": toy.box(1000, 0, 9, 9)}
    street = Street.objects.create(city=city, code="S1", **way)
    Lane.objects.create(city=city, code="L1", street=street, **way)
    Stretch.objects.create(
        city=city,
        code="S1-1",
        street=street,
        anchor=toy.at(1005, 5),
        centreline=toy.line((1000, 0), (1009, 9)),
    )
    building = Building.objects.create(city=city, code="B1", geom=toy.box(1010, 10, 5, 5))
    Entrance.objects.create(building=building, place=toy.at(1012, 10))
    Department.objects.create(city=city, code="police", name="邻公安")
    Category.objects.create(city=city, code="1", name="邻事", kind="event")
    Person.objects.create(city=city, name="邻人")
    Team.objects.create(city=city, name="邻队", kind="patrol")
    return city


def there(model: type[Model]) -> Any:
    """The thing of that kind in the other city."""
    if model in {Community, Cell}:
        link = "subdistrict" if model is Community else "community__subdistrict"
        return model._default_manager.get(**{f"{link}__city__slug": "next"})
    owner = "building__city__slug" if model is Entrance else "city__slug"
    return model._default_manager.get(**{owner: "next"})


def visit(**values: object) -> Visit:
    standard = {"city": toy.city(), "at": timezone.now(), "source": "tap"}
    return Visit.objects.create(**{**standard, **values})


def posting(**values: object) -> Posting:
    user = User.objects.create(username="somebody")
    standard = {"user": user, "city": toy.city(), "role": "planner", "valid": toy.ALWAYS}
    return Posting.objects.create(**{**standard, **values})


def term(office: str, **values: object) -> ChiefTerm:
    someone = Person.objects.filter(city__slug="toy")[0]
    return ChiefTerm.objects.create(office=office, person=someone, valid=toy.ALWAYS, **values)


def ours(slug: str = "toy") -> Team:
    return Team.objects.get(city__slug=slug)


CASES: dict[str, Callable[[], object]] = {
    "incident_category": lambda: toy.incident(50, 50, category=there(Category)),
    "incident_department": lambda: toy.incident(
        50, 50, category=Category.objects.get(city__slug="toy"), department=there(Department)
    ),
    "building_lane": lambda: Building.objects.filter(code="B4").update(lane=there(Lane)),
    "building_street": lambda: Building.objects.filter(code="B4").update(street=there(Street)),
    "lane_street": lambda: Lane.objects.filter(code="L2").update(street=there(Street)),
    "lane_community": lambda: Lane.objects.filter(code="L2").update(community=there(Community)),
    "stretch_street": lambda: Stretch.objects.filter(lane=None).update(street=there(Street)),
    "stretch_lane": lambda: Stretch.objects.filter(street=None).update(lane=there(Lane)),
    "team_community": lambda: Team.objects.update(community=there(Community)),
    "posting_subdistrict": lambda: posting(subdistrict=there(Subdistrict)),
    "posting_community": lambda: posting(community=there(Community)),
    "posting_department": lambda: posting(role="department", department=there(Department)),
    "posting_person": lambda: posting(role="chief", person=there(Person)),
    "posting_team": lambda: posting(role="patrol", team=there(Team)),
    "category_parent": lambda: Category.objects.filter(city__slug="toy").update(
        parent=there(Category)
    ),
    "category_department": lambda: Category.objects.filter(city__slug="toy").update(
        department=there(Department)
    ),
    "visit_team": lambda: visit(
        team=there(Team), stretch=Stretch.objects.filter(city__slug="toy")[0]
    ),
    "visit_stretch": lambda: visit(stretch=there(Stretch)),
    "visit_entrance": lambda: visit(entrance=there(Entrance)),
    "chiefterm_street": lambda: term("street", street=there(Street)),
    "chiefterm_lane": lambda: term("lane", lane=there(Lane)),
    "chiefterm_building": lambda: term("building", building=there(Building)),
    "chiefterm_cell": lambda: term("cell_head", cell=there(Cell)),
    "membership_person": lambda: Membership.objects.create(
        team=ours(), person=there(Person), valid=toy.ALWAYS
    ),
    "teamarea_cell": lambda: TeamArea.objects.create(
        team=ours(), cell=there(Cell), valid=toy.ALWAYS
    ),
}


@pytest.mark.parametrize("reference", CASES)
def test_a_row_refers_to_its_own_city_only(elsewhere: City, reference: str) -> None:
    with pytest.raises(IntegrityError, match=f"{reference}_same_city"), transaction.atomic():
        CASES[reference]()


def test_inside_one_city_all_of_it_is_allowed(elsewhere: City) -> None:
    """The control: the same references stand where they belong."""
    lane = Lane.objects.get(city=elsewhere)
    Building.objects.filter(city=elsewhere).update(lane=lane, street=lane.street)
    visited = visit(city=elsewhere, team=ours("next"), stretch=Stretch.objects.get(city=elsewhere))
    assert visited.pk
    report = toy.incident(
        1050,
        50,
        city=elsewhere,
        category=there(Category),
        department=there(Department),
        due=timezone.now() + timedelta(days=9),
    )
    assert Incident.objects.get(pk=report.pk).community == there(Community)
