"""The life cycle is one table, in Python and in the database, and nobody steps beside it."""

from itertools import product

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from gridmap.layers import life_cycle
from gridmap.layers.cases import Step
from gridmap.layers.incidents import Incident, State
from gridmap.layers.rights import RIGHTS
from gridmap.layers.territory import City
from tests import town as toy


def test_the_database_knows_the_same_ways(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT verb, from_state, to_state, parked FROM gridmap_transition")
        found = {row[:3]: row[3] for row in cursor.fetchall()}
    assert set(found) == life_cycle.ways()
    assert {verb for (verb, *_), parked in found.items() if parked} == {
        move.verb for move in life_cycle.MOVES.values() if move.parked
    }


def test_every_deed_has_a_right_that_somebody_holds() -> None:
    assert all(move.right in RIGHTS and move.roles for move in life_cycle.MOVES.values())
    assert {state for move in life_cycle.MOVES.values() for state in (*move.starts, move.ends)} == {
        *State.values, "", None, life_cycle.BACK,
    }  # fmt: skip


def test_every_state_leads_on_void_back_only_where_it_was_joined() -> None:
    assert all(life_cycle.leading_on(state, parked=False) for state in State.values)
    back = [move.verb for move in life_cycle.leading_on("void", parked=False)]
    assert back == ["unlink_twin"]


@pytest.mark.parametrize("start", State.values)
def test_every_other_way_is_refused(town: City, start: str) -> None:
    """All verbs to all states from one: those of the table pass, the others do not."""
    now = timezone.now()
    ended = {"closed_at": now} if start in {"closed", "void"} else {}
    filed = None if start == "reported" else now
    case = toy.incident(
        50, 50, state=start, verified=True, inspected=True, reported_at=now, filed_at=filed, **ended
    )
    number = Step.objects.get(incident=case, ends=None).number + 1
    every = list(product([*life_cycle.MOVES, "take_over", "wish"], State.values))
    passed = {(verb, start, end) for verb, end in every if passes(case, number, verb, end)}
    ways = {way for way in life_cycle.ways() if way[1] == start}
    assert passed == {way for way in ways if way[0] != "unlink_twin"}, "it was never joined"


def passes(case: Incident, number: int, verb: str, end: str) -> bool:
    """Whether the database takes the step; it is taken back."""
    now = timezone.now()
    try:
        with transaction.atomic():
            Step.objects.create(
                incident=case, number=number, verb=verb, came_from=case.state, state=end,
                begins=now, entered=now,
            )  # fmt: skip
            transaction.set_rollback(True)
    except IntegrityError:
        return False
    return True


def guarded() -> None:
    with connection.cursor() as cursor:
        for table, trigger in (
            ("layers_incident", "incident_follows_its_steps"),
            ("layers_step", "step_and_incident_agree"),
        ):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}")


def test_no_state_is_set_without_a_step(town: City) -> None:
    case = toy.incident(50, 50)
    connection.check_constraints()
    guarded()
    for values in ({"state": "dispatched"}, {"parked": True}):
        with (
            pytest.raises(IntegrityError, match="incident_follows_its_steps"),
            transaction.atomic(),
        ):
            Incident.objects.filter(pk=case.pk).update(**values)


def test_no_step_is_taken_without_its_incident(town: City) -> None:
    case = toy.incident(50, 50)
    connection.check_constraints()
    guarded()
    now = timezone.now()
    Step.objects.create(
        incident=case, number=3, verb="dispatch", came_from="filed", state="dispatched",
        begins=now, entered=now,
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="step_and_incident_agree"), transaction.atomic():
        connection.check_constraints()
    Incident.objects.filter(pk=case.pk).update(state="dispatched")
    connection.check_constraints()


def test_an_incident_that_came_as_it_was_has_its_known_steps(town: City) -> None:
    now = timezone.now()
    case = toy.incident(50, 50, state="closed", reported_at=now, filed_at=now, closed_at=now)
    steps = list(Step.objects.filter(incident=case).order_by("number"))
    assert [(step.verb, step.came_from, step.state) for step in steps] == [
        ("report", "", "reported"), ("file", "reported", "filed"), ("take_over", "filed", "closed"),
    ]  # fmt: skip
    assert [step.begins for step in steps] == [case.reported_at, case.filed_at, now]
    assert [step.ends for step in steps] == [case.filed_at, now, None]


def test_steps_go_with_their_incident_and_not_before(town: City) -> None:
    case = toy.incident(50, 50)
    with pytest.raises(IntegrityError, match="step_is_kept"), transaction.atomic():
        Step.objects.filter(incident=case).delete()
    case.delete()
    assert not Step.objects.filter(incident_id=case.pk).exists()
    connection.check_constraints()
