"""What the page of figures looks at: period, grouping, rate and list; all of it in the address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from gridmap.errors import BadValue
from gridmap.layers.evaluation import RATES
from gridmap.layers.facts import Period
from gridmap.layers.postings import scope_of
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City
from gridmap.pages.chiefs import city_asked, number
from gridmap.pages.rail import must_stop

GROUPS = {
    "department": gettext_lazy("按部门"),
    "community": gettext_lazy("按社区"),
    "post": gettext_lazy("按岗位"),
}
# rest: in the whole and not in the part; out: left out because a contest was upheld.
SIDES = ("rest", "part", "whole", "out")
USUAL_RATE = "closed_in_time"
ALL, NO_UNIT = "all", "none"
MOST_DAYS = 400
FIRST_DAY = date(2000, 1, 1)
KEPT = ("city", "since", "until", "by", "rate", "unit", "side", "category")
MONTHS = 12


@dataclass(frozen=True)
class View:
    """What is looked at."""

    scope: Scope
    city: City
    since: date
    until: date  # the last day, included
    by: str
    rate: str
    unit: str  # an id, `NO_UNIT`, or `ALL`
    side: str  # empty: no list is open
    category: int | None
    page: int
    query: QueryDict

    @property
    def zone(self) -> ZoneInfo:
        """The city's."""
        return ZoneInfo(self.city.time_zone)

    @property
    def period(self) -> Period:
        """The instants of its days."""
        return period_of(self.since, self.until, self.zone)

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.period.until <= timezone.now()

    @property
    def title(self) -> str:
        """The period in words: a month by its name."""
        if (self.since, self.until) == month_of(self.since):
            return date_format(self.since, _("Y 年 n 月"))
        return f"{self.since:%Y-%m-%d} – {self.until:%Y-%m-%d}"

    def query_with(self, **other: object) -> str:
        """Return the query of the same with something else chosen; what is empty goes."""
        chosen: dict[str, object] = {name: self.query[name] for name in KEPT if name in self.query}
        chosen |= other
        return urlencode({name: value for name, value in chosen.items() if value})

    def link(self, **other: object) -> str:
        """Return the address of the page with something else chosen."""
        return f"{reverse('period-figures')}?{self.query_with(**other)}"

    def list_link(self, rate: str, unit: str, side: str) -> str:
        """Return the address at which a number's cases are listed."""
        return self.link(rate=rate, unit=unit, side=side, category="") + "#cases"

    @property
    def closed(self) -> str:
        """The address with no list open."""
        return self.link(side="", unit="", category="")

    def group(self) -> str:
        """Return by which of the facts' columns they are grouped."""
        return "all" if self.by == "post" else self.by

    @property
    def unit_id(self) -> int | None:
        """The id of the unit; None for cases that have none, and for all together."""
        return None if self.unit in {ALL, NO_UNIT} else int(self.unit)

    def shortcuts(self) -> list[dict[str, object]]:
        """Return the usual periods as links."""
        today = today_in(self.zone)
        last = month_of(today.replace(day=1) - timedelta(days=1))
        quarter = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
        before = (quarter - timedelta(days=1)).replace(day=1)
        start = before.replace(month=(before.month - 1) // 3 * 3 + 1)
        found = [
            (_("上月"), *last),
            (_("本月"), today.replace(day=1), today),
            (_("上季度"), start, quarter - timedelta(days=1)),
            (_("今年以来"), today.replace(month=1, day=1), today),
        ]
        return [
            {
                "word": word,
                "href": self.link(since=since, until=until),
                "on": (since, until) == (self.since, self.until),
            }
            for word, since, until in found
        ]

    def months(self) -> list[Period]:
        """Return the months of a year, up to that in which the period ends."""
        first = self.until.replace(day=1)
        found = []
        for _index in range(MONTHS):
            found.append(period_of(*month_of(first), self.zone))
            first = (first - timedelta(days=1)).replace(day=1)
        return found[::-1]


def today_in(zone: ZoneInfo) -> date:
    """Return the day that it is there."""
    return timezone.now().astimezone(zone).date()


def month_of(day: date) -> tuple[date, date]:
    """Return the first and the last day of a day's month."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def period_of(since: date, until: date, zone: ZoneInfo) -> Period:
    """Return the instants from the first day's beginning to the last day's end."""
    ends = datetime.combine(until + timedelta(days=1), time(), zone)
    return Period(datetime.combine(since, time(), zone), ends)


def days_of(query: QueryDict, zone: ZoneInfo) -> tuple[date, date]:
    """Return the days asked for; without them the last month that is over.

    Raises:
        BadValue: they are no days, in the wrong order, or too far apart.
    """
    if not query.get("since") and not query.get("until"):
        return month_of(today_in(zone).replace(day=1) - timedelta(days=1))
    try:
        since, until = (parse_date(query.get(name, "")) for name in ("since", "until"))
    except ValueError:
        since = until = None
    if since is None or until is None or since < FIRST_DAY or until > date(2199, 12, 31):
        raise BadValue("日期应写成 2026-11-26")
    if until < since:
        raise BadValue("起始日晚于截止日")
    if (until - since).days >= MOST_DAYS:
        raise BadValue("起止之间最多 %(most)s 天", most=MOST_DAYS)
    return since, until


def _unit(text: str) -> str:
    if text == NO_UNIT or number(text) is not None:
        return text
    return ALL


WRONG = gettext_noop("没有找到，或不在您的范围内")


def view_of(request: HttpRequest) -> tuple[View, str]:
    """Read the address; what it names and does not exist is left out.

    Returns:
        What is looked at, and what was wrong with the days (then it is the last month).

    Raises:
        Http404: the page is not the caller's, or the city.
    """
    scope = scope_of(request.user.pk or 0)
    must_stop(scope, "period-figures")
    city, query, wrong = city_asked(request, scope), request.GET, ""
    zone = ZoneInfo(city.time_zone)
    try:
        since, until = days_of(query, zone)
    except BadValue as refusal:
        wrong = _(refusal.message) % refusal.detail if refusal.detail else _(refusal.message)
        query = QueryDict(urlencode({"city": city.slug}))
        since, until = days_of(query, zone)
    by, rate, side = (query.get(name, "") for name in ("by", "rate", "side"))
    by = by if by in GROUPS else "department"
    view = View(
        scope=scope,
        city=city,
        since=since,
        until=until,
        by=by,
        rate=rate if rate in RATES else USUAL_RATE,
        unit=ALL if by == "post" else _unit(query.get("unit", "")),
        side=side if side in SIDES else "",
        category=number(query.get("category")),
        page=number(query.get("page"), 1, 9_999) or 1,
        query=query,
    )
    return view, wrong
