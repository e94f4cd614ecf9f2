"""Rows of a file as plain values: what the reading child hands over, and how rows are chosen."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

import numpy as np
from numpy.typing import NDArray

from gridmap.errors import BadValue

CONDITION = re.compile(r"^(?P<column>[^=!]+?)\s*(?P<sign>!=|=)(?P<value>.*)$", re.DOTALL)

SHORT = re.compile(r"(?<![.,\d])(\d)(?!\d)")  # a figure alone, as in 2026-3-4 8:05


@dataclass(frozen=True)
class Rows:
    """Rows of one layer of one file; nothing of GDAL is in it.

    Attributes:
        layer: name of the layer in the file, "" where the format has none.
        crs: what the file says of its coordinates: "EPSG:4490", WKT, or None.
        numbers: number of each row as its maker counts: features from 1, sheet rows from 2.
        columns: values by column name, each list as long as ``numbers``.
        shapes: WKB of each row, None where it has no geometry. Not checked yet.
        mended: numbers of the rows whose shape was repaired while it was read.
    """

    layer: str
    crs: str | None
    numbers: NDArray[np.int64]
    columns: Mapping[str, Sequence[object]]
    shapes: Sequence[bytes | None]
    mended: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return len(self.numbers)

    def take(self, chosen: Sequence[int]) -> Rows:
        """Return the rows at these positions."""
        return Rows(
            layer=self.layer,
            crs=self.crs,
            numbers=self.numbers[np.asarray(chosen, dtype=np.intp)],
            columns={
                name: [values[place] for place in chosen] for name, values in self.columns.items()
            },
            shapes=[self.shapes[place] for place in chosen],
            mended=self.mended,
        )

    def where(self, conditions: Sequence[str]) -> Rows:
        """Return the rows that meet every condition, each ``column=value`` or ``column!=value``.

        Text is compared; a missing value is the empty text, so ``building!=`` asks for any value.

        Raises:
            BadValue: a condition has no sign or names a column that is not there.
        """
        chosen = list(range(len(self)))
        for condition in conditions:
            parts = CONDITION.match(condition)
            if parts is None:
                raise BadValue("条件“%(text)s”应写成 列=值 或 列!=值", text=condition)
            values = self.column(parts["column"].strip())
            wanted = parts["value"].strip()
            equal = parts["sign"] == "="
            chosen = [place for place in chosen if (text(values[place]) == wanted) is equal]
        return self if len(chosen) == len(self) else self.take(chosen)

    def column(self, name: str) -> Sequence[object]:
        """Return the values of a column.

        Raises:
            BadValue: there is none of this name.
        """
        if name not in self.columns:
            raise BadValue(
                "文件中没有“%(column)s”列；现有：%(columns)s",
                column=name,
                columns="、".join(self.columns),
            )
        return self.columns[name]


def text(value: object) -> str:
    """Return a value as it would be written in a form: no value is the empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "；".join(text(part) for part in value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def moment(value: str, zone: tzinfo) -> datetime | None:
    """Return a written moment; a day is its beginning, and what names no zone is of ``zone``.

    None where it is none.
    """
    written = SHORT.sub(r"0\1", value.strip().replace("/", "-"))
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=zone)
