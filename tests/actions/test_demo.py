"""The demo, loaded from the hamlet's files: everything it promises, counted by hand."""

from __future__ import annotations

from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F, Sum
from django.utils import timezone

from gridmap.actions.demo import load_demo
from gridmap.actions.demo.accounts import ACCOUNTS
from gridmap.errors import BadFile, OutOfScope, WrongState
from gridmap.layers.checks import examine
from gridmap.layers.incidents import Category, Incident, Light
from gridmap.layers.journal import Entry
from gridmap.layers.patrols import Visit
from gridmap.layers.people import ChiefTerm, Department, Membership, Person, Team, TeamArea
from gridmap.layers.places import Building, Entrance, Headcount, Lane, PartyUnit, Street, Stretch
from gridmap.layers.postings import scope_of
from gridmap.layers.rollup import CellStat
from gridmap.layers.scope import Area, Scope
from gridmap.layers.territory import (
    Cell,
    CellEdition,
    City,
    Community,
    Ground,
    PlaceCode,
)
from tests.hamlet import Load


def totals(column: str) -> list[int]:
    """The sums of one array of the roll-up over all cells."""
    rows = CellStat.objects.values_list(column, flat=True)
    return [sum(values) for values in zip(*rows, strict=True)]


def test_everything_drawn_is_there_and_lies_in_its_cell(load: Load) -> None:
    load()
    assert Building.objects.count() == 40
    assert Entrance.objects.count() == 44
    assert Stretch.objects.count() == 8
    assert (Street.objects.count(), Lane.objects.count()) == (2, 2)
    assert (Ground.objects.count(), PartyUnit.objects.count()) == (1, 2)
    for edition in CellEdition.objects.current():
        here = edition.cell
        assert here.buildings.count() == 10
        assert here.entrances.count() == 11
        assert here.stretches.count() == 2
    assert Building.objects.filter(community=F("cell__community")).count() == 40
    assert not PartyUnit.objects.filter(cell=None).exists()


def test_buildings_have_the_community_in_their_code_and_are_found_by_pinyin(load: Load) -> None:
    load()
    first = Building.objects.get(code="35040400100100001")
    assert first.address == "榕树巷 1 号"
    assert "rongshuxiang" in first.search


def test_entrances_stand_on_the_wall_that_faces_the_lane(load: Load) -> None:
    load()
    for entrance in Entrance.objects.select_related("building").filter(building__kind="house"):
        outline = entrance.building.geom.boundary
        assert outline.distance(entrance.place) < 1e-7
        # The lane runs at 50 m: north of the southern row, south of the northern one.
        middle = entrance.building.geom.centroid
        south_row = int(entrance.building.number) % 10 in {1, 2, 3, 4, 5}
        assert (entrance.place.y > middle.y) == south_row


def test_a_street_drawn_as_an_area_gets_a_centreline_and_the_others_an_area(load: Load) -> None:
    load()
    metres = connection.cursor()
    metres.execute(
        "SELECT code, derived, ST_Length(ST_Transform(centreline, 4548)),"
        " ST_Area(ST_Transform(polygon, 4548)) FROM layers_street ORDER BY code"
    )
    (line, whence, length, area), (drawn, derived, middle, _) = metres.fetchall()
    assert (line, whence, round(length), round(area)) == ("S001", "polygon", 400, 3200)
    assert (drawn, derived) == ("S002", "centreline")
    assert 70 < middle < 81


def test_codes_and_names_before_2021_are_history_and_todays_are_in_force(load: Load) -> None:
    load()
    assert PlaceCode.objects.count() == 6
    community = Community.objects.get(code="350404001002")
    former, present = community.codes.order_by("valid")
    assert (former.code, former.name) == ("350402001002", "丙社区")
    assert (present.code, present.name) == ("350404001002", "乙社区")
    assert former.valid.upper == present.valid.lower
    assert f"{timezone.localtime(present.valid.lower):%Y-%m-%d %H:%M}" == "2021-02-03 00:00"
    assert CellEdition.objects.count() == 8
    cell = Cell.objects.get(editions__code="350404001002001")
    codes = set(cell.editions.values_list("code", flat=True))
    assert codes == {"350402001002001", "350404001002001"}


def test_households_are_counts_with_a_date_and_a_source(load: Load) -> None:
    load()
    newest = Headcount.objects.order_by("-counted_on").first()
    assert newest is not None
    assert newest.source == "演示普查"
    assert newest.counted_on < timezone.localdate()
    latest = Headcount.objects.filter(counted_on=newest.counted_on)
    assert latest.aggregate(homes=Sum("households"), people=Sum("residents")) == {
        "homes": 400,
        "people": 1000,
    }
    assert Headcount.objects.filter(counted_on__lt=newest.counted_on).exists()


def test_chiefs_are_in_post_but_for_a_few_who_are_missing_replaced_or_leaving(load: Load) -> None:
    load()
    filled, substitute, expiring, vacant = totals("chiefs")[8:]
    assert filled + substitute + expiring + vacant == 40
    assert filled > substitute + expiring + vacant
    assert min(substitute, expiring, vacant) >= 1
    for office in ("cell_head", "cell_worker"):
        in_post = ChiefTerm.objects.current().filter(office=office, standing="acting")
        assert in_post.values("cell").distinct().count() == in_post.count() == 4
    assert ChiefTerm.objects.exclude(pk__in=ChiefTerm.objects.current()).exists()


def test_the_register_of_chiefs_stands_its_nightly_check(load: Load) -> None:
    load()
    _, findings = examine(City.objects.get(), now=timezone.now())
    assert findings == []


def test_people_are_invented_each_once_and_their_numbers_cannot_be_dialled(load: Load) -> None:
    load()
    numbers = Person.objects.values_list("relay_phone", flat=True)
    assert len(set(numbers)) == Person.objects.count()
    assert all(number.startswith("0598-0") and "演示" in number for number in numbers)


def test_open_incidents_stand_under_every_light(load: Load) -> None:
    load()
    lights = Counter(Incident.objects.open().values_list("light", flat=True))
    assert lights == {Light.LATE: 1, Light.SOON: 1, Light.PARKED: 1, Light.OK: 2}
    assert Incident.objects.filter(light=Light.NONE).count() == 19
    assert not Incident.objects.filter(cell=None).exists()


def test_incidents_are_told_in_words_with_category_place_and_department(load: Load) -> None:
    load()
    for incident in Incident.objects.select_related("category"):
        assert incident.title.startswith(f"{incident.category.name} · ")
        assert incident.address.split()[0] in {"榕树巷", "石坎巷", "和平街"}
        assert incident.number.startswith(f"{timezone.localtime(incident.reported_at):%Y%m%d}-")
        assert incident.reported_at < timezone.now()
        if incident.department_id is not None:
            assert incident.department_id == incident.category.department_id


def test_there_are_eight_departments_and_two_trees_of_categories_in_two_languages(
    load: Load,
) -> None:
    load()
    names = list(Department.objects.values_list("name", flat=True))
    assert names == ["公安", "环卫", "教育", "文化", "商务", "税务", "城管", "环保"]
    assert Category.objects.filter(parent=None).count() == 10
    assert Category.objects.exclude(parent=None).count() == 25
    assert not Category.objects.filter(name_en="").exists()
    assert not Department.objects.filter(name_en="").exists()


def test_every_cell_has_a_patrol_team_and_every_team_members(load: Load) -> None:
    load()
    assert Counter(Team.objects.values_list("kind", flat=True)) == {
        "patrol": 2, "persuasion": 1, "arts": 1, "environment": 1, "legal": 1,
    }  # fmt: skip
    assert TeamArea.objects.values("cell").distinct().count() == 4
    assert Membership.objects.values("team").distinct().count() == 6


def test_most_places_are_fresh_some_due_some_late_and_some_never_seen(load: Load) -> None:
    load()
    assert totals("stretches")[4:] == [1, 1, 1]
    assert sum(totals("stretches")) == 8
    assert totals("entrances")[4:] == [2, 4, 1]
    assert sum(totals("entrances")) == 44
    oldest = Visit.objects.order_by("at").first()
    assert oldest is not None
    assert (timezone.now() - oldest.at).days <= 90
    assert not Visit.objects.filter(at__gt=timezone.now()).exists()
    assert not Visit.objects.filter(team=None).exists()


def test_the_rollup_equals_a_recount(load: Load) -> None:
    load()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM gridmap_true_stats(%s) AS t LEFT JOIN layers_cellstat AS s"
            " ON s.cell_id = t.cell AND s.open = t.open AND s.soon = t.soon AND s.late = t.late"
            " AND s.parked = t.parked AND s.stretches = t.stretches"
            " AND s.entrances = t.entrances AND s.chiefs = t.chiefs WHERE s.cell_id IS NULL",
            [City.objects.get().pk],
        )
        assert cursor.fetchone() == (0,)
    assert CellStat.objects.count() == 4


def test_the_journal_tells_of_the_load_in_one_entry_after_the_deeds_of_its_people(
    load: Load,
) -> None:
    counts = load()
    entry = Entry.objects.latest("pk")
    assert not Entry.objects.filter(verb="demo_loaded").exclude(pk=entry.pk).exists()
    assert (entry.verb, entry.city_id) == ("demo_loaded", City.objects.get().pk)
    assert entry.after == counts
    assert counts["buildings"] == 40


def test_each_account_signs_in_with_its_name_and_sees_its_own_area(load: Load) -> None:
    load()
    city, first = City.objects.get(), Community.objects.get(name="一路社区")
    assert set(User.objects.values_list("username", flat=True)) == set(ACCOUNTS)
    scopes = {user.username: scope_of(user.pk) for user in User.objects.all()}
    assert scopes["leader"].cities == scopes["planner"].counted.cities == {city.pk}
    assert len(scopes["duty"].communities) == 2
    assert scopes["cadre"].communities == {first.pk}
    own = set(Cell.objects.filter(community=first).values_list("pk", flat=True))
    assert scopes["worker"].area.cells <= own >= scopes["patrol"].beats
    assert scopes["worker"].area.cells
    assert scopes["patrol"].beats
    assert scopes["chief"].area.buildings
    assert len(scopes["sanitation"].departments) == 1
    for name in ("auditor", "admin"):
        assert scopes[name].figures == Area()
        assert scopes[name].roles == {name}
    assert [user.username for user in User.objects.filter(is_superuser=True)] == ["admin"]
    assert User.objects.get(username="leader").check_password("leader")


def test_a_second_load_is_refused_and_changes_nothing(load: Load) -> None:
    load()
    before = set(Building.objects.values_list("pk", flat=True))
    with pytest.raises(WrongState):
        load()
    assert set(Building.objects.values_list("pk", flat=True)) == before


def test_a_city_with_the_demos_code_is_not_touched(town: City, load: Load) -> None:
    with pytest.raises(WrongState):
        load()
    assert City.objects.get() == town
    assert not User.objects.filter(username="leader").exists()


def test_an_account_of_somebody_else_is_not_taken_over(load: Load) -> None:
    User.objects.create_user("leader", email="someone@example.org", password="long-and-secret-7")
    with pytest.raises(WrongState, match="leader"):
        load()
    assert User.objects.get().check_password("long-and-secret-7")
    assert not City.objects.exists()


def test_only_the_operator_loads_it(db: None, files: Path) -> None:
    with pytest.raises(OutOfScope):
        load_demo(
            by=Scope(user_id=None), on_progress=lambda _step, _share: None, fixtures_dir=files
        )


def test_a_missing_file_is_named(db: None, load: Load, files: Path) -> None:
    (files / "lanes.geojson").unlink()
    with pytest.raises(BadFile, match=r"lanes\.geojson"):
        load()
    assert not City.objects.exists()


def test_the_command_shows_how_far_it_is_and_names_the_accounts(db: None, files: Path) -> None:
    out, err = StringIO(), StringIO()
    call_command("load_demo", fixtures=files, stdout=out, stderr=err)
    assert "40  buildings" in out.getvalue()
    assert "leader, duty, cadre" in out.getvalue()
    assert "visits" in err.getvalue()
    assert "%" in err.getvalue()


def test_the_command_says_that_the_town_stands_already(load: Load) -> None:
    load()
    out = StringIO()
    call_command("load_demo", stdout=out)
    assert "already there" in out.getvalue()


def test_the_command_passes_a_refusal_on_in_words(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"subdistricts\.geojson"):
        call_command("load_demo", fixtures=tmp_path, stderr=StringIO())
