"""From a draft to what is in force: review, publication, taking back, and the past that stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest
import shapely
from django.utils import timezone

from gridmap.actions import plans, publications
from gridmap.actions.plans import Wish
from gridmap.errors import BadValue, NotYours, WrongState
from gridmap.layers import whereabouts
from gridmap.layers.incidents import Incident
from gridmap.layers.people import ChiefTerm, TeamArea
from gridmap.layers.places import Building
from gridmap.layers.plans import Plan
from gridmap.layers.publications import CellHandover, UnitCell
from gridmap.layers.query import rows
from gridmap.layers.scope import Scope
from gridmap.layers.territory import CellEdition
from tests import quilt
from tests import town as toy
from tests.actions.plans.drawing import (
    OLD,
    SECOND,
    Draw,
    come,
    day,
    excuse,
    merge,
    paint,
    split,
    through,
)


def cell_of(thing: Any) -> str:
    """The code, in force now, of the cell a thing lies in."""
    thing.refresh_from_db()
    return CellEdition.objects.current().get(cell=thing.cell).code


def shown() -> list[Any]:
    """What the map draws of the cells."""
    return rows("SELECT id, ST_AsText(geom) AS ground FROM tl_cell ORDER BY id", {})


def test_nothing_changes_before_the_day_and_everything_on_it(
    draw: Draw, gu: Scope, ma: Scope
) -> None:
    report = toy.incident(50, 70)  # in unit BB1
    drawn = shown()
    publication = through(draw(paint("BB1", "La1c", "La1f"), excuse(1)), gu, ma)
    building = Building.objects.get(code="B1")
    assert cell_of(report) == cell_of(building) == OLD
    assert shown() == drawn
    come(publication)
    assert cell_of(report) == cell_of(building) == SECOND
    assert report.reported_cell == toy.cell("A", 1)
    assert shown() != drawn
    grounds = CellEdition.objects.current().filter(cell__community=toy.community("A"))
    shapes = [shapely.from_wkb(bytes(one.geom.wkb)) for one in grounds]
    assert shapely.coverage_is_valid(shapes, gap_width=1e-6)
    assert CellEdition.objects.filter(cell=toy.cell("B", 1)).count() == 1


def test_a_second_person_approves_and_whoever_drew_does_not(
    draw: Draw, gu: Scope, ma: Scope
) -> None:
    plan = draw(paint("La1c"))
    with pytest.raises(WrongState):
        publications.publish(by=ma, plan=plan.pk, expect_seq=1, effective_from=day())
    publications.submit(by=gu, plan=plan.pk, expect_seq=1)
    with pytest.raises(WrongState):
        plans.undo(by=gu, plan=plan.pk, client_id=uuid4())  # frozen
    with pytest.raises(NotYours):
        publications.approve(by=gu, plan=plan.pk, expect_seq=1)
    Plan.objects.filter(pk=plan.pk).update(owner=ma.user_id)
    with pytest.raises(WrongState):
        publications.approve(by=ma, plan=plan.pk, expect_seq=1)
    publications.send_back(by=ma, plan=plan.pk, note="东门那一栋留在一格")
    plan.refresh_from_db()
    assert (plan.status, plan.review) == ("draft", "东门那一栋留在一格")
    with pytest.raises(WrongState):
        publications.submit(by=gu, plan=plan.pk, expect_seq=7)


@pytest.mark.parametrize(
    ("op", "code"),
    [
        (paint("La1a", to=0), "unassigned"),
        (paint("La1b", "BB1"), "apart"),  # a, d on one side, c, f on the other
        (split("La1a"), "under"),
    ],
    ids=["unassigned", "apart", "under the band"],
)
def test_a_draft_with_a_fault_is_not_handed_in(draw: Draw, gu: Scope, op: Wish, code: str) -> None:
    plan = draw(op)
    with pytest.raises(WrongState) as refused:
        publications.submit(by=gu, plan=plan.pk, expect_seq=1)
    assert code in {fault["code"] for fault in refused.value.detail["faults"]}  # type: ignore[attr-defined]


def test_a_reason_excuses_a_cell_outside_the_band(draw: Draw, gu: Scope) -> None:
    plan = draw(split("La1a"), excuse(3))
    assert publications.submit(by=gu, plan=plan.pk, expect_seq=2).status == "in_review"


def test_the_day_is_a_coming_one(draw: Draw, gu: Scope, ma: Scope) -> None:
    plan = draw(paint("La1c"))
    publications.submit(by=gu, plan=plan.pk, expect_seq=1)
    publications.approve(by=ma, plan=plan.pk, expect_seq=1)
    for wrong in (timezone.localdate(), timezone.localdate() + timedelta(days=999)):
        with pytest.raises(BadValue):
            publications.publish(by=ma, plan=plan.pk, expect_seq=1, effective_from=wrong)


def test_a_second_change_waits_until_the_first_is_in_force(
    draw: Draw, gu: Scope, ma: Scope
) -> None:
    plan, other = draw(paint("La1c")), draw(paint("La1f"))
    through(plan, gu, ma)
    with pytest.raises(WrongState, match="待生效"):
        through(other, gu, ma)


def test_codes_of_cells_that_end_are_never_given_again(draw: Draw, gu: Scope, ma: Scope) -> None:
    come(through(draw(merge()), gu, ma))
    current = CellEdition.objects.current().filter(cell__community=toy.community("A"))
    assert [edition.code for edition in current] == [SECOND]
    publication = through(draw(split("La1a", "La1d", "BB1", "La1b")), gu, ma)
    come(publication)
    codes = sorted(current.values_list("code", flat=True))
    assert codes == [SECOND, "350404001001003"]


def test_a_new_cell_inherits_its_chief_and_a_small_share_asks(
    draw: Draw, gu: Scope, ma: Scope
) -> None:
    """New cell of BB1 and BB2: 100 households of A-1, 200 of A-2, hence two thirds of A-2."""
    ChiefTerm.objects.create(
        office="cell_head",
        cell=toy.cell("A", 2),
        person=ChiefTerm.objects.get(office="cell_worker").person,
        valid=toy.ALWAYS,
    )
    publication = through(draw(split("BB1", "La1f", "La2d", "BB2"), excuse(1, 2)), gu, ma)
    waiting = CellHandover.objects.filter(publication=publication)
    assert {(one.state, one.share) for one in waiting} == {("proposed", 0.6667)}
    head = waiting.get(term__office="cell_head")
    publications.decide_handover(by=ma, handover=head.pk, accept=True)
    made = ChiefTerm.objects.get(cell=head.target)
    assert (made.person, made.valid.lower) == (head.term and head.term.person, publication.starts)
    with pytest.raises(WrongState):
        publications.decide_handover(by=ma, handover=head.pk, accept=False)


def test_what_ends_with_a_cell_goes_to_its_heir_at_once_when_it_is_sure(
    draw: Draw, gu: Scope, ma: Scope
) -> None:
    everything = Wish(id=uuid4(), kind="split", units=quilt.cell_units("A", 1))
    publication = through(draw(everything), gu, ma)
    worker = ChiefTerm.objects.get(office="cell_worker", cell=toy.cell("A", 1))
    assert worker.valid.upper == publication.starts
    heir = ChiefTerm.objects.get(office="cell_worker", valid__startswith=publication.starts)
    assert heir.person == worker.person
    assert TeamArea.objects.filter(cell=heir.cell, valid__upper_inf=True).exists()
    publications.withdraw(by=ma, publication=publication.pk)
    assert not ChiefTerm.objects.filter(pk=heir.pk).exists()
    again = ChiefTerm.objects.get(cell=worker.cell, valid__contains=publication.starts)
    assert (again.person, again.valid.upper) == (worker.person, None)


def state_of_town() -> list[Any]:
    """Everything a publication may touch."""
    return [
        list(CellEdition.objects.order_by("pk").values_list("cell", "code", "name", "valid")),
        list(ChiefTerm.objects.order_by("pk").values_list("pk", "cell", "valid")),
        list(TeamArea.objects.order_by("pk").values_list("pk", "cell", "valid")),
        list(Building.objects.order_by("pk").values_list("pk", "cell")),
    ]


def test_a_publication_can_be_withdrawn_before_its_day(draw: Draw, gu: Scope, ma: Scope) -> None:
    plan, before = draw(split("BB1", "La1b", "La1c", "La1f"), excuse(1)), state_of_town()
    publication = through(plan, gu, ma)
    assert state_of_town() != before
    publications.withdraw(by=ma, publication=publication.pk)
    assert state_of_town() == before
    plan.refresh_from_db()
    assert plan.status == "approved"
    again = publications.publish(by=ma, plan=plan.pk, expect_seq=2, effective_from=day())
    come(again)
    with pytest.raises(WrongState):
        publications.withdraw(by=ma, publication=again.pk)


def test_the_division_before_can_be_brought_back(draw: Draw, gu: Scope, ma: Scope) -> None:
    def division() -> list[tuple[str, bytes]]:
        mine = CellEdition.objects.current().filter(cell__community=toy.community("A"))
        return [(one.code, bytes(one.geom.wkb)) for one in mine]

    before = division()
    publication = through(draw(merge()), gu, ma)
    come(publication)
    assert len(division()) == 1
    come(publications.revert(by=ma, publication=publication.pk, effective_from=day()))
    assert division() == before
    assert cell_of(Building.objects.get(code="B1")) == OLD


def test_where_an_address_was_on_every_day(draw: Draw, gu: Scope, ma: Scope) -> None:
    come(through(draw(paint("BB1", "La1c", "La1f"), excuse(1)), gu, ma))
    city, building = toy.city(), Building.objects.get(code="B1")
    then, now = datetime(2025, 1, 1, tzinfo=UTC), timezone.now()
    for moment, code in ((then, OLD), (now, SECOND)):
        at_place = whereabouts.cell_at(city, toy.at(50, 70), moment)
        by_building = whereabouts.cell_of_building(city, building.pk, moment)
        assert at_place == by_building
        assert at_place is not None
        assert at_place["code"] == code
    assert whereabouts.cell_at(city, toy.at(50, 70), datetime(2020, 1, 1, tzinfo=UTC)) is None
    spans = UnitCell.objects.filter(uid="BB1").order_by("valid")
    assert [span.cell for span in spans] == [toy.cell("A", 1), toy.cell("A", 2)]
    assert spans[0].valid.upper == spans[1].valid.lower


def test_figures_of_the_past_are_the_same_to_the_byte_after_a_redraw(
    draw: Draw, gu: Scope, ma: Scope
) -> None:
    then = timezone.now() - timedelta(days=60)
    for east in (50, 150):
        toy.incident(east, 70, reported_at=then, filed_at=then)
        toy.incident(
            east, 70, state="closed", reported_at=then, filed_at=then,
            closed_at=then + timedelta(hours=9),
        )  # fmt: skip

    def quarter() -> bytes:
        since, until = then - timedelta(days=30), then + timedelta(days=30)
        return orjson.dumps(whereabouts.reported_by_cell(ma, toy.city(), since, until))

    before = quarter()
    assert [row["reported"] for row in orjson.loads(before)] == [2, 2]
    come(through(draw(merge()), gu, ma))
    assert quarter() == before
    # The control: counted by the cell they are in now, the same cases tell another story.
    now = Incident.objects.filter(light__gt=0).values_list("cell", flat=True)
    assert set(now) == {toy.cell("A", 2).pk}
