"""How long people waited: from the word they said to the first reply, and to the closing."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from gridmap.actions.cases import Said, act
from gridmap.actions.incidents import Report, report_incident
from gridmap.errors import BadValue, WrongState
from gridmap.geo.messages import LONGEST_AGO
from gridmap.layers import evaluation
from gridmap.layers.city_settings import CitySetting, settings_at
from gridmap.layers.evaluation import LEAST, Figure
from gridmap.layers.facts import Period, facts_of
from gridmap.layers.incidents import Incident
from tests import town as toy
from tests.cases.conftest import Office
from tests.cases.test_evaluation import DAY, OCTOBER, START, at

MINUTE = timedelta(minutes=1)


def told(
    office: Office, source: str, moment: datetime, *, said: datetime | None = None
) -> Incident:
    report = Report(
        place=toy.at(50, 50), title="暴露垃圾", category="0102", source=source, said_at=said
    )
    with at(moment):
        return report_incident(by=office.eyes["worker"], report=report)[0]


def verified(office: Office, case: Incident, moment: datetime) -> None:
    with at(moment):
        act(by=office.eyes["cadre"], incident=case.pk, verb="verify", said=Said(finding=True))


def replied(office: Office) -> Figure:
    facts = facts_of(office.eyes["leader"], office.town, OCTOBER)
    return evaluation.figures_of(facts, OCTOBER, {})["replied"]


def test_a_resident_is_answered_by_the_first_deed(office: Office) -> None:
    case = told(office, "resident", START + DAY)
    assert replied(office) == Figure([], [case.pk], (None,)), "nobody has answered"
    verified(office, case, START + DAY + 11 * MINUTE)
    with at(START + DAY + 60 * MINUTE):
        act(by=office.eyes["duty"], incident=case.pk, verb="file", said=Said())
    assert replied(office) == Figure([case.pk], [case.pk], (11,)), "the second deed changes nothing"


def test_a_chat_is_answered_with_the_number_and_waits_since_the_word_was_said(
    office: Office,
) -> None:
    case = told(office, "wechat", START + DAY, said=START + DAY - 5 * MINUTE)
    plain = told(office, "wechat", START + 2 * DAY)
    verified(office, case, START + 3 * DAY)
    assert replied(office) == Figure([case.pk, plain.pk], [case.pk, plain.pk], (5, 0))


def test_only_those_who_asked_from_outside_wait(office: Office) -> None:
    for source in ("worker", "chief", "patrol"):
        told(office, source, START + DAY)
    assert replied(office).whole == []


def test_what_came_in_the_state_it_had_elsewhere_tells_of_no_reply(office: Office) -> None:
    filed = START + DAY + 30 * MINUTE
    known = toy.incident(50, 50, source="hotline", reported_at=START + DAY, filed_at=filed,
                         soon_at=START + 3 * DAY, due=START + 4 * DAY)  # fmt: skip
    toy.incident(50, 50, source="hotline", reported_at=START + DAY, filed_at=None,
                 state="closed", closed_at=START + 2 * DAY, light=0)  # fmt: skip
    assert replied(office) == Figure([known.pk], [known.pk], (30,))


def test_a_wait_that_ended_after_the_period_is_one_that_lasts(office: Office) -> None:
    case = told(office, "resident", OCTOBER.until - MINUTE)
    verified(office, case, OCTOBER.until + MINUTE)
    assert replied(office) == Figure([], [case.pk], (None,))


def test_the_time_to_close_runs_from_the_word_to_the_closing(office: Office) -> None:
    case = office.upto("closed")
    Incident.objects.filter(pk=case.pk).update(said_at=case.reported_at - 90 * MINUTE)
    period = Period(case.reported_at - DAY, case.reported_at + 60 * DAY)
    (fact,) = facts_of(office.eyes["leader"], office.town, period)
    assert evaluation.figure(evaluation.RATES["closed"], [fact], period).waits == (90,)


def figure(*waits: int | None) -> Figure:
    ids = list(range(len(waits)))
    return Figure([pk for pk in ids if waits[pk] is not None], ids, waits)


@pytest.mark.parametrize(
    ("waits", "median"),
    [
        ([*range(1, LEAST + 1)], LEAST // 2),
        ([*range(1, LEAST)], None),  # too few to tell
        ([7] * 11 + [None] * 10, 7),
        ([7] * 10 + [None] * 11, None),  # more than half wait still
        ([3] * 10 + [None] * 10, 3),
    ],
)
def test_the_median_counts_those_who_wait_still_as_longest(
    waits: list[int | None], median: int | None
) -> None:
    assert figure(*waits).median == median
    assert figure(*reversed(waits)).median == median


@pytest.mark.parametrize("ago", [-MINUTE, LONGEST_AGO + MINUTE])
def test_a_word_to_come_or_long_ago_is_refused(office: Office, ago: timedelta) -> None:
    with pytest.raises(BadValue, match="最近"):
        told(office, "wechat", START, said=START - ago)
    assert not Incident.objects.exists()


def test_the_same_report_with_another_hour_is_another_report(office: Office) -> None:
    report = Report(
        place=toy.at(50, 50), title="暴露垃圾", category="0102", source="wechat",
        client_id=uuid4(), said_at=START - MINUTE,
    )  # fmt: skip
    with at(START):
        first, new = report_incident(by=office.eyes["worker"], report=report)
        again, anew = report_incident(by=office.eyes["worker"], report=report)
        assert (first.pk, new, anew) == (again.pk, True, False)
        with pytest.raises(WrongState):
            report_incident(
                by=office.eyes["worker"],
                report=Report(**{**vars(report), "said_at": START - 2 * MINUTE}),
            )


def test_a_target_is_that_of_its_time(office: Office) -> None:
    name = CitySetting.Name.CLOSE_TARGET
    moments = [START, START + 10 * DAY, START + 20 * DAY]
    for (since, until), value in zip(pairwise(moments), ("80", "90"), strict=True):
        CitySetting.objects.create(
            city=office.town, name=name, value=value, valid=DateTimeTZRange(since, until)
        )
    asked = [START - DAY, START, START + 10 * DAY, START + 20 * DAY]
    assert settings_at(name, office.town.pk, asked) == [0, 80, 90, 0]
