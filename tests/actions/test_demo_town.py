"""The demo town of the committed files, loaded once: the numbers it promises."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from gridmap.actions.demo import FIXTURES, load_demo
from gridmap.layers.assessments import Contest
from gridmap.layers.cases import Application, Step, Supervision
from gridmap.layers.incidents import Incident, Light
from gridmap.layers.people import ChiefTerm, Team
from gridmap.layers.places import Building, Entrance, PartyUnit, Stretch
from gridmap.layers.postings import operator_scope
from gridmap.layers.rollup import CellStat
from gridmap.layers.rulings import JointTask
from gridmap.layers.territory import CellEdition, Community, Subdistrict

MEGABYTE = 1_000_000
DAYS = timedelta(days=60)


@pytest.fixture(scope="module", autouse=True)
def town(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The town stands while this module runs and is gone after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_demo(by=operator_scope(), on_progress=lambda _step, _share: None)
        yield
        transaction.set_rollback(True)


def test_the_files_stay_small() -> None:
    assert sum(path.stat().st_size for path in FIXTURES.glob("*.geojson")) < 12 * MEGABYTE


def test_it_has_three_subdistricts_and_26_communities_under_their_real_names() -> None:
    names = set(Subdistrict.objects.values_list("name", flat=True))
    assert names == {"列东街道", "列西街道", "徐碧街道"}
    assert Community.objects.count() == 26
    assert not Community.objects.exclude(code__startswith="350404").exists()
    renamed = Community.objects.get(name="沪明社区")
    assert list(renamed.codes.order_by("valid").values_list("name", flat=True)) == [
        "四路社区",
        "沪明社区",
    ]


def test_it_has_about_500_cells_of_300_to_500_households() -> None:
    assert 450 <= CellEdition.objects.current().count() <= 550
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), min(h.homes), max(h.homes) FROM ("
            " SELECT sum(latest.households) AS homes FROM layers_celledition AS e"
            " INNER JOIN layers_building AS b ON b.cell_id = e.cell_id"
            " CROSS JOIN LATERAL (SELECT n.households FROM layers_headcount AS n"
            "  WHERE n.building_id = b.id ORDER BY n.counted_on DESC LIMIT 1) AS latest"
            " WHERE e.valid @> now() AND e.kind = 'basic' GROUP BY e.cell_id) AS h"
        )
        cells, fewest, most = cursor.fetchone()
    assert cells == CellEdition.objects.current().filter(kind="basic").count()
    assert (fewest >= 300, most <= 500) == (True, True)


def test_more_than_12000_buildings_all_lie_in_a_cell() -> None:
    assert Building.objects.count() > 12_000
    assert not Building.objects.filter(cell=None).exists()
    assert not Stretch.objects.filter(cell=None).exists()
    assert not Entrance.objects.filter(cell=None).exists()


def test_365_party_units_have_their_seats_in_26_communities() -> None:
    assert PartyUnit.objects.count() == 365
    assert PartyUnit.objects.values("community").distinct().count() == 26


def test_400_of_6000_incidents_are_open_some_of_them_late() -> None:
    assert Incident.objects.count() == 6000
    still_open = Incident.objects.open()
    assert still_open.count() == 400
    assert still_open.filter(light=Light.LATE).count() == 28
    assert 60 <= still_open.filter(light=Light.SOON).count() <= 100
    assert still_open.filter(light=Light.PARKED).count() == 40
    assert not Incident.objects.filter(cell=None).exists()


def test_of_two_cases_beside_a_duty_border_one_waits_and_of_one_it_was_ruled() -> None:
    waiting, ruled = JointTask.objects.order_by("settled_at").reverse()
    assert waiting.settled_at is None
    assert ruled.settled_at is not None
    assert ruled.ruling is not None
    assert ruled.incident.state == "dispatched"
    assert {row.code for row in waiting.departments.all()} == {"urban", "sanitation"}


def test_some_cases_were_done_again_sent_astray_pressed_for_and_contested() -> None:
    ended = Incident.objects.filter(state="closed").count()
    for verb in ("rework", "redispatch"):
        assert 0.02 < Step.objects.filter(verb=verb).count() / ended < 0.06
    assert Supervision.objects.filter(replied_at=None).count() == 1
    assert Application.objects.filter(kind="ask_extension", decided_at=None).count() == 1
    assert Contest.objects.filter(decided_at=None).count() == 1


def test_a_case_that_ended_lately_explains_its_deadline() -> None:
    lately = Incident.objects.filter(state="closed", closed_at__gt=timezone.now() - DAYS)
    assert lately.count() > 300
    assert not lately.exclude(deadlines__explanation__has_key="days").exists()
    assert not lately.filter(deadlines__met_at=None).exists()


def test_incidents_crowd_together_but_are_not_all_in_one_place() -> None:
    crowded = CellStat.objects.filter(open__gte=4).count()
    spread = CellStat.objects.filter(open__gte=1).count()
    assert crowded >= 15
    assert spread >= 130


def test_60_teams_and_one_in_every_cell() -> None:
    assert Team.objects.count() == 60
    cells = CellEdition.objects.current()
    assert not cells.exclude(cell__team_areas__team__kind="patrol").exists()


@pytest.mark.parametrize("column", ["stretches", "entrances"])
def test_a_tenth_of_the_places_is_overdue_and_few_were_never_seen(column: str) -> None:
    rows = CellStat.objects.values_list(column, flat=True)
    classes = [sum(values) for values in zip(*rows, strict=True)]
    overdue, never = (classes[kind] / sum(classes) for kind in (5, 6))
    assert 0.08 <= overdue <= 0.12
    assert 0.02 <= never <= 0.03


def test_a_few_chiefs_are_missing_and_a_few_are_leaving() -> None:
    rows = CellStat.objects.values_list("chiefs", flat=True)
    counts = [sum(values) for values in zip(*rows, strict=True)]
    for office in (0, 4, 8):
        filled, substitute, expiring, vacant = counts[office : office + 4]
        whole = filled + substitute + expiring + vacant
        assert 0.02 <= vacant / whole <= 0.12
        assert 0 < substitute < whole / 10
        assert 0 < expiring < whole / 8
    heads = ChiefTerm.objects.current().filter(office="cell_head")
    assert heads.count() == CellEdition.objects.current().count()


def test_the_rollup_of_the_town_equals_a_recount() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM layers_city AS y CROSS JOIN LATERAL gridmap_true_stats(y.id) AS t"
            " LEFT JOIN layers_cellstat AS s ON s.cell_id = t.cell AND s.open = t.open"
            " AND s.soon = t.soon AND s.late = t.late AND s.parked = t.parked"
            " AND s.stretches = t.stretches AND s.entrances = t.entrances"
            " AND s.chiefs = t.chiefs WHERE s.cell_id IS NULL"
        )
        assert cursor.fetchone() == (0,)
