"""The A4 sheet of a beat: map, the places in their order of urgency with boxes, what to look at."""

from __future__ import annotations

import math
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from gridmap.layers.packs import BeatPack
from gridmap.layers.paper import INK, PALE, SOFT, Paper
from gridmap.pages.pack_file import part

LEFT, RIGHT, TOP, BOTTOM = 12.0, 198.0, 12.0, 285.0
MAP = (LEFT, 30.0, RIGHT - LEFT, 118.0)  # x, y, width, height in millimetres
ROW = 7.2
BOX = 4.2
METRES_A_DEGREE = 111_320
BARS = (20, 50, 100, 200, 500, 1000)
HOUSE, WAY = (227, 227, 227), (150, 150, 150)
OVER = 0  # days over the interval from which a place is printed bold and dashed
Place = tuple[float, float]


class Frame:
    """Where degrees stand on the paper: the whole beat inside the box of the map."""

    def __init__(self, bbox: list[float]) -> None:
        west, south, east, north = bbox
        self.squeeze = math.cos(math.radians((south + north) / 2))
        x, y, width, height = MAP
        wide, high = (east - west) * self.squeeze, north - south
        self.unit = min(width / wide, height / high)  # millimetres a degree of latitude
        self.x = x + (width - wide * self.unit) / 2 - west * self.squeeze * self.unit
        self.y = y + (height + high * self.unit) / 2 + south * self.unit

    def place(self, lng: float, lat: float) -> Place:
        """Return where a place stands, in millimetres."""
        return self.x + lng * self.squeeze * self.unit, self.y - lat * self.unit

    def line(self, shape: list[list[float]]) -> list[Place]:
        """Return a line of places."""
        return [self.place(lng, lat) for lng, lat in shape]

    @property
    def metre(self) -> float:
        """How many millimetres a metre is."""
        return self.unit / METRES_A_DEGREE


def _late(thing: dict[str, Any], today: date, zone: ZoneInfo) -> float:
    """Days over the interval; endless where nobody was ever seen."""
    if thing["seen"] is None:
        return math.inf
    seen = datetime.fromisoformat(thing["seen"]).astimezone(zone).date()
    return (today - seen).days - int(thing["interval"])


def beat_sheet(
    pack: BeatPack, pocket: dict[str, Any], checklist: list[dict[str, Any]], *, now: datetime
) -> bytes:
    """Return the sheet as PDF; more pages where the list is longer than one.

    Raises:
        WrongState: this machine has no Chinese letters.
    """
    zone = ZoneInfo(pack.city.time_zone)
    today = now.astimezone(zone).date()
    paper = Paper("A4")
    paper.set_title(pack.title)
    late = {one["id"]: _late(one, today, zone) for one in pocket["stretches"]}
    stretches = sorted(pocket["stretches"], key=lambda one: (-late[one["id"]], one["code"]))
    paper.add_page()
    _head(paper, pack, now.astimezone(zone))
    _map(paper, Frame(pocket["bbox"]), pocket, late)
    y = _checks(paper, checklist, MAP[1] + MAP[3] + 6)
    _list(paper, pack, stretches, late, y + 3)
    return bytes(paper.output())


def _head(paper: Paper, pack: BeatPack, now: datetime) -> None:
    paper.style(18, bold=True)
    paper.write_at(LEFT, TOP + 6, paper.shortened(pack.title, 140))
    paper.style(9.5, colour=SOFT)
    paper.write_at(RIGHT, TOP + 3, _("%(day)s 印") % {"day": f"{now:%F %H:%M}"}, "R")
    if pack.city.demo:
        paper.write_at(RIGHT, TOP + 7.5, _("演示数据"), "R")
    paper.style(10)
    paper.write_at(
        LEFT, TOP + 13, _("走过一段就打勾。没有发现问题也算。这张表只记地方，不记谁走了多少。")
    )


def _map(paper: Paper, frame: Frame, pocket: dict[str, Any], late: dict[int, float]) -> None:
    x, y, width, height = MAP
    with paper.rect_clip(x, y, width, height):
        paper.set_fill_color(*HOUSE)
        for house in pocket["buildings"]:
            for polygon in house["shape"]:
                paper.area(frame.line(polygon[0]), "F")
        paper.set_draw_color(*WAY)
        paper.set_line_width(0.25)
        for way in pocket["ways"]:
            for line in way["shape"]:
                paper.stroke(frame.line(line))
        paper.set_draw_color(*INK)
        paper.set_line_width(0.5)
        for cell in pocket["cells"]:
            for polygon in cell["shape"]:
                paper.stroke(frame.line(polygon[0]))
        for stretch in pocket["stretches"]:
            over = late[stretch["id"]] > OVER
            paper.set_line_width(1.1 if over else 0.55)
            paper.set_dash_pattern(*((1.6, 1.0) if over else (0, 0)))
            paper.stroke(frame.line(stretch["shape"]))
        paper.set_dash_pattern()
    paper.set_line_width(0.3)
    paper.box(x, y, (width, height), "D")
    _bar(paper, frame)


def _bar(paper: Paper, frame: Frame) -> None:
    x, y, _width, height = MAP
    metres = next((m for m in BARS if m * frame.metre > 18), BARS[-1])  # noqa: PLR2004 - mm
    paper.line_at(x + 4, y + height - 4, x + 4 + metres * frame.metre, 0.8)
    paper.style(9)
    paper.haloed(x + 4 + metres * frame.metre / 2, y + height - 5.5, _("%(n)s 米") % {"n": metres})
    paper.haloed(x + 60, y + height - 5, _("粗虚线：超过间隔或没有记录"))


def _checks(paper: Paper, checklist: list[dict[str, Any]], y: float) -> float:
    paper.style(10)
    half = (RIGHT - LEFT) / 2
    for i, line in enumerate(checklist):
        x = LEFT + (i % 2) * half
        paper.set_line_width(0.3)
        paper.box(x, y - 3.4, (BOX, BOX), "D")
        paper.write_at(x + BOX + 2, y, paper.shortened(line["text"], half - 10))
        if i % 2 or i == len(checklist) - 1:
            y += 6
    return y


def _list(
    paper: Paper,
    pack: BeatPack,
    stretches: list[dict[str, Any]],
    late: dict[int, float],
    y: float,
) -> None:
    y = _heads(paper, y)
    for number, stretch in enumerate(stretches, start=1):
        if y > BOTTOM:
            paper.add_page()
            paper.style(12, bold=True)
            paper.write_at(LEFT, TOP + 4, paper.shortened(pack.title, 160))
            y = _heads(paper, TOP + 12)
        over = late[stretch["id"]] > OVER
        paper.style(10, bold=over)
        paper.write_at(LEFT, y, str(number))
        paper.write_at(LEFT + 9, y, paper.shortened(stretch["name"] or stretch["code"], 40))
        paper.style(9.5, colour=SOFT)
        paper.write_at(LEFT + 52, y, paper.shortened(part(stretch), 58))
        paper.style(9.5)
        seen = stretch["seen"][5:10] if stretch["seen"] else "—"
        paper.write_at(LEFT + 113, y, seen)
        paper.write_at(LEFT + 128, y, _("每 %(n)s 天") % {"n": stretch["interval"]})
        paper.set_line_width(0.3)
        paper.set_draw_color(*INK)
        paper.box(LEFT + 148, y - 3.6, (BOX, BOX), "D")
        paper.line_at(LEFT + 156, y + 0.6, RIGHT, 0.2, PALE)
        y += ROW


def _heads(paper: Paper, y: float) -> float:
    paper.style(9, colour=SOFT)
    for x, word in (
        (0, _("序")), (9, _("街巷")), (52, _("哪一段")), (113, _("上次")), (128, _("间隔")),
        (146, _("走过")), (156, _("何时、看到什么")),
    ):  # fmt: skip
        paper.write_at(LEFT + x, y, word)
    paper.line_at(LEFT, y + 1.6, RIGHT, 0.3)
    return y + ROW
