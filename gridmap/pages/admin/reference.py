"""The tables of reference data: cities, departments, categories, calendars, settings."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest

from gridmap.layers.catalogue import Authority, Milestone, Standard, StepLimit
from gridmap.layers.checklists import CheckItem
from gridmap.layers.city_settings import CitySetting
from gridmap.layers.incidents import Category
from gridmap.layers.intervals import IntervalRule
from gridmap.layers.lines import CommunityLine, DutyPoint
from gridmap.layers.people import Department
from gridmap.layers.territory import City
from gridmap.pages.admin.kept import Kept, OwnCity, Worded, column


class CityPage(Kept):
    within_city = "pk"
    maps = True
    list_display = [column("name"), column("slug"), column("approval")]
    fields = ["name", "name_en", "former_name", "approval", "language", "bounds", "why"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Cities are added at the command line, with their metric system (manage.py add_city)."""
        del request
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A city is never deleted here."""
        del request, obj
        return False


class CitySettingPage(Kept):
    list_display = [column("name"), column("value"), column("city"), column("valid")]
    list_filter = [("city", OwnCity), ("name", Worded)]
    fields = ["city", "name", "value", "valid", "why"]


class DepartmentPage(Kept):
    list_display = [column("name"), column("code"), column("city"), column("rank")]
    list_filter = [("city", OwnCity)]
    search_fields = ["name", "code"]
    fields = ["city", "code", "name", "name_en", "rank", "why"]


class CategoryPage(Kept):
    list_display = [
        column("name"), column("code"), column("kind"), column("department"),
        column("limit_hours"),
    ]  # fmt: skip
    list_filter = [("city", OwnCity), ("kind", Worded)]
    list_select_related = ["department"]
    search_fields = ["name", "code"]
    fields = ["city", "parent", "code", "name", "name_en", "kind", "department", "limit_hours"]
    fields += ["why"]


class CheckItemPage(Kept):
    list_display = [column("text"), column("rank"), column("category"), column("city")]
    list_filter = [("city", OwnCity)]
    list_select_related = ["category", "city"]
    search_fields = ["text"]
    fields = ["city", "rank", "text", "text_en", "category", "why"]


class StandardPage(Kept):
    within_city = "category__city_id"
    list_display = [column("category"), column("condition"), column("filing"), column("valid")]
    list_filter = [("category__city", OwnCity)]
    list_select_related = ["category"]
    search_fields = ["category__name", "category__code", "filing"]
    fields = [
        "category", "condition", "place_class", "filing", "closing", "source", "valid", "why",
    ]  # fmt: skip


class MilestonePage(Kept):
    within_city = "standard__category__city_id"
    list_display = [
        column("standard"), column("number"), column("name"), column("limit"), column("unit"),
    ]  # fmt: skip
    list_filter = [("standard__category__city", OwnCity)]
    list_select_related = ["standard__category"]
    search_fields = ["standard__category__name", "name"]
    fields = ["standard", "number", "name", "limit", "unit", "urgent", "not_before", "why"]


class StepLimitPage(Kept):
    list_display = [column("state"), column("limit"), column("unit"), column("valid")]
    list_filter = [("city", OwnCity)]
    fields = ["city", "state", "limit", "unit", "valid", "why"]


class AuthorityPage(Kept):
    within_city = "category__city_id"
    list_display = [
        column("category"), column("community"), column("subdistrict"), column("department"),
        column("valid"),
    ]  # fmt: skip
    list_filter = [("category__city", OwnCity)]
    list_select_related = ["category", "community", "subdistrict", "department"]
    search_fields = ["category__name", "category__code", "department__name"]
    fields = ["category", "subdistrict", "community", "department", "source", "valid", "why"]


class IntervalRulePage(Kept):
    list_display = [column("thing"), column("kind"), column("days"), column("city")]
    list_filter = [("city", OwnCity), ("thing", Worded), ("kind", Worded)]
    fields = ["city", "thing", "kind", "days", "why"]


class CommunityLinePage(Kept):
    within_city = "community__subdistrict__city_id"
    list_display = [column("community"), column("phone"), column("hours"), column("valid")]
    list_filter = [("community__subdistrict__city", OwnCity)]
    list_select_related = ["community"]
    search_fields = ["community__name", "phone"]
    fields = ["community", "phone", "hours", "valid", "why"]


class DutyPointPage(Kept):
    maps = True
    list_display = [column("name"), column("code"), column("hours"), column("valid")]
    list_filter = [("city", OwnCity)]
    search_fields = ["name", "code", "address"]
    fields = ["city", "code", "name", "address", "hours", "place", "valid", "why"]


def register(site: AdminSite) -> None:
    """Put the pages of this module into the administration."""
    site.register(City, CityPage)
    site.register(CitySetting, CitySettingPage)
    site.register(Department, DepartmentPage)
    site.register(Category, CategoryPage)
    site.register(Standard, StandardPage)
    site.register(Milestone, MilestonePage)
    site.register(StepLimit, StepLimitPage)
    site.register(Authority, AuthorityPage)
    site.register(CheckItem, CheckItemPage)
    site.register(IntervalRule, IntervalRulePage)
    site.register(CommunityLine, CommunityLinePage)
    site.register(DutyPoint, DutyPointPage)
