"""Pages that neither lose nor repeat a row while others write: each begins after the last one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.db.models import Q, QuerySet
from rest_framework.request import Request

from gridmap.api import parsing
from gridmap.errors import BadValue

USUAL_PAGE = 100
LARGEST_PAGE = 5_000
SALT = "gridmap.api.paging"


def page_size(request: Request) -> int:
    """Return ``page_size``, refused beyond the maximum."""
    given = request.query_params.get("page_size", str(USUAL_PAGE))
    return parsing.number("page_size", given, highest=LARGEST_PAGE)


def _after(order: Sequence[str], last: Sequence[object]) -> Q:
    """Return "comes after this row" for columns in ascending order, the last of them unique."""
    condition = Q(**{f"{order[-1]}__gt": last[-1]})
    for name, value in reversed(list(zip(order[:-1], last[:-1], strict=True))):
        condition = Q(**{f"{name}__gt": value}) | (Q(**{name: value}) & condition)
    return condition


def continued(rows: QuerySet[Any], order: Sequence[str], cursor: str | None) -> QuerySet[Any]:
    """Return the rows in their order, from where the last page ended.

    Args:
        rows: the whole list.
        order: names of ascending, not nullable columns or annotations; the last is unique.
        cursor: from the ``next`` address of the page before.

    Raises:
        BadValue: a cursor that we did not write, or wrote for another list.
    """
    rows = rows.order_by(*order)
    if cursor is None:
        return rows
    try:
        named, last = signing.loads(cursor, salt=SALT)
    except signing.BadSignature as fault:
        raise BadValue("参数 cursor 只能照抄上一页 next 里的值") from fault
    if named != list(order):
        raise BadValue("参数 cursor 属于另一种排序的列表")
    return rows.filter(_after(order, [_read(value) for value in last]))


def _read(value: object) -> object:
    return datetime.fromisoformat(value["at"]) if isinstance(value, dict) else value


def _write(value: object) -> object:
    return {"at": value.isoformat()} if isinstance(value, datetime) else value


def next_address(request: Request, order: Sequence[str], last: Sequence[object]) -> str:
    """Return the address of the page after the row with these order values."""
    token = signing.dumps([list(order), [_write(value) for value in last]], salt=SALT)
    query = [(name, value) for name, value in request.query_params.items() if name != "cursor"]
    return f"{request.path}?{urlencode([*query, ('cursor', token)])}"
