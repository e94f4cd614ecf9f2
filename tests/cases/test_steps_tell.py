"""Each step tells how its incident stood, and what was not kept is told as far as it is known."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from gridmap.layers.cases import Step
from gridmap.layers.incidents import Incident
from gridmap.layers.people import Department
from gridmap.layers.sql import read
from gridmap.layers.territory import City
from tests import town as toy
from tests.cases.conftest import Office, department, posted_to
from tests.layers.test_rollup import switched_off

LEADS = ("lead__code", "helpers", "urgent")
TIMES = ("case_soon_at", "case_due")


def told(case: Incident, *columns: str) -> list[tuple[Any, ...]]:
    return list(Step.objects.filter(incident=case).order_by("number").values_list(*columns))


def returned(office: Office) -> Incident:
    """A case that sanitation gave back, and that urban was given, was prolonged and parked."""
    parks = department("parks", "园林").pk
    office.eyes["parks"] = posted_to("parks", "parks")
    urban = Department.objects.get(code="urban").pk
    case = office.report()

    def granted(wish: str, verb: str, who: str, **said: object) -> None:
        office.act(case, wish, who, why="须如此", **said)
        office.act(case, verb, "duty", why="同意", application=case.applications.latest("pk").pk)

    office.act(case, "verify", "cadre", finding=True)
    office.act(case, "file", "duty", urgent=True)
    office.act(case, "dispatch", "duty", helpers=(parks,))
    office.act(case, "contribute", "parks", why="已修剪")
    granted("ask_return", "return", "sanitation")
    office.act(case, "dispatch", "duty", department=urban)
    granted("ask_extension", "extend", "urban", amount=6, unit="hour")
    office.act(case, "accept", "urban")
    granted("ask_park", "park", "urban")
    office.act(case, "resume", "duty", why="配件已到")
    return case


def test_a_step_tells_who_led_and_helped_while_it_went_on(office: Office) -> None:
    case = returned(office)
    parks = Department.objects.get(code="parks").pk
    assert told(case, "verb", *LEADS) == [
        ("report", "sanitation", [], False),  # proposed
        ("verify", "sanitation", [], False),
        ("file", "sanitation", [], True),
        ("dispatch", "sanitation", [parks], True),
        ("contribute", "sanitation", [parks], True),
        ("ask_return", "sanitation", [parks], True),
        ("return", None, [], True),
        ("dispatch", "urban", [], True),
        ("ask_extension", "urban", [], True),
        ("extend", "urban", [], True),
        ("accept", "urban", [], True),
        ("ask_park", "urban", [], True),
        ("park", "urban", [], True),
        ("resume", "urban", [], True),
    ]
    dues = dict(told(case, "verb", "case_due"))
    assert dues["extend"] == dues["ask_extension"] + timedelta(hours=6)
    case.refresh_from_db()
    assert told(case, *TIMES)[-1] == (case.soon_at, case.due)


def test_what_is_changed_past_the_deeds_is_told_too(office: Office) -> None:
    case = office.report()
    urban = Department.objects.get(code="urban").pk
    Incident.objects.filter(pk=case.pk).update(department=urban, helpers=[7], due=None)
    assert told(case, "lead", "helpers", "case_due") == [(urban, [7], None)]


@pytest.mark.parametrize(
    "values",
    [
        {"lead": None},
        {"helpers": [7]},
        {"urgent": True},
        {"case_soon_at": toy.OPENED},
        {"case_due": toy.OPENED + timedelta(days=9000)},
    ],
    ids=lambda values: next(iter(values)),
)
def test_what_a_step_told_stays(office: Office, values: dict[str, Any]) -> None:
    case = office.upto("filed")
    ended = Step.objects.filter(incident=case, verb="verify")
    with pytest.raises(IntegrityError, match="step_is_kept"), transaction.atomic():
        ended.update(**values)


def test_an_open_step_may_not_tell_something_else_than_its_incident(office: Office) -> None:
    case = office.report()
    connection.check_constraints()
    Incident.objects.filter(pk=case.pk).update(verified=True)
    now = timezone.now()
    Step.objects.create(
        incident=case, number=2, verb="verify", came_from="reported", state="reported",
        begins=now, entered=now,
    )  # fmt: skip

    @transaction.atomic
    def told_otherwise() -> None:
        Step.objects.filter(incident=case, number=2).update(lead=None)
        connection.check_constraints()

    with pytest.raises(IntegrityError, match="step_and_incident_agree"):
        told_otherwise()
    connection.check_constraints()


def test_who_had_an_incident_before_it_was_taken_over_nobody_knows(town: City) -> None:
    now = timezone.now()
    begun = now - timedelta(days=3)
    case = toy.incident(
        50, 50, state="closed", reported_at=begun, filed_at=begun + timedelta(hours=1),
        soon_at=now - timedelta(days=1), due=now, closed_at=now,
    )  # fmt: skip
    assert told(case, "verb", "lead__code", "case_due") == [
        ("report", None, None),
        ("file", None, now),
        ("take_over", "sanitation", now),
    ]


def forget(case: Incident) -> None:
    """As if it had been before steps told anything; then let the migration look."""
    with switched_off("layers_step", "step_is_kept"), connection.cursor() as cursor:
        Step.objects.filter(incident=case).update(
            lead=None, helpers=[], urgent=False, case_soon_at=None, case_due=None
        )
        cursor.execute(read("0093_steps_tell"))


def test_of_steps_before_that_leads_are_found_again_and_limits_where_they_are_known(
    office: Office,
) -> None:
    case = returned(office)
    leads, times = told(case, *LEADS), told(case, *TIMES)
    verbs = [verb for (verb,) in told(case, "verb")]
    forget(case)
    assert told(case, *LEADS) == leads
    found = dict(zip(verbs, told(case, *TIMES), strict=True))
    kept = dict(zip(verbs, times, strict=True))
    for verb in ("report", "verify", "extend", "accept", "ask_park", "park"):
        assert found[verb] == (None, None)  # counted anew since, and the old one is nowhere
    for verb in ("file", "dispatch", "contribute", "ask_return", "return", "ask_extension"):
        assert found[verb] == (None, kept[verb][1])
    assert found["resume"] == kept["resume"]


@pytest.mark.parametrize("state", ["reported", "filed", "closed"])
def test_of_an_incident_taken_over_the_migration_finds_what_its_first_steps_would_tell(
    town: City, state: str
) -> None:
    now = timezone.now()
    begun = now - timedelta(days=3)
    case = toy.incident(
        50, 50, state=state, reported_at=begun, due=now, soon_at=now - timedelta(days=1),
        filed_at=None if state == "reported" else begun + timedelta(hours=1),
        closed_at=now if state == "closed" else None,
    )  # fmt: skip
    kept = told(case, *LEADS, *TIMES)
    forget(case)
    assert told(case, *LEADS, *TIMES) == kept
