"""Two reports of one matter are one case: the later one ends as joined, and may be parted again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from gridmap.actions.twins import link_twin, unlink_twin
from gridmap.errors import BadValue, NotYours, WrongState
from gridmap.layers.cases import Assignment, Deadline, Step
from gridmap.layers.evaluation import RATES, Figure, figure
from gridmap.layers.facts import Period, facts_of
from gridmap.layers.incidents import Incident, Light
from gridmap.layers.journal import Entry
from gridmap.layers.life_cycle import OPEN
from gridmap.layers.notices import Notice
from tests.cases.conftest import Office
from tests.notices.conftest import tell

DAY = timedelta(days=1)


def joined(office: Office, state: str) -> tuple[Incident, Incident]:
    """A case in a state, joined to an earlier one."""
    first = office.report()
    case = office.upto(state)
    link_twin(by=office.eyes["duty"], incident=case.pk, original=first.pk)
    connection.check_constraints()
    case.refresh_from_db()
    return case, first


def in_period(office: Office, rate: str, *, until: timedelta = DAY) -> Figure:
    now = timezone.now()
    period = Period(now - 30 * DAY, now + until)
    return figure(RATES[rate], facts_of(office.eyes["duty"], office.town, period), period)


def open_on_the_map() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT gridmap_compact()")
        cursor.execute("SELECT coalesce(sum(open), 0) FROM layers_cellstat")
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("state", OPEN)
def test_from_wherever_it_stands_a_joined_case_has_ended_and_comes_back(
    office: Office, state: str
) -> None:
    case, first = joined(office, state)
    assert (case.state, case.light, case.closed_at is not None) == ("void", Light.NONE, True)
    last = Step.objects.get(incident=case, ends=None)
    assert (last.verb, last.came_from, last.detail) == (
        "link_twin", state, {"original": first.number},
    )  # fmt: skip
    assert (last.due, last.light) == (None, Light.NONE)
    told = Entry.objects.filter(verb="link_twin").get()
    assert (told.before, told.after) == (
        {"state": state}, {"state": "void", "original": first.number},
    )  # fmt: skip
    before = Step.objects.get(incident=case, number=last.number - 1)
    unlink_twin(by=office.eyes["duty"], incident=case.pk)
    connection.check_constraints()
    case.refresh_from_db()
    assert (case.state, case.light, case.closed_at) == (state, Light.OK, None)
    again = Step.objects.get(incident=case, ends=None)
    assert (again.verb, again.state, again.entered, again.due) == (
        "unlink_twin", state, before.entered, before.due,
    )  # fmt: skip
    parted = Entry.objects.filter(verb="unlink_twin").get()
    assert parted.before == {"state": "void", "original": first.number}
    assert parted.after == {"state": state}


def test_its_limits_ran_on_while_it_was_joined_and_its_department_has_it_again(
    office: Office,
) -> None:
    first, case = office.report(), office.upto("handling")
    times = list(Deadline.objects.filter(incident=case).values_list("soon_at", "due"))
    link_twin(by=office.eyes["duty"], incident=case.pk, original=first.pk)
    assert not Assignment.objects.filter(incident=case, until=None).exists()
    unlink_twin(by=office.eyes["duty"], incident=case.pk)
    case.refresh_from_db()
    assert list(Deadline.objects.filter(incident=case).values_list("soon_at", "due")) == times
    assert (case.soon_at, case.due) == times[-1]
    part = Assignment.objects.get(incident=case, until=None)
    assert (part.part, part.department) == ("lead", case.department)
    office.act(case, "answer", "sanitation", why="已清走")


def test_a_parked_case_comes_back_running_without_what_was_parked(office: Office) -> None:
    first, case = office.report(), office.upto("handling")
    office.act(case, "ask_park", "sanitation", why="等配件")
    wish = case.applications.get()
    office.act(case, "park", "duty", application=wish.pk)
    link_twin(by=office.eyes["duty"], incident=case.pk, original=first.pk)
    unlink_twin(by=office.eyes["duty"], incident=case.pk)
    case.refresh_from_db()
    parked = Step.objects.get(incident=case, paused=True)
    assert (case.state, case.parked, parked.ends is not None) == ("handling", False, True)
    connection.check_constraints()


def test_one_matter_counts_once_on_the_map_and_in_every_figure(office: Office) -> None:
    first, second = office.upto("filed"), office.upto("filed")
    assert open_on_the_map() == 2
    assert in_period(office, "missed").whole == [first.pk, second.pk]
    link_twin(by=office.eyes["duty"], incident=second.pk, original=first.pk)
    assert open_on_the_map() == 1
    for rate in RATES:
        assert second.pk not in in_period(office, rate, until=9 * DAY).whole, rate
    assert in_period(office, "missed").whole == [first.pk]
    unlink_twin(by=office.eyes["duty"], incident=second.pk)
    assert open_on_the_map() == 2
    assert in_period(office, "missed").whole == [first.pk, second.pk]


def test_a_period_that_was_over_before_they_were_joined_stays_as_it_was(office: Office) -> None:
    first, second = office.upto("filed"), office.upto("filed")
    over = Period(timezone.now() - DAY, timezone.now())
    link_twin(by=office.eyes["duty"], incident=second.pk, original=first.pk)
    facts = facts_of(office.eyes["duty"], office.town, over)
    assert figure(RATES["missed"], facts, over).whole == [first.pk, second.pk]


def test_once_filed_only_the_duty_desk_joins_and_parts(office: Office) -> None:
    first, early, late = office.report(), office.report(), office.upto("filed")
    link_twin(by=office.eyes["cadre"], incident=early.pk, original=first.pk)
    unlink_twin(by=office.eyes["cadre"], incident=early.pk)
    with pytest.raises(NotYours):
        link_twin(by=office.eyes["cadre"], incident=late.pk, original=first.pk)
    link_twin(by=office.eyes["duty"], incident=late.pk, original=first.pk)
    with pytest.raises(NotYours):
        unlink_twin(by=office.eyes["cadre"], incident=late.pk)
    late.refresh_from_db()
    assert late.state == "void"


def test_a_report_leads_to_an_earlier_one_that_is_not_void(office: Office) -> None:
    first, second, third = office.report(), office.report(), office.report()
    with pytest.raises(BadValue, match="更早"):
        link_twin(by=office.eyes["duty"], incident=first.pk, original=second.pk)
    office.act(first, "decline", "duty", why="查无此事")
    with pytest.raises(WrongState, match="作废"):
        link_twin(by=office.eyes["duty"], incident=second.pk, original=first.pk)
    link_twin(by=office.eyes["duty"], incident=third.pk, original=second.pk)
    third.refresh_from_db()
    assert third.state == "void"


def test_what_had_ended_by_itself_keeps_its_end_and_is_not_opened_while_joined(
    office: Office,
) -> None:
    first, case = office.upto("filed"), office.upto("closed")
    link_twin(by=office.eyes["duty"], incident=case.pk, original=first.pk)
    case.refresh_from_db()
    assert (case.state, Step.objects.get(incident=case, ends=None).verb) == ("closed", "close")
    with pytest.raises(WrongState, match="先分开"):
        office.act(case, "reopen", "duty", why="没清")
    unlink_twin(by=office.eyes["duty"], incident=case.pk)
    office.act(case, "reopen", "duty", why="没清")


def test_the_department_that_has_it_hears_that_it_was_joined_and_parted(office: Office) -> None:
    joined(office, "handling")
    unlink_twin(by=office.eyes["duty"], incident=Incident.objects.latest("pk").pk)
    tell()
    for verb in ("link_twin", "unlink_twin"):
        rows = Notice.objects.filter(verb=verb, user__username="sanitation")
        assert rows.count() == 1, verb


def test_nobody_is_hurried_about_a_joined_case(office: Office) -> None:
    case, _first = joined(office, "filed")
    past = timezone.now() - DAY
    Incident.objects.filter(pk=case.pk).update(soon_at=past, due=past)
    with connection.cursor() as cursor:
        cursor.execute("SELECT gridmap_sweep()")
        cursor.execute("SELECT gridmap_sweep_cases()")
    case.refresh_from_db()
    assert case.light == Light.NONE
