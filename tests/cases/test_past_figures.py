"""Past periods: the same figures to the byte after everything, and their course month by month."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from pytest_django import DjangoAssertNumQueries

from gridmap.actions.cases import Said, act
from gridmap.actions.evaluation import keep_evaluation
from gridmap.layers import evaluation
from gridmap.layers.evaluation import LEAST, RATES, Figure
from gridmap.layers.facts import Fact, Period, facts_of
from gridmap.layers.incidents import Incident
from gridmap.layers.rate_course import course
from gridmap.layers.territory import CellEdition, Community
from tests import town as toy
from tests.cases.conftest import Office
from tests.cases.test_evaluation import DAY, OCTOBER, START, at
from tests.cases.test_evaluation import course as done
from tests.layers.test_rollup import clock

NONE: dict[str, frozenset[int]] = {}


def month(first: datetime) -> Period:
    return Period(first, (first + timedelta(days=32)).replace(day=1))


MONTHS = [month(datetime(2026, number, 1, tzinfo=START.tzinfo)) for number in (8, 9, 10, 11)]


def lived(office: Office) -> list[Incident]:
    """Cases that end in different months, late, reworked, returned, reopened, and left open."""
    made = [
        done(office, START - 50 * DAY, 1),
        done(office, START - 20 * DAY, 12),
        done(office, START - 3 * DAY, 24),
        done(office, START + 2 * DAY, 1, upto=4),
    ]
    again = done(office, START - DAY, 1)
    with at(START + 4 * DAY):
        act(by=office.eyes["worker"], incident=again.pk, verb="evaluate", said=Said(satisfied=1))
        act(by=office.eyes["leader"], incident=made[0].pk, verb="evaluate", said=Said(satisfied=3))
        act(by=office.eyes["worker"], incident=again.pk, verb="reopen", said=Said(why="又有了"))
    reworked = done(office, START + 5 * DAY, 1, upto=6)
    with at(START + 6 * DAY):
        act(by=office.eyes["duty"], incident=reworked.pk, verb="rework", said=Said(why="没清完"))
    return [*made, again, reworked]


def everybody(_fact: Fact) -> bool:
    return True


@pytest.mark.parametrize("key", list(RATES))
def test_each_point_of_the_course_is_the_figure_of_its_period_alone(
    office: Office, key: str
) -> None:
    lived(office)
    leader = office.eyes["leader"]
    found = course(leader, office.town, RATES[key], MONTHS, of=everybody, left_out=NONE)
    alone = [
        evaluation.figure(RATES[key], facts_of(leader, office.town, period), period)
        for period in MONTHS
    ]
    told = [(sorted(point.figure.part), sorted(point.figure.whole)) for point in found]
    assert told == [(sorted(one.part), sorted(one.whole)) for one in alone]
    assert [point.period for point in found] == MONTHS
    if key in {"closed", "missed", "valid_reports", "dispatched_right", "satisfied"}:
        assert any(one.whole for one in alone), "there is something to compare"


def test_the_course_of_a_year_asks_the_database_once(
    office: Office, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    lived(office)
    with django_assert_num_queries(2):
        course(office.eyes["leader"], office.town, RATES["closed"], MONTHS, of=everybody,
               left_out=NONE)  # fmt: skip
    with django_assert_num_queries(0):
        empty = course(office.eyes["leader"], office.town, RATES["closed"], [], of=everybody,
                       left_out=NONE)  # fmt: skip
    assert empty == []


def test_the_course_counts_what_is_asked_and_leaves_out_what_was_contested(office: Office) -> None:
    case = done(office, START + DAY, 1)
    leader, rate = office.eyes["leader"], RATES["closed"]
    mine = {"of": lambda fact: fact.community == toy.community("A").pk, "left_out": NONE}
    theirs = {"of": lambda fact: fact.community == toy.community("B").pk, "left_out": NONE}
    without = {"of": everybody, "left_out": {"closed": frozenset({case.pk})}}
    counts = [
        len(course(leader, office.town, rate, [OCTOBER], **chosen)[0].figure.whole)  # type: ignore[arg-type]
        for chosen in (mine, theirs, without)
    ]
    assert counts == [1, 0, 0]


def redraw(office: Office) -> None:
    """Give the ground of A-2, and with it half of community A, to the other community."""
    now = clock()
    for letter, number in (("A", 2), ("B", 1)):
        edition = CellEdition.objects.get(cell=toy.cell(letter, number))
        edition.valid = DateTimeTZRange(edition.valid.lower, now)
        edition.save()
    for letter, ground in (("A", toy.box(0, 0, 100, 100)), ("B", toy.box(100, 0, 300, 100))):
        Community.objects.filter(pk=toy.community(letter).pk).update(geom=ground)
    CellEdition.objects.create(
        cell=toy.cell("B", 1), code="350404001002001", name="第一网格",
        geom=toy.box(100, 0, 200, 100), valid=DateTimeTZRange(now, None),
    )  # fmt: skip


def test_a_past_period_recomputes_to_the_byte_after_a_redraw_and_new_steps(office: Office) -> None:
    with at(START + DAY):
        moved = office.report(150)
    lived(office)
    leader = office.eyes["leader"]
    first = keep_evaluation(by=leader, city=office.town, period=OCTOBER)
    assert str(moved.community_id) in first.values["community"]
    redraw(office)
    moved.refresh_from_db()
    assert moved.community_id == toy.community("B").pk, "the map has changed"
    with at(OCTOBER.until + DAY):
        act(by=office.eyes["cadre_b"], incident=moved.pk, verb="verify", said=Said(finding=True))
    second = keep_evaluation(by=leader, city=office.town, period=OCTOBER)
    assert json.dumps(first.values) == json.dumps(second.values)
    earlier = Period(OCTOBER.since - 30 * DAY, OCTOBER.until)
    other = keep_evaluation(by=leader, city=office.town, period=earlier)
    assert json.dumps(first.values) != json.dumps(other.values), "the control: figures can differ"


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(0, 20, 0.0, 16.11), (20, 20, 83.89, 100.0), (24, 30, 62.69, 90.49), (38, 44, 73.29, 93.6)],
)
def test_the_interval_is_that_of_wilson(part: int, whole: int, low: float, high: float) -> None:
    found = Figure(list(range(part)), list(range(whole))).between
    assert found == pytest.approx((low, high), abs=0.01)


def test_below_twenty_cases_there_is_no_interval_and_it_is_called_few() -> None:
    few, enough = (Figure([1], list(range(n))) for n in (LEAST - 1, LEAST))
    assert (few.few, few.between) == (True, None)
    assert not enough.few
    assert enough.between is not None


def test_what_is_not_counted_is_the_rest_of_the_list() -> None:
    assert Figure([2, 3], [1, 2, 3, 4]).rest == [1, 4]
    assert Figure([1], list(range(3))).short == 33.3
    assert Figure([], []).short is None
