"""Tell how notices stand, for whoever watches over the server: what waits, and for whom."""

from argparse import ArgumentParser
from datetime import datetime

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count, Min, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from gridmap.layers.channels import needing, standings
from gridmap.layers.notices import Outbox
from gridmap.layers.postings import operator_scope
from gridmap.layers.territory import City


class Command(BaseCommand):
    help = _("通知的情况：每座城市、每个渠道有多少待发、等了多久、有多少要人处理。")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--language", default="zh-hans")

    def handle(self, *args: object, **wish: object) -> None:
        scope = operator_scope()
        for city in City.objects.within(scope).order_by("slug"):
            told = Outbox.objects.within(scope).of_cities([city.pk]).aggregate(
                waiting=Count("pk", filter=Q(stuck=False)),
                oldest=Min("at", filter=Q(stuck=False)),
                aside=Count("pk", filter=Q(stuck=True)),
            )  # fmt: skip
            self._line(city.slug, "outbox", told["waiting"], told["oldest"], told["aside"])
            for one in standings(scope, city):
                way = f"{one.way} {one.name}".strip()
                self._line(city.slug, way, one.waiting, one.oldest, one.aside)
        if needs := needing(scope):
            with translation.override(str(wish["language"])):
                raise CommandError(_("有 %(n)s 条要人处理：见“外发渠道”") % {"n": needs})

    def _line(
        self, city: str, what: str, waiting: int, oldest: datetime | None, aside: int
    ) -> None:
        """Write one line: seconds the first one has waited, 0 where none does."""
        age = int((timezone.now() - oldest).total_seconds()) if oldest else 0
        self.stdout.write(f"{city} {what}: waiting {waiting}, oldest {age} s, set aside {aside}")
