"""After visits, corrections, withdrawals and redrawn cells the roll-up is what a recount says."""

import random
from datetime import timedelta

import pytest
from django.utils import timezone

from gridmap.actions.withdrawn_visits import Rightly, correct_visit, withdraw_visit
from gridmap.layers.intervals import Emphasis, IntervalRule
from gridmap.layers.patrols import Visit
from gridmap.layers.places import Entrance, Stretch
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City
from tests import town as toy
from tests.layers.test_rollup import fold, recount, rolled

STEPS = 120


def step(dice: random.Random, city: City, scope: Scope) -> None:
    """One random thing that happens to coverage."""
    places = [*Stretch.objects.order_by("pk"), *Entrance.objects.order_by("pk")]
    place, visits = dice.choice(places), list(Visit.objects.order_by("pk"))
    here = {"stretch": place} if isinstance(place, Stretch) else {"entrance": place}
    what = dice.random()
    if what < 0.6 or not visits:
        at = timezone.now() - timedelta(days=dice.uniform(0, 30))
        Visit.objects.create(city=city, at=at, source="tap", **here)
    elif what < 0.75:
        key = "stretch" if isinstance(place, Stretch) else "entrance"
        told = dice.choice(visits)
        note = str(dice.random())
        right = (
            Rightly(stretch=place.pk, note=note)
            if key == "stretch"
            else Rightly(entrance=place.pk, note=note)
        )
        correct_visit(by=scope, visit=told.pk, right=right, why="x")
    elif what < 0.85:
        withdraw_visit(by=scope, visit=dice.choice(visits).pk, why="x")
    elif what < 0.95:
        kinds = ["school", "market", "night", "hazard"]
        Emphasis.objects.get_or_create(city=city, kind=dice.choice(kinds), **here)
    elif isinstance(place, Stretch):  # its side of the lane falls to another cell
        place.anchor = toy.at(dice.choice([50, 150, 250, 350]), 50)
        place.save()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_roll_up_is_equal_to_a_recount(town: City, seed: int) -> None:
    dice = random.Random(seed)
    for kind, days in (("school", 2), ("market", 1), ("night", 3), ("hazard", 5)):
        IntervalRule.objects.create(city=town, thing="stretch", kind=kind, days=days)
    scope = toy.eyes("wang", "A", "B")
    for _ in range(STEPS):
        step(dice, town, scope)
    fold()
    assert rolled(town) == recount(town)


def test_a_roll_up_that_was_not_folded_is_found_out(town: City) -> None:
    fold()
    lane = Stretch.objects.get(code="L2-1")
    Visit.objects.create(city=town, stretch=lane, at=timezone.now(), source="tap")
    assert rolled(town) != recount(town)
    fold()
    assert rolled(town) == recount(town)
