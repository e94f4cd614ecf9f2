"""Signs: exactly those that show what is no longer true are listed, and one click replaces them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from gridmap.actions import lines, signs
from gridmap.actions.signs import Thing
from gridmap.errors import BadValue, NotYours, OutOfScope, WrongState
from gridmap.layers.journal import Entry
from gridmap.layers.lines import CommunityLine
from gridmap.layers.people import ChiefTerm, Person
from gridmap.layers.places import Building, Headcount, Lane, Street
from gridmap.layers.postings import Role, scope_of
from gridmap.layers.scope import Scope
from gridmap.layers.signs import Printing, Sign, Wanted, ledger, missing
from gridmap.layers.territory import CellEdition, City
from tests import town as toy
from tests.signing import EVERYTHING, hang_everything, stale, succeed, things


@pytest.fixture
def leader(town: City) -> Scope:
    return toy.eyes("leader", role=Role.LEADER)


@pytest.fixture
def hung(leader: Scope) -> Scope:
    """A town in which every sign hangs; its communities have lines."""
    hang_everything(leader)
    return leader


def stand_in(name: str, **seat: object) -> None:
    person = Person.objects.create(city=toy.city(), name=name)
    valid = DateTimeTZRange(timezone.now(), None)
    ChiefTerm.objects.create(
        person=person, standing="substitute", reason="leave", valid=valid, **seat
    )


def rename_cell(number: int) -> None:
    now, cell = timezone.now(), toy.cell("A", number)
    edition = CellEdition.objects.get(cell=cell)
    CellEdition.objects.filter(pk=edition.pk).update(
        valid=DateTimeTZRange(edition.valid.lower, now)
    )
    CellEdition.objects.create(
        cell=cell, code=edition.code, name="新名网格", geom=edition.geom,
        valid=DateTimeTZRange(now, None),
    )  # fmt: skip


def other_line(by_letter: str) -> None:
    community = toy.community(by_letter).pk
    lines.set_line(by=scope_of(User.objects.get(username="leader").pk), community=community,
                      phone="0598-7654321")  # fmt: skip


CHANGES: dict[str, tuple[Callable[[], object], set[str]]] = {
    "another lane chief": (
        lambda: succeed("新巷长", office="lane", lane=Lane.objects.get(code="L1")),
        {"A-1", "L1", "B1", "B2"},
    ),
    "a building chief where there was none": (
        lambda: succeed("新楼长", office="building", building=Building.objects.get(code="B2")),
        {"B2"},
    ),
    "a substitute for the street chief": (
        lambda: stand_in("代街长", office="street", street=Street.objects.get()),
        EVERYTHING,
    ),
    "another cell worker": (
        lambda: succeed("新网格员", office="cell_worker", cell=toy.cell("A", 1)),
        {"A-1", "L1", "B1"},
    ),
    "a head for a cell": (
        lambda: succeed("新网格长", office="cell_head", cell=toy.cell("A", 2)),
        {"B2"},
    ),
    "another line of community A": (lambda: other_line("A"), {"A-1", "L1", "B1", "B2"}),
    "another name of a lane": (
        lambda: Lane.objects.filter(code="L2").update(name="新坎巷"),
        {"L2", "B3"},
    ),
    "another address": (
        lambda: Building.objects.filter(code="B4").update(address="和平街 44 号"),
        {"B4"},
    ),
    "another outline of a building": (
        lambda: Building.objects.filter(code="B3").update(geom=toy.box(240, 60, 22, 20)),
        {"B3"},
    ),
    "another edition of a cell": (lambda: rename_cell(2), {"B2"}),
    "a map approval number": (
        lambda: City.objects.update(approval="闽S〔2026〕1 号"),
        EVERYTHING,
    ),
    "a person's other name": (
        lambda: Person.objects.filter(name="苏望舒").update(name="苏望"),
        {"B1"},
    ),
    "an incident and a count of people": (
        lambda: (toy.incident(50, 70), Headcount.objects.update(households=7)),
        set(),
    ),
    "a relay number": (lambda: Person.objects.update(relay_phone="0598-0000001"), set()),
    "a building without a sign of its own": (
        lambda: Building.objects.filter(code="B1").update(floors=9),
        set(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_exactly_the_signs_that_show_it_are_stale(hung: Scope, change: str) -> None:
    deed, expected = CHANGES[change]
    deed()
    assert stale(hung) == expected


def test_the_ledger_says_what_changed(hung: Scope) -> None:
    succeed("新巷长", office="lane", lane=Lane.objects.get(code="L1"))
    other_line("A")
    asked = Wanted(city=toy.city(), kind="building", state="stale")
    changed = {row["name"]: row["changed"] for row in ledger(hung, asked, now=timezone.now())}
    assert changed == {"榕树巷 1 号": ["lane", "line"], "榕树巷 2 号": ["lane", "line"]}


def test_a_change_that_is_taken_back_leaves_nothing_stale(hung: Scope) -> None:
    Lane.objects.filter(code="L2").update(name="新坎巷")
    assert stale(hung)
    Lane.objects.filter(code="L2").update(name="石坎巷")
    assert stale(hung) == set()


def test_hanging_the_new_sheet_takes_the_old_one_down(hung: Scope, town: City) -> None:
    succeed("新楼长", office="building", building=Building.objects.get(code="B2"))
    printing = signs.print_signs(by=hung, city=town, things=things("B2"))
    assert stale(hung) == {"B2"}, "a printed sheet does not hang yet"
    new = printing.signs.get()
    signs.hang_signs(by=hung, ids=[new.pk])
    assert stale(hung) == set()
    old = Sign.objects.get(replaced_by=new)
    assert (old.removed_at is not None, old.removed_by_id) == (True, hung.user_id)
    signs.take_back(by=hung, ids=[new.pk])
    assert stale(hung) == {"B2"}
    old.refresh_from_db()
    assert (old.removed_at, old.replaced_by_id) == (None, None)


def test_a_second_copy_hangs_beside_the_first(hung: Scope, town: City) -> None:
    printing = signs.print_signs(by=hung, city=town, things=things("B1"))
    signs.hang_signs(by=hung, ids=[printing.signs.get().pk])
    building = things("B1")[0].id
    assert Sign.objects.filter(building=building, removed_at=None).count() == 2


def test_a_sign_that_was_taken_down_is_stale_no_longer_and_is_missing(hung: Scope) -> None:
    sign = Sign.objects.get(building__code="B4")
    signs.remove_signs(by=hung, ids=[sign.pk])
    Building.objects.filter(code="B4").update(address="和平街 44 号")
    assert stale(hung) == set()
    lacking = missing(hung, Wanted(city=toy.city()), now=timezone.now())
    assert [row["name"] for row in lacking] == [
        "第二网格", "第一网格", "第二网格", "和平街 44 号",
    ]  # fmt: skip
    signs.take_back(by=hung, ids=[sign.pk])
    assert stale(hung) == {"B4"}


def test_numbers_follow_one_another_and_the_journal_knows_them(hung: Scope, town: City) -> None:
    printing = signs.print_signs(by=hung, city=town, things=things("A-2", "B-1"))
    assert [str(sign) for sign in printing.signs.order_by("serial")] == ["S-00008", "S-00009"]
    entry = Entry.objects.filter(verb="print_signs").order_by("pk").last()
    assert entry is not None
    assert entry.after == {"signs": ["S-00008", "S-00009"], "paper": "A4"}
    assert Entry.objects.filter(verb="hang_sign").count() == len(EVERYTHING)


def test_what_cannot_be_printed_is_refused(leader: Scope, town: City) -> None:
    for wrong in ([], [Thing("cell", n) for n in range(1, signs.MOST + 2)]):
        with pytest.raises(BadValue):
            signs.print_signs(by=leader, city=town, things=wrong)
    with pytest.raises(BadValue):
        signs.print_signs(by=leader, city=town, things=things("A-1"), paper="A0")
    with pytest.raises(OutOfScope):
        signs.print_signs(by=leader, city=town, things=[Thing("building", 999_999)])
    assert not Printing.objects.exists()


def test_a_step_that_was_taken_cannot_be_taken_again(hung: Scope) -> None:
    sign = Sign.objects.get(building__code="B1")
    with pytest.raises(WrongState):
        signs.hang_signs(by=hung, ids=[sign.pk])
    signs.remove_signs(by=hung, ids=[sign.pk])
    for deed in (signs.remove_signs, signs.hang_signs):
        with pytest.raises(WrongState):
            deed(by=hung, ids=[sign.pk])
    signs.take_back(by=hung, ids=[sign.pk])
    signs.take_back(by=hung, ids=[sign.pk])
    with pytest.raises(WrongState):
        signs.take_back(by=hung, ids=[sign.pk])


def test_each_community_has_its_own_ledger(hung: Scope, town: City) -> None:
    other_line("A")
    other_line("B")
    mine = toy.eyes("wang", "B")
    assert stale(mine) == {"L2", "B3", "B4"}
    with pytest.raises(OutOfScope):
        signs.remove_signs(by=mine, ids=[Sign.objects.get(building__code="B1").pk])
    with pytest.raises(NotYours):
        signs.print_signs(by=mine, city=town, things=things("B1"))
    with pytest.raises(OutOfScope):
        lines.set_line(by=mine, community=toy.community("A").pk, phone="0598-1")


def test_a_worker_hangs_but_does_not_print(hung: Scope, town: City) -> None:
    worker = toy.eyes("worker", role=Role.WORKER)  # of A-1
    with pytest.raises(NotYours):
        signs.print_signs(by=worker, city=town, things=things("B1"))
    printing = signs.print_signs(by=hung, city=town, things=things("B1"))
    signs.hang_signs(by=worker, ids=[printing.signs.get().pk])
    with pytest.raises(NotYours):
        lines.set_line(by=worker, community=toy.community("A").pk, phone="0598-1234567")


def test_a_line_is_kept_with_its_time(hung: Scope) -> None:
    other_line("A")
    other_line("A")  # the same again changes nothing
    kept = CommunityLine.objects.filter(community=toy.community("A")).order_by("valid")
    assert [line.phone for line in kept] == ["0598-0000001", "0598-7654321"]
    assert kept[0].valid.upper == kept[1].valid.lower
    with pytest.raises(BadValue):
        lines.set_line(by=hung, community=toy.community("A").pk, phone="call me")


def test_who_governs_the_city_opens_its_cards(leader: Scope, town: City) -> None:
    lines.show_cards(by=leader, city=town, shown=True)
    town.refresh_from_db()
    assert town.public_card
    with pytest.raises(NotYours):
        lines.show_cards(by=toy.eyes("wang", "A"), city=town, shown=False)


def test_the_database_refuses_a_sign_of_nothing_or_of_another_city(hung: Scope, town: City) -> None:
    now = timezone.now()
    sign = Sign.objects.get(building__code="B1")
    next_city = City.objects.create(
        slug="next", code="990001", name="邻城", metric_srid=toy.SRID,
        bounds=toy.box(1000, 0, 900, 900),
    )  # fmt: skip
    for wrong in (
        {"building_id": None},
        {"lane_id": Lane.objects.values_list("pk", flat=True)[0]},
        {"serial": Sign.objects.get(building__code="B2").serial},
        {"removed_at": now - timedelta(days=9)},
        {"replaced_by_id": Sign.objects.get(building__code="B2").pk},
        {"city_id": next_city.pk},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Sign.objects.filter(pk=sign.pk).update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Printing.objects.update(paper="A0")
