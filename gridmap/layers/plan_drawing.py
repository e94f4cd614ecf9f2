"""The drawing beside a registration form: old lines dotted, new ones solid, on one sheet."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from django.utils import timezone
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from gridmap.layers import paper_map
from gridmap.layers.changes import ChangeMap, Pair, change_map, outline_of
from gridmap.layers.drawing import Drawing, Shape
from gridmap.layers.paper import INK, PALE, SOFT, WHITE, Paper
from gridmap.layers.paper_map import Sheet
from gridmap.layers.plans import Plan

# Millimetres of an A4 sheet that lies; everything grows with the paper.
WIDE, HIGH, EDGE = 297.0, 210.0, 8.5
SIDE = 66.0  # of the column beside the map
MAP = (EDGE, 20.0, WIDE - SIDE - 2 * EDGE - 3, HIGH - 20.0 - EDGE)
OLD = (107, 116, 128)
HATCH = (150, 140, 175)
HATCH_MM = 1.4  # between two lines of a hatch
MOST_ROWS = 24


def drawing_sheet(plan: Plan, pair: Pair, marks: list[str]) -> bytes:
    """Return the drawing of a plan as a PDF, A3, true to scale."""
    paper = Paper("A3", wide=True)
    paper.set_title(_("网格划分变化图"))
    paper.add_page()
    outline = outline_of(pair.community)
    x, y, width, height = MAP
    scale = paper_map.scale_for(outline, width * paper.grown, height * paper.grown)
    sheet = Sheet(x, y, width, height, scale, paper.grown)
    found = pair.compared()
    shown = change_map(pair, found, marks, paper_map.frame_for(outline, sheet))
    with paper.rect_clip(*(side * paper.grown for side in MAP)):
        _ground(paper, sheet, shown)
        paper_map.names(paper, sheet, shown.ground)
        _veil(paper, sheet, shown)
        _changes(paper, sheet, shown)
        _codes(paper, sheet, shown)
        paper_map.bar(paper, sheet)
        paper_map.north(paper, sheet)
    paper.set_draw_color(*INK)
    paper.set_line_width(0.35 * paper.grown)
    paper.box(x, y, (width, height), "D")
    _title(paper, plan, pair)
    _side(paper, plan, shown, scale)
    return bytes(paper.output())


def _shapes(shape: BaseGeometry) -> list[Shape]:
    return [Shape(0, "", shape)] if not shape.is_empty else []


def _ground(paper: Paper, sheet: Sheet, shown: ChangeMap) -> None:
    ground: Drawing = shown.ground
    x, y, width, height = MAP
    paper.set_fill_color(*paper_map.LAND)
    paper.box(x, y, (width, height))
    paper.set_line_width(0.1 * paper.grown)
    for kind, colour in paper_map.GROUND.items():
        held = [one for one in ground.shapes.get("ground", []) if one.name == kind]
        paper_map.fill(paper, sheet, ground, held, colour)
    paper.set_draw_color(*PALE)
    ways = [*ground.shapes.get("streets", []), *ground.shapes.get("lanes", [])]
    paper_map.fill(paper, sheet, ground, ways, paper_map.STREET, "DF")
    paper.set_draw_color(*paper_map.HOUSE_EDGE)
    homes = ground.shapes.get("buildings", [])
    paper_map.fill(paper, sheet, ground, homes, paper_map.HOUSE, "DF")


def _veil(paper: Paper, sheet: Sheet, shown: ChangeMap) -> None:
    """Let the ground outside the community stand back."""
    frame = shown.frame.polygon()
    middle = shown.outline.representative_point().x
    west, south, east, north = frame.bounds
    # In two halves: what is filled here must have no hole.
    halves = (shapely.box(west, south, middle, north), shapely.box(middle, south, east, north))
    around = [Shape(0, "", shapely.difference(half, shown.outline)) for half in halves]
    with paper.local_context(fill_opacity=0.62):
        paper_map.fill(paper, sheet, shown.ground, around, WHITE)


def _changes(paper: Paper, sheet: Sheet, shown: ChangeMap) -> None:
    for patch in shown.patches:
        hatch = _shapes(_hatched(patch.shape, sheet.metres(HATCH_MM)))
        paper_map.lines(paper, sheet, shown.ground, hatch, 0.15, HATCH)
    paper_map.lines(paper, sheet, shown.ground, _shapes(shown.kept), 0.35, INK)
    paper.set_dash_pattern(dash=0.5 * paper.grown, gap=0.9 * paper.grown)
    paper_map.lines(paper, sheet, shown.ground, _shapes(shown.gone), 0.5, OLD)
    paper.set_dash_pattern()
    paper_map.lines(paper, sheet, shown.ground, _shapes(shown.new), 1.0, INK)
    paper.set_dash_pattern(dash=4 * paper.grown, gap=1.4 * paper.grown)
    paper_map.lines(paper, sheet, shown.ground, _shapes(shown.outline), 0.8, INK)
    paper.set_dash_pattern()


def _hatched(area: BaseGeometry, step: float) -> BaseGeometry:
    """Slanting lines over an area."""
    west, south, east, north = area.bounds
    high = north - south
    starts = np.arange(west - high, east, step)
    ends = np.stack([starts, np.full_like(starts, south), starts + high,
                     np.full_like(starts, north)], axis=1).reshape(-1, 2, 2)  # fmt: skip
    return shapely.intersection(shapely.multilinestrings(shapely.linestrings(ends)), area)


def _codes(paper: Paper, sheet: Sheet, shown: ChangeMap) -> None:
    for cell in shown.cells:
        x, y = sheet.place(cell.x, cell.y, shown.frame)
        paper.style(10, bold=True, colour=SOFT if cell.after is None else INK)
        paper.haloed(x, y, cell.code[-3:])
        paper.style(7.5, colour=SOFT)
        paper.haloed(x, y + 3.4, _word(cell.before, cell.after))
    for patch in shown.patches:
        for middle in patch.middles:
            x, y = sheet.place(*middle, shown.frame)
            paper.set_fill_color(*INK)
            paper.dot(x, y, 2.4, "F")
            paper.style(8, bold=True, colour=WHITE)
            paper.write_at(x, y + 1.0, patch.mark, "C")


def _word(before: int | None, after: int | None) -> str:
    if after is None:
        return _("停用")
    if before is None:
        return _("新设 %(n)s 户") % {"n": after}
    return _("%(n)s 户") % {"n": after} if before == after else f"{before} → {after}"


def _title(paper: Paper, plan: Plan, pair: Pair) -> None:
    subdistrict = pair.community.subdistrict
    paper.style(15, bold=True)
    paper.write_at(EDGE, 12, paper.shortened(f"{_('网格划分变化图')}  {plan.title}", 180))
    paper.style(8.5, colour=SOFT)
    path = f"{pair.city.name} · {subdistrict.name} · {pair.community.name} {pair.community.code}"
    paper.write_at(EDGE, 17.5, path)


def _side(paper: Paper, plan: Plan, shown: ChangeMap, scale: int) -> None:
    left, right = WIDE - EDGE - SIDE, WIDE - EDGE
    y = _legend(paper, shown, left, MAP[1] + 4)
    paper.style(8.5, bold=True)
    paper.write_at(left, y, _("编码与户数"))
    paper.line_at(left, y + 1.6, right, 0.2, PALE)
    y += 5.2
    for cell in shown.cells[:MOST_ROWS]:
        paper.style(7.5)
        paper.write_at(left, y, cell.code)
        paper.write_at(left + 31, y, paper.shortened(cell.name, 17))
        paper.write_at(right, y, _word(cell.before, cell.after), "R")
        y += 4.1
    if len(shown.cells) > MOST_ROWS:
        paper.write_at(left, y, _("其余 %(n)s 格见登记表") % {"n": len(shown.cells) - MOST_ROWS})
    _facts(paper, plan, scale, left, right)


def _legend(paper: Paper, shown: ChangeMap, left: float, y: float) -> float:
    paper.style(8.5, bold=True)
    paper.write_at(left, y, _("图例"))
    rows = (
        (_("新增界线"), 1.0, INK, None),
        (_("取消界线"), 0.5, OLD, (0.5, 0.9)),
        (_("不变界线"), 0.35, INK, None),
        (_("社区界"), 0.8, INK, (4.0, 1.4)),
    )
    for word, width, colour, dash in rows:
        y += 5.2
        if dash:
            paper.set_dash_pattern(dash=dash[0] * paper.grown, gap=dash[1] * paper.grown)
        paper.line_at(left, y - 1.1, left + 12, width, colour)
        paper.set_dash_pattern()
        paper.style(8)
        paper.write_at(left + 15, y, word)
    y += 5.2
    paper.set_draw_color(*HATCH)
    paper.set_line_width(0.15 * paper.grown)
    for step in range(7):
        x = left + 1.5 * step
        paper.stroke([(x, y + 0.4), (x + 3, y - 2.6)])
    pieces = sum(len(patch.middles) for patch in shown.patches)
    paper.write_at(left + 15, y, _("换网格的块（%(n)s）") % {"n": pieces})
    return y + 8


def _facts(paper: Paper, plan: Plan, scale: int, left: float, right: float) -> None:
    city = plan.community.subdistrict.city
    now = timezone.now().astimezone(ZoneInfo(city.time_zone))
    facts = [
        _("比例尺 1:%(n)s（A3）") % {"n": f"{scale:,}".replace(",", "\N{NO-BREAK SPACE}")},
        _("生效日 %(day)s") % {"day": _day(plan.wanted_from)},
        _("方案第 %(n)s 步") % {"n": plan.head_seq},
        _("绘制 %(at)s") % {"at": f"{now:%Y-%m-%d %H:%M}"},
        _("坐标 CGCS2000，中央子午线投影 EPSG:%(srid)s") % {"srid": city.metric_srid},
        _("审图号 %(number)s") % {"number": city.approval or "—"},
        _("图号 %(number)s") % {"number": f"{plan.community.code}-P{plan.pk}-{plan.head_seq}"},
        _("第 %(n)s / %(total)s 张") % {"n": 1, "total": 1},
    ]
    if city.demo:
        facts.append(_("演示数据，非真实地名与人员"))
    y = HIGH - EDGE - 4.6 * (len(facts) - 1)
    paper.line_at(left, y - 5.5, right, 0.35, INK)
    for fact in facts:
        paper.style(7.5, colour=SOFT)
        paper.write_at(left, y, paper.shortened(fact, SIDE))
        y += 4.6


def _day(day: date | None) -> str:
    return day.isoformat() if day else _("待定")
