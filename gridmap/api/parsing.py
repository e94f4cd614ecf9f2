"""What comes in and goes out: JSON, and the values in an address, each read in one way."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import IO, Any

import orjson
from django.contrib.gis.geos import Polygon
from django.utils.dateparse import parse_date, parse_datetime
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from gridmap.errors import BadValue
from gridmap.layers.shapes import SRID

GREATEST_ID = 2**63 - 1
CORNERS = 4
# NUL as JSON writes it: after an even number of backslashes it is a text about NUL.
NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class StrictJSONParser(BaseParser):
    """JSON by orjson: deep nesting, 1e999, NaN and lone surrogates are errors, not surprises."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,  # noqa: ARG002
        parser_context: Mapping[str, Any] | None = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        """Return the body, which must be an object and hold no NUL: PostgreSQL stores none."""
        raw = stream.read()
        if NUL.search(raw):
            raise BadValue("文字里不能有 NUL 字符")
        try:
            body = orjson.loads(raw)
        except orjson.JSONDecodeError as fault:
            raise ParseError from fault
        if not isinstance(body, dict):
            raise BadValue("请求体须是一个 JSON 对象")
        return body


class JSONRenderer(BaseRenderer):
    """JSON by orjson; features that the database wrote go out as they are."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "text"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,  # noqa: ARG002
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        if data is None:
            return b""
        pretty = (renderer_context or {}).get("indent")
        # What is wrong with a list of things is told by their number.
        options = orjson.OPT_NON_STR_KEYS | (orjson.OPT_INDENT_2 if pretty else 0)
        return orjson.dumps(data, default=str, option=options)


def text(name: str, value: str, longest: int = 200) -> str:
    """Return a text without NUL, not longer than said."""
    if "\x00" in value:
        raise BadValue("参数 %(name)s 里不能有 NUL 字符", name=name)
    if len(value) > longest:
        raise BadValue("参数 %(name)s 最多 %(longest)s 个字", name=name, longest=longest)
    return value


def number(name: str, value: str, lowest: int = 1, highest: int = GREATEST_ID) -> int:
    """Return a whole number written in plain digits."""
    if not re.fullmatch(r"[0-9]{1,19}", value) or not lowest <= int(value) <= highest:
        raise BadValue(
            "参数 %(name)s 须是 %(lowest)s 到 %(highest)s 的整数",
            name=name,
            lowest=lowest,
            highest=highest,
        )
    return int(value)


def yes_or_no(name: str, value: str) -> bool:
    """Return true for ``true`` or ``1``, false for ``false`` or ``0``."""
    if value not in {"true", "1", "false", "0"}:
        raise BadValue("参数 %(name)s 须是 true 或 false", name=name)
    return value in {"true", "1"}


def choice(name: str, value: str, choices: tuple[str, ...]) -> str:
    """Return one of the words allowed."""
    if value not in choices:
        raise BadValue(
            "参数 %(name)s 须是其中之一：%(choices)s", name=name, choices=", ".join(choices)
        )
    return value


def finite(name: str, value: str) -> float:
    """Return a finite number."""
    try:
        found = float(value)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise BadValue("参数 %(name)s 须是有限的数", name=name)
    return found


def box(name: str, value: str, *, widest: float | None = None) -> Polygon:
    """Return ``west,south,east,north`` in degrees as a polygon.

    Args:
        name: of the parameter.
        value: as written.
        widest: longest side allowed, degrees; None: any.
    """
    parts = value.split(",")
    if len(parts) != CORNERS:
        raise BadValue("参数 %(name)s 须是四个数：西,南,东,北", name=name)
    west, south, east, north = (finite(name, part) for part in parts)
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):  # noqa: PLR2004
        raise BadValue("参数 %(name)s 须是 西<东、南<北 的经纬度", name=name)
    if widest is not None and max(east - west, north - south) > widest:
        raise BadValue(
            "参数 %(name)s 的范围太大：边长最多 %(widest)s 度。", name=name, widest=widest
        )
    area = Polygon.from_bbox((west, south, east, north))
    area.srid = SRID
    return area


def moment(name: str, value: str, zone: tzinfo, *, end: bool = False) -> datetime:
    """Return an ISO date or date and time as a moment.

    Args:
        name: of the parameter.
        value: ``2026-11-23`` or ``2026-11-23T09:40:00+08:00``.
        zone: for values without one.
        end: whether a date means the end of its day (the next midnight) rather than its start.
    """
    day, at = _day_or_moment(value)
    if day is not None:
        return datetime.combine(day, time(), zone) + timedelta(days=int(end))
    if at is None:
        raise BadValue(
            "参数 %(name)s 须是日期 2026-11-23 或时刻 2026-11-23T09:40:00+08:00", name=name
        )
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _day_or_moment(value: str) -> tuple[date | None, datetime | None]:
    """Return one of the two, or neither; only years that every time zone can hold."""
    try:
        day, at = parse_date(value), parse_datetime(value.replace(" ", "+"))
    except ValueError:
        return None, None
    found = day or at
    if found is None or not 1900 <= found.year <= 2200:  # noqa: PLR2004
        return None, None
    return (day, None) if day else (None, at)


def stamp(at: datetime | None) -> str | None:
    """Return a moment as it is written everywhere in this door: UTC, whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None
