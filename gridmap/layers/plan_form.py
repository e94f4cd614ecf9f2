"""The registration form of a division (网格划分登记表) on paper, sheet by sheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from gridmap.layers.paper import INK, PALE, SOFT, Paper
from gridmap.layers.plans import Plan, Status

WIDE, HIGH, EDGE = 297.0, 210.0, 12.0  # an A4 sheet that lies
ROW, TOP, FOOT = 6.6, 34.0, 22.0
LETTERS = 9.0


@dataclass(frozen=True)
class Column:
    """One column of a table: its head, its width in millimetres, and where its texts stand."""

    head: str
    width: float
    align: str = "L"


class Form:
    """Sheets that are filled from top to bottom; a table that goes on repeats its heads."""

    def __init__(self, plan: Plan, total: int = 0) -> None:
        """Lay out paper.

        Args:
            plan: whose form it is.
            total: how many sheets there will be, known from writing them once before.
        """
        self.plan, self.total = plan, total
        self.paper = Paper("A4", wide=True)
        self.paper.set_title(_("网格划分登记表"))
        self.sheets = 0
        self.y = HIGH

    def turn(self) -> None:
        """Begin another sheet."""
        paper, plan = self.paper, self.plan
        paper.add_page()
        self.sheets += 1
        community = plan.community
        subdistrict = community.subdistrict
        paper.style(17, bold=True)
        paper.write_at(WIDE / 2, 17, _("网格划分登记表"), "C")
        paper.style(LETTERS, colour=SOFT)
        where = f"{subdistrict.city.name} · {subdistrict.name} · {community.name}"
        paper.write_at(EDGE, 25, f"{where}  {community.code}")
        day = plan.wanted_from.isoformat() if plan.wanted_from else _("待定")
        paper.write_at(WIDE - EDGE, 25, _("生效日 %(day)s 00:00") % {"day": day}, "R")
        paper.write_at(EDGE, 30, paper.shortened(plan.title, 180))
        status = _(str(Status(plan.status).label))
        step = _("第 %(n)s 步") % {"n": plan.head_seq}
        paper.write_at(WIDE - EDGE, 30, f"{status} · {step}", "R")
        self.y = TOP + 3
        self._foot()

    def _foot(self) -> None:
        city = self.plan.community.subdistrict.city
        now = timezone.now().astimezone(ZoneInfo(city.time_zone))
        notes = [_("打印 %(day)s") % {"day": f"{now:%Y-%m-%d %H:%M}"}]
        notes += [city.approval] if city.approval else []
        notes += [_("演示数据，非真实地名与人员")] if city.demo else []
        self.paper.style(LETTERS, colour=SOFT)
        self.paper.write_at(EDGE, HIGH - 9, "   ".join(notes))
        text = _("第 %(n)s / %(total)s 张") % {"n": self.sheets, "total": self.total}
        self.paper.write_at(WIDE - EDGE, HIGH - 9, text, "R")

    def heading(self, text: str) -> None:
        """Write the heading of a table, together with at least two of its rows."""
        if self.y > HIGH - FOOT - 4 * ROW:
            self.turn()
        self.paper.style(11, bold=True)
        self.paper.write_at(EDGE, self.y + 4, text)
        self.y += 7

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> None:
        """Write a table; it breaks between rows only."""
        self._heads(columns)
        for row in rows:
            if self.y > HIGH - FOOT - ROW:
                self.turn()
                self._heads(columns)
            self._row(columns, row, bold=False)
        self.y += 4

    def _heads(self, columns: Sequence[Column]) -> None:
        self.paper.line_at(EDGE, self.y, WIDE - EDGE, 0.4, INK)
        self._row(columns, [column.head for column in columns], bold=True)
        self.paper.line_at(EDGE, self.y, WIDE - EDGE, 0.4, INK)

    def _row(self, columns: Sequence[Column], texts: Sequence[str], *, bold: bool) -> None:
        paper, x = self.paper, EDGE
        for column, text in zip(columns, texts, strict=True):
            paper.style(LETTERS, bold=bold)
            shown = paper.shortened(text, column.width - 2)
            at = x + column.width - 2 if column.align == "R" else x
            paper.write_at(at, self.y + 4.6, shown, column.align)
            x += column.width
        self.y += ROW
        paper.line_at(EDGE, self.y, WIDE - EDGE, 0.15, PALE)

    def hands(self) -> None:
        """Write who drew, handed in and approved, with room for their seals."""
        if self.y > HIGH - FOOT - 30:
            self.turn()
        plan, third = self.plan, (WIDE - 2 * EDGE) / 3
        for place, (word, user) in enumerate(
            (
                (_("编制"), plan.owner),
                (_("提交人"), plan.submitted_by),
                (_("批准"), plan.reviewed_by if plan.status in _DECIDED else None),
            )
        ):
            x = EDGE + place * third
            name = (user.get_full_name() or user.username) if user else ""
            self.paper.style(LETTERS)
            self.paper.write_at(x, self.y + 6, f"{word}：{name}")
            self.paper.write_at(x, self.y + 14, _("签章："))
            self.paper.write_at(x, self.y + 22, _("年    月    日"))
        if plan.review and plan.status in _DECIDED:
            self.paper.write_at(EDGE, self.y + 28, _("意见：%(note)s") % {"note": plan.review[:90]})
        self.y += 32

    def done(self) -> bytes:
        """Return the sheets."""
        return bytes(self.paper.output())


_DECIDED = (Status.APPROVED, Status.PUBLISHED)
