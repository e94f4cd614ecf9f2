"""Spreadsheets of the page of figures: all its shares, and the list that is open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from gridmap.geo.workbook import KIND, Cell, Sheet, workbook
from gridmap.layers.evaluation import LEAST, RATES, SCORES, VERSION, level
from gridmap.layers.names import named
from gridmap.pages.downloads import attachment
from gridmap.pages.figures_count import Count, Unit
from gridmap.pages.figures_list import by_id, contests_of, ids_of, of_category, rows_of
from gridmap.pages.figures_view import ALL, NO_UNIT, View, view_of

MOST_ROWS = 20_000


def _name(view: View, what: str) -> str:
    return f"{view.city.slug}-{what}-{view.since:%Y%m%d}-{view.until:%Y%m%d}.xlsx"


@never_cache
@require_safe
@login_required
def export(request: HttpRequest) -> HttpResponse:
    """Every rate of every unit with both numbers, the ratings, and the rules they follow."""
    view, _wrong = view_of(request)
    count = Count(view)
    title = f"{view.title} {view.city.name}"
    figures = Sheet(
        _("指标"),
        [_("单位"), _("指标"), _("计入"), _("应计"), _("百分比"), _("95% 下限"), _("95% 上限"),
         _("异议前计入"), _("异议前应计"), _("目标（%）"), _("用时"), _("用时中位数（分钟）"),
         _("说明")],
        _figures(count),
        title=title,
        beside=2,
    )  # fmt: skip
    ratings = Sheet(_("评分"), [_("单位"), _("岗位"), _("分数"), _("等级")], _ratings(count))
    rules = Sheet(
        _("规则"),
        [_("指标"), _("分母"), _("分子"), _("规则版本")],
        ([_(rate.name), rate.said_of, _(rate.counts), VERSION] for rate in RATES.values()),
    )
    return attachment(workbook(figures, ratings, rules), _name(view, "figures"), KIND)


def _figures(count: Count) -> Iterator[list[Cell]]:
    few = _("不足 %(least)s 件，只列件数") % {"least": LEAST}
    targets = {key: count.targets(key, [count.view.period])[0] for key in RATES}
    for unit in [count.whole, *count.units]:
        for key, rate in RATES.items():
            found, raw = count.figure(unit, key), count.raw(unit, key)
            low, high = found.between or (None, None)
            yield [
                unit.name, _(rate.name), len(found.part), len(found.whole),
                None if found.few else found.percent, low, high, len(raw.part), len(raw.whole),
                targets[key], _(rate.wait.name) if rate.wait else "", found.median,
                few if found.few else "",
            ]  # fmt: skip


def _ratings(count: Count) -> Iterator[list[Cell]]:
    """Of departments, and of the posts all together; people are never rated."""
    posts: list[tuple[Unit, str]] = [(count.whole, key) for key in SCORES if key != "department"]
    if count.view.by == "department":
        posts += [(unit, "department") for unit in count.units if unit.key not in {ALL, NO_UNIT}]
    few = _("不足 %(least)s 件，不评") % {"least": LEAST}
    for unit, post in posts:
        points = count.points(unit, post)
        yield [unit.name, _(SCORES[post].name), points, level(points) or few]


@never_cache
@require_safe
@login_required
def cases(request: HttpRequest) -> HttpResponse:
    """The cases behind the chosen number; places and kinds, no words of a report."""
    view, _wrong = view_of(request)
    count = Count(view)
    ids = of_category(view, ids_of(count, view.side))[:MOST_ROWS]
    heads = [_("编号"), _("类别"), _("地址"), _("社区"), _("承办部门"), _("时限"), _("结案"),
             _("是否计入"), _("异议")]  # fmt: skip
    wait = RATES[view.rate].wait
    heads += [_("%(what)s（分钟）") % {"what": _(wait.name)}] if wait else []
    title = f"{view.title} {count.chosen.name} {_(RATES[view.rate].name)}"
    rows = Sheet(_("清单"), heads, _cases(count, ids), title=title, beside=1)
    return attachment(workbook(rows), _name(view, "cases"), KIND)


def _cases(count: Count, ids: list[int]) -> Iterator[list[Cell]]:
    view = count.view
    facts, part = by_id(count), set(count.figure(count.chosen, view.rate).part)
    contests = {row.incident_id: row for row in contests_of(view.scope, ids, view.rate)}
    wait = RATES[view.rate].wait
    answers = {None: _("待答复"), True: _("成立"), False: _("不成立")}
    for row in rows_of(view.scope, ids):
        contest = contests.get(row.pk)
        yield [
            row.number, named(row.category), row.address,
            row.community.name if row.community else "", named(row.department),
            _local(view, facts[row.pk].due), _local(view, facts[row.pk].closed),
            _("是") if row.pk in part else _("否"), answers[contest.upheld] if contest else "",
            *([wait.minutes(facts[row.pk])] if wait else []),
        ]  # fmt: skip


def _local(view: View, moment: datetime | None) -> str:
    return f"{moment.astimezone(view.zone):%Y-%m-%d %H:%M}" if moment else ""
