"""Places that need to be seen more often: chosen, known by their intervals, and let go again."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from gridmap.actions.emphases import Places, emphasise, lift_emphasis
from gridmap.errors import BadValue, NotYours, OutOfScope
from gridmap.layers.intervals import Emphasis, IntervalRule, effect, ways_of
from gridmap.layers.journal import Entry
from gridmap.layers.patrols import Visit
from gridmap.layers.places import Entrance, Stretch
from gridmap.layers.postings import Role
from gridmap.layers.territory import City
from tests import town as toy

WHY = "校门口"


@pytest.fixture(autouse=True)
def rules(town: City) -> None:
    """A stretch is wanted every 7 days, around a school every 2; an entrance every 14, and 5."""
    for thing, usual, school in (("stretch", 7, 2), ("entrance", 14, 5)):
        IntervalRule.objects.create(city=town, thing=thing, kind="usual", days=usual)
        IntervalRule.objects.create(city=town, thing=thing, kind="school", days=school)


def lane(community: str) -> Places:
    """The stretches and doors of the lane of a community."""
    way = next(way for way in ways_of(toy.community(community).pk) if way["lane"])
    return Places(way["sides"], way["doors"])


def test_what_is_emphasised_is_wanted_oftener_until_it_is_lifted(town: City) -> None:
    wang, places = toy.eyes("wang", "A"), lane("A")
    stretch, door = places.stretches[0], places.entrances[0]
    before = (
        Stretch.objects.get(pk=stretch).interval_days, Entrance.objects.get(pk=door).interval_days,
    )  # fmt: skip
    count = len(places.stretches) + len(places.entrances)
    assert emphasise(by=wang, kind="school", places=places, why=WHY) == count
    assert Stretch.objects.get(pk=stretch).interval_days == 2
    assert Entrance.objects.get(pk=door).interval_days == 5
    entry = Entry.objects.latest("pk")
    assert (entry.verb, entry.why, entry.community_id) == ("emphasise", WHY, toy.community("A").pk)
    assert emphasise(by=wang, kind="school", places=places, why=WHY) == 0
    assert Entry.objects.latest("pk") == entry, "said again, nothing is done again"
    assert lift_emphasis(by=wang, kind="school", places=places, why="放假") == count
    assert before == (
        Stretch.objects.get(pk=stretch).interval_days, Entrance.objects.get(pk=door).interval_days,
    )  # fmt: skip
    assert lift_emphasis(by=wang, kind="school", places=places, why="放假") == 0


def test_what_follows_is_told_before_it_is_done(town: City) -> None:
    places = lane("A")
    seen, *others = places.stretches
    Visit.objects.create(
        city=town, stretch_id=seen, source="tap", at=timezone.now() - timedelta(days=4)
    )
    told = effect("school", places.stretches, places.entrances, now=timezone.now())
    n = len(places.stretches) + len(places.entrances)
    assert told == {"places": n, "oftener": n, "over": n - 1, "over_then": n}
    assert len(others) == len(places.stretches) - 1
    assert not Emphasis.objects.exists()


def test_ways_of_a_community_tell_what_is_emphasised_in_one_query(town: City) -> None:
    wang, places = toy.eyes("wang", "A"), lane("A")
    emphasise(by=wang, kind="school", places=Places(places.stretches[:1]), why=WHY)
    found = {way["name"]: way["kinds"] for way in ways_of(toy.community("A").pk)}
    assert found["榕树巷"] == {"school": [1, 0]}
    assert [kinds for name, kinds in found.items() if name != "榕树巷"] == [None] * (len(found) - 1)
    assert all(way["kinds"] is None for way in ways_of(toy.community("B").pk) if way["lane"])


@pytest.mark.parametrize(
    ("kind", "why", "part"),
    [
        ("school", "  ", "请写明原因"),
        ("usual", WHY, "没有这种重点"),
        ("party", WHY, "没有这种重点"),
        ("market", WHY, "还没有定这一类"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(town: City, kind: str, why: str, part: str) -> None:
    with pytest.raises(BadValue) as refusal:
        emphasise(by=toy.eyes("wang", "A"), kind=kind, places=lane("A"), why=why)
    assert part in refusal.value.message
    assert not Emphasis.objects.exists()


def test_nothing_chosen_or_not_there_is_refused(town: City) -> None:
    wang = toy.eyes("wang", "A")
    with pytest.raises(BadValue):
        emphasise(by=wang, kind="school", places=Places(), why=WHY)
    with pytest.raises(OutOfScope):
        emphasise(by=wang, kind="school", places=Places([10**9]), why=WHY)


def test_only_who_organises_there_says_so(town: City) -> None:
    both = Places([*lane("A").stretches, *lane("B").stretches])
    with pytest.raises(NotYours):
        emphasise(by=toy.eyes("wang", "A"), kind="school", places=both, why=WHY)
    with pytest.raises(NotYours):
        emphasise(by=toy.eyes("li", role=Role.PATROL), kind="school", places=lane("A"), why=WHY)
    assert not Emphasis.objects.exists()
    assert emphasise(by=toy.eyes("ma"), kind="school", places=both, why=WHY) == len(both.stretches)


def test_the_database_keeps_a_kind_at_a_place_once(town: City) -> None:
    stretch = lane("A").stretches[0]
    Emphasis.objects.create(city=town, stretch_id=stretch, kind="school")
    with pytest.raises(IntegrityError):
        Emphasis.objects.create(city=town, stretch_id=stretch, kind="school")
