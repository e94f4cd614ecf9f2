"""Segments, shifts and the volunteer's own record: what is done, and what is refused to whom."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from gridmap.actions.service import Line, erase_entry, write_entry
from gridmap.actions.shifts import (
    Outing,
    begin_segment,
    end_segment,
    move_shift,
    plan_shift,
    sign_up,
    step_back,
)
from gridmap.errors import BadValue, NotYours, OutOfScope, WrongState
from gridmap.layers.people import Team
from gridmap.layers.places import Stretch
from gridmap.layers.postings import Role, scope_of
from gridmap.layers.scope import Scope
from gridmap.layers.segments import parts_of, uneven_cells
from gridmap.layers.service import ServiceEntry
from gridmap.layers.shifts import MOVES, Segment, Shift, SignUp, state_at
from gridmap.layers.territory import City
from tests import town as toy
from tests.layers.breaking_patrols import move


@pytest.fixture
def cadre(town: City) -> Scope:
    """Organises the team of community A."""
    return toy.eyes("wang", "A")


def stretch(code: str, side: str = "both") -> int:
    return Stretch.objects.get(code=code, side=side).pk


def team() -> Team:
    return Team.objects.get(name="甲社区巡防队")


def outing(**more: object) -> Outing:
    soon = timezone.now() + timedelta(hours=1)
    values: dict[str, object] = {"starts": soon, "ends": soon + timedelta(hours=2)}
    return Outing(**{**values, **more})  # type: ignore[arg-type]


def segment(by: Scope, *ids: int) -> Segment:
    return begin_segment(by=by, team=team().pk, stretches=ids)


def test_a_letter_is_never_used_again_and_gaps_and_overlaps_are_told(cadre: Scope) -> None:
    left, right, street = stretch("L1-1", "left"), stretch("L1-1", "right"), stretch("S1-1")
    first, second = segment(cadre, left), segment(cadre, left, right)
    assert (first.letter, second.letter) == ("A", "B")
    letters = {p["id"]: p["letters"] for p in parts_of(team(), now=timezone.now())}
    assert letters == {left: ["A", "B"], right: ["B"], street: []}
    end_segment(by=cadre, segment=second.pk)
    assert segment(cadre, street).letter == "C"
    with pytest.raises(WrongState):
        end_segment(by=cadre, segment=second.pk)


def test_a_segment_lies_in_the_teams_area_and_is_drawn_by_who_organises(cadre: Scope) -> None:
    for ids in ((), (stretch("L2-1"),), (999_999,)):
        with pytest.raises(BadValue):
            segment(cadre, *ids)
    with pytest.raises(NotYours):
        segment(toy.eyes("li", role=Role.PATROL), stretch("S1-1"))
    with pytest.raises(NotYours):
        segment(toy.eyes("zhao", "B"), stretch("S1-1"))
    assert not Segment.objects.exists()


def test_cells_without_a_team_or_with_two_are_told(cadre: Scope, town: City) -> None:
    assert uneven_cells(cadre, town, now=timezone.now()) == []
    leader = toy.eyes("leader", role=Role.LEADER)
    found = uneven_cells(leader, town, now=timezone.now())
    assert [(row["community"], row["n"]) for row in found] == [("乙社区", 0), ("乙社区", 0)]


def test_a_shift_goes_its_way_and_no_other(cadre: Scope) -> None:
    made = plan_shift(by=cadre, team=team().pk, outing=outing())
    for verb in ("finish", "jump"):
        with pytest.raises((WrongState, BadValue)):
            move_shift(by=cadre, shift=made.pk, verb=verb)
    li = toy.eyes("li", role=Role.PATROL)
    for verb, state in (("ready", "ready"), ("start", "active"), ("finish", "done")):
        assert move_shift(by=li, shift=made.pk, verb=verb).state == state
    with pytest.raises(WrongState):
        move_shift(by=cadre, shift=made.pk, verb="cancel", why="下雨")


def test_a_shift_nobody_begins_is_late_and_can_still_begin(cadre: Scope) -> None:
    began = timezone.now() - timedelta(minutes=30)
    made = Shift.objects.create(team=team(), starts=began, ends=began + timedelta(hours=2))
    assert state_at(made, timezone.now()) == "late"
    assert move_shift(by=cadre, shift=made.pk, verb="start").began_late


def test_only_who_organises_cancels_and_says_why(cadre: Scope) -> None:
    made = plan_shift(by=cadre, team=team().pk, outing=outing())
    with pytest.raises(NotYours):
        move_shift(by=toy.eyes("li", role=Role.PATROL), shift=made.pk, verb="cancel", why="x")
    with pytest.raises(BadValue):
        move_shift(by=cadre, shift=made.pk, verb="cancel")
    assert move_shift(by=cadre, shift=made.pk, verb="cancel", why="下雨").why == "下雨"


@pytest.mark.parametrize("source", Shift.State.values)
def test_the_database_knows_the_same_table(town: City, source: str) -> None:
    allowed = {target for sources, target in MOVES.values() if source in sources}
    for target in allowed:
        assert move(source, target) == 1


def test_a_plan_sent_twice_is_one_and_a_bad_one_is_none(cadre: Scope) -> None:
    wanted = outing(client_id=uuid4())
    first = plan_shift(by=cadre, team=team().pk, outing=wanted)
    assert plan_shift(by=cadre, team=team().pk, outing=wanted) == first
    other = outing(client_id=wanted.client_id)
    with pytest.raises(WrongState):
        plan_shift(by=cadre, team=team().pk, outing=other)
    past = timezone.now() - timedelta(days=1)
    for bad in (
        outing(ends=past), outing(wanted=0), outing(segments=[999]),
        outing(starts=past, ends=past + timedelta(hours=1)),
    ):  # fmt: skip
        with pytest.raises(BadValue):
            plan_shift(by=cadre, team=team().pk, outing=bad)
    with pytest.raises(NotYours):
        plan_shift(by=toy.eyes("zhao", "B"), team=team().pk, outing=outing())
    assert Shift.objects.count() == 1


def test_signing_up_is_for_who_walks_with_the_team_and_until_it_is_full(cadre: Scope) -> None:
    made = plan_shift(by=cadre, team=team().pk, outing=outing(wanted=1))
    li = toy.eyes("li", role=Role.PATROL)
    with pytest.raises(NotYours):
        sign_up(by=toy.eyes("leader", role=Role.LEADER), shift=made.pk)
    sign_up(by=li, shift=made.pk)
    sign_up(by=li, shift=made.pk)
    assert SignUp.objects.count() == 1
    with pytest.raises(WrongState):
        sign_up(by=cadre, shift=made.pk)
    assert not SignUp.objects.within(cadre).exists(), "nobody sees another's"
    step_back(by=li, shift=made.pk)
    assert not SignUp.objects.exists()


def test_the_record_is_the_volunteers_own(cadre: Scope) -> None:
    li = toy.posted("li", role=Role.PATROL)
    scope = scope_of(li.pk)
    made = plan_shift(by=cadre, team=team().pk, outing=outing())
    sign_up(by=scope, shift=made.pk)
    line = Line("service", timezone.localdate(), "夜巡", hours=Decimal("1.5"), shift=made.pk)
    with pytest.raises(OutOfScope):
        write_entry(by=scope, line=line)  # it is not over
    for verb in ("start", "finish"):
        move_shift(by=scope, shift=made.pk, verb=verb)
    written = write_entry(by=scope, line=line)
    with pytest.raises(WrongState):
        write_entry(by=scope, line=line)
    with pytest.raises(OutOfScope):
        erase_entry(by=cadre, entry=written.pk)
    leader = toy.eyes("leader", role=Role.LEADER)
    assert not ServiceEntry.objects.within(leader).exists()
    assert not ServiceEntry.objects.within(cadre).exists()
    erase_entry(by=scope, entry=written.pk)
    assert not ServiceEntry.objects.exists()
    tomorrow = timezone.localdate() + timedelta(days=1)
    for bad in (
        Line("service", tomorrow, "x", hours=Decimal(1)),
        Line("service", timezone.localdate(), "x"),
        Line("award", timezone.localdate(), " "), Line("score", timezone.localdate(), "x"),
        Line("training", timezone.localdate(), "x", hours=Decimal(25)),
    ):  # fmt: skip
        with pytest.raises(BadValue):
            write_entry(by=scope, line=bad)


def client(role: Role | None, *letters: str) -> Client:
    made = Client()
    made.force_login(toy.posted(f"page-{role}", *letters, role=role))
    return made


def test_the_pages_of_a_week_a_team_and_the_record(cadre: Scope) -> None:
    made = plan_shift(by=cadre, team=team().pk, outing=outing(meeting="村口"))
    segment(cadre, stretch("S1-1"))
    page = client(Role.PATROL)
    text = page.get("/patrols").content.decode()
    assert ("村口" in text, "排一个班" in text, "已排班" in text) == (True, False, True)
    address = f"/patrols/shifts/{made.pk}"
    assert (
        page.post(address, {"deed": "sign_up", "back": "https://evil/"})["Location"] == "/patrols"
    )
    assert "我去" in page.get("/patrols").content.decode()
    assert page.post(address, {"deed": "cancel", "why": "x"}).status_code == 404
    assert (
        page.post("/patrols/shifts", {"team": team().pk}).status_code == 302
    )  # says what is missing
    assert "没有划入巡段" in page.get(f"/patrols/teams/{team().pk}").content.decode()
    entry = {"kind": "award", "day": timezone.localdate(), "what": "<b>优秀</b>"}
    assert page.post("/service", entry).status_code == 302
    assert "&lt;b&gt;优秀" in page.get("/service").content.decode()
    assert page.get("/service/certificate.pdf").content.startswith(b"%PDF")
    other = client(None, "B")
    assert "甲社区巡防队" not in other.get("/patrols").content.decode()
    assert client(Role.AUDITOR).get("/patrols").status_code == 404
    assert other.get(f"/patrols/teams/{team().pk}").status_code == 404
    assert "优秀" not in other.get("/service").content.decode()
    for query in ("week=x", "week=2026-13-01", "week=1000-01-01", "team=x", "team=999"):
        assert page.get(f"/patrols?{query}").status_code == 200, query
