"""What a redrawing will change, told beforehand, against what the tables say afterwards."""

from __future__ import annotations

import pytest
from django.db.models import F
from django.utils import timezone

from gridmap.layers import divisions, plan_states
from gridmap.layers.bundles import bundle_of
from gridmap.layers.impact import impact_of
from gridmap.layers.places import Building
from gridmap.layers.publications import CellLineage
from gridmap.layers.query import rows
from gridmap.layers.scope import Scope
from gridmap.layers.signs import Printing, Sign
from tests import quilt
from tests import town as toy
from tests.actions.plans.drawing import (
    OLD,
    SECOND,
    Draw,
    come,
    excuse,
    merge,
    paint,
    split,
    through,
)


def test_the_statement_counts_what_really_moves(draw: Draw, gu: Scope, ma: Scope) -> None:
    """Counts beforehand against what the tables say afterwards, by plain SQL."""
    toy.incident(50, 70)
    toy.incident(30, 20)
    plan = draw(paint("BB1", "La1c", "La1f"), excuse(1))
    before = positions()
    drawn = divisions.pictures(plan.fabric_id, plan_states.head_of(plan), plan.community)
    told = impact_of(plan, drawn)
    assert told["figures"]["households_moved"] == 100
    assert [(t["mark"], t["source_code"], t["target_code"]) for t in told["transfers"]] == [
        ("甲", OLD, SECOND)
    ]
    publication = through(plan, gu, ma)
    come(publication)
    after = positions()
    for kind in ("buildings", "incidents", "party_units", "stretches"):
        moved = {pk for pk, cell in after[kind].items() if before[kind][pk] != cell}
        assert {row["id"] for row in told["lists"][kind]} == moved, kind
        assert told["counts"][kind] == len(moved)
    assert told["counts"]["buildings"] == told["counts"]["incidents"] == 1
    assert {row["name"] for row in told["lists"]["chiefs"]} >= {"苏望舒", "陈木子"}
    (went,) = CellLineage.objects.exclude(source=F("target"))
    assert (went.households, went.buildings) == (100, 1)
    assert went.area_m2 == pytest.approx(30 * 50 + 2 * 35 * 50)


def test_the_signs_to_reprint_are_those_of_the_ledger(draw: Draw, gu: Scope, ma: Scope) -> None:
    printing = Printing.objects.create(city=toy.city(), at=timezone.now())

    def sheet(serial: int, *, removed: bool = False, **thing: object) -> int:
        gone = timezone.now() if removed else None
        made = Sign.objects.create(
            city=toy.city(), serial=serial, printing=printing, removed_at=gone, **thing
        )
        return made.serial

    moves, stays = Building.objects.get(code="B1"), Building.objects.get(code="B2")
    hanging = {sheet(1, building=moves), sheet(2, cell=toy.cell("A", 1))}
    sheet(3, building=moves, removed=True)
    sheet(4, building=stays)
    sheet(5, cell=toy.cell("B", 1))
    plan = draw(paint("BB1", "La1c", "La1f"), excuse(1))
    drawn = divisions.pictures(plan.fabric_id, plan_states.head_of(plan), plan.community)
    told = impact_of(plan, drawn)
    assert {row["serial"] for row in told["lists"]["signs"]} == hanging
    assert {(row["kind"], row["label"]) for row in told["lists"]["signs"]} == {
        ("building", str(moves)),
        ("cell", OLD),
    }
    assert told["counts"]["signs"] == len(hanging)


def positions() -> dict[str, dict[int, int]]:
    tables = {
        "buildings": "building", "incidents": "incident", "party_units": "partyunit",
        "stretches": "stretch",
    }  # fmt: skip
    return {
        kind: {row["id"]: row["cell_id"] for row in rows(f"SELECT id, cell_id FROM layers_{t}", {})}
        for kind, t in tables.items()
    }


def test_two_divisions_are_compared_whatever_their_number_of_cells(draw: Draw, gu: Scope) -> None:
    plan = draw(split("BB1", "La1b"), merge())
    fabric = plan.fabric
    bundle = bundle_of(fabric.pk)
    found = divisions.compare(divisions.in_force(fabric), plan_states.head_of(plan), bundle)
    assert sorted(bundle.uids[place] for place in found.moved) == sorted(quilt.cell_units("A", 1))
    assert sum(row["households"] for row in found.transfers) == 100
    assert [row["units"] for row in found.transfers] == [2, 4]
    assert found.retained == pytest.approx(1 - 100 / 300, abs=1e-4)
