"""Appointing, renewing, relieving, standing in, handing over: done, refused, and done only once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

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
from gridmap.errors import BadValue, NotYours, OutOfScope, Refusal, WrongState
from gridmap.layers.handovers import Handover, Receipt
from gridmap.layers.journal import Entry
from gridmap.layers.people import ChiefTerm, Person
from gridmap.layers.places import Building, Lane, Street
from gridmap.layers.postings import Role
from gridmap.layers.scope import Scope
from gridmap.layers.signs import Printing, Sign
from gridmap.layers.territory import City
from tests import town as toy

WHY = "本人提出"


def seat(code: str) -> Seat:
    """B1 … B4, L1, L2, S1, A-1 (its head)."""
    if code[0] == "B":
        return Seat("building", Building.objects.get(code=code).pk)
    if code[0] == "L":
        return Seat("lane", Lane.objects.get(code=code).pk)
    if code[0] == "S":
        return Seat("street", Street.objects.get(code=code).pk)
    return Seat("cell_head", toy.cell("A", 1).pk)


def named(name: str) -> Who:
    return Who(person=Person.objects.get(name=name).pk)


def days(number: float) -> datetime:
    return timezone.now() + timedelta(days=number)


def term(code: str) -> ChiefTerm:
    found = seat(code)
    mine = {f"{found.column}_id": found.object_id, "office": found.office, "standing": "acting"}
    return ChiefTerm.objects.get(**mine, valid__contains=timezone.now())


@pytest.fixture
def by(town: City) -> Scope:
    """Somebody of the whole city who may appoint."""
    return toy.eyes("leader", role=Role.LEADER)


def test_an_appointment_fills_a_vacancy_and_is_in_the_journal(by: Scope) -> None:
    made, new = appoint(by=by, seat=seat("B2"), who=named("何青禾"), span=Span(until=days(365)))
    assert new
    assert made == term("B2")
    entry = Entry.objects.latest("pk")
    assert (entry.verb, entry.subject_id) == ("appoint", made.pk)
    assert entry.community_id == toy.community("A").pk
    assert entry.after["place"] == "榕树巷 2 号"


def test_somebody_new_is_written_down_once(by: Scope) -> None:
    who = Who(name="新来的", relay_phone="0598-1")
    made, _ = appoint(by=by, seat=seat("B2"), who=who, span=Span())
    assert made is not None
    assert (made.person.name, made.person.search) == ("新来的", "新来的 xinlaide xld")


def test_who_holds_an_office_is_said_when_another_is_to_be_appointed(by: Scope) -> None:
    with pytest.raises(WrongState) as refused:
        appoint(by=by, seat=seat("B1"), who=named("何青禾"), span=Span())
    said = str(refused.value)
    until = f"{timezone.localtime(days(10)):%Y-%m-%d}"
    assert said == (
        f"榕树巷 1 号的楼长由苏望舒担任，任期 2024-01-01 至 {until}；请先免职，或办理交接"
    )
    after = Span(since=term("B1").valid.upper)
    made, _ = appoint(by=by, seat=seat("B1"), who=named("何青禾"), span=after)
    assert made is not None, "the day the other ends is free"


def test_a_renewal_begins_where_the_term_ends(by: Scope) -> None:
    old = term("B1")
    new, _ = renew(by=by, term=old.pk, until=days(400))
    assert new is not None
    assert new.valid.lower == old.valid.upper
    assert new.person == old.person
    old.refresh_from_db()
    assert old.valid.upper == new.valid.lower, "the old term is as it was"
    with pytest.raises(WrongState, match="苏望舒"):
        renew(by=by, term=old.pk, until=days(500))


def test_a_relief_ends_the_term_and_says_why(by: Scope) -> None:
    old = term("B1")
    done, _ = relieve(by=by, term=old.pk, why=WHY)
    assert done is not None
    assert not ChiefTerm.objects.filter(pk=old.pk, valid__contains=timezone.now()).exists()
    assert Entry.objects.latest("pk").why == WHY
    with pytest.raises(WrongState, match="已在"):
        relieve(by=by, term=old.pk, why=WHY)


def test_a_term_that_has_not_begun_is_taken_back(by: Scope) -> None:
    span = Span(since=days(20))
    wish = uuid4()
    made, _ = appoint(by=by, seat=seat("B2"), who=named("何青禾"), span=span, client_id=wish)
    assert made is not None
    assert relieve(by=by, term=made.pk, why=WHY) == (None, True)
    assert not ChiefTerm.objects.filter(pk=made.pk).exists()
    assert Receipt.objects.get(client_id=wish).term is None


def test_a_substitute_stands_in_until_the_day_and_may_end_sooner(by: Scope) -> None:
    made, _ = substitute(
        by=by, seat=seat("L1"), who=named("陈木子"), span=Span(until=days(5)), reason="ill"
    )
    assert made is not None
    assert (made.standing, made.reason) == ("substitute", "ill")
    with pytest.raises(WrongState, match="陈木子代理"):
        substitute(by=by, seat=seat("L1"), who=named("苏望舒"), span=Span(until=days(2)),
                   reason="ill")  # fmt: skip
    done, _ = end_substitution(by=by, term=made.pk)
    assert done is not None
    assert done.valid.upper <= timezone.now() + timedelta(seconds=5)
    assert term("L1").person.name == "何青禾"


def test_a_handover_keeps_what_was_open_and_both_terms_know_it(by: Scope) -> None:
    inside = toy.incident(50, 70)
    toy.incident(150, 70)  # in the other house
    made = Printing.objects.create(city=toy.city(), at=timezone.now())

    def sheet(serial: int, who: str, **place: object) -> None:
        shows = {"name": f"牌{serial}", "building": who}
        Sign.objects.create(
            city=toy.city(), serial=serial, printing=made, shows=shows, hung_at=made.at, **place
        )

    house, lane = Building.objects.get(code="B1"), Lane.objects.get(code="L1")
    sheet(1, "苏望舒", building=house, at_lane=lane)
    sheet(2, "别人", building=house, at_lane=lane)  # an older name: it is stale already
    sheet(3, "苏望舒", lane=lane, at_lane=lane)  # the lane's sign is not about this house
    substitute(by=by, seat=seat("B1"), who=named("陈木子"), span=Span(until=days(5)), reason="ill")
    old = term("B1")
    new, _ = hand_over(by=by, term=old.pk, who=named("何青禾"), span=Span(), note="钥匙已交")
    assert new is not None
    handover = Handover.objects.get()
    assert (handover.before, handover.after) == (old, new)
    assert [(matter["kind"], matter["name"]) for matter in handover.matters] == [
        ("incident", inside.title), ("entrance", "榕树巷 1 号"), ("substitute", "陈木子"),
        ("sign", "牌1"),
    ]  # fmt: skip
    assert handover.matters[-1]["number"] == "S-00001"
    assert list(old.handed_over.all()) == [handover]
    assert new.taken_over == handover
    old.refresh_from_db()
    assert old.valid.upper == new.valid.lower, "not a moment without a chief"


def test_who_should_have_taken_over_can_be_taken_back_before_the_day(by: Scope) -> None:
    old = term("B1")
    new, _ = hand_over(by=by, term=old.pk, who=named("何青禾"), span=Span(days(3)))
    assert new is not None
    assert relieve(by=by, term=new.pk, why="不来了") == (None, True)
    handover = Handover.objects.get()
    assert (handover.before, handover.after) == (old, None), "the list of that day is kept"


def test_an_office_that_is_not_held_yet_is_not_handed_over(by: Scope) -> None:
    until = days(3)
    relieve(by=by, term=term("B1").pk, why="调走", at=until)
    coming, _ = appoint(by=by, seat=seat("B1"), who=named("何青禾"), span=Span(until))
    assert coming is not None
    with pytest.raises(WrongState, match="还没开始"):
        hand_over(by=by, term=coming.pk, who=named("陈木子"), span=Span(days(5)))
    assert relieve(by=by, term=coming.pk, why="不来了") == (None, True)


def test_a_lane_hands_over_its_stretches_and_what_happened_on_it(by: Scope) -> None:
    on_it = toy.incident(100, 50)
    toy.incident(20, 30)  # 78 m away
    hand_over(by=by, term=term("L1").pk, who=named("陈木子"), span=Span())
    matters = Handover.objects.get().matters
    assert [m["id"] for m in matters if m["kind"] == "incident"] == [on_it.pk]
    assert [m["kind"] for m in matters].count("stretch") == 2


Deed = Callable[[Scope], object]
REFUSED: dict[str, tuple[type[Refusal], str, Deed]] = {
    "from the past": (BadValue, "不能从过去", lambda by: appoint(
        by=by, seat=seat("B2"), who=named("何青禾"), span=Span(since=days(-2)))),
    "ends before it begins": (BadValue, "晚于开始", lambda by: appoint(
        by=by, seat=seat("B2"), who=named("何青禾"), span=Span(days(5), days(4)))),
    "nobody": (BadValue, "须选一位", lambda by: appoint(
        by=by, seat=seat("B2"), who=Who(name=" "), span=Span())),
    "a stranger": (BadValue, "没有编号为 999999", lambda by: appoint(
        by=by, seat=seat("B2"), who=Who(person=999_999), span=Span())),
    "no such building": (OutOfScope, "没有找到", lambda by: appoint(
        by=by, seat=Seat("building", 999_999), who=named("何青禾"), span=Span())),
    "no such term": (OutOfScope, "没有找到", lambda by: relieve(by=by, term=999_999, why=WHY)),
    "relieved without a reason": (BadValue, "写明原因", lambda by: relieve(
        by=by, term=term("B1").pk, why=" ")),
    "relieved in the past": (BadValue, "不能在过去", lambda by: relieve(
        by=by, term=term("B1").pk, why=WHY, at=days(-3))),
    "relieved after the end": (BadValue, "更早的日子", lambda by: relieve(
        by=by, term=term("B1").pk, why=WHY, at=days(30))),
    "renewed without an end": (WrongState, "不用续任", lambda by: renew(
        by=by, term=term("L1").pk, until=days(30))),
    "renewed to an earlier day": (BadValue, "晚于现在的任期", lambda by: renew(
        by=by, term=term("B1").pk, until=days(3))),
    "stands in without an end": (BadValue, "须有结束日", lambda by: substitute(
        by=by, seat=seat("L1"), who=named("陈木子"), span=Span(), reason="ill")),
    "stands in for no reason": (BadValue, "须选原因", lambda by: substitute(
        by=by, seat=seat("L1"), who=named("陈木子"), span=Span(until=days(2)), reason="")),
    "stands in for oneself": (BadValue, "不能自己代理自己", lambda by: substitute(
        by=by, seat=seat("L1"), who=named("何青禾"), span=Span(until=days(2)), reason="ill")),
    "nobody is away": (BadValue, "空缺期间代管", lambda by: substitute(
        by=by, seat=seat("B2"), who=named("何青禾"), span=Span(until=days(2)), reason="ill")),
    "it is not vacant": (BadValue, "本人不在的缘由", lambda by: substitute(
        by=by, seat=seat("L1"), who=named("陈木子"), span=Span(until=days(2)), reason="vacancy")),
    "handed to the holder": (BadValue, "就是现任", lambda by: hand_over(
        by=by, term=term("B1").pk, who=named("苏望舒"), span=Span())),
    "handed over after the end": (WrongState, "请用“任命”", lambda by: hand_over(
        by=by, term=term("B1").pk, who=named("何青禾"), span=Span(since=days(30)))),
    "a substitution ended as a term": (WrongState, "结束代理", lambda by: relieve(
        by=by, term=ChiefTerm.objects.get(lane__code="L2").pk, why=WHY)),
    "a term ended as a substitution": (WrongState, "免职", lambda by: end_substitution(
        by=by, term=term("B1").pk)),
    "a substitution renewed": (WrongState, "代理不能续任", lambda by: renew(
        by=by, term=ChiefTerm.objects.get(lane__code="L2").pk, until=days(9))),
    "a substitution handed over": (WrongState, "没有职务可交接", lambda by: hand_over(
        by=by, term=ChiefTerm.objects.get(lane__code="L2").pk, who=named("何青禾"), span=Span())),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "words", "deed"), REFUSED.values(), ids=REFUSED.keys())
def test_a_refusal_says_what_to_do_and_changes_nothing(
    by: Scope, kind: type[Refusal], words: str, deed: Deed
) -> None:
    before = list(ChiefTerm.objects.order_by("pk").values())
    with pytest.raises(kind, match=words):
        deed(by)
    assert list(ChiefTerm.objects.order_by("pk").values()) == before
    assert not Entry.objects.exists()


def test_who_may_appoint_where(town: City) -> None:
    cadre = toy.eyes("cadre", "A")
    appoint(by=cadre, seat=seat("B2"), who=named("何青禾"), span=Span())
    appoint(by=cadre, seat=seat("A-1"), who=named("何青禾"), span=Span())
    for code in ("B3", "B4"):
        with pytest.raises(OutOfScope):
            appoint(by=cadre, seat=seat(code), who=named("何青禾"), span=Span())
    with pytest.raises(OutOfScope):  # the street passes through B too
        relieve(by=cadre, term=term("S1").pk, why=WHY)
    both = toy.eyes("both", "A", "B")
    relieve(by=both, term=term("S1").pk, why=WHY)
    planner = toy.eyes("planner", role=Role.PLANNER)
    with pytest.raises(Refusal) as refused:
        appoint(by=planner, seat=seat("B3"), who=named("何青禾"), span=Span())
    assert isinstance(refused.value, NotYours | OutOfScope)


def test_a_wish_sent_twice_is_done_once(by: Scope) -> None:
    wish = uuid4()

    def send(until: datetime) -> tuple[ChiefTerm | None, bool]:
        return appoint(
            by=by, seat=seat("B2"), who=Who(name="新来的"), span=Span(until=until), client_id=wish
        )

    until = days(100)
    made, new = send(until)
    assert new
    assert send(until) == (made, False)
    assert Person.objects.filter(name="新来的").count() == 1
    assert Entry.objects.count() == 1
    with pytest.raises(WrongState, match="client_id"):
        send(days(101))


EVERY: dict[str, Callable[[Scope, Any], tuple[ChiefTerm | None, bool]]] = {
    "renew": lambda by, wish: renew(
        by=by, term=ChiefTerm.objects.filter(building__code="B1").earliest("pk").pk,
        until=datetime(2099, 1, 1, tzinfo=timezone.get_current_timezone()), client_id=wish),
    "relieve": lambda by, wish: relieve(
        by=by, term=ChiefTerm.objects.get(building__code="B1").pk, why=WHY, client_id=wish),
    "end": lambda by, wish: end_substitution(
        by=by, term=ChiefTerm.objects.get(lane__code="L2").pk, client_id=wish),
    "hand over": lambda by, wish: hand_over(
        by=by, term=ChiefTerm.objects.filter(lane__code="L1").earliest("pk").pk,
        who=named("陈木子"), span=Span(), client_id=wish),
    "substitute": lambda by, wish: substitute(
        by=by, seat=seat("L1"), who=named("陈木子"), reason="away", client_id=wish,
        span=Span(until=datetime(2099, 1, 1, tzinfo=timezone.get_current_timezone()))),
}  # fmt: skip


@pytest.mark.parametrize("deed", EVERY.values(), ids=EVERY.keys())
def test_every_deed_is_done_once(
    by: Scope, deed: Callable[[Scope, Any], tuple[ChiefTerm | None, bool]]
) -> None:
    wish = uuid4()
    first, done = deed(by, wish)
    assert done
    entries = Entry.objects.count()
    assert deed(by, wish) == (first, False)
    assert Entry.objects.count() == entries


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE layers_handover SET matters = '[]'",
        "UPDATE layers_handover SET after_id = NULL, note = 'x'",
        "UPDATE layers_handover SET after_id = (SELECT min(id) FROM layers_chiefterm)",
        "DELETE FROM layers_handover",
        "UPDATE layers_receipt SET verb = 'x'",
        "DELETE FROM layers_receipt",
    ],
)
def test_handovers_and_receipts_are_kept(by: Scope, attack: str) -> None:
    hand_over(by=by, term=term("L1").pk, who=named("陈木子"), span=Span(), client_id=uuid4())
    with (
        pytest.raises(IntegrityError, match="is_kept"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(attack)
