"""Whatever is done in whatever order: the rules hold, and the past keeps its answers."""

import contextlib
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from gridmap.actions.people import (
    Seat,
    Span,
    Who,
    appoint,
    end_substitution,
    hand_over,
    relieve,
    renew,
    substitute,
)
from gridmap.errors import Refusal
from gridmap.layers import ladder
from gridmap.layers.checks import examine
from gridmap.layers.people import ChiefTerm, Person
from gridmap.layers.places import Building
from gridmap.layers.postings import operator_scope
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City
from tests import town as toy

DEEDS = ("appoint", "renew", "relieve", "substitute", "end_substitution", "hand_over")
STEP = some.tuples(
    some.sampled_from(DEEDS),
    some.integers(0, 2),  # which building
    some.integers(0, 4),  # which person
    some.integers(0, 3),  # begins so many days from now
    some.integers(1, 6) | some.none(),  # lasts so many days, or has no end
    some.sampled_from(["leave", "vacancy"]),
)
Step = tuple[str, int, int, int, int | None, str]
# What a sequence may leave behind and the nightly check points out: a chief relieved while
# somebody stood in "on leave", or a vacancy filled while somebody stood in for it.
POINTED_OUT = {"substitute_for_somebody", "roll_up_is_right"}


def do(by: Scope, step: Step) -> None:
    deed, house, person, begins, lasts, reason = step
    building = Building.objects.order_by("code")[house]
    seat = Seat("building", building.pk)
    who = Who(person=Person.objects.order_by("pk")[person].pk)
    since = timezone.now() + timedelta(days=begins) if begins else None
    until = None if lasts is None else timezone.now() + timedelta(days=begins + lasts)
    terms = ChiefTerm.objects.filter(building=building).order_by("-pk")
    term = terms[person % max(len(terms), 1)].pk if terms else 0
    if deed == "appoint":
        appoint(by=by, seat=seat, who=who, span=Span(since, until))
    elif deed == "substitute":
        substitute(by=by, seat=seat, who=who, span=Span(since, until), reason=reason)
    elif deed == "renew":
        renew(by=by, term=term, until=until)
    elif deed == "relieve":
        relieve(by=by, term=term, why="x", at=since)
    elif deed == "end_substitution":
        end_substitution(by=by, term=term, at=since)
    else:
        hand_over(by=by, term=term, who=who, span=Span(since, until))


def answers(moment: datetime) -> list[object]:
    """Who answered at each building at a moment: names and standings, without terms' ends."""
    found: list[object] = []
    for building in Building.objects.order_by("code"):
        rung = ladder.of_building(building, at=moment)["rungs"][0]
        holders = [(one["name"], one["standing"], one["since"]) for one in rung["holders"]]
        found.append((building.code, rung["standing"] == "vacant", holders))
    return found


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=some.lists(STEP, min_size=3, max_size=12))
def test_any_sequence_keeps_the_rules_and_the_answers_of_the_past(
    town: City, steps: list[Step]
) -> None:
    by = operator_scope()
    past: list[tuple[datetime, list[object]]] = []
    with transaction.atomic():
        for step in steps:
            now = timezone.now()
            past.append((now, answers(now)))
            with contextlib.suppress(Refusal):
                do(by, step)
        past.append((toy.OPENED + timedelta(days=9), answers(toy.OPENED + timedelta(days=9))))
        for moment, told in past:
            assert answers(moment) == told
        for ahead in range(8):
            counts, _ = examine(town, now=timezone.now() + timedelta(days=ahead))
            broken = {rule for rule, count in counts["rules"].items() if count}
            assert broken <= POINTED_OUT
        transaction.set_rollback(True)
