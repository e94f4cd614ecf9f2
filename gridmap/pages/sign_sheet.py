"""A sign (公示牌) as one sheet of paper: where this is, who answers, and a QR code.

Drawn from the same card as the page behind its QR code, at the moment of its printing, so that
paper and page never disagree. No telephone of any person stands on it: the community's line only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

import segno
from django.utils.translation import gettext as _

from gridmap.layers.cards import Card, Rung
from gridmap.layers.paper import INK, PALE, SOFT, WHITE, Paper
from gridmap.layers.people import ChiefTerm
from gridmap.pages.sign_map import draw_map

LEFT, RIGHT = 13.0, 197.0  # millimetres of A4
MAP = (LEFT, 46.0, RIGHT - LEFT, 112.0)
TITLES = (34, 30, 26, 22)  # points; ui.md 8: a sign's name has at least 22
SMALL = 9.0
ROWS, ROW = 7, 10.2
CODE_MM = 46.0  # of the QR code without its quiet zone; at least 40
QUIET = 4  # modules of white around it
CODE_X = RIGHT - CODE_MM - 2


@dataclass(frozen=True)
class Sheet:
    """What stands on one sheet besides the card."""

    card: Card
    number: str  # in the ledger
    page: tuple[int, int]  # this sheet and how many there are
    address: str  # behind the QR code
    at: datetime  # whose facts it shows


def sheets(paper: str, wanted: Iterable[Sheet]) -> bytes:
    """Return the sheets as one PDF."""
    pdf = Paper(paper)
    pdf.set_title(_("公示牌"))
    for sheet in wanted:
        pdf.add_page()
        _head(pdf, sheet)
        scale = draw_map(pdf, sheet.card, MAP, now=sheet.at)
        _under_map(pdf, sheet, scale)
        _chiefs(pdf, sheet)
        _code(pdf, sheet)
        _line(pdf, sheet)
        _foot(pdf, sheet)
    return bytes(pdf.output())


def title_of(card: Card) -> str:
    """Return what a sign is called."""
    return _("%(name)s公示牌") % {"name": card.title}


def _head(pdf: Paper, sheet: Sheet) -> None:
    card = sheet.card
    community = card.community
    where = [community.subdistrict.name, community.name] if community else [card.city.name]
    if card.kind != "cell" and card.edition:
        where.append(card.edition.name)
    pdf.style(13, colour=SOFT)
    pdf.write_at(LEFT, 20, pdf.shortened(" · ".join(where), 120))
    title = title_of(card)
    pdf.style(pdf.fitting(title, 126, TITLES, bold=True), bold=True)
    pdf.write_at(LEFT, 36, pdf.shortened(title, 126))
    pdf.style(11, colour=SOFT)
    pdf.write_at(RIGHT, 28, _("网格编码"), "R")
    pdf.style(14, bold=True)
    code = card.edition.code if card.edition else ""
    pdf.write_at(RIGHT, 36, " ".join((code[:6], code[6:9], code[9:12], code[12:])), "R")
    pdf.line_at(LEFT, 41, RIGHT, 0.9)


def _under_map(pdf: Paper, sheet: Sheet, scale: int) -> None:
    y = MAP[1] + MAP[3] + 5.5
    pdf.style(SMALL + 1, colour=SOFT)
    text = _("比例尺 1:%(n)s（%(paper)s）") % {
        "n": f"{scale:,}".replace(",", "\N{NO-BREAK SPACE}"),
        "paper": "A3" if pdf.grown > 1 else "A4",
    }
    pdf.write_at(RIGHT, y, text, "R")
    pdf.line_at(LEFT, y - 1.3, LEFT + 9, 0.8)
    pdf.write_at(LEFT + 11, y, _("本网格范围"))
    x = LEFT + 11 + pdf.width(_("本网格范围")) + 6
    if sheet.card.kind == "lane":
        pdf.line_at(x, y - 1.3, x + 9, 1.9)
        pdf.write_at(x + 11, y, _("这条巷"))


def rows_of(card: Card) -> list[tuple[str, str, str]]:
    """Return office, who answers, and for what, as a sign lists them; at most ``ROWS``."""
    rows = [_row(rung) for rung in card.rungs]
    ways = sorted(card.ways, key=lambda rung: (rung.office != "street", _front(rung), rung.title))
    for (office, name), held in groupby(ways, key=lambda rung: (rung.office, _front(rung))):
        titles = "、".join(rung.title for rung in held)
        rows.append((_word(office), name or _("空缺"), titles))
    if card.kind == "cell":
        rest = [] if len(rows) < ROWS else rows[ROWS - 2 :]
        if rest:
            rows = rows[: ROWS - 2]
            rows.append((_("巷长"), _("见各巷公示牌"), _("另 %(n)s 位") % {"n": len(rest)}))
        rows.append((_("楼长"), _("见各楼公示牌"), ""))
    return rows[:ROWS]


def _word(office: str) -> str:
    return _(str(ChiefTerm.Office(office).label))


def _front(rung: Rung) -> str:
    """Return who answers; who stands in for another is marked so."""
    front = rung.holder or (rung.stand_in.holder if rung.stand_in else None)
    if front is None:
        return ""
    acting = rung.holder is None or rung.holder.substitute
    return front.name + (_("（代）") if acting else "")


def _row(rung: Rung) -> tuple[str, str, str]:
    note = rung.title
    if rung.holder is None and rung.stand_in is not None:
        note = _("暂由%(office)s代管") % {"office": _word(rung.stand_in.office)}
    return _word(rung.office), _front(rung) or _("空缺"), note


def _chiefs(pdf: Paper, sheet: Sheet) -> None:
    y, right = MAP[1] + MAP[3] + 17, CODE_X - 9
    for office, name, note in rows_of(sheet.card):
        pdf.style(11, colour=SOFT)
        pdf.write_at(LEFT, y, office)
        pdf.style(pdf.fitting(name, 60, (16, 14, 12), bold=True), bold=True)
        pdf.write_at(LEFT + 26, y, pdf.shortened(name, 60))
        used = pdf.width(pdf.shortened(name, 60))
        pdf.style(11, colour=SOFT)
        pdf.write_at(right, y, pdf.shortened(note, right - LEFT - 30 - used), "R")
        pdf.line_at(LEFT, y + 3.2, right, 0.2, PALE)
        y += ROW


def _code(pdf: Paper, sheet: Sheet) -> None:
    matrix = segno.make(sheet.address, error="m", micro=False).matrix
    module = CODE_MM / len(matrix)
    x, y = CODE_X, MAP[1] + MAP[3] + 11
    pdf.set_fill_color(*WHITE)
    pdf.box(x - QUIET * module / 2, y - 1, (CODE_MM + QUIET * module, CODE_MM + 2))
    pdf.set_fill_color(0, 0, 0)
    for row, dots in enumerate(matrix):
        column = 0
        for dark, run in groupby(dots):
            long = len(list(run))
            if dark:
                # A hair taller, so that no printer leaves white between two rows.
                pdf.box(x + column * module, y + row * module, (long * module, module * 1.02))
            column += long
    middle = x + CODE_MM / 2
    pdf.style(12, bold=True)
    pdf.write_at(middle, y + CODE_MM + 6, _("扫码：有事找谁"), "C")
    pdf.style(SMALL, colour=SOFT)
    pdf.write_at(middle, y + CODE_MM + 11, _("不用登录，不读取位置"), "C")
    if sheet.card.kind != "cell":
        pdf.style(SMALL + 2, bold=True)
        pdf.write_at(
            middle, y + CODE_MM + 16.5, _("编码 %(code)s") % {"code": sheet.card.code}, "C"
        )


def _line(pdf: Paper, sheet: Sheet) -> None:
    y, high = 247.0, 20.0
    pdf.set_fill_color(*INK)
    pdf.box(LEFT, y, (RIGHT - LEFT, high))
    line = sheet.card.line
    pdf.style(12, colour=WHITE)
    pdf.write_at(LEFT + 5, y + 12.5, _("社区热线"))
    if line is None:
        pdf.write_at(LEFT + 30, y + 12.5, _("还没有公布"))
    else:
        pdf.style(pdf.fitting(line.phone, 100, (28, 26, 24), bold=True), bold=True, colour=WHITE)
        pdf.write_at(LEFT + 27, y + 13.6, pdf.shortened(line.phone, 100))
        pdf.style(SMALL, colour=WHITE)
        pdf.write_at(RIGHT - 5, y + 16.5, pdf.shortened(line.hours, 55), "R")
    pdf.style(12, bold=True, colour=WHITE)
    pdf.write_at(RIGHT - 5, y + 9, _("紧急 110 · 119 · 120"), "R")


def _foot(pdf: Paper, sheet: Sheet) -> None:
    card, zone = sheet.card, ZoneInfo(sheet.card.city.time_zone)
    pdf.style(SMALL, colour=SOFT)
    if card.ways:
        names = " · ".join(rung.title for rung in card.ways)
        pdf.write_at(LEFT, 273, pdf.shortened(_("本网格的街巷：%(names)s") % {"names": names}, 184))
    elif card.duty:
        where = f"{card.duty['name']} {card.duty['address']} {card.duty['hours']}"
        pdf.write_at(LEFT, 273, pdf.shortened(_("最近的值守点：%(name)s") % {"name": where}, 184))
    pdf.line_at(LEFT, 276, RIGHT, 0.2, PALE)
    since = card.edition.valid.lower if card.edition else None
    facts = [
        _("网格版本 %(day)s 起") % {"day": f"{since.astimezone(zone):%Y-%m-%d}"} if since else "",
        _("打印 %(day)s") % {"day": f"{sheet.at.astimezone(zone):%Y-%m-%d %H:%M}"},
        _("牌号 %(number)s") % {"number": sheet.number},
        _("第 %(n)s / %(total)s 张") % {"n": sheet.page[0], "total": sheet.page[1]},
    ]
    pdf.write_at(LEFT, 281.5, "  ".join(fact for fact in facts if fact))
    demo = _("演示数据，非真实地名与人员") if card.city.demo else ""
    pdf.write_at(RIGHT, 281.5, demo, "R")
    pdf.write_at(LEFT, 286.5, card.city.approval)
