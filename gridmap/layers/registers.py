"""What stands in the registration form of a plan: cells as they will be, changes, exceptions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from gridmap.geo.division_files import Drawn, multi
from gridmap.layers import divisions, plan_states
from gridmap.layers.bundles import bundle_of
from gridmap.layers.changes import IN_FORCE, Pair, marked, other_side
from gridmap.layers.city_settings import CitySetting, city_setting
from gridmap.layers.divisions import Picture
from gridmap.layers.impact import impact_of
from gridmap.layers.people import ChiefTerm
from gridmap.layers.plan_drawing import drawing_sheet
from gridmap.layers.plan_faults import faults_of
from gridmap.layers.plan_figures import figures_of
from gridmap.layers.plan_form import Column, Form
from gridmap.layers.plan_guard import in_a_file
from gridmap.layers.plans import Plan
from gridmap.layers.territory import CellEdition

COUNTED = ("households", "buildings", "incidents", "party_units")
RESPONSIBLE = ("cell_head", "cell_worker")


@dataclass(frozen=True)
class Register:
    """A plan as it is entered into the books.

    Attributes:
        plan: whose it is.
        pair: the division in force, and the plan's.
        drawn: the plan's cells with their ground.
        cells: one row a cell: figures, who answers, from when until when, what becomes of it.
        changes: of the impact statement, and those that move ground only.
        marks: of each transfer between the two divisions.
        faults: with their reasons.
    """

    plan: Plan
    pair: Pair
    drawn: list[Picture]
    cells: list[dict[str, Any]]
    changes: list[dict[str, Any]]
    marks: list[str]
    faults: list[dict[str, Any]]


def register_of(plan: Plan, *, singly: bool) -> Register:
    """Return what is entered of a plan as it is now.

    Args:
        plan: a plan.
        singly: whether whoever asks sees everything of its community one by one; small figures of
            people and incidents are left out all the same: files go from hand to hand.
    """
    least = city_setting(CitySetting.Name.SMALL_NUMBER, plan.community.subdistrict.city_id)
    state, bundle = plan_states.head_of(plan), bundle_of(plan.fabric_id)
    before, _lost = other_side(plan, IN_FORCE, Plan.objects.none())
    pair = Pair(plan.community, plan.fabric, before, state)
    drawn = divisions.pictures(plan.fabric_id, state, plan.community)
    codes = {fields["uid"]: fields["code"] for fields in before.cells.values()}
    codes |= {one.fields["uid"]: one.fields["code"] for one in drawn}
    moved, marks = marked(pair.compared(), impact_of(plan, drawn)["transfers"], codes)
    changes = [
        {**row, "incidents": in_a_file(row["incidents"], least, singly=singly)} for row in moved
    ]
    cells = [
        {**row, "residents": in_a_file(row["residents"], least, singly=singly)}
        for row in _cells(plan, pair, drawn, changes)
    ]
    return Register(
        plan=plan,
        pair=pair,
        drawn=drawn,
        cells=cells,
        changes=changes,
        marks=marks,
        faults=faults_of(plan, state, bundle),
    )


def _cells(
    plan: Plan, pair: Pair, drawn: list[Picture], changes: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    bundle = bundle_of(plan.fabric_id)
    homes = bundle.arrays["building"] > 0
    labels = pair.after.labels
    figures = {row["no"]: row for row in figures_of(labels, bundle, pair.after.cells)}
    zone = ZoneInfo(pair.city.time_zone)
    running = {
        str(edition.cell.uid): edition
        for edition in CellEdition.objects.current()
        .filter(cell__community=plan.community)
        .select_related("cell")
    }
    who = _responsible([edition.cell_id for edition in running.values()])
    touched = {uid for row in changes for uid in (row["source"], row["target"]) if uid}
    starts = plan.wanted_from
    rows = []
    for one in drawn:
        edition = running.get(one.fields["uid"])
        changed = edition is None or one.fields["uid"] in touched
        rows.append(
            {
                **one.fields,
                **figures[one.no],
                "buildings": int(homes[labels == one.no].sum()),
                "kind_word": _(str(CellEdition.Kind(one.fields["kind"]).label)),
                "responsible": who.get(edition.cell_id, "") if edition else "",
                "since": _day(starts if changed or edition is None else _began(edition, zone)),
                "until": "",
                "note": _("新设") if edition is None else _("范围有变") if changed else _("不变"),
            }
        )
    gone = [
        edition for uid, edition in running.items() if uid not in {o.fields["uid"] for o in drawn}
    ]
    return rows + [_retired(edition, who, zone, starts) for edition in gone]


def _retired(
    edition: CellEdition, who: dict[int, str], zone: ZoneInfo, starts: date | None
) -> dict[str, Any]:
    return {
        "no": 0, "code": edition.code, "name": edition.name, "kind": edition.kind,
        "kind_word": _(str(CellEdition.Kind(edition.kind).label)), "use": edition.use,
        "households": 0, "residents": 0, "buildings": 0, "area_m2": 0.0,
        "responsible": who.get(edition.cell_id, ""), "since": _day(_began(edition, zone)),
        "until": _day(starts), "note": _("停用"),
    }  # fmt: skip


def _began(edition: CellEdition, zone: ZoneInfo) -> date | None:
    lower: datetime | None = edition.valid.lower
    return lower.astimezone(zone).date() if lower else None


def _day(day: date | None) -> str:
    return day.isoformat() if day else _("待定")


def _responsible(cells: list[int]) -> dict[int, str]:
    """Who answers for a cell now: its head, else its worker."""
    terms = (
        ChiefTerm.objects.current()
        .filter(cell_id__in=cells, office__in=RESPONSIBLE)
        .order_by("-office", "pk")
    )
    return {cell: name for cell, name in terms.values_list("cell_id", "person__name") if cell}


def drawn_of(plan: Plan, *, singly: bool) -> Drawn:
    """Return a plan as it is now, ready to be written into a file for other programs."""
    found = register_of(plan, singly=singly)
    bundle = bundle_of(plan.fabric_id)
    codes = {one.no: one.fields["code"] for one in found.drawn}
    labels = found.pair.after.labels.tolist()
    households = bundle.arrays["households"].tolist()
    marks = ("mark", "source_code", "target_code", "households", "buildings", "incidents")
    return Drawn(
        title=f"{_('网格划分登记表')} {plan.community.name} {plan.title}",
        cells=[row for row in found.cells if row["no"]],
        gone=[row for row in found.cells if not row["no"]],
        shapes=[multi(one.geom) for one in found.drawn],
        units=[
            (uid, label, codes.get(label, ""), lived)
            for uid, label, lived in zip(bundle.uids, labels, households, strict=True)
        ],
        changes=[tuple(row[name] for name in (*marks, "party_units")) for row in found.changes],
        heads=_heads(),
    )


def _heads() -> tuple[list[str], list[str], list[str]]:
    cells = [_("网格"), _("序号"), _("编码"), _("名称"), _("类型"), _("户数"), _("人口")]
    cells += [_("楼栋"), _("面积（平方米）"), _("用途"), _("负责人"), _("起"), _("止"), _("说明")]
    changes = [_("变动"), _("标记"), _("原网格"), _("新网格"), _("户数"), _("楼栋")]
    changes += [_("未结事件"), _("党组织单位")]
    units = [_("地块"), _("地块编号"), _("序号"), _("编码"), _("户数")]
    return cells, changes, units


def form_pdf(plan: Plan, *, singly: bool) -> bytes:
    """Return the registration form as a PDF of A4 sheets."""
    found = register_of(plan, singly=singly)
    counted = _written(Form(plan), found)  # how many sheets there are is known only when written
    counted.paper.leave()
    return _written(Form(plan, counted.sheets), found).done()


def drawing_pdf(plan: Plan) -> bytes:
    """Return the drawing of what changes as a PDF, A3."""
    found = register_of(plan, singly=False)
    return drawing_sheet(plan, found.pair, found.marks)


def _told(figure: int | None) -> str:
    return "—" if figure is None else str(figure)


def _written(form: Form, found: Register) -> Form:
    form.turn()
    form.heading(_("一、网格"))
    form.table(
        [
            Column(_("编码"), 36), Column(_("名称"), 34), Column(_("类型"), 18),
            Column(_("用途"), 16), Column(_("户数"), 15, "R"), Column(_("人口"), 15, "R"),
            Column(_("楼栋"), 13, "R"), Column(_("面积（平方米）"), 27, "R"),
            Column(_("负责人"), 24), Column(_("起"), 24), Column(_("止"), 24),
            Column(_("说明"), 25),
        ],
        [
            [
                row["code"], row["name"], row["kind_word"], row["use"] or "—",
                str(row["households"]), _told(row["residents"]), str(row["buildings"]),
                f"{row['area_m2']:.0f}", row["responsible"] or "—", row["since"],
                row["until"] or "—", row["note"],
            ]
            for row in found.cells
        ],
    )  # fmt: skip
    form.heading(_("二、变化"))
    form.table(
        [
            Column(_("标记"), 20), Column(_("原网格"), 44), Column(_("新网格"), 44),
            Column(_("户数"), 26, "R"), Column(_("楼栋"), 26, "R"),
            Column(_("未结事件"), 30, "R"), Column(_("党组织单位"), 34, "R"),
        ],
        [
            [row["mark"], row["source_code"] or "—", row["target_code"] or "—",
             *(_told(row[name]) for name in COUNTED)]
            for row in found.changes
        ] or [[_("没有变化"), "", "", "", "", "", ""]],
    )  # fmt: skip
    excused = [fault for fault in found.faults if fault["reason"]]
    if excused:
        codes = {one.no: one.fields["code"] for one in found.drawn}
        form.heading(_("三、例外"))
        form.table(
            [Column(_("编码"), 40), Column(_("户数"), 24, "R"), Column(_("理由"), 200)],
            [[codes.get(f["no"], ""), str(f["households"]), f["reason"]] for f in excused],
        )
    form.hands()
    return form
