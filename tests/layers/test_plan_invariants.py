"""What the database refuses about fabrics and plans, whoever writes."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from gridmap.actions import plans
from gridmap.layers.fabrics import Fabric, Unit, UnitEdge
from gridmap.layers.plans import Plan, PlanCell, PlanOp, Reservation
from gridmap.layers.postings import Role
from gridmap.layers.publications import Publication, UnitCell
from gridmap.layers.territory import Cell, CellEdition
from tests import quilt
from tests import town as toy
from tests.layers import breaking_plans


@pytest.fixture
def draft(town: object) -> Plan:
    """A draft with one operation."""
    quilt.lay("A")
    by = toy.eyes("gu", role=Role.PLANNER)
    plan = plans.open_draft(by=by, community=toy.community("A").pk, title="稿")
    wish = plans.Wish(id=uuid4(), kind="paint", units=("La1c",), to=2)
    plans.apply_ops(by=by, plan=plan.pk, base_seq=0, ops=[wish])
    return plan


def edge(**values: object) -> UnitEdge:
    known = UnitEdge.objects.all()[0]
    standard = {
        "fabric": known.fabric,
        "place": 999,
        "a": 0,
        "b": 11,
        "length_m": 1,
        "level": 0,
    }
    return UnitEdge.objects.create(geom=known.geom, **{**standard, **values})


def op(**values: object) -> PlanOp:
    standard = {"plan": Plan.objects.get(), "seq": 9, "kind": "paint", "client_id": uuid4()}
    return PlanOp.objects.create(asked="", **{**standard, **values})


def cell(**values: object) -> PlanCell:
    standard = {"plan": Plan.objects.get(), "no": 9, "uid": uuid4()}
    return PlanCell.objects.create(**{**standard, **values})


def reborn_code() -> None:
    """The code of a cell that has ended goes to another one."""
    ended = CellEdition.objects.get(code="350404001001001")
    CellEdition.objects.filter(pk=ended.pk).update(
        valid=DateTimeTZRange(ended.valid.lower, "2025-01-01T00:00Z")
    )
    other = Cell.objects.create(uid=uuid4(), community=ended.cell.community)
    CellEdition.objects.create(
        cell=other,
        code=ended.code,
        name="",
        geom=ended.geom,
        valid=DateTimeTZRange("2026-01-01T00:00Z", None),
    )


def units_of(letter: str) -> UnitCell:
    return UnitCell.objects.create(
        community=toy.community("A"), uid="La1a", cell=toy.cell(letter, 1), valid=toy.ALWAYS
    )


def publication(**values: object) -> Publication:
    standard = {"community": toy.community("A"), "starts": "2027-01-01T00:00Z"}
    return Publication.objects.create(**{**standard, **values})


CASES: dict[str, Callable[[], object]] = {
    **breaking_plans.CASES,
    "unitedge_b_is_a_unit": lambda: edge(b=99),
    "unitedge_lower_first": lambda: edge(a=3, b=3),
    "unitedge_level": lambda: edge(level=5),
    "unit_uid_form": lambda: Unit.objects.filter(uid="La1a").update(uid="001"),
    "fabric_one_current": lambda: Fabric.objects.create(
        community=toy.community("A"), version=2, source_hash="", size=1, bundle=b""
    ),
    "fabric_is_kept": lambda: Fabric.objects.update(size=3),
    "plan_fabric_of_its_community": lambda: Plan.objects.update(community=toy.community("B")),
    "plan_approved_by_a_second_person": lambda: Plan.objects.update(
        status="approved", submitted_by=Plan.objects.get().owner,
        reviewed_by=Plan.objects.get().owner,
    ),
    "plan_band": lambda: Plan.objects.update(lowest=500, highest=500),
    "planop_is_kept": lambda: PlanOp.objects.update(new=[1]),
    "planop_labels_of_units": lambda: op(units=[1], old=[], new=[1]),
    "planop_of": lambda: op(kind="undo"),
    "planop_seq_once": lambda: op(seq=1),
    "plancell_of_its_community": lambda: cell(
        cell=toy.cell("B", 1), uid=toy.cell("B", 1).uid
    ),
    "plancell_code_once": lambda: cell(code="350404001001001"),
    "reservation_one_holder": lambda: Reservation.objects.bulk_create(
        Reservation(
            plan=Plan.objects.get(), no=1, holder=Plan.objects.get().owner,
            until="2027-01-01T00:00Z",
        )
        for _ in range(2)
    ),
    "celledition_code_of_one_cell": reborn_code,
    "unitcell_cell_of_its_community": lambda: units_of("B"),
    "unitcell_one_at_a_time": lambda: [units_of("A"), units_of("A")],
    "publication_of_a_plan_or_back": publication,
    "publication_one_a_midnight": lambda: [publication(plan=Plan.objects.get()) for _ in range(2)],
}  # fmt: skip


@pytest.mark.parametrize("rule", CASES)
def test_the_database_refuses(draft: Plan, rule: str) -> None:
    def attempt() -> None:
        CASES[rule]()
        with connection.cursor() as cursor:
            cursor.execute("SELECT gridmap_check_now()")

    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        attempt()


def test_what_holds_the_rules_is_taken(draft: Plan) -> None:
    """The control: the same rows, as they should be."""
    edge()
    op()
    cell(code="350404001001003")
    units_of("A")
    publication(plan=draft)
    PlanOp.objects.filter(seq=1).update(undone_at=2)
