"""How to break the rules of a row of fabrics, plans, publications and jobs, one row at a time."""

from collections.abc import Callable
from uuid import uuid4

from django.contrib.gis.geos import LineString, MultiLineString, MultiPolygon, Point, Polygon
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from gridmap.layers.fabrics import Fabric, Unit, UnitEdge, UnitLineage
from gridmap.layers.jobs import Job
from gridmap.layers.people import ChiefTerm
from gridmap.layers.plans import Comment, Plan, PlanCell, PlanOp, PlanSnapshot
from gridmap.layers.publications import CellHandover, CellLineage, Publication, UnitCell
from tests import town as toy

NOTHING = DateTimeTZRange(toy.OPENED, toy.OPENED)
BOW_TIE = MultiPolygon(Polygon([(0, 0), (2, 2), (2, 0), (0, 1), (0, 0)]), srid=4326)
FAR = MultiPolygon(Polygon([(0, 0), (999, 0), (999, 1), (0, 0)]), srid=4326)


def fabric(**values: object) -> Fabric:
    standard: dict[str, object] = {
        "community": toy.community("A"), "version": 7, "current": False, "source_hash": "",
        "size": 1, "bundle": b"",
    }  # fmt: skip
    return Fabric.objects.create(**{**standard, **values})


def unit(**values: object) -> Unit:
    known = Unit.objects.all()[0]
    standard: dict[str, object] = {
        "fabric": known.fabric, "place": 99, "uid": "Lnew", "kind": "open", "block": 0,
        "area_m2": 1, "perimeter_m": 4, "geom": known.geom,
    }  # fmt: skip
    return Unit.objects.create(**{**standard, **values})


def edge(**values: object) -> UnitEdge:
    known = UnitEdge.objects.all()[0]
    standard: dict[str, object] = {
        "fabric": known.fabric, "place": 999, "a": 0, "b": 11, "length_m": 1, "level": 0,
        "geom": known.geom,
    }  # fmt: skip
    return UnitEdge.objects.create(**{**standard, **values})


def lineage(**values: object) -> UnitLineage:
    standard: dict[str, object] = {
        "fabric": Fabric.objects.all()[0], "old_uid": "La", "new_uid": "Lb", "share": 0.5,
    }  # fmt: skip
    return UnitLineage.objects.create(**{**standard, **values})


def cell(**values: object) -> PlanCell:
    standard: dict[str, object] = {"plan": Plan.objects.get(), "no": 9, "uid": uuid4()}
    return PlanCell.objects.create(**{**standard, **values})


def op(**values: object) -> PlanOp:
    standard: dict[str, object] = {
        "plan": Plan.objects.get(), "seq": 9, "kind": "paint", "client_id": uuid4(), "asked": "",
    }  # fmt: skip
    return PlanOp.objects.create(**{**standard, **values})


def snapshot() -> PlanSnapshot:
    return PlanSnapshot.objects.create(plan=Plan.objects.get(), seq=77, labels=b"")


def comment(**values: object) -> Comment:
    standard: dict[str, object] = {"plan": Plan.objects.get(), "seq": 1, "text": "看这里"}
    return Comment.objects.create(**{**standard, **values})


def publication() -> Publication:
    return Publication.objects.get_or_create(
        community=toy.community("A"), starts="2027-01-01T00:00Z", plan=Plan.objects.get()
    )[0]


def transfer() -> CellLineage:
    return CellLineage.objects.create(
        publication=publication(), source=toy.cell("A", 1), target=toy.cell("A", 2),
        households=1, buildings=1, area_m2=1,
    )  # fmt: skip


def handover(**values: object) -> CellHandover:
    standard: dict[str, object] = {
        "publication": publication(), "term": ChiefTerm.objects.filter(cell__isnull=False)[0],
        "source": toy.cell("A", 1), "target": toy.cell("A", 2), "share": 0.5,
    }  # fmt: skip
    return CellHandover.objects.create(**{**standard, **values})


def job(**values: object) -> Job:
    return Job.objects.create(**{"plan": Plan.objects.get(), "base_seq": 1, **values})


def membership(valid: DateTimeTZRange) -> UnitCell:
    return UnitCell.objects.create(
        community=toy.community("A"), uid="La1a", cell=toy.cell("A", 1), valid=valid
    )


CASES: dict[str, Callable[[], object]] = {
    "fabric_version_once": lambda: [fabric(), fabric()],
    "fabric_size": lambda: fabric(size=65_001),
    "unit_geom_valid": lambda: unit(geom=BOW_TIE),
    "unit_geom_in_world": lambda: unit(geom=FAR),
    "unit_kind": lambda: unit(kind="lake"),
    "unit_measures": lambda: unit(area_m2=0),
    "unit_place_once": lambda: unit(place=Unit.objects.all()[0].place),
    "unit_uid_once": lambda: unit(uid=Unit.objects.all()[0].uid),
    "unitedge_geom_valid": lambda: edge(
        geom=MultiLineString(LineString([(1, 1), (1, 1)]), srid=4326)
    ),
    "unitedge_geom_in_world": lambda: edge(
        geom=MultiLineString(LineString([(1, 1), (999, 1)]), srid=4326)
    ),
    "unitedge_length": lambda: edge(length_m=0),
    "unitedge_once": lambda: [edge(), edge(place=998)],
    "unitedge_place_once": lambda: [edge(), edge(b=10)],
    "lineage_once": lambda: [lineage(), lineage()],
    "lineage_share": lambda: lineage(share=1.5),
    "plan_status": lambda: Plan.objects.update(status="lost"),
    "plan_has_title": lambda: Plan.objects.update(title=""),
    "plan_fork_has_seq": lambda: Plan.objects.update(parent_seq=1),
    "plan_submitted_by_somebody": lambda: Plan.objects.update(status="in_review"),
    "plancell_no_once": lambda: [cell(), cell()],
    "plancell_uid_once": lambda: cell(uid=PlanCell.objects.all()[0].uid),
    "plancell_no_range": lambda: cell(no=0),
    "plancell_code_form": lambda: cell(code="350404001001000"),
    "plancell_kind": lambda: cell(kind="round"),
    "planop_client_once": lambda: op(client_id=PlanOp.objects.all()[0].client_id),
    "planop_seq_from_1": lambda: op(seq=0),
    "planop_kind": lambda: op(kind="guess"),
    "plansnapshot_once": lambda: [snapshot(), snapshot()],
    "comment_has_text": lambda: comment(text=""),
    "comment_place_in_world": lambda: comment(place=Point(999, 1, srid=4326)),
    "celllineage_once": lambda: [transfer(), transfer()],
    "cellhandover_of_one_thing": lambda: handover(term=None),
    "cellhandover_state": lambda: handover(state="perhaps"),
    "cellhandover_share": lambda: handover(share=2),
    "unitcell_valid_some": lambda: membership(NOTHING),
    "job_about_one_thing": lambda: job(community=toy.community("A")),
    "job_done_share": lambda: job(done=2),
    "job_ended_has_time": lambda: job(state="done"),
}
