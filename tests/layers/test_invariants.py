"""What the database refuses, whoever writes: each test tries to break one rule."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4, uuid5

import pytest
from django.contrib.auth.models import User
from django.contrib.gis.geos import LineString, MultiLineString, MultiPolygon, Point, Polygon
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Model, QuerySet
from django.utils import timezone

from gridmap.layers import journal
from gridmap.layers.handovers import Handover, Receipt
from gridmap.layers.incidents import Category
from gridmap.layers.journal import Entry
from gridmap.layers.patrols import Visit
from gridmap.layers.people import ChiefTerm, Department, Membership, Person, Team, TeamArea
from gridmap.layers.places import (
    Building,
    Entrance,
    Headcount,
    Lane,
    PartyUnit,
    Street,
    Stretch,
)
from gridmap.layers.postings import Posting
from gridmap.layers.rollup import Clock
from gridmap.layers.scope import Scope
from gridmap.layers.sign_ins import SignInFailure
from gridmap.layers.territory import (
    Cell,
    CellEdition,
    City,
    Community,
    Ground,
    PlaceCode,
    Subdistrict,
)
from tests import town as toy
from tests.layers import (
    breaking_cases,
    breaking_letters,
    breaking_notices,
    breaking_patrols,
    breaking_reference,
    breaking_signs,
    test_plan_invariants,
)

# Its two loops differ in size, so that its area is not nothing.
BOW_TIE = Polygon(
    ((117.62, 26.27), (117.622, 26.272), (117.622, 26.27), (117.62, 26.271), (117.62, 26.27))
)
EMPTY = DateTimeTZRange(toy.OPENED, toy.OPENED)
LATER = toy.OPENED + timedelta(days=1)
BEFORE = DateTimeTZRange(toy.OPENED - timedelta(days=900), toy.OPENED)


def edition(**values: object) -> CellEdition:
    """An edition of a new cell on the ground of A-1, which is taken."""
    cell = Cell.objects.create(uid=uuid5(toy.NAMES, str(values)), community=toy.community("A"))
    standard: dict[str, object] = {
        "cell": cell,
        "code": "350404001001009",
        "name": "第九网格",
        "geom": toy.box(10, 10, 20, 20),
        "valid": toy.ALWAYS,
    }
    return CellEdition.objects.create(**{**standard, **values})


def place(model: type[Model], **values: object) -> object:
    """A row of a layer that is right but for what the test says."""
    city = toy.city()
    way = {"centreline": toy.way((0, 0), (9, 9)), "polygon": toy.box(0, 0, 9, 9)}
    shapes: dict[type[Model], dict[str, object]] = {
        Street: {"code": "S9", **way},
        Lane: {"code": "L9", **way},
        Building: {"code": "B9", "geom": toy.box(10, 10, 5, 5)},
        Ground: {"kind": "green", "geom": toy.box(10, 10, 5, 5)},
        PartyUnit: {"code": "P9", "name": "某社", "kind": "society", "place": toy.at(5, 5)},
        Stretch: {
            "code": "X9",
            "street_id": Street.objects.values_list("pk", flat=True).first(),
            "centreline": toy.line((0, 0), (9, 9)),
            "anchor": toy.at(5, 5),
        },
    }
    return model._default_manager.create(**{"city": city, **shapes[model], **values})


def term(**values: object) -> ChiefTerm:
    """An acting term of somebody new for building 2, which is vacant."""
    person = Person.objects.create(city=toy.city(), name="来者")
    standard: dict[str, object] = {
        "office": "building",
        "building": Building.objects.get(code="B2"),
        "person": person,
        "valid": toy.ALWAYS,
    }
    return ChiefTerm.objects.create(**{**standard, **values})


def many(shape: Polygon) -> MultiPolygon:
    return MultiPolygon(shape, srid=4326)


def far_away() -> Point:
    return toy.at(5000, 5000)


def lane_of(code: str) -> Lane:
    return Lane.objects.get(code=code)


def community_a() -> QuerySet[Community]:
    return Community.objects.filter(pk=toy.community("A").pk)


def empty_a1() -> int:
    """Close the edition on A-1, so that its ground is free."""
    return CellEdition.objects.filter(code="350404001001001").update(
        valid=DateTimeTZRange(toy.OPENED, LATER)
    )


CASES: dict[str, Callable[[], object]] = {
    **breaking_cases.CASES,
    **breaking_letters.CASES,
    **breaking_notices.CASES,
    **breaking_patrols.CASES,
    **breaking_reference.CASES,
    **breaking_signs.CASES,
    # name of the constraint: how to break it
    "city_language": lambda: City.objects.update(language="fr"),
    "city_code_form": lambda: City.objects.update(code="35040"),
    "city_metric_srid_is_metric": lambda: City.objects.update(metric_srid=3857),
    "city_bounds_valid": lambda: City.objects.update(bounds=many(BOW_TIE)),
    "city_bounds_area": lambda: City.objects.update(bounds=MultiPolygon(srid=4326)),
    "subdistrict_geom_valid": lambda: Subdistrict.objects.update(geom=many(BOW_TIE)),
    "subdistrict_geom_area": lambda: Subdistrict.objects.update(geom=MultiPolygon(srid=4326)),
    "subdistrict_code_form": lambda: Subdistrict.objects.update(code="3504"),
    "subdistrict_within_city": lambda: Subdistrict.objects.update(geom=toy.box(0, 0, 700, 100)),
    "subdistrict_overlap": lambda: Subdistrict.objects.create(
        city=toy.city(), code="350404002", name="列西街道", geom=toy.box(350, 0, 90, 90)
    ),
    "community_geom_valid": lambda: Community.objects.update(geom=many(BOW_TIE)),
    "community_geom_area": lambda: Community.objects.update(geom=MultiPolygon(srid=4326)),
    "community_code_form": lambda: community_a().update(code="3504"),
    "community_within_subdistrict": lambda: Subdistrict.objects.update(
        geom=toy.box(0, 0, 300, 100)
    ),
    "community_overlap": lambda: community_a().update(geom=toy.box(0, 0, 250, 100)),
    "placecode_one_place": lambda: PlaceCode.objects.create(
        code="350404001", name="无", valid=BEFORE
    ),
    "placecode_code_form": lambda: PlaceCode.objects.update(code="12"),
    "placecode_valid_some": lambda: PlaceCode.objects.create(
        community=toy.community("A"), code="350402001001", name="甲社区", valid=EMPTY
    ),
    "placecode_one_code_at_a_time_community": lambda: PlaceCode.objects.create(
        community=toy.community("A"), code="350402001001", name="甲社区", valid=toy.ALWAYS
    ),
    "placecode_one_code_at_a_time_subdistrict": lambda: PlaceCode.objects.create(
        subdistrict=Subdistrict.objects.get(), code="350402001", name="列东", valid=toy.ALWAYS
    ),
    "placecode_one_bearer_at_a_time": lambda: PlaceCode.objects.filter(
        community=toy.community("B")
    ).update(code=toy.community("A").code),
    "celledition_geom_valid": lambda: edition(geom=many(BOW_TIE)),
    "celledition_geom_area": lambda: edition(geom=MultiPolygon(srid=4326)),
    "celledition_code_form": lambda: edition(code="350404001001000"),
    "celledition_kind": lambda: edition(kind="square"),
    "celledition_valid_some": lambda: edition(valid=EMPTY),
    "celledition_one_at_a_time": lambda: edition(cell=toy.cell("A", 1)),
    "celledition_one_bearer_of_a_code": lambda: edition(code="350404001001001"),
    "cell_overlap": edition,
    "cell_within_community": lambda: edition(geom=toy.box(10, 100, 20, 20)),
    "cell_code_begins_with_community": lambda: [
        empty_a1(),
        edition(code="350404001002009", valid=DateTimeTZRange(LATER, None)),
    ],
    "ground_geom_valid": lambda: place(Ground, geom=many(BOW_TIE)),
    "ground_geom_area": lambda: place(Ground, geom=MultiPolygon(srid=4326)),
    "ground_kind": lambda: place(Ground, kind="lava"),
    "ground_within_city": lambda: place(Ground, geom=toy.box(450, 0, 90, 90)),
    "street_centreline_valid": lambda: Street.objects.update(
        centreline=MultiLineString(LineString((117.62, 26.27), (117.62, 26.27)), srid=4326)
    ),
    "street_polygon_valid": lambda: place(Street, polygon=many(BOW_TIE)),
    "street_polygon_area": lambda: place(Street, polygon=MultiPolygon(srid=4326)),
    "street_code_once": lambda: place(Street, code="S1"),
    "street_derived": lambda: place(Street, derived="guess"),
    "street_width": lambda: place(Street, width_m=0),
    "street_within_city": lambda: place(Street, centreline=toy.way((0, 0), (900, 0))),
    "lane_polygon_valid": lambda: place(Lane, polygon=many(BOW_TIE)),
    "lane_polygon_area": lambda: place(Lane, polygon=MultiPolygon(srid=4326)),
    "lane_centreline_valid": lambda: Lane.objects.update(
        centreline=MultiLineString(LineString((117.62, 26.27), (117.62, 26.27)), srid=4326)
    ),
    "lane_code_once": lambda: place(Lane, code="L1"),
    "lane_derived": lambda: place(Lane, derived="guess"),
    "lane_width": lambda: place(Lane, width_m=201),
    "lane_within_city": lambda: place(Lane, centreline=toy.way((0, 0), (900, 0))),
    "building_geom_valid": lambda: place(Building, geom=many(BOW_TIE)),
    "building_geom_area": lambda: place(Building, geom=MultiPolygon(srid=4326)),
    "building_code_once": lambda: place(Building, code="B1"),
    "building_floors": lambda: place(Building, floors=0),
    "building_within_city": lambda: place(Building, geom=toy.box(499, 0, 9, 9)),
    "headcount_once": lambda: Headcount.objects.create(
        building=Building.objects.get(code="B1"),
        source="演示普查",
        households=1,
        counted_on=timezone.localdate(),
    ),
    "headcount_has_source": lambda: Headcount.objects.update(source=""),
    "headcount_sane": lambda: Headcount.objects.update(households=20001),
    "stretch_centreline_valid": lambda: Stretch.objects.update(
        centreline=LineString((117.62, 26.27), (117.62, 26.27), srid=4326)
    ),
    "stretch_anchor_in_world": lambda: Stretch.objects.update(anchor=Point(200, 26, srid=4326)),
    "stretch_code_once": lambda: place(Stretch, code="S1-1"),
    "stretch_of_street_or_lane": lambda: place(Stretch, lane=lane_of("L1")),
    "stretch_side": lambda: place(Stretch, side="top"),
    "stretch_interval": lambda: place(Stretch, interval_days=0),
    "stretch_within_city": lambda: place(Stretch, centreline=toy.line((0, 0), (900, 0))),
    "entrance_once": lambda: Entrance.objects.create(
        building=Building.objects.get(code="B1"), place=toy.at(50, 60)
    ),
    "entrance_interval": lambda: Entrance.objects.update(interval_days=400),
    "entrance_place_in_world": lambda: Entrance.objects.update(place=Point(117, 91, srid=4326)),
    "partyunit_code_once": lambda: place(PartyUnit, code="P1"),
    "partyunit_kind": lambda: place(PartyUnit, kind="club"),
    "partyunit_place_in_world": lambda: place(PartyUnit, place=Point(200, 26, srid=4326)),
    "partyunit_within_city": lambda: place(PartyUnit, place=far_away()),
    "posting_one_area": lambda: posting(
        subdistrict=Subdistrict.objects.get(), community=toy.community("A")
    ),
    "posting_columns_of_role": lambda: posting(role="department"),
    "posting_valid_some": lambda: posting(valid=EMPTY),
    "department_code_once": lambda: Department.objects.create(
        city=toy.city(), code="sanitation", name="再一个"
    ),
    "chiefterm_one_object": lambda: term(lane=lane_of("L1")),
    "chiefterm_reason": lambda: term(standing="substitute", reason=""),
    "handover_two_terms": lambda: Handover.objects.create(
        before=ChiefTerm.objects.earliest("pk"),
        after=ChiefTerm.objects.earliest("pk"),
        at=timezone.now(),
    ),
    "receipt_wish_form": lambda: Receipt.objects.create(client_id=uuid4(), verb="x", wish="short"),
    "chiefterm_valid_some": lambda: term(valid=EMPTY),
    "chiefterm_one_building_holder": lambda: [term(), term()],
    "chiefterm_one_lane_holder": lambda: term(office="lane", building=None, lane=lane_of("L1")),
    "chiefterm_one_street_holder": lambda: term(
        office="street", building=None, street=Street.objects.get()
    ),
    "chiefterm_one_cell_holder": lambda: term(
        office="cell_worker", building=None, cell=toy.cell("A", 1)
    ),
    "team_name_once": lambda: Team.objects.create(
        city=toy.city(), name="甲社区巡防队", kind="patrol"
    ),
    "team_kind": lambda: Team.objects.update(kind="army"),
    "membership_valid_some": lambda: member(EMPTY),
    "membership_once_at_a_time": lambda: [member(toy.ALWAYS), member(toy.ALWAYS)],
    "teamarea_valid_some": lambda: TeamArea.objects.create(
        team=Team.objects.get(), cell=toy.cell("B", 1), valid=EMPTY
    ),
    "teamarea_once_at_a_time": lambda: TeamArea.objects.create(
        team=Team.objects.get(), cell=toy.cell("A", 1), valid=toy.ALWAYS
    ),
    "category_code_once": lambda: Category.objects.create(
        city=toy.city(), code="0102", name="又一个", kind="event"
    ),
    "category_kind": lambda: Category.objects.update(kind="rumour"),
    "category_limit": lambda: Category.objects.update(limit_hours=0),
    "incident_place_in_world": lambda: toy.incident(1, 1, place=Point(200, 26, srid=4326)),
    "incident_number_once": lambda: [
        toy.incident(1, 1, number="7"),
        toy.incident(2, 2, number="7"),
    ],
    "incident_state": lambda: toy.incident(1, 1, state="lost"),
    "incident_source": lambda: toy.incident(1, 1, source="dream"),
    "incident_closed_has_time": lambda: toy.incident(1, 1, state="closed"),
    "incident_soon_before_due": lambda: toy.incident(1, 1, soon_at=None),
    "incident_filed_after_report": lambda: toy.incident(
        1, 1, filed_at=timezone.now() - timedelta(days=9)
    ),
    "incident_said_before_report": lambda: toy.incident(
        1, 1, said_at=timezone.now() + timedelta(days=9)
    ),
    "incident_within_city": lambda: toy.incident(5000, 5000),
    "visit_one_place": lambda: Visit.objects.create(
        city=toy.city(), at=timezone.now(), source="tap"
    ),
    "visit_source": lambda: Visit.objects.create(
        city=toy.city(), at=timezone.now(), source="guess", stretch=Stretch.objects.first()
    ),
    "signinfailure_mark_form": lambda: SignInFailure.objects.create(mark="a name"),
    "clock_one_row": lambda: Clock.objects.create(pk=2, swept_at=timezone.now()),
    "celledition_is_kept": lambda: CellEdition.objects.filter(code="350404001001001").update(
        geom=toy.box(0, 0, 90, 100)
    ),
    "entry_is_kept": lambda: [entry(), Entry.objects.update(verb="nothing")],
}

# Refused by the type or by a stronger rule before the check is reached; the rule still stands for
# writers that find another way, so it is only looked up in the catalogue.
UNREACHED = {
    "city_bounds_in_world", "subdistrict_geom_in_world", "community_geom_in_world",
    "celledition_geom_in_world", "ground_geom_in_world", "street_centreline_in_world",
    "street_polygon_in_world", "lane_centreline_in_world", "lane_polygon_in_world",
    "building_geom_in_world", "stretch_centreline_in_world", "stretch_anchor_valid",
    "entrance_place_valid", "partyunit_place_valid", "incident_place_valid",
    "incident_light", "incident_light_of_open_ones", "chiefterm_standing",
    "step_state", "step_number_once",  # the triggers of steps look first
    "ruling_geom_in_world", "ruling_geom_valid", "ruling_geom_area",
    # every state is one that has ended or has not
    "job_state",
    # a key together with its column: what other rows refer to
    "cell_of_community", "fabric_of_community",
    # a point is always valid; an area of no ground is caught as invalid first
    "comment_place_valid", "dutypoint_place_valid", "unit_geom_area",
}  # fmt: skip


def posting(**values: object) -> Posting:
    user = User.objects.create(username="somebody")
    standard = {"user": user, "city": toy.city(), "role": "planner", "valid": toy.ALWAYS}
    return Posting.objects.create(**{**standard, **values})


def member(valid: DateTimeTZRange) -> Membership:
    return Membership.objects.create(
        team=Team.objects.get(), person=Person.objects.order_by("pk")[0], valid=valid
    )


def entry() -> Entry:
    return journal.record(by=Scope(user_id=None), verb="test", subject=toy.city())


@pytest.mark.parametrize("rule", CASES)
def test_the_database_refuses_what_breaks(town: City, rule: str) -> None:
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        CASES[rule]()
    assert rule in str(refusal.value)


def named_rules() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid "
            "WHERE t.relname LIKE 'layers_%%' AND contype IN ('c', 'x', 'u') "
            "AND conname NOT LIKE 'layers_%%'"
        )
        return {name for (name,) in cursor.fetchall()}


def test_every_rule_of_the_tables_has_its_test(town: City) -> None:
    tried = set(CASES) | set(test_plan_invariants.CASES)
    assert named_rules() - tried - UNREACHED == set()
    assert named_rules() >= UNREACHED


def test_two_codes_change_hands_only_together_with_their_history(town: City) -> None:
    def recode_without_history() -> None:
        with transaction.atomic():
            community_a().update(code="350404001009")
            connection.check_constraints()

    with pytest.raises(IntegrityError, match="community_code_in_force"):
        recode_without_history()


def test_a_place_is_re_coded_with_its_history(town: City) -> None:
    area = toy.community("A")
    moment = timezone.now() - timedelta(seconds=9)
    PlaceCode.objects.filter(community=area).update(valid=DateTimeTZRange(toy.OPENED, moment))
    PlaceCode.objects.create(
        community=area, code="350404001009", name="新甲社区", valid=DateTimeTZRange(moment, None)
    )
    Community.objects.filter(pk=area.pk).update(code="350404001009", name="新甲社区")
    connection.check_constraints()
    assert [row.code for row in area.codes.order_by("valid")] == ["350404001001", "350404001009"]


def test_an_edition_may_be_closed_but_its_ground_is_kept(town: City) -> None:
    first = CellEdition.objects.get(code="350404001001001")
    first.valid = DateTimeTZRange(toy.OPENED, timezone.now())
    first.save()
    with pytest.raises(IntegrityError, match="celledition_is_kept"), transaction.atomic():
        first.delete()
