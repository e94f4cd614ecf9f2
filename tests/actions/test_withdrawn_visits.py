"""A visit told wrongly is taken back or put right; what was told is kept, figures follow."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from gridmap.actions.withdrawn_visits import Rightly, correct_visit, withdraw_visit
from gridmap.errors import BadValue, NotYours, OutOfScope, WrongState
from gridmap.layers.intervals import Emphasis, IntervalRule
from gridmap.layers.journal import Entry
from gridmap.layers.patrols import StretchSeen, Visit
from gridmap.layers.people import Team
from gridmap.layers.places import Entrance, Stretch
from gridmap.layers.postings import Role
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City
from gridmap.layers.withdrawn_visits import WithdrawnVisit
from tests import town as toy


def visit(code: str = "L1-1", *, hours: int = 1, note: str = "") -> Visit:
    return Visit.objects.create(
        city=toy.city(),
        team=Team.objects.get(),
        stretch=Stretch.objects.filter(code=code)[0],
        at=timezone.now() - timedelta(hours=hours),
        source="tap",
        note=note,
        client_id=uuid4(),
    )


def seen(code: str = "L1-1") -> datetime | None:
    found = StretchSeen.objects.filter(stretch=Stretch.objects.filter(code=code)[0]).first()
    return found.at if found else None


@pytest.fixture
def cadre(town: City) -> Scope:
    """Of community A."""
    return toy.eyes("wang", "A")


def test_a_visit_taken_back_counts_no_longer_and_is_kept(cadre: Scope) -> None:
    first, second = visit(hours=30), visit(hours=1)
    assert seen() == second.at
    withdraw_visit(by=cadre, visit=second.pk, why="不是这条巷")
    assert seen() == first.at
    kept = WithdrawnVisit.objects.get()
    assert (kept.client_id, kept.at, kept.why) == (second.client_id, second.at, "不是这条巷")
    entry = Entry.objects.latest("pk")
    assert (entry.verb, entry.subject_id, entry.why) == ("withdraw_visit", second.pk, "不是这条巷")
    assert entry.before["stretch"] == second.stretch_id
    withdraw_visit(by=cadre, visit=first.pk, why="也不是")
    assert seen() is None


def test_a_retry_of_the_sender_does_not_bring_it_back(cadre: Scope) -> None:
    told = visit()
    withdraw_visit(by=cadre, visit=told.pk, why="不是这条巷")
    again = Visit(
        city=told.city, stretch=told.stretch, at=told.at, source="tap", client_id=told.client_id
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save()
    again.client_id = uuid4()
    again.save()  # another visit to the same place is one


def test_a_visit_is_put_right_and_both_can_be_read(cadre: Scope) -> None:
    told = visit(note="井盖松")
    door = Entrance.objects.get(building__code="B1")
    made = correct_visit(
        by=cadre, visit=told.pk, right=Rightly(entrance=door.pk, note="门禁坏"), why="点错了"
    )
    assert (made.entrance, made.stretch, made.at, made.note) == (door, None, told.at, "门禁坏")
    assert seen() is None
    assert WithdrawnVisit.objects.get().replaced_by == made
    entry = Entry.objects.latest("pk")
    assert (entry.before["note"], entry.after["note"]) == ("井盖松", "门禁坏")


def test_who_may_not_visit_there_takes_nothing_back(cadre: Scope) -> None:
    ours, theirs = visit(), visit("L2-1")
    with pytest.raises(OutOfScope):
        withdraw_visit(by=cadre, visit=theirs.pk, why="不是我们的")
    with pytest.raises(NotYours):
        withdraw_visit(by=toy.eyes("leader", role=Role.LEADER), visit=ours.pk, why="看看")
    with pytest.raises(OutOfScope):
        withdraw_visit(by=toy.eyes("planner", role=Role.PLANNER), visit=ours.pk, why="看看")
    elsewhere = Rightly(stretch=Stretch.objects.get(code="L2-1").pk)
    with pytest.raises(OutOfScope):
        correct_visit(by=cadre, visit=ours.pk, right=elsewhere, why="是那条巷")
    assert Visit.objects.count() == 2
    withdraw_visit(by=toy.eyes("li", role=Role.PATROL), visit=ours.pk, why="自己记错了")
    assert Visit.objects.get() == theirs


def test_what_is_no_correction_is_refused(cadre: Scope) -> None:
    told = visit()
    with pytest.raises(BadValue):
        withdraw_visit(by=cadre, visit=told.pk, why="  ")
    with pytest.raises(WrongState):
        correct_visit(by=cadre, visit=told.pk, right=Rightly(), why="没变")
    later = Rightly(at=timezone.now() + timedelta(hours=1))
    with pytest.raises(BadValue):
        correct_visit(by=cadre, visit=told.pk, right=later, why="将来")
    with pytest.raises(BadValue):
        correct_visit(by=cadre, visit=told.pk, right=Rightly(stretch=1, entrance=1), why="两处")
    assert not WithdrawnVisit.objects.exists()
    withdraw_visit(by=cadre, visit=told.pk, why="记错了")
    with pytest.raises(OutOfScope):
        withdraw_visit(by=cadre, visit=told.pk, why="再来一次")


def interval(code: str = "L2-1") -> int:
    return Stretch.objects.get(code=code).interval_days


def test_the_interval_follows_the_rules_of_what_is_emphasised(town: City) -> None:
    lane = Stretch.objects.get(code="L2-1")
    school = Emphasis.objects.create(city=town, stretch=lane, kind="school")
    assert interval() == 7, "no rule: what a stretch usually has"
    IntervalRule.objects.create(city=town, thing="stretch", kind="school", days=2)
    IntervalRule.objects.create(city=town, thing="stretch", kind="night", days=1)
    assert interval() == 2
    night = Emphasis.objects.create(city=town, stretch=lane, kind="night")
    assert interval() == 1, "the shortest counts"
    night.delete()
    assert interval() == 2
    IntervalRule.objects.filter(kind="school").update(days=4)
    assert interval() == 4
    IntervalRule.objects.create(city=town, thing="stretch", kind="usual", days=9)
    assert (interval(), interval("S1-1")) == (4, 9)
    school.delete()
    assert interval() == 9
    IntervalRule.objects.filter(kind="usual").delete()
    assert (interval(), interval("S1-1")) == (7, 7)
    door = Entrance.objects.get(building__code="B1")
    IntervalRule.objects.create(city=town, thing="entrance", kind="hazard", days=3)
    Emphasis.objects.create(city=town, entrance=door, kind="hazard")
    door.refresh_from_db()
    assert door.interval_days == 3
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM layers_delta WHERE recount")
        assert cursor.fetchone()[0] > 0, "the cells are counted again"
