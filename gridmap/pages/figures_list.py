"""The cases behind one number of the page of figures, and what was contested among them."""

from __future__ import annotations

from collections.abc import Collection
from math import inf
from typing import Any

from django.db.models import Count as CountOf
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from gridmap.layers.assessments import Contest
from gridmap.layers.evaluation import LESS_IS_BETTER, RATES, Figure
from gridmap.layers.facts import Fact
from gridmap.layers.incidents import Incident
from gridmap.layers.names import named
from gridmap.layers.scope import Scope
from gridmap.pages.figures_count import BY_WAIT, Count, lasting
from gridmap.pages.figures_view import View

PAGE = 50
MOST_CONTESTS = 100
SIDE_WORDS = {
    "rest": gettext_noop("未计入"), "part": gettext_noop("计入"), "whole": gettext_noop("应计"),
    "out": gettext_noop("异议成立，已排除"),
}  # fmt: skip
STATES = {
    None: ("info", gettext_noop("异议待答复")),
    True: ("ok", gettext_noop("异议成立")),
    False: ("", gettext_noop("异议不成立")),
}


def ids_of(count: Count, side: str) -> list[int]:
    """Return the cases of the chosen number, by when they were due; the longest waits first."""
    view, unit = count.view, count.chosen
    found = count.figure(unit, view.rate)
    if side == "out":
        ids = count.out(unit, view.rate)
    else:
        ids = {"part": found.part, "rest": found.rest}.get(side, found.whole)
    facts = by_id(count)
    if view.rate in BY_WAIT:
        return sorted(ids, key=lambda pk: (-_minutes(view.rate, facts[pk]), pk))
    return sorted(ids, key=lambda pk: (facts[pk].due is None, facts[pk].due, pk))


def _minutes(rate: str, fact: Fact) -> float:
    wait = RATES[rate].wait
    minutes = wait.minutes(fact) if wait else None
    return inf if minutes is None else minutes


def by_id(count: Count) -> dict[int, Fact]:
    """Return the facts by their incident."""
    return {fact.incident: fact for fact in count.facts}


def of_category(view: View, ids: list[int]) -> list[int]:
    """Return those of the category of the address, in the same order."""
    if view.category is None:
        return ids
    rows = Incident.objects.within(view.scope).filter(pk__in=ids, category_id=view.category)
    kept = set(rows.values_list("pk", flat=True))
    return [pk for pk in ids if pk in kept]


def rows_of(scope: Scope, ids: Collection[int]) -> list[Incident]:
    """Return the caller's incidents of these ids, in their order."""
    found = Incident.objects.within(scope).filter(pk__in=ids)
    rows = {row.pk: row for row in found.select_related("category", "community", "department")}
    return [rows[pk] for pk in ids if pk in rows]


def contests_of(scope: Scope, ids: Collection[int], rate: str = "") -> list[Contest]:
    """Return the contests about these cases, open ones first, then newest first."""
    rows = Contest.objects.within(scope).filter(incident__in=ids)
    if rate:
        rows = rows.filter(rate=rate)
    found = rows.select_related("incident").order_by("-asked_at", "-pk")
    return sorted(found, key=lambda row: row.decided_at is not None)[:MOST_CONTESTS]


def worse_side(rate: str) -> str:
    """Return on which side of a rate the cases are that went wrong."""
    return "part" if rate in LESS_IS_BETTER else "rest"


def categories_of(view: View, ids: Collection[int], list_of: str) -> list[dict[str, Any]]:
    """Return of which category how many of the cases are that went wrong, and their lists."""
    side = worse_side(view.rate)
    rows = Incident.objects.within(view.scope).filter(pk__in=ids)
    found = rows.values("category_id", "category__name", "category__name_en")
    english = translation.get_language() == "en"
    return [
        {
            "name": (english and row["category__name_en"]) or row["category__name"],
            "n": row["n"],
            "href": view.link(side=side, unit=list_of, category=row["category_id"]) + "#cases",
        }
        for row in found.annotate(n=CountOf("pk")).order_by("-n", "category__code")
    ]


def listed(count: Count) -> dict[str, Any]:
    """Return the open list: its number, its two neighbours, its rows and how it came about."""
    view, unit = count.view, count.chosen
    figure = count.figure(unit, view.rate)
    ids = of_category(view, ids_of(count, view.side))
    shown = ids[PAGE * (view.page - 1) : PAGE * view.page]
    out = count.out(unit, view.rate)
    contests = contests_of(view.scope, [*figure.whole, *out], view.rate)
    last = {row.incident_id: row for row in reversed(contests)}
    counts = {"rest": len(figure.rest), "part": len(figure.part), "whole": len(figure.whole),
              "out": len(out)}  # fmt: skip
    facts = by_id(count)
    good = set(figure.rest if worse_side(view.rate) == "part" else figure.part)
    asked = view.query.get("contest", "")
    more = len(ids) > PAGE * view.page
    return {
        "unit": unit,
        "rate": RATES[view.rate],
        "figure": figure,
        "median": median_said(view.rate, figure),
        "tabs": [
            {"word": _(SIDE_WORDS[side]), "n": n, "on": side == view.side, "side": side,
             "href": view.list_link(view.rate, unit.key, side)}
            for side, n in counts.items() if n or side != "out"
        ],
        "rows": [
            _row(view, row, facts[row.pk], good=row.pk in good, contest=last.get(row.pk),
                 asked=asked)
            for row in rows_of(view.scope, shown)
        ],
        "n": len(ids),
        "first": PAGE * (view.page - 1) + 1,
        "last": PAGE * (view.page - 1) + len(shown),
        "before": view.link(page=view.page - 1) + "#cases" if view.page > 1 else "",
        "after": view.link(page=view.page + 1) + "#cases" if more else "",
        "without_category": view.link(category="") + "#cases" if view.category else "",
        "values": _values(count, contests),
    }  # fmt: skip


def _row(
    view: View, row: Incident, fact: Fact, *, good: bool, contest: Contest | None, asked: str
) -> dict[str, Any]:
    name, word = STATES[contest.upheld] if contest else ("", "")
    may = view.scope.may_at("contest", row.spot) and (contest is None or contest.upheld is False)
    here = view.link(contest=row.pk, page=view.page if view.page > 1 else "")
    return {
        "case": row,
        "sign": "ok" if good else "late",
        "category": named(row.category),
        "due": fact.due,
        "closed": fact.closed,
        "wait": _waited(view.rate, fact),
        "contest": _(word) if word else "",
        "tone": name,
        "may_contest": may,
        "asking": may and asked == str(row.pk),
        "ask": f"{here}#case-{row.pk}",
    }


def median_said(rate: str, figure: Figure) -> str:
    """Return what half waited no longer than, in words; empty where that cannot be told."""
    wait, told = RATES[rate].wait, lasting(figure.median)
    return (
        _("%(what)s中位数 %(time)s") % {"what": _(wait.name), "time": told} if wait and told else ""
    )


def _waited(rate: str, fact: Fact) -> str:
    """How long somebody waited, in words; empty where the rate tells of no wait."""
    wait = RATES[rate].wait
    if wait is None:
        return ""
    told = lasting(wait.minutes(fact))
    return f"{_(wait.name)} {told}" if told else _("期末还在等")


def _values(count: Count, contests: list[Contest]) -> list[dict[str, Any]]:
    """Return the number with and without the contests, each beside the other."""
    view, unit = count.view, count.chosen
    open_ones = {row.incident_id for row in contests if row.decided_at is None}
    now, raw = count.figure(unit, view.rate), count.raw(unit, view.rate)
    rows: list[tuple[str, Figure]] = []
    if len(raw.whole) != len(now.whole):
        rows += [(_("全部计入（异议前）"), raw), (_("排除异议成立的"), now)]
    if open_ones:
        rows.append((_("待答复的异议若都成立"), count.if_all(unit, view.rate, open_ones)))
    return [{"word": word, "figure": found} for word, found in rows]
