"""Figures of a period: each number is the length of its list, the past stays, errors of others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as some

from gridmap.actions.cases import Said, act
from gridmap.actions.evaluation import contest, decide_contest, keep_evaluation
from gridmap.errors import BadValue, NotYours, OutOfScope, WrongState
from gridmap.layers import evaluation
from gridmap.layers.assessments import Contest, Evaluation, left_out
from gridmap.layers.cases import Step
from gridmap.layers.evaluation import LEAST, RATES, SCORES, Figure
from gridmap.layers.facts import Fact, Period, facts_of
from gridmap.layers.incidents import Incident
from gridmap.layers.people import Department
from tests import town as toy
from tests.cases.conftest import USUAL, Office

START = datetime(2026, 10, 1, tzinfo=UTC)
OCTOBER = Period(START, START + timedelta(days=31))
DAY = timedelta(days=1)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let deeds happen at a moment."""
    with (
        patch("gridmap.actions.cases.case.timezone.now", return_value=moment),
        patch("gridmap.actions.incidents.timezone.now", return_value=moment),
    ):
        yield


def course(office: Office, reported: datetime, hours: float, upto: int = len(USUAL)) -> Incident:
    """A case whose deeds follow each other after so many hours each; its limit is 48 hours."""
    with at(reported):
        case = office.report()
    for number, (verb, who, said, _) in enumerate(USUAL[:upto], start=1):
        with at(reported + timedelta(hours=hours * number)):
            act(by=office.eyes[who], incident=case.pk, verb=verb, said=Said(**said))  # type: ignore[arg-type]
    return case


def figures(office: Office, period: Period = OCTOBER) -> dict[str, tuple[int, int]]:
    facts = facts_of(office.eyes["leader"], office.town, period)
    found = evaluation.figures_of(facts, period, left_out(office.town, timezone.now()))
    return {key: (len(one.part), len(one.whole)) for key, one in found.items()}


def test_closing_and_closing_in_time_are_shares_of_what_had_to_be_closed(office: Office) -> None:
    course(office, START + DAY, 1)  # in time
    course(office, START + 3 * DAY, 12)  # closed, four days after the report
    course(office, START + 5 * DAY, 1, upto=4)  # still open
    course(office, START - 40 * DAY, 1)  # of another month
    found = figures(office)
    assert found["closed"] == (2, 3)
    assert found["closed_in_time"] == (1, 3), "the whole is not what was closed"
    assert found["dispatched_right"] == (3, 3)


def test_a_past_period_gives_the_same_figures_after_everything(office: Office) -> None:
    done = course(office, OCTOBER.until - 2 * DAY, 0.5)
    going = course(office, START + 2 * DAY, 1, upto=4)
    before = figures(office)
    with at(OCTOBER.until + 3 * DAY):
        act(by=office.eyes["worker"], incident=done.pk, verb="reopen", said=Said(why="又有了"))
        act(by=office.eyes["sanitation"], incident=going.pk, verb="ask_return", said=Said(why="否"))
        wish = going.applications.get().pk
        act(by=office.eyes["duty"], incident=going.pk, verb="return", said=Said(application=wish))
    assert figures(office) == before


def test_rework_and_wrong_dispatch_count_where_they_happened(office: Office) -> None:
    case = course(office, START + DAY, 0.5, upto=6)
    with at(START + 2 * DAY):
        act(by=office.eyes["duty"], incident=case.pk, verb="rework", said=Said(why="没清完"))
        urban = Department.objects.get(code="urban").pk
        act(by=office.eyes["duty"], incident=case.pk, verb="redispatch",
            said=Said(why="派错", department=urban))  # fmt: skip
    found = figures(office)
    assert (found["rework"], found["dispatched_right"]) == ((1, 1), (0, 1))


def judge(office: Office, case: Incident, satisfied: int) -> None:
    act(by=office.eyes["leader"], incident=case.pk, verb="evaluate", said=Said(satisfied=satisfied))


def test_satisfaction_is_a_share_of_what_its_reporters_judged(office: Office) -> None:
    course(office, START + DAY, 0.5)  # closed, and nobody said a word
    for day, words in ((2, [3]), (3, [2]), (4, [3, 1, 3])):
        case = course(office, START + day * DAY, 0.5)
        with at(START + (day + 1) * DAY):
            for word in words:
                judge(office, case, word)
            case.refresh_from_db()
            assert case.satisfied == min(words), "one word does not wipe another's"
    assert figures(office)["satisfied"] == (1, 3)


def test_who_opens_a_case_again_has_been_heard_until_the_next_word(office: Office) -> None:
    case = course(office, START + DAY, 0.5)
    with at(START + 2 * DAY):
        judge(office, case, 1)
        act(by=office.eyes["worker"], incident=case.pk, verb="reopen", said=Said(why="又有了"))
    case.refresh_from_db()
    assert case.satisfied is None, "the next end is asked about anew"
    assert figures(office)["satisfied"] == (0, 1), "a case that was opened again leaves no gap"
    for number, (verb, who, said, _) in enumerate(USUAL[2:], start=1):
        with at(START + 3 * DAY + timedelta(hours=number)):
            act(by=office.eyes[who], incident=case.pk, verb=verb, said=Said(**said))  # type: ignore[arg-type]
    with at(OCTOBER.until + DAY):
        judge(office, case, 3)
    assert figures(office)["satisfied"] == (0, 1), "what was said later changes no past figure"
    november = Period(OCTOBER.until, OCTOBER.until + 30 * DAY)
    assert figures(office, november)["satisfied"] == (1, 1)


MOMENT = some.none() | some.integers(-900, 1500).map(lambda hours: START + timedelta(hours=hours))
FACT = some.builds(
    Fact, incident=some.just(0), community=some.integers(1, 3), source=some.sampled_from(
        ["worker", "resident", "hotline"]), department=some.none() | some.integers(1, 3),
    reported=MOMENT, verified=MOMENT, filed=MOMENT, declined=MOMENT, verify_by=MOMENT,
    dispatched=MOMENT, dispatch_by=MOMENT, answered=MOMENT, inspected=MOMENT, inspect_by=MOMENT,
    due=MOMENT, closed=MOMENT, void=some.booleans(), reworks=some.integers(0, 2),
    wrong=some.integers(0, 2), judged=MOMENT, satisfied=some.none() | some.integers(1, 3),
)  # fmt: skip


@given(
    facts=some.lists(FACT, max_size=40).map(
        lambda found: [replace(fact, incident=n) for n, fact in enumerate(found)]
    ),
    days=some.integers(1, 60),
    by=some.sampled_from(["all", "department", "community"]),
)
def test_every_number_is_the_length_of_its_list_and_groups_add_up(
    facts: list[Fact], days: int, by: str
) -> None:
    period = Period(START, START + timedelta(days=days))
    groups = evaluation.grouped(facts, by)
    for key, rate in RATES.items():
        whole = evaluation.figure(rate, facts, period)
        parts = [evaluation.figure(rate, group, period) for group in groups.values()]
        assert set(whole.part) <= set(whole.whole)
        assert sorted(i for one in parts for i in one.whole) == sorted(whole.whole), key
        assert sorted(i for one in parts for i in one.part) == sorted(whole.part), key
        assert whole.percent is None or 0 <= whole.percent <= 100


def made(**shares: tuple[int, int]) -> dict[str, Figure]:
    """Figures of so many of so many; 30 of 30 where nothing is said."""
    return {
        key: Figure(list(range(part)), list(range(whole)))
        for key, (part, whole) in {**dict.fromkeys(RATES, (30, 30)), **shares}.items()
    }


def points(post: str, **shares: tuple[int, int]) -> float:
    found = evaluation.score(SCORES[post], made(**shares))
    assert found is not None
    return found


def test_anchor_error_a_more_missed_reports_make_no_inspector_better() -> None:
    none, half = (points("inspector", missed=(n, 30)) for n in (0, 15))
    assert (none, half) == (100.0, 90.0)


def test_anchor_error_b_filing_in_time_is_a_share_of_what_was_filed() -> None:
    same = points("supervisor", filed_in_time=(15, 30))
    assert same == 25 / 2 + 40 + 35
    late = points("supervisor", filed_in_time=(30, 30), closed_in_time=(0, 30))
    assert late == 25 + 40, "closing late costs its own 35 and leaves filing as it was"


def test_anchor_error_c_the_department_is_rated_by_its_rework_of_what_it_had_to_close() -> None:
    assert points("department", rework=(0, 30)) == 100.0
    assert points("department", rework=(3, 30)) == 97.0
    assert points("department", rework=(0, 30), closed=(15, 30)) == 85.0


def test_nothing_is_rated_below_twenty_cases() -> None:
    few = made(rework=(0, LEAST - 1))
    assert evaluation.score(SCORES["department"], few) is None
    assert evaluation.level(None) is None
    assert [evaluation.level(n) for n in (95.0, 75.0, 60.0, 40.0, 0.0)] == list("ABCDE")


def test_no_figure_is_of_a_person() -> None:
    assert not {"by", "user", "reporter", "person"} & set(Fact.__dataclass_fields__)


def test_an_upheld_contest_leaves_a_case_out_and_both_values_stay(office: Office) -> None:
    late = course(office, START + 3 * DAY, 12)
    course(office, START + DAY, 1)
    leader = office.eyes["leader"]
    first = keep_evaluation(by=leader, city=office.town, period=OCTOBER)
    asked = contest(
        by=office.eyes["sanitation"], incident=late.pk, rate="closed_in_time", why="道路封闭"
    )
    with pytest.raises(WrongState):
        contest(by=office.eyes["duty"], incident=late.pk, rate="closed_in_time", why="同上")
    with pytest.raises(NotYours):
        decide_contest(by=office.eyes["duty"], contest=asked.pk, upheld=True, answer="")
    decide_contest(by=leader, contest=asked.pk, upheld=True, answer="属实")
    second = keep_evaluation(by=leader, city=office.town, period=OCTOBER)
    kept = [row.values["all"]["None"]["closed_in_time"] for row in (first, second)]
    assert kept == [[1, 2], [1, 1]]
    assert [row.values["all"]["None"]["closed"] for row in (first, second)] == [[2, 2], [2, 2]]
    assert second.left_out == {"closed_in_time": [late.pk]}
    assert Evaluation.objects.count() == 2
    with pytest.raises(WrongState):
        decide_contest(by=leader, contest=asked.pk, upheld=False, answer="")


def test_who_may_not_keep_or_contest_is_refused(office: Office) -> None:
    case = course(office, START + DAY, 1)
    with pytest.raises(NotYours):
        keep_evaluation(by=office.eyes["duty"], city=office.town, period=OCTOBER)
    with pytest.raises(BadValue):
        keep_evaluation(
            by=office.eyes["leader"], city=office.town,
            period=Period(START, timezone.now() + DAY),
        )  # fmt: skip
    with pytest.raises(OutOfScope):
        contest(by=office.eyes["cadre_b"], incident=case.pk, rate="closed", why="x")
    for rate, why in (("mood", "x"), ("closed", " ")):
        with pytest.raises(BadValue):
            contest(by=office.eyes["cadre"], incident=case.pk, rate=rate, why=why)
    assert not Contest.objects.exists()


def test_the_api_opens_every_number(office: Office) -> None:
    course(office, START + DAY, 1)
    course(office, START + 3 * DAY, 12)
    client = Client()
    client.force_login(User.objects.get(username="leader"))
    period = "city=toy&since=2026-10-01&until=2026-10-31"
    for by in ("all", "department", "community"):
        found = client.get(f"/api/evaluation?{period}&by={by}").json()
        assert found["version"] == evaluation.VERSION
        assert found["units"]
        for unit in found["units"]:
            for figure in unit["figures"]:
                for side in ("part", "whole"):
                    asked = f"{period}&by={by}&rate={figure['rate']}&side={side}"
                    asked += f"&unit={unit['id']}" if unit["id"] else ""
                    listed = client.get(f"/api/evaluation/cases?{asked}").json()["incidents"]
                    assert len(listed) == figure[side]
            assert all(score["points"] is None for score in unit["scores"]), "two cases only"
    stranger = Client()
    stranger.force_login(User.objects.get(username="cadre_b"))
    assert stranger.get(f"/api/evaluation?{period}").json()["units"] == []


def test_the_api_refuses_what_it_cannot_count(office: Office) -> None:
    client = Client()
    client.force_login(User.objects.get(username="leader"))
    for query in (
        "", "city=toy", "city=toy&since=2026-10-01", "city=toy&since=2026-10-02&until=2026-10-01",
        "city=toy&since=2020-10-02&until=2026-10-01", "city=toy&since=x&until=y",
        "city=toy&since=2026-10-01&until=2026-10-31&by=person",
    ):  # fmt: skip
        assert client.get(f"/api/evaluation?{query}").status_code == 400, query


def test_taken_over_cases_count_for_what_is_known_of_them(office: Office) -> None:
    when = START + DAY
    toy.incident(
        50, 50, state="closed", reported_at=when, filed_at=when, closed_at=when + DAY,
        due=when + 2 * DAY, soon_at=when,
    )  # fmt: skip
    assert Step.objects.filter(verb="take_over").exists()
    assert figures(office)["valid_reports"] == (1, 1)
