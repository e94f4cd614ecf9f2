"""The roster of chiefs: every office of an area, what is wanting, and the same as a spreadsheet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from gridmap.geo.workbook import KIND, Cell, Sheet, workbook
from gridmap.layers.people import ChiefTerm
from gridmap.layers.postings import scope_of
from gridmap.layers.rights import RIGHTS
from gridmap.layers.roster import MOST_DAYS, STATES, Limits, Line, limits_of, roster, sums
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City, Community
from gridmap.pages.desk import desk
from gridmap.pages.downloads import attachment
from gridmap.pages.rail import must_stop

PAGE = 50
MOST_OBJECTS = 999
OFFICES = {value: gettext_lazy(label) for value, label in ChiefTerm.Office.choices}
REASONS = {value: gettext_lazy(label) for value, label in ChiefTerm.Reason.choices}
STANDINGS = {
    "filled": gettext_lazy("在岗"),
    "substitute": gettext_lazy("代理"),
    "expiring": gettext_lazy("即将到期"),
    "vacant": gettext_lazy("空缺"),
}
WANTING = {
    "vacant": gettext_lazy("空缺"),
    "expiring": gettext_lazy("快到期"),
    "overloaded": gettext_lazy("管得太多"),
    "long_substitute": gettext_lazy("代理太久"),
}
TONES = {"filled": "ok", "substitute": "warn", "expiring": "warn", "vacant": "bad"}


def number(text: str | None, least: int = 1, most: int = 2**63 - 1) -> int | None:
    """Return a whole number between two others; None for anything else."""
    if not text or not text.isascii() or not text.isdigit() or len(text) > 19:  # noqa: PLR2004
        return None
    return int(text) if least <= int(text) <= most else None


def city_asked(request: HttpRequest, scope: Scope) -> City:
    """Return the city of the address, or the first in which the caller works.

    Raises:
        Http404: there is none, or not the caller's.
    """
    cities = City.objects.within(scope)
    slug = request.GET.get("city")
    city = (cities.filter(slug=slug) if slug else cities.order_by("demo", "slug")).first()
    if city is None:
        raise Http404(_("没有这座城市，或不在您的范围内"))
    return city


def moment(value: str | datetime | None) -> datetime | None:
    """Return a moment of a holder, which comes as text out of JSON."""
    return parse_datetime(value) if isinstance(value, str) else value


def local(city: City, value: str | datetime | None) -> str:
    """Return a moment as the local day, empty for none."""
    found = moment(value)
    return f"{found.astimezone(ZoneInfo(city.time_zone)):%Y-%m-%d}" if found else ""


@dataclass(frozen=True)
class View:
    """What the list is narrowed to; all of it stands in the address."""

    city: City
    community: Community | None
    office: str
    state: str
    words: str
    usual: Limits
    limits: Limits
    query: QueryDict

    def link(self, **other: object) -> str:
        """Return the query of the same list with something else chosen."""
        query = self.query.copy()
        query.pop("page", None)
        for name, value in other.items():
            query.pop(name, None)
            if value:
                query[name] = str(value)
        return f"?{query.urlencode()}"

    def keeps(self, line: Line) -> bool:
        """Return whether a line is in the chosen area and office and holds the words."""
        if self.community is not None and self.community.pk not in line.communities:
            return False
        if self.office and line.office != self.office:
            return False
        names = [line.title, line.code, *(holder["name"] for holder in line.holders)]
        return not self.words or any(self.words in name.lower() for name in names)


def view_of(request: HttpRequest, scope: Scope) -> View:
    """Read the address; what it names and does not exist narrows to nothing wrong: it is left out.

    Raises:
        Http404: the list, the city or the community is not the caller's.
    """
    must_stop(scope, "chiefs")
    city, asked = city_asked(request, scope), request.GET
    community = None
    if asked.get("community"):
        mine = Community.objects.within(scope).own(scope).filter(subdistrict__city=city)
        community = mine.filter(pk=number(asked.get("community")) or 0).first()
        if community is None:
            raise Http404(_("没有这个社区，或不在您的范围内"))
    office, state = asked.get("office", ""), asked.get("state", "")
    usual = limits_of(city)
    limits = Limits(
        days=number(asked.get("days"), 1, MOST_DAYS) or usual.days,
        objects=number(asked.get("objects"), 1, MOST_OBJECTS) or usual.objects,
    )
    return View(
        city=city,
        usual=usual,
        community=community,
        office=office if office in OFFICES else "",
        state=state if state in STATES else "",
        words=asked.get("q", "").strip().lower()[:40],
        limits=limits,
        query=asked,
    )


def _lines(scope: Scope, view: View) -> tuple[list[Line], list[Line]]:
    """Return every line of the caller's area, and those the address narrows it to."""
    everything = roster(scope, view.city, now=timezone.now(), limits=view.limits)
    return everything, [line for line in everything if view.keeps(line)]


def shown(city: City, line: Line) -> dict[str, Any]:
    """Return a line in words."""
    holder = line.holder
    absent = line.holders[1]["name"] if len(line.holders) > 1 else ""
    return {
        "line": line,
        "office": OFFICES[line.office],
        "standing": STANDINGS[line.standing],
        "tone": TONES[line.standing],
        "wanting": [WANTING[state] for state in line.states if state != line.standing],
        "name": holder["name"] if holder else "",
        "absent": absent,
        "reason": REASONS.get(holder["reason"], "") if holder else "",
        "since": local(city, holder["since"]) if holder else "",
        "until": local(city, holder["until"]) if holder else "",
        "vacant_since": local(city, line.vacant_since),
    }


def _numbered(page: Page[Line], view: View) -> dict[str, str]:
    links = {}
    if page.has_previous():
        links["before"] = view.link() + f"&page={page.previous_page_number()}"
    if page.has_next():
        links["after"] = view.link() + f"&page={page.next_page_number()}"
    return links


@never_cache
@require_safe
@login_required
def roster_page(request: HttpRequest) -> HttpResponse:
    """The list, its filters and figures; with ``view=areas`` the sums of each community."""
    scope = scope_of(request.user.pk or 0)
    view = view_of(request, scope)
    everything, found = _lines(scope, view)
    tabs = [("", _("全部"), len(found))]
    tabs += [
        (state, str(word), sum(state in line.states for line in found))
        for state, word in WANTING.items()
    ]
    lines = [line for line in found if not view.state or view.state in line.states]
    page = Paginator(lines, PAGE).get_page(request.GET.get("page"))
    areas = request.GET.get("view") == "areas"
    context = {
        "here": "chiefs",
        "city": view.city,
        "view": view,
        "areas": sums(everything, view.city) if areas else None,
        "areas_link": view.link(view="areas"),
        "list_link": view.link(view=""),
        "tabs": [
            {"word": word, "n": n, "href": view.link(state=state), "on": state == view.state}
            for state, word, n in tabs
        ],
        "total": len(lines),
        "rows": [shown(view.city, line) for line in page.object_list],
        "page": page,
        **_numbered(page, view),
        "offices": OFFICES.items(),
        "communities": Community.objects.within(scope)
        .own(scope)
        .filter(subdistrict__city=view.city)
        .order_by("code"),
        "cities": City.objects.within(scope).order_by("demo", "slug"),
        "export": view.link(view=""),
        "usual": view.usual,
        "appoints": bool(RIGHTS["appoint"] & scope.roles),
        "whole": view.city.pk in scope.cities,
    }
    return desk(request, "chiefs.html", scope, context)


HEADS = (
    gettext_lazy("职务"),
    gettext_lazy("代码"),
    gettext_lazy("对象"),
    gettext_lazy("社区"),
    gettext_lazy("状态"),
    gettext_lazy("任职人"),
    gettext_lazy("代理原因"),
    gettext_lazy("任期起"),
    gettext_lazy("任期至"),
    gettext_lazy("空缺自"),
    gettext_lazy("要办"),
)


def sheet(view: View, lines: list[Line], names: dict[int, str]) -> bytes:
    """Return the lines as an XLSX file."""

    def cells(line: Line) -> tuple[Cell, ...]:
        said = shown(view.city, line)
        return (
            said["office"],
            line.code,
            line.title,
            "、".join(names.get(pk, "") for pk in line.communities),
            said["standing"],
            said["name"],
            said["reason"],
            said["since"],
            said["until"],
            said["vacant_since"],
            "、".join(str(WANTING[state]) for state in line.states),
        )

    return workbook(Sheet(_("三长名册"), [str(head) for head in HEADS], map(cells, lines)))


@never_cache
@require_safe
@login_required
def export(request: HttpRequest) -> HttpResponse:
    """The list that the address narrows to, as a spreadsheet."""
    scope = scope_of(request.user.pk or 0)
    view = view_of(request, scope)
    _everything, found = _lines(scope, view)
    lines = [line for line in found if not view.state or view.state in line.states]
    areas = Community.objects.within(scope).filter(subdistrict__city=view.city)
    body = sheet(view, lines, dict(areas.values_list("pk", "name")))
    return attachment(body, f"{view.city.slug}-chiefs-{timezone.localdate():%Y%m%d}.xlsx", KIND)
