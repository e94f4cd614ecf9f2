"""Whatever is done in whatever order and whenever: no illegal way, no lost time, right figures."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from fractions import Fraction
from typing import Any
from unittest.mock import patch

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from gridmap.actions.cases import VERBS, Said, act
from gridmap.errors import Refusal
from gridmap.geo import clock
from gridmap.layers import life_cycle, timing
from gridmap.layers.calendars import WorkSlot
from gridmap.layers.cases import Application, Deadline, Step, Supervision
from gridmap.layers.catalogue import Milestone, Standard
from gridmap.layers.incidents import Category, Incident
from gridmap.layers.people import Department
from tests import town as toy
from tests.cases.conftest import Office

WHO = ("worker", "cadre", "duty", "leader", "sanitation", "urban", "patrol")
DEED = some.tuples(
    some.sampled_from(VERBS),
    some.sampled_from(WHO),
    some.integers(0, 60 * 24 * 4),  # minutes since the deed before
    some.booleans(),  # what was found
    some.sampled_from(["sanitation", "urban"]),
)
# The usual deeds by who may do them, so that sequences get somewhere; chance alone stays at home.
USUAL = [
    ("verify", "cadre"), ("file", "duty"), ("dispatch", "duty"), ("accept", "sanitation"),
    ("ask_park", "sanitation"), ("park", "duty"), ("resume", "sanitation"),
    ("ask_extension", "sanitation"), ("extend", "leader"), ("ask_return", "sanitation"),
    ("return", "duty"), ("answer", "sanitation"), ("send", "duty"), ("inspect", "cadre"),
    ("close", "duty"), ("reopen", "worker"), ("rework", "duty"),
]  # fmt: skip
LIKELY = some.tuples(some.sampled_from(USUAL), some.integers(0, 60 * 24 * 4), some.booleans()).map(
    lambda one: (*one[0], one[1], one[2], "sanitation")
)
AHEAD = some.integers(0, len(USUAL) - 1).flatmap(
    lambda n: some.tuples(*[
        some.tuples(some.just(verb), some.just(who), some.integers(0, 3000), some.just(value=True),
                    some.just("sanitation"))
        for verb, who in USUAL[:n]
    ])
)  # fmt: skip


def said(case: Incident, verb: str, finding: bool, department: str) -> Said:  # noqa: FBT001
    kind = {grant: ask for ask, grant in life_cycle.GRANTS.items()}.get(verb)
    wishes = Application.objects.filter(incident=case, decided_at=None)
    wish = (wishes.filter(kind=kind) if kind else wishes).first()
    pressed = Supervision.objects.filter(incident=case, replied_at=None).first()
    return Said(
        why="理由", finding=finding, amount=2, unit="work_hour", satisfied=2, milestone=1,
        department=Department.objects.get(code=department).pk
        if verb in {"dispatch", "redispatch"} else None,
        application=wish.pk if wish else None, supervision=pressed.pk if pressed else None,
    )  # fmt: skip


def by_working_time(office: Office) -> None:
    """Rubbish is cleared in four working hours; offices work from eight to twelve, and later."""
    for begins, ends in ((time(8), time(12)), (time(14, 30), time(17, 30))):
        WorkSlot.objects.create(
            city=office.town, season="全年", begins=begins, ends=ends,
            valid=DateRange(toy.OPENED.date(), None),
        )  # fmt: skip
    standard = Standard.objects.create(
        category=Category.objects.get(code="0102"), condition="一般", filing="有", closing="无",
        source="规范", valid=toy.ALWAYS,
    )  # fmt: skip
    Milestone.objects.create(standard=standard, name="清除", limit=4, unit="work_hour")


def check_steps(case: Incident) -> None:
    steps = list(Step.objects.filter(incident=case).order_by("number"))
    assert [step.number for step in steps] == list(range(1, len(steps) + 1))
    assert [step.ends for step in steps] == [*(step.begins for step in steps[1:]), None]
    assert {(step.verb, step.came_from, step.state) for step in steps} <= life_cycle.ways()
    assert (steps[-1].state, steps[-1].paused) == (case.state, case.parked)
    calendar = timing.calendar_of(case.city)
    whole = clock.elapsed(calendar, case.reported_at, steps[-1].begins, "work_minute")
    assert sum(step.bundled_minutes or 0 for step in steps) == int(whole)
    own = sum(step.own_minutes or 0 for step in steps if not step.paused)
    assert own == sum(step.bundled_minutes or 0 for step in steps if not step.paused)


def check_time(case: Incident) -> None:
    """What was granted is what lies between start and due, without what was parked."""
    steps = Step.objects.filter(incident=case).order_by("number")
    if case.parked:
        return
    calendar, pauses = timing.calendar_of(case.city), timing.pauses_of(steps)
    deadlines = list(Deadline.objects.filter(incident=case))
    assert bool(deadlines) == any(step.verb in {"file", "settle"} for step in steps)
    for deadline in deadlines:
        granted = deadline.limit + sum(amount for amount, _ in deadline.extra)
        found = clock.elapsed(calendar, deadline.starts, deadline.due, "work_hour", pauses)
        assert granted <= found < granted + Fraction(1, 10**6)


def check_figures() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT gridmap_compact()")
        cursor.execute(
            "SELECT count(*) FROM gridmap_true_stats(%s) AS t LEFT JOIN layers_cellstat AS s"
            " ON s.cell_id = t.cell AND s.open = t.open AND s.soon = t.soon AND s.late = t.late"
            " AND s.parked = t.parked WHERE s.cell_id IS NULL",
            [toy.city().pk],
        )
        assert cursor.fetchone() == (0,)


Deed = tuple[str, str, int, bool, str]


def play(office: Office, deeds: list[Deed]) -> set[str]:
    """Do them one after the other; return the verbs that were done."""
    done: set[str] = set()
    case = office.report()
    moment: datetime = timezone.now()
    for verb, who, minutes, finding, department in deeds:
        moment += timedelta(minutes=minutes)
        case.refresh_from_db()
        before = (case.state, case.parked, Step.objects.filter(incident=case).count())
        told: Any = said(case, verb, finding, department)
        try:
            with patch("gridmap.actions.cases.case.timezone.now", return_value=moment):
                found = act(by=office.eyes[who], incident=case.pk, verb=verb, said=told)
            done.add(verb)
            assert (verb, before[0], found.incident.state) in life_cycle.ways()
        except Refusal:
            case.refresh_from_db()
            after = (case.state, case.parked, Step.objects.filter(incident=case).count())
            assert after == before, f"{verb} was refused and left something behind"
        case.refresh_from_db()
        connection.check_constraints()
        check_steps(case)
        check_time(case)
    check_figures()
    return done


QUIET = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@QUIET
@given(first=AHEAD, deeds=some.lists(LIKELY | DEED, min_size=1, max_size=14))
def test_no_sequence_of_deeds_leaves_the_table_loses_time_or_spoils_a_figure(
    office: Office, first: tuple[Deed, ...], deeds: list[Deed]
) -> None:
    with transaction.atomic():
        by_working_time(office)
        play(office, [*first, *deeds])
        transaction.set_rollback(True)


def test_the_player_gets_all_the_way(office: Office) -> None:
    """The sequences above are no idle ones: the usual deeds, played so, are all done."""
    by_working_time(office)
    deeds = [(verb, who, 700, True, "sanitation") for verb, who in USUAL if "return" not in verb]
    assert play(office, deeds) == {verb for verb, _ in USUAL} - {"ask_return", "return", "rework"}
