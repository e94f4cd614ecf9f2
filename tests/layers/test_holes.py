"""Where nobody has been: sums, holes, days gone by; what covers a point. Numbers by hand."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from gridmap.layers.covering import covering
from gridmap.layers.holes import Asked, by, by_team, holes, shapes, sums, teams_at
from gridmap.layers.patrols import Visit
from gridmap.layers.people import Team
from gridmap.layers.places import Entrance, Stretch
from gridmap.layers.postings import Role
from gridmap.layers.scope import Scope
from gridmap.layers.shifts import Segment, SegmentStretch, Shift, ShiftSegment
from gridmap.layers.territory import City
from tests import town as toy


def saw(days: float, *, side: str = "", code: str = "", house: str = "") -> Visit:
    stretch = Stretch.objects.get(code=code, side=side or "both") if code else None
    door = Entrance.objects.get(building__code=house) if house else None
    return Visit.objects.create(
        city=toy.city(),
        team=Team.objects.get(),
        stretch=stretch,
        entrance=door,
        at=timezone.now() - timedelta(days=days),
        source="tap",
    )


@pytest.fixture
def walked(town: City) -> City:
    """L1 left seen today, right 10 days ago (interval 3), S1 8 days ago (7), house 1 yesterday."""
    saw(0, code="L1-1", side="left")
    saw(10, code="L1-1", side="right")
    saw(8, code="S1-1")
    saw(1, house="B1")
    return town


def asked(city: City, days_ago: int = 0, **more: int | str) -> Asked:
    now = timezone.now() - timedelta(days=days_ago)
    return Asked(city=city, now=now, past=days_ago > 0, **more)  # type: ignore[arg-type]


def told(scope: Scope, question: Asked) -> list[tuple[str, str, int | None]]:
    return [(row["thing"], row["name"], row["days"]) for row in holes(scope, question)]


def test_holes_are_what_is_over_or_never_seen_the_worst_first(walked: City) -> None:
    leader = toy.eyes("leader", role=Role.LEADER)
    assert told(leader, asked(walked)) == [
        ("entrance", "榕树巷 2 号", None), ("stretch", "石坎巷", None),
        ("entrance", "石坎巷 3 号", None), ("entrance", "和平街 4 号", None),
        ("stretch", "榕树巷", 10), ("stretch", "和平街", 8),
    ]  # fmt: skip
    assert told(leader, asked(walked, thing="stretch")) == [
        ("stretch", "石坎巷", None), ("stretch", "榕树巷", 10), ("stretch", "和平街", 8)
    ]  # fmt: skip
    team = Team.objects.get().pk
    assert [name for _, name, _ in told(leader, asked(walked, team=team))] == [
        "榕树巷 2 号", "榕树巷", "和平街"
    ]  # fmt: skip


def test_everyone_sees_the_own_area_only(walked: City) -> None:
    wang = toy.eyes("wang", "A")
    names = {name for _, name, _ in told(wang, asked(walked))}
    assert names == {"榕树巷 2 号", "榕树巷", "和平街"}
    assert told(wang, asked(walked, community=toy.community("B").pk)) == []
    assert names == {n for _, n, _ in told(toy.eyes("li", role=Role.PATROL), asked(walked))}
    for role in (Role.PLANNER, Role.AUDITOR, Role.ADMIN, Role.DEPARTMENT):
        assert told(toy.eyes(role.value, role=role), asked(walked)) == []


def test_sums_of_cells_communities_and_teams_agree(walked: City) -> None:
    leader = toy.eyes("leader", role=Role.LEADER)
    found = sums(leader, asked(walked, span=7))
    areas = by("community", found)
    ours = areas[toy.community("A").pk]
    # A: S1, two sides of L1, entrances 1 and 2; in time are L1 left and entrance 1.
    assert (ours.total, ours.on_time, ours.over, ours.never, ours.seen) == (5, 2, 2, 1, 2)
    assert ours.share == 40
    theirs = areas[toy.community("B").pk]
    assert (theirs.total, theirs.on_time, theirs.never) == (3, 0, 3)
    (team,) = by_team(found, teams_at(walked, timezone.now())).values()
    assert team == ours
    assert sum(row["over"] + row["never"] for row in found) == len(holes(leader, asked(walked)))


def test_a_day_gone_by_knows_only_what_was_seen_until_then(walked: City) -> None:
    leader = toy.eyes("leader", role=Role.LEADER)
    then = by("all", [{**row, "all": 0} for row in sums(leader, asked(walked, 9))])[0]
    assert (then.total, then.on_time, then.never) == (8, 1, 7)  # L1 right, one day old
    now = by("all", [{**row, "all": 0} for row in sums(leader, asked(walked))])[0]
    assert (now.on_time, now.never) == (2, 4)


def test_the_map_has_every_cell_and_the_outline_of_the_team(walked: City) -> None:
    cells = [toy.cell("A", 1).pk, toy.cell("A", 2).pk, toy.cell("B", 1).pk]
    drawn, outlines = shapes(walked, cells, timezone.now())
    assert [row["cell"] for row in drawn] == cells
    assert drawn[0]["shape"].startswith("M ")
    assert round(drawn[0]["east"] - drawn[0]["west"]) == 100
    assert [row["team"] for row in outlines] == [Team.objects.get().pk]


def test_a_point_knows_its_team_its_last_visit_and_the_next_shift(
    walked: City, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    scope = toy.eyes("auditor", role=Role.AUDITOR)
    team = Team.objects.get()
    soon = timezone.now() + timedelta(hours=3)
    shift = Shift.objects.create(team=team, starts=soon, ends=soon + timedelta(hours=2))
    place = toy.at(99, 50)
    with django_assert_num_queries(2):
        found = covering(scope, walked, (place.x, place.y), now=timezone.now())
    assert found is not None
    assert found["cell"]["id"] == toy.cell("A", 1).pk
    (covered,) = found["teams"]
    today = timezone.localdate()
    assert (covered["name"], covered["last_day"]) == ("甲社区巡防队", today)
    assert covered["next_shift"] == soon
    (lane,) = [row for row in found["places"] if row["thing"] == "stretch"]
    assert (lane["name"], lane["metres"]) == ("榕树巷", 1)
    # A shift that walks elsewhere does not come here.
    other = Segment.objects.create(team=team, letter="B", began_at=timezone.now())
    SegmentStretch.objects.create(
        segment=other, stretch=Stretch.objects.get(code="L1-1", side="right")
    )
    ShiftSegment.objects.create(shift=shift, segment=other)
    found = covering(scope, walked, (place.x, place.y), now=timezone.now())
    assert found is not None
    assert found["teams"][0]["next_shift"] is None


def test_a_point_without_a_team_or_outside_says_so(walked: City) -> None:
    scope = toy.eyes("wang", "A")
    lonely, outside = toy.at(350, 50), toy.at(900, 50)
    found = covering(scope, walked, (lonely.x, lonely.y), now=timezone.now())
    assert found is not None
    assert (found["teams"], found["community"]) == ([], "乙社区")
    assert covering(scope, walked, (outside.x, outside.y), now=timezone.now()) is None
    assert covering(Scope(user_id=None), walked, (lonely.x, lonely.y), now=timezone.now()) is None
