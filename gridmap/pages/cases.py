"""The desk: the caller's cases as a list beside a map, narrowed by the address."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from gridmap.actions.cases import Said, act
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
    wished,
)
from gridmap.layers.incidents import Category, Incident, Light, State
from gridmap.layers.life_cycle import MOVES
from gridmap.layers.names import named
from gridmap.layers.postings import scope_of
from gridmap.layers.rights import DISPATCHER, LEADER, RIGHTS
from gridmap.layers.rulings import JointTask
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City, Community
from gridmap.layers.twins import Marks, marks
from gridmap.layers.words_of_history import deed_word
from gridmap.pages.bell import channels_link
from gridmap.pages.case import found_case, refused, told
from gridmap.pages.case_course import whose as whose_case
from gridmap.pages.case_times import LIGHT_WORDS, light_words
from gridmap.pages.dates import short
from gridmap.pages.deed_forms import Tried
from gridmap.pages.desk import desk
from gridmap.pages.desk_links import KEPT, kept, led_back, link, way_back
from gridmap.pages.overview import overview
from gridmap.pages.rail import must_stop

PAGE = 50
MOST_AT_ONCE = 100
SHORT = 48  # hours: more is told in days
# What may be done with several cases at once; each still asks its own rights and state.
TOGETHER = {
    "file": (), "dispatch": (), "accept": (), "send": (), "close": (), "supervise": ("why",),
}  # fmt: skip


def _number(values: QueryDict, name: str) -> int | None:
    value = values.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None  # noqa: PLR2004


def _wanted(values: QueryDict) -> Wanted:
    return Wanted(
        light=values.get("light", "") if values.get("light") in {*LIGHTS, ENDED} else "",
        state=values.get("state", ""),
        department=_number(values, "department"),
        part=values.get("part", "") if values.get("part") in Assignment.Part.values else "",
        category=_number(values, "category"),
        community=_number(values, "community"),
        source=values.get("source", ""),
        text=values.get("q", "").replace("\x00", "")[:60],
    )


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

    Args:
        request: of somebody signed in.
        scope: the caller's.
        values: what is chosen, as in the address.
        tried: a form of the case beside the list that was refused.

    Raises:
        Http404: the caller has no desk, or no such city or case.
    """
    must_stop(scope, "desk")
    cities = list(City.objects.within(scope).order_by("pk"))
    slug = values.get("city", "")
    city = next((one for one in cities if one.slug == slug), None if slug else cities[0])
    if city is None:
        raise Http404
    wanted = _wanted(values)
    rows = wished(scope, city, wanted)
    page = max(1, _number(values, "page") or 1)
    shown = list(listed(rows, wanted.light)[(page - 1) * PAGE : page * PAGE + 1])
    more, shown = len(shown) > PAGE, shown[:PAGE]
    by_light = counts(rows)
    chosen = values.get("case", "")
    choices = _choices(scope, city)
    about = Around(city, dict(choices["departments"]), marks(scope, shown))
    context = {
        "here": "desk",
        "city": city,
        "cities": cities,
        "wanted": wanted,
        "chips": _chips(values, by_light, wanted),
        "total": by_light.get(wanted.light or OPEN, 0),
        "rows": [_row(values, case, chosen, about) for case in shown],
        "filters": choices,
        "parts": _parts(scope, wanted),
        "narrowed": any(values.get(name) for name in KEPT if name not in {"light", "city"}),
        "saved": [(row, f"{reverse('desk')}?{row.query}") for row in _saved(scope)],
        "query": urlencode({name: values[name] for name in KEPT if values.get(name)}),
        "back": kept(values),
        "together": [(verb, deed_word(verb)) for verb in TOGETHER if _may_anywhere(scope, verb)],
        "batch": str(uuid4()),
        "page": page,
        "earlier": link(values, page=page - 1) if page > 1 else "",
        "later": link(values, page=page + 1) if more else "",
        "first": (page - 1) * PAGE + 1,
        "last": (page - 1) * PAGE + len(shown),
        "clear": link(QueryDict(), light=wanted.light or None),
        "joint": JointTask.objects.within(scope).open().filter(incident__city=city).count(),
        "no_calendar": _no_calendar(scope, city),
        "may_report": "report" in _rights(scope),
        "may_import": "import_orders" in _rights(scope),
        **channels_link(scope),
    }
    if chosen:
        context["chosen"] = told(scope, found_case(scope, chosen, city.slug), tried)
        context["closed"] = link(values, page=values.get("page"))
    else:
        context["map"] = overview(city, shown)
    return desk(request, "cases.html", scope, context, status=422 if tried else 200)


def _no_calendar(scope: Scope, city: City) -> int | None:
    """Return the year whose days are missing, to those who answer for the limits of a city."""
    if not scope.roles & {DISPATCHER, LEADER}:
        return None
    return year_without_days(city, timezone.localdate(timezone=ZoneInfo(city.time_zone)))


def _rights(scope: Scope) -> set[str]:
    return {verb for verb, roles in RIGHTS.items() if roles & scope.roles}


def _may_anywhere(scope: Scope, verb: str) -> bool:
    return MOVES[verb].right in _rights(scope)


def _saved(scope: Scope) -> list[SavedFilter]:
    return list(SavedFilter.objects.within(scope))


def _chips(values: QueryDict, by_light: dict[str, int], wanted: Wanted) -> list[dict[str, Any]]:
    words = [("", "", gettext_noop("未结"), by_light[OPEN])]
    words += [(name, name, LIGHT_WORDS[light][1], by_light[name]) for name, light in LIGHTS.items()]
    words.append((ENDED, "", gettext_noop("已结束"), by_light[ENDED]))
    return [
        {"sign": sign, "word": _(word), "n": n, "on": wanted.light == name,
         "href": link(values, light=name or None)}
        for name, sign, word, n in words
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


class Around(NamedTuple):
    """What the rows of a list have in common: the city, its departments' names, and twins."""

    city: City
    names: dict[int, str]
    twins: Marks


def _row(values: QueryDict, case: Any, chosen: str, about: Around) -> dict[str, Any]:
    english = translation.get_language() == "en"
    name, word = light_words(case.light)
    return {
        "case": case,
        "sign": name,
        "light": word,
        "href": link(values, case=case.number, page=values.get("page")),
        "page": reverse("case", kwargs={"number": case.number}),
        "on": case.number == chosen,
        "category": named(case.category),
        "department": whose_case(case).word or "—",
        "helping": (", " if english else "、").join(
            about.names[pk] for pk in case.helpers if pk in about.names
        ),
        "state": _(str(State(case.state).label)),
        "left": _left(case),
        "leads": about.twins.leads.get(case.pk, ""),
        "gathers": about.twins.gathers[case.pk],
        "due": short(case.due, ZoneInfo(about.city.time_zone)) if case.due else "",
    }


def _left(case: Any) -> str:
    """How long there is, or how long it has been over."""
    if case.light == Light.NONE:
        return _("已结束")
    if case.light == Light.PARKED:
        return _("暂停计时")
    if case.due is None:
        return _("没有时限")
    hours = (case.due - timezone.now()).total_seconds() / 3600
    size = abs(hours)
    if size < 1:
        told = _("%(n)s 分钟") % {"n": max(1, int(size * 60))}
    elif size < SHORT:
        told = _("%(n)s 小时") % {"n": f"{size:.1f}"}
    else:
        told = _("%(n)s 天") % {"n": int(size // 24)}
    return (_("还剩 %(time)s") if hours >= 0 else _("超 %(time)s")) % {"time": told}


@login_required
@require_POST
def together(request: HttpRequest) -> HttpResponse:
    """Do one deed with several cases; what is refused is said, the others are done."""
    scope = scope_of(request.user.pk or 0)
    verb, numbers = request.POST.get("verb", ""), request.POST.getlist("case")[:MOST_AT_ONCE]
    back = way_back(request)
    try:
        batch = UUID(request.POST.get("batch", ""))
    except ValueError as fault:
        raise Http404 from fault
    if verb not in TOGETHER:
        raise Http404
    done, left = 0, []
    why = request.POST.get("why", "").replace("\x00", "").strip()[:2000]
    for number in numbers:
        case = found_case(scope, number, back.get("city", ""))
        once = uuid5(NAMESPACE_OID, f"{batch} {case.pk} {verb}")
        try:
            act(by=scope, incident=case.pk, verb=verb, said=Said(client_id=once, why=why))
            done += 1
        except Refusal as refusal:
            left.append(f"{number}：{refused(refusal)}")
    word = deed_word(verb)
    messages.success(request, _("%(deed)s：%(n)s 件已办。") % {"deed": word, "n": done})
    if left:
        messages.error(request, _("没有办成：%(list)s") % {"list": "；".join(left[:10])})
    return HttpResponseRedirect(led_back(scope, back))


@login_required
@require_POST
def saved(request: HttpRequest) -> HttpResponse:
    """Keep the present filter under a name, or forget one."""
    scope = scope_of(request.user.pk or 0)
    query = QueryDict(request.POST.get("query", ""))
    try:
        if pk := _number(request.POST, "forget"):
            forget_filter(by=scope, saved=pk)
        else:
            clean = urlencode({name: query[name] for name in KEPT if query.get(name)})
            save_filter(by=scope, name=request.POST.get("name", ""), query=clean)
    except Refusal as refusal:
        messages.error(request, refused(refusal))
    return HttpResponseRedirect(link(query))
