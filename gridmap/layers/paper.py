"""Paper: a PDF page with Chinese letters, measured in millimetres; what a sheet is drawn with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from fpdf import FPDF
from fpdf.enums import TextMode
from fpdf.fonts import TTFFont

from gridmap.errors import WrongState

POINT = 25.4 / 72  # millimetres
INK, SOFT, PALE = (22, 32, 46), (70, 82, 95), (195, 203, 212)
WHITE = (255, 255, 255)
# Where Debian and its kin keep the Noto fonts for Chinese, Japanese and Korean.
USUAL = ("/usr/share/fonts", "/usr/local/share/fonts")
SIMPLIFIED = 2  # face of a Noto collection that draws as in mainland China
Colour = tuple[int, int, int]


@lru_cache(maxsize=1)
def fonts() -> dict[str, Path]:
    """Return the regular ("") and the bold ("B") font.

    Raises:
        WrongState: this machine has none that knows Chinese.
    """
    found = {}
    for style, given, name in (
        ("", settings.FONT, "NotoSansCJK-Regular.ttc"),
        ("B", settings.FONT_BOLD, "NotoSansCJK-Bold.ttc"),
    ):
        places = (path for root in USUAL for path in sorted(Path(root).rglob(name)))
        path = Path(given) if given else next(places, None)
        if path is None or not path.is_file():
            raise WrongState(
                "这台服务器没有中文字体，印不了；请安装 fonts-noto-cjk", reason="NoFont"
            )
        found[style] = path
    return found


class Paper(FPDF):
    """Sheets of one size; every measure is given for A4 and grows with the paper."""

    def __init__(self, size: str, *, wide: bool = False) -> None:
        super().__init__(orientation="L" if wide else "P", unit="mm", format=size)
        self.grown = 2**0.5 if size == "A3" else 1.0
        for style, path in fonts().items():
            face = SIMPLIFIED if path.suffix == ".ttc" else 0
            self.add_font("sign", style, path, collection_font_number=face)
        self.set_auto_page_break(auto=False)
        self.set_margin(0)
        self.set_creator("gridmap")

    def leave(self) -> None:
        """Close the fonts of paper that is not going to be printed; printing closes them too."""
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.close()

    def style(self, points: float, *, bold: bool = False, colour: Colour = INK) -> None:
        """Choose the letters of what is written next."""
        self.set_font("sign", "B" if bold else "", points * self.grown)
        self.set_text_color(*colour)

    def width(self, text: str) -> float:
        """Return how wide a text is, in millimetres of an A4 sheet."""
        return float(self.get_string_width(clean(text))) / self.grown

    def fitting(self, text: str, most: float, points: Sequence[float], *, bold: bool) -> float:
        """Return the largest of the sizes given in which a text is no wider than ``most``."""
        for size in points:
            self.style(size, bold=bold)
            if self.width(text) <= most:
                return size
        return points[-1]

    def write_at(self, x: float, y: float, text: str, align: str = "L") -> None:
        """Write one line with its foot at (x, y)."""
        shift = {"L": 0.0, "C": 0.5, "R": 1.0}[align] * self.width(text)
        self.text((x - shift) * self.grown, y * self.grown, clean(text))

    def shortened(self, text: str, most: float) -> str:
        """Return a text that is no wider than ``most`` in the letters chosen."""
        if self.width(text) <= most:
            return text
        while text and self.width(text + "…") > most:
            text = text[:-1]
        return text + "…"

    def line_at(self, x: float, y: float, right: float, width: float, colour: Colour = INK) -> None:
        """Draw a horizontal line."""
        self.set_draw_color(*colour)
        self.set_line_width(width * self.grown)
        self.line(x * self.grown, y * self.grown, right * self.grown, y * self.grown)

    def box(self, x: float, y: float, size: tuple[float, float], style: str = "F") -> None:
        """Draw a rectangle in the colours chosen."""
        self.rect(x * self.grown, y * self.grown, size[0] * self.grown, size[1] * self.grown, style)

    def dot(self, x: float, y: float, radius: float, style: str) -> None:
        """Draw a disc around a place."""
        left, top, wide = (x - radius) * self.grown, (y - radius) * self.grown, 2 * radius
        self.ellipse(left, top, wide * self.grown, wide * self.grown, style)

    def area(self, places: Iterable[tuple[float, float]], style: str) -> None:
        """Draw a ring of places."""
        self.polygon([(x * self.grown, y * self.grown) for x, y in places], style=style)

    def stroke(self, places: Iterable[tuple[float, float]]) -> None:
        """Draw a line through places."""
        self.polyline([(x * self.grown, y * self.grown) for x, y in places])

    def turned(self, angle: float, x: float, y: float) -> AbstractContextManager[None]:
        """Turn what is drawn meanwhile around a place, counter-clockwise."""
        return self.rotation(angle, x * self.grown, y * self.grown)

    def haloed(self, x: float, y: float, text: str) -> None:
        """Write one line around (x, y) with a white edge, so that it is read on any ground."""
        # The width of the edge is in points here: fpdf2 does not convert it.
        with self.local_context(
            text_mode=TextMode.STROKE, draw_color=WHITE, line_width=2.6 * self.grown
        ):
            self.write_at(x, y, text, "C")
        self.write_at(x, y, text, "C")


def clean(text: str) -> str:
    """Return a text without signs that no printer knows: controls, line ends, half pairs."""
    return "".join(sign if sign.isprintable() else " " for sign in text)
