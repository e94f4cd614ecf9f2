"""What the charts of the page of figures draw; every number of them stands in a table beside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from gridmap.layers.evaluation import Figure
from gridmap.layers.rate_course import Point
from gridmap.pages.figures_view import View

MOST_BARS = 8


def charts(
    view: View,
    rows: list[dict[str, Any]],
    whole: Figure,
    months: Sequence[tuple[Point, int | None]],
    categories: list[dict[str, Any]],
    target: int | None,
) -> dict[str, Any]:
    """Return the data of all three charts, and the words the script needs."""
    return {
        "units": [_unit(row) for row in rows],
        "mark": _mark(whole, target),
        "months": [
            {
                "name": f"{point.period.since.astimezone(view.zone):%Y-%m}",
                "label": date_format(point.period.since.astimezone(view.zone), _("n月")),
                "percent": None if point.figure.few else point.figure.short,
                "said": point.figure.said,
                "target": aim,
            }
            for point, aim in months
        ],
        "bars": categories[:MOST_BARS],
        "words": {
            "target": _("目标 {target}%"), "between": _("95% 区间 {low}–{high}%"),
            "few": _("不足 20 件，只列件数"),
        },
    }  # fmt: skip


def _mark(whole: Figure, target: int | None) -> dict[str, Any] | None:
    """Return the line that units stand before: the city's target, else the figure of all."""
    if target is not None:
        return {"at": target, "word": _("目标 {target}%").format(target=target)}
    return None if whole.few else {"at": whole.short, "word": f"{_('全部')} {whole.short:.1f}%"}


def _unit(row: dict[str, Any]) -> dict[str, Any]:
    found: Figure = row["figure"]
    low, high = found.between or (None, None)
    return {
        "name": row["unit"].name,
        "percent": None if found.few else found.short,
        "low": low,
        "high": high,
        "said": found.said,
        "href": row["part"],
    }
