"""The certificate of a volunteer's record (志愿服务记录证明): the five parts, on sheets of A4.

What is about the person is left to be filled in by hand: no file of persons is kept here.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from gridmap.layers.paper import PALE, SOFT, Paper
from gridmap.layers.service import ServiceEntry

LEFT, RIGHT, TOP, FOOT = 20.0, 190.0, 28.0, 272.0
ROW = 7.0


class Sheets:
    """Lines written one under the other, on as many sheets as they need."""

    def __init__(self) -> None:
        self.pdf = Paper("A4")
        self.pdf.set_title(_("志愿服务记录证明"))
        self.y = FOOT

    def room(self, height: float) -> None:
        """Begin a new sheet where this one is full."""
        if self.y + height > FOOT:
            self.pdf.add_page()
            self.y = TOP

    def line(
        self, cells: list[tuple[float, str, float]], *, bold: bool = False, soft: bool = False
    ) -> None:
        """Write one row: where each cell begins, its text and how wide it may be."""
        self.room(ROW)
        self.pdf.style(10, bold=bold)
        if soft:
            self.pdf.style(10, colour=SOFT)
        for x, text, most in cells:
            self.pdf.write_at(x, self.y, self.pdf.shortened(text, most))
        self.y += ROW

    def head(self, text: str) -> None:
        """Write the name of a part."""
        self.room(4 * ROW)
        self.y += 4
        self.pdf.style(12, bold=True)
        self.pdf.write_at(LEFT, self.y, text)
        self.pdf.line_at(LEFT, self.y + 2, RIGHT, 0.2, PALE)
        self.y += ROW + 1


def certificate(name: str, entries: list[ServiceEntry], day: date) -> bytes:
    """Return the certificate as PDF.

    Args:
        name: of the volunteer.
        entries: of the record, oldest first.
        day: of the print.
    """
    out = Sheets()
    out.room(ROW)
    out.pdf.style(20, bold=True)
    out.pdf.write_at((LEFT + RIGHT) / 2, out.y + 4, _("志愿服务记录证明"), "C")
    out.y += 18
    out.head(_("一、个人基本信息"))
    out.line([(LEFT, _("姓名：%(name)s") % {"name": name}, 90), (110, _("性别："), 60)])
    out.line([(LEFT, _("证件号码："), 90), (110, _("联系方式："), 60)])
    parts = (
        (_("二、志愿服务情况"), ServiceEntry.Kind.SERVICE),
        (_("三、培训情况"), ServiceEntry.Kind.TRAINING),
        (_("四、表彰奖励情况"), ServiceEntry.Kind.AWARD),
        (_("五、评价情况"), ServiceEntry.Kind.EVALUATION),
    )
    for title, kind in parts:
        _part(out, title, [entry for entry in entries if entry.kind == kind])
    out.room(3 * ROW)
    out.y += ROW
    out.line(
        [(LEFT, _("本证明由志愿者本人打印，内容据本人记录；免费出具。"), RIGHT - LEFT)], soft=True
    )
    out.line([(LEFT, _("打印日期：%(day)s") % {"day": f"{day:%Y-%m-%d}"}, 90),
              (110, _("出具单位（盖章）："), 80)])  # fmt: skip
    return bytes(out.pdf.output())


def _part(out: Sheets, title: str, entries: list[ServiceEntry]) -> None:
    out.head(title)
    for entry in entries:
        hours = _("%(n)s 小时") % {"n": entry.hours} if entry.hours is not None else ""
        out.line(
            [
                (LEFT, f"{entry.day:%Y-%m-%d}", 26),
                (LEFT + 28, entry.what, 76),
                (LEFT + 106, entry.body, 40),
                (LEFT + 150, hours, 20),
            ]
        )
    if not entries:
        out.line([(LEFT, _("无记录"), 60)], soft=True)
    total = sum((entry.hours for entry in entries if entry.hours is not None), Decimal(0))
    if total:
        out.line([(LEFT + 106, _("合计"), 40), (LEFT + 150, _("%(n)s 小时") % {"n": total}, 20)],
                 bold=True)  # fmt: skip
