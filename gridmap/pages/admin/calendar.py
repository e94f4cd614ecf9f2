"""The calendar's pages: a change says how many limits moved, and a missing year is asked for."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from gridmap.actions.calendars import keep_hours, remove_hours, seed_calendar
from gridmap.actions.cases.recounting import Recounted
from gridmap.errors import BadValue, OutOfScope, Refusal
from gridmap.geo.official_days import official_days
from gridmap.layers.calendars import CalendarDay, WorkSlot, year_without_days
from gridmap.layers.territory import City
from gridmap.pages.admin.kept import Kept, OwnCity, Worded, column, words
from gridmap.pages.admin.site import scope, site
from gridmap.pages.refusals import turn_away


class HoursPage(Kept):
    """A table by which limits are counted: what runs is counted again at once."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's order
        """Keep the row by the deed, and say how many limits moved."""
        del change
        why = form.cleaned_data.get("why", "")
        self._say(request, keep_hours(by=scope(request), row=obj, why=why))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Remove the row by the deed, and say how many limits moved."""
        self._say(request, remove_hours(by=scope(request), row=obj))

    def _say(self, request: HttpRequest, moved: Recounted) -> None:
        n = len(moved.cases)
        if n:
            word = ngettext(
                "%(n)s 件在办的时限已按新的日历重算", "%(n)s 件在办的时限已按新的日历重算", n
            )
            self.message_user(request, word % {"n": n}, messages.INFO)


class CalendarDayPage(HoursPage):
    list_display = [column("day"), column("kind"), column("name"), column("city")]
    list_filter = [("city", OwnCity), ("kind", Worded)]
    search_fields = ["name", "source"]
    fields = ["city", "day", "kind", "name", "source", "why"]
    change_list_template = "admin/calendar_list.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the deed that fills a year."""
        seed = path("seed/", site.admin_view(self.seed), name="seed-calendar")
        return [seed, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list, above it the years that are missing."""
        missing = {"missing": _missing(request)}
        return super().changelist_view(request, {**missing, **(extra_context or {})})

    @method_decorator(require_POST)
    def seed(self, request: HttpRequest) -> HttpResponse:
        """Fill the missing year of a city with its official days."""
        try:
            city, year = _asked(request)
            added = seed_calendar(by=scope(request), city=city, year=year)
        except Refusal as refusal:
            turn_away(refusal)
            self.message_user(request, words(refusal), messages.ERROR)
        else:
            told = _("%(year)s 年：加了 %(days)s 天") % {"year": year, "days": added}
            self.message_user(request, told, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:layers_calendarday_changelist"))


def _asked(request: HttpRequest) -> tuple[City, int]:
    """Return of which city which year is to be filled.

    Raises:
        OutOfScope: it is not the caller's.
        BadValue: it is not the year that is missing.
    """
    own = {str(city.pk): city for city in _own(request)}
    city = own.get(request.POST.get("city", ""))
    if city is None:
        raise OutOfScope("没有找到，或不在您的范围内")
    year = _year(city)
    if year is None or str(year) != request.POST.get("year"):
        raise BadValue("这一年的放假安排已经有了，或还不到填写的时候")
    return city, year


def _own(request: HttpRequest) -> list[City]:
    """Return the cities whose calendar the caller keeps."""
    held = scope(request)
    rows = City.objects.within(held).filter(pk__in=held.cities_where("administer"))
    return list(rows.order_by("pk"))


def _year(city: City) -> int | None:
    return year_without_days(city, timezone.localdate(timezone=ZoneInfo(city.time_zone)))


def _missing(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the caller's cities without a year, and whether its days are known here."""
    found = [(city, _year(city)) for city in _own(request)]
    return [
        {"city": city, "year": year, "known": bool(official_days(year))}
        for city, year in found
        if year is not None
    ]


class WorkSlotPage(HoursPage):
    list_display = [column("season"), column("begins"), column("ends"), column("valid")]
    list_filter = [("city", OwnCity)]
    fields = ["city", "season", "begins", "ends", "valid", "why"]


def register(site: AdminSite) -> None:
    """Put the pages of this module into the administration."""
    site.register(CalendarDay, CalendarDayPage)
    site.register(WorkSlot, WorkSlotPage)
