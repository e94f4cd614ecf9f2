"""A plan beside any other division of its community: map, transfers, matrix, comments, steps."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from gridmap.errors import Refusal
from gridmap.geo.workbook import KIND, Sheet, workbook
from gridmap.layers import plan_guard, plan_states
from gridmap.layers.changes import IN_FORCE, ChangeMap, Pair, change_map, mark_at, other_side
from gridmap.layers.city_settings import CitySetting, city_setting
from gridmap.layers.divisions import Compared
from gridmap.layers.plans import Comment, Plan, PlanOp
from gridmap.layers.postings import scope_of
from gridmap.layers.scope import Scope
from gridmap.pages.desk import desk
from gridmap.pages.downloads import attachment
from gridmap.pages.plan_frame import frame_of, numbered, opened, sides, views_of
from gridmap.pages.plan_picture import plainly, plan_map

OPS = 100


@never_cache
@require_safe
@login_required
def compare_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A plan beside what is in force, beside its own start, or beside another plan."""
    scope = scope_of(request.user.pk or 0)
    plan = opened(scope, pk)
    pair, against, lost = pair_of(request, scope, plan)
    found, drawn, rows = _found(pair)
    singly = plan_guard.sees_singly(scope, plan.community)
    if not singly:
        rows = plan_guard.rows(rows)
    order = request.GET.get("sort", "")
    comments = numbered(plan)
    others = Plan.objects.within(scope).filter(community=plan.community_id).exclude(pk=plan.pk)
    tab = request.GET.get("tab", "")
    context = {
        **frame_of(plan, scope),
        **views_of(request, sides(_("现行") if against == IN_FORCE else _("对比"))),
        "map": plan_map(drawn, pair.city, comments),
        "against": against,
        "others": others.order_by("-opened_at")[:50],
        "lost": lost,
        "rows": sorted_rows(rows, order),
        "sorts": _sorts(request, order),
        "matrix": matrix(rows, measure := _measure(request, singly=singly)),
        "measures": _measures(request, measure, singly=singly),
        "cells": [
            {**vars(cell), "change": plainly((cell.after or 0) - (cell.before or 0))}
            for cell in drawn.cells
        ],
        "retained": f"{100 * found.retained:.1f}",
        "households": sum(row["households"] for row in rows),
        "numbers": (len(pair.before.cells), sum(c.after is not None for c in drawn.cells)),
        "tab": tab if tab in {"comments", "log"} else "",
        "tabs": _tabs(request, tab, len(comments), plan.head_seq),
        "threads": threads(plan, comments),
        "log": _log(plan) if tab == "log" else [],
        "query": request.GET.urlencode(),
    }
    return desk(request, "plan_compare.html", scope, context)


def pair_of(request: HttpRequest, scope: Scope, plan: Plan) -> tuple[Pair, str, list[str]]:
    """Return what the address asks to compare.

    Raises:
        Http404: the other plan is none, or not of the same community, or not the caller's.
    """
    against = request.GET.get("against", IN_FORCE)
    try:
        before, lost = other_side(plan, against, Plan.objects.within(scope))
    except Refusal as refusal:
        raise Http404(_(refusal.message) % refusal.detail) from refusal
    return Pair(plan.community, plan.fabric, before, plan_states.head_of(plan)), against, lost


def _found(pair: Pair) -> tuple[Compared, ChangeMap, list[dict[str, Any]]]:
    found = pair.compared()
    codes = {f["uid"]: f["code"] or f["name"] for f in pair.before.cells.values()}
    drawn = change_map(pair, found, [mark_at(n) for n in range(len(found.transfers))])
    codes |= {cell.uid: cell.code for cell in drawn.cells if cell.after is not None}
    return found, drawn, told_rows(found.transfers, codes)


def told_rows(transfers: list[dict[str, Any]], codes: dict[str, str]) -> list[dict[str, Any]]:
    """Return transfers as rows of a table, with the codes that cells have or would get."""

    def code(side: dict[str, str] | None) -> str:
        return codes.get(side["uid"], "")[-3:] if side else "—"

    return [
        {**row, "mark": mark_at(n), "from": code(row["source"]), "to": code(row["target"])}
        for n, row in enumerate(transfers)
    ]


SORTS = ("mark", "from", "to", "households", "buildings", "incidents", "area_m2")


def sorted_rows(rows: list[dict[str, Any]], order: str) -> list[dict[str, Any]]:
    """Return rows in the order asked for: a column, with - before it the other way round."""
    column = order.removeprefix("-")
    if column not in SORTS or column == "mark":
        return rows[::-1] if order == "-mark" else rows
    if any(row[column] is None for row in rows):
        return rows
    return sorted(rows, key=lambda row: row[column], reverse=order.startswith("-"))


def _sorts(request: HttpRequest, order: str) -> list[dict[str, str]]:
    words = {
        "mark": _("变化"), "from": _("原网格"), "to": _("新网格"), "households": _("户"),
        "buildings": _("栋"), "incidents": _("一年事件"), "area_m2": _("平方米"),
    }  # fmt: skip
    found = []
    for column in SORTS:
        query = request.GET.copy()
        query["sort"] = f"-{column}" if order == column else column
        way = {column: "ascending", f"-{column}": "descending"}.get(order, "none")
        found.append(
            {"word": words[column], "href": f"?{query.urlencode()}", "way": way, "name": column}
        )
    return found


def _measure(request: HttpRequest, *, singly: bool) -> str:
    asked = request.GET.get("measure", "")
    return asked if asked in measured(singly=singly) else "households"


def _measures(request: HttpRequest, chosen: str, *, singly: bool) -> list[tuple[str, str, bool]]:
    found = []
    for measure, word in measured(singly=singly).items():
        query = request.GET.copy()
        query["measure"] = measure
        found.append((f"?{query.urlencode()}#matrix", word, measure == chosen))
    return found


def measured(*, singly: bool) -> dict[str, str]:
    """What is counted of what moves, in words; incidents only for those who see each of them."""
    incidents = {"incidents": _("一年事件")} if singly else {}
    return {"households": _("户"), "buildings": _("楼栋"), **incidents}


def matrix(rows: list[dict[str, Any]], measure: str) -> dict[str, Any]:
    """Return what went from which cell to which, as a table of one measure."""
    sources = sorted({row["from"] for row in rows})
    targets = sorted({row["to"] for row in rows})
    sums = Counter[tuple[str, str]]()
    for row in rows:
        sums[row["from"], row["to"]] += row[measure]
    lines = [
        {
            "name": one,
            "values": [sums.get((one, two)) for two in targets],
            "sum": sum(sums.get((one, two), 0) for two in targets),
        }
        for one in sources
    ]
    return {
        "targets": targets,
        "lines": lines,
        "sums": [sum(sums.get((one, two), 0) for one in sources) for two in targets],
        "sum": sum(sums.values()),
    }


def _tabs(
    request: HttpRequest, tab: str, said: int, steps: int
) -> list[tuple[str, str, int, bool]]:
    found = []
    for value, word, n in (
        ("", _("变化"), -1),
        ("comments", _("批注"), said),
        ("log", _("步骤"), steps),
    ):
        query = request.GET.copy()
        query.pop("tab", None)
        if value:
            query["tab"] = value
        found.append((f"?{query.urlencode()}", word, n, value == tab))
    return found


def threads(plan: Plan, comments: list[tuple[int, Comment]]) -> list[dict[str, Any]]:
    """Return every comment with its answers."""
    answers: dict[int, list[Comment]] = {}
    for one in plan.comments.exclude(answers=None).select_related("author").order_by("at"):
        answers.setdefault(one.answers_id or 0, []).append(one)
    return [
        {"number": number, "said": one, "answers": answers.get(one.pk, [])}
        for number, one in comments
    ]


def _log(plan: Plan) -> list[dict[str, Any]]:
    found = plan.ops.select_related("author").order_by("-seq")[:OPS]
    return [
        {
            "op": op,
            "word": _(str(PlanOp.Kind(op.kind).label)),
            "units": len(op.units),
            "cells": sorted({*op.old, *op.new, *(change["no"] for change in op.cells)} - {0}),
            "conflicts": len(op.conflicts),
        }
        for op in found
    ]


@never_cache
@require_safe
@login_required
def compare_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The same comparison as a workbook: the transfers, and a matrix of each measure."""
    scope = scope_of(request.user.pk or 0)
    plan = opened(scope, pk)
    pair, _against, lost = pair_of(request, scope, plan)
    least = city_setting(CitySetting.Name.SMALL_NUMBER, pair.city.pk)
    singly = plan_guard.sees_singly(scope, plan.community)
    _compared, _drawn, found = _found(pair)
    rows = [
        {**row, "incidents": plan_guard.in_a_file(row["incidents"], least, singly=singly)}
        for row in found
    ]
    words = {order["name"]: order["word"] for order in _sorts(request, "")}
    changes = ([row[column] for column in SORTS] for row in rows)
    sheets = [Sheet(_("变化"), list(words.values()), changes, beside=1)]
    for measure, word in measured(singly=False).items():
        table = matrix(rows, measure)
        lines = [[line["name"], *line["values"], line["sum"]] for line in table["lines"]]
        head = [_("原网格 → 新网格"), *table["targets"], _("合计")]
        sums = [_("合计"), *table["sums"], table["sum"]]
        sheets.append(Sheet(word, head, [*lines, sums], beside=1))
    if lost:
        sheets.append(Sheet(_("对不上的地块"), [_("地块")], [[uid] for uid in lost]))
    return attachment(workbook(*sheets), f"compare-{plan.pk}.xlsx", KIND)
