"""Fill a city's calendar with the official days of a year; rows that are there win."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from gridmap.actions.calendars import seed_calendar
from gridmap.errors import Refusal
from gridmap.geo.official_days import official_days
from gridmap.layers.postings import operator_scope
from gridmap.layers.territory import City


class Command(BaseCommand):
    help = _("按国务院办公厅的放假安排填写一个城市的日历；已有的行不改。不加 --commit 只列出。")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", metavar="SLUG")
        parser.add_argument("year", type=int, metavar="YEAR")
        parser.add_argument("--commit", action="store_true")

    def handle(self, *args: object, **wish: object) -> None:
        scope = operator_scope()
        city = City.objects.within(scope).filter(slug=str(wish["slug"])).first()
        if city is None:
            raise CommandError(_("没有找到，或不在您的范围内"))
        year = int(str(wish["year"]))
        if not wish["commit"]:
            for row in official_days(year):
                self.stdout.write(f"{row.day:%F} {row.kind} {row.name}")
            return
        try:
            added = seed_calendar(by=scope, city=city, year=year)
        except Refusal as refusal:
            raise CommandError(_(refusal.message) % refusal.detail) from refusal
        self.stdout.write(_("%(year)s 年：加了 %(days)s 天") % {"year": year, "days": added})
