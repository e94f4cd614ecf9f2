"""The desk: the caller's cases as a list beside a map, narrowed by the address."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2s
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from gridmap.actions.saved import forget_filter, save_filter
from gridmap.errors import Refusal
from gridmap.layers.calendars import year_without_days
from gridmap.layers.cases import Assignment
from gridmap.layers.desk import (
    ENDED,
    LIGHTS,
    OPEN,
    SavedFilter,
    Wanted,
    counts,
    departments_in,
    listed,
    own_departments,
    waiting,
    wished,
)
from gridmap.layers.incidents import Category, Incident, State
from gridmap.layers.names import named
from gridmap.layers.postings import scope_of
from gridmap.layers.rights import DISPATCHER, LEADER, RIGHTS
from gridmap.layers.rulings import JointTask
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City, Community
from gridmap.layers.words_of_history import deed_word
from gridmap.pages.bell import channels_link
from gridmap.pages.case import found_case, refused, told
from gridmap.pages.case_times import LIGHT_WORDS
from gridmap.pages.deed_forms import Tried
from gridmap.pages.desk import desk
from gridmap.pages.desk_links import KEPT, chosen_of, kept, link
from gridmap.pages.desk_rows import now_of, offered_anywhere, rows
from gridmap.pages.desk_wish import cities_of, number, wanted_of
from gridmap.pages.overview import overview
from gridmap.pages.rail import must_stop

PAGE = 50
NARROWING = set(KEPT) - {"light", "wait", "city"}
# What waits for a deed, in the words of the chips; in the order of the life cycle.
WAIT_WORDS = {
    "verify": gettext_noop("待核实"),
    "file": gettext_noop("待立案"),
    "dispatch": gettext_noop("待派遣"),
    "accept": gettext_noop("待接办"),
    "send": gettext_noop("待派核查"),
    "inspect": gettext_noop("待核查"),
    "close": gettext_noop("待结案"),
}


@login_required
@never_cache
@require_safe
def desk_page(request: HttpRequest) -> HttpResponse:
    """The list, the map, and beside them the case chosen."""
    return show_desk(request, scope_of(request.user.pk or 0), request.GET)


def show_desk(
    request: HttpRequest, scope: Scope, values: QueryDict, tried: Tried | None = None
) -> HttpResponse:
    """Return the desk.

    Its ``ETag`` stands for the counts and rows only: who asks again and again is answered 304
    until one of them changes.

    Args:
        request: of somebody signed in.
        scope: the caller's.
        values: what is chosen, as in the address.
        tried: a form of the case beside the list that was refused.

    Raises:
        Http404: the caller has no desk, or no such city or case.
    """
    must_stop(scope, "desk")
    city, cities = cities_of(scope, values)
    wanted, waits = wanted_of(values), waiting(scope)
    wished_for = wished(scope, city, wanted)
    page = max(1, number(values, "page") or 1)
    wait = waits.get(wanted.wait, Q(pk__in=())) if wanted.wait else None
    cases = list(listed(wished_for, wanted.light, wait)[(page - 1) * PAGE : page * PAGE + 1])
    more, cases = len(cases) > PAGE, cases[:PAGE]
    found = counts(wished_for, waits)
    joint = JointTask.objects.within(scope).open().filter(incident__city=city).count()
    tag = _tag([translation.get_language(), scope.seal, found, joint, more, *map(now_of, cases)])
    if tried is None and (same := get_conditional_response(request, tag)):
        return same
    choices = _choices(scope, city)
    shown = rows(scope, values, cases, city, dict(choices["departments"]))
    chosen = values.get("case", "")
    context = {
        "here": "desk",
        "city": city,
        "cities": cities,
        "wanted": wanted,
        "tag": tag,
        "chips": _chips(values, found, wanted),
        "waits": _waits(values, found, wanted, waits),
        "total": found.get(wanted.wait or wanted.light or OPEN, 0),
        "rows": shown,
        "filters": choices,
        "parts": _parts(scope, wanted),
        "narrowed": any(values.get(name) for name in NARROWING),
        "saved": [(row, f"{reverse('desk')}?{row.query}") for row in _saved(scope)],
        "query": chosen_of(values),
        "back": kept(values),
        "together": _together(scope, shown),
        "batch": str(uuid4()),
        "page": page,
        "earlier": link(values, page=page - 1) if page > 1 else "",
        "later": link(values, page=page + 1) if more else "",
        "first": (page - 1) * PAGE + 1,
        "last": (page - 1) * PAGE + len(cases),
        "clear": link(QueryDict(), light=wanted.light or None, wait=wanted.wait or None),
        "joint": joint,
        "no_calendar": _no_calendar(scope, city),
        "may_report": "report" in _rights(scope),
        "may_import": "import_orders" in _rights(scope),
        **channels_link(scope),
    }
    if chosen:
        context["chosen"] = told(scope, found_case(scope, chosen, city.slug), tried)
        context["closed"] = link(values, page=values.get("page"))
    else:
        context["map"] = overview(city, cases)
    answer = desk(request, "cases.html", scope, context, status=422 if tried else 200)
    answer.headers["ETag"] = tag
    return answer


def _tag(said: list[object]) -> str:
    return f'"{blake2s(repr(said).encode(), digest_size=12).hexdigest()}"'


def _no_calendar(scope: Scope, city: City) -> int | None:
    """Return the year whose days are missing, to those who answer for the limits of a city."""
    if not scope.roles & {DISPATCHER, LEADER}:
        return None
    return year_without_days(city, timezone.localdate(timezone=ZoneInfo(city.time_zone)))


def _rights(scope: Scope) -> set[str]:
    return {verb for verb, roles in RIGHTS.items() if roles & scope.roles}


def _together(scope: Scope, shown: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the deeds for several cases, and for how many of those shown each may be done.

    The first that may be done with any is the one chosen.
    """
    found = [
        {"verb": verb, "word": deed_word(verb), "n": sum(verb in row["able"] for row in shown)}
        for verb in offered_anywhere(scope)
    ]
    first = next((one for one in found if one["n"]), None)
    return [{**one, "on": one is first} for one in found]


def _saved(scope: Scope) -> list[SavedFilter]:
    return list(SavedFilter.objects.within(scope))


def _chips(values: QueryDict, found: dict[str, int], wanted: Wanted) -> list[dict[str, Any]]:
    words = [("", "", gettext_noop("未结"), OPEN)]
    words += [(name, name, LIGHT_WORDS[light][1], name) for name, light in LIGHTS.items()]
    words.append((ENDED, "", gettext_noop("已结束"), ENDED))
    return [
        {"sign": sign, "word": _(word), "n": found[counted], "of": counted,
         "on": not wanted.wait and wanted.light == name,
         "href": link(values, light=name or None, wait=None)}
        for name, sign, word, counted in words
    ]  # fmt: skip


def _waits(
    values: QueryDict, found: dict[str, int], wanted: Wanted, waits: Iterable[str]
) -> list[dict[str, Any]]:
    return [
        {"word": _(WAIT_WORDS[verb]), "n": found[verb], "of": verb, "on": wanted.wait == verb,
         "href": link(values, light=None, wait=verb)}
        for verb in waits
    ]  # fmt: skip


def _parts(scope: Scope, wanted: Wanted) -> list[tuple[str, str]]:
    """Return what a department may be asked for; nothing where no department is spoken of."""
    if not wanted.department and not own_departments(scope):
        return []
    return [(value, _(str(word))) for value, word in Assignment.Part.choices]


def _choices(scope: Scope, city: City) -> dict[str, Any]:
    areas = Community.objects.within(scope).filter(subdistrict__city=city).order_by("code")
    mine = scope.area
    if city.pk not in mine.cities and mine.communities:
        areas = areas.filter(pk__in=mine.communities)
    return {
        "departments": [(row.pk, named(row)) for row in departments_in(scope, city.pk)],
        "categories": [
            (row.pk, f"{'　' if row.parent_id else ''}{named(row)}")
            for row in Category.objects.within(scope).filter(city=city).order_by("code")
        ],
        "communities": [(row.pk, row.name) for row in areas],
        "states": [(value, _(str(word))) for value, word in State.choices],
        "sources": [(value, _(str(word))) for value, word in Incident.Source.choices],
    }


@login_required
@require_POST
def saved(request: HttpRequest) -> HttpResponse:
    """Keep the present filter under a name, or forget one."""
    scope = scope_of(request.user.pk or 0)
    query = QueryDict(request.POST.get("query", ""))
    try:
        if pk := number(request.POST, "forget"):
            forget_filter(by=scope, saved=pk)
        else:
            save_filter(by=scope, name=request.POST.get("name", ""), query=chosen_of(query))
    except Refusal as refusal:
        messages.error(request, refused(refusal))
    return HttpResponseRedirect(link(query))
