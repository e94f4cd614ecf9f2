"""Open or close the residents' answer cards of a city."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from gridmap.actions.lines import show_cards
from gridmap.layers.postings import operator_scope
from gridmap.layers.territory import City


class Command(BaseCommand):
    help = _("对居民开通或关闭一座城市的公示卡（/q/…）。")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", metavar="SLUG")
        wish = parser.add_mutually_exclusive_group(required=True)
        wish.add_argument("--open", action="store_true", dest="shown")
        wish.add_argument("--close", action="store_false", dest="shown")

    def handle(self, *args: object, **options: object) -> None:
        by = operator_scope()
        city = City.objects.within(by).filter(slug=str(options["slug"])).first()
        if city is None:
            raise CommandError(_("没有这座城市：%(slug)s") % {"slug": options["slug"]})
        shown = bool(options["shown"])
        show_cards(by=by, city=city, shown=shown)
        words = _("%(name)s：公示卡已开通") if shown else _("%(name)s：公示卡已关闭")
        self.stdout.write(words % {"name": city.name})
