"""Hold the register of chiefs against its rules now; what is found is kept and printed."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _

from gridmap.actions.checks import check_chiefs
from gridmap.layers.postings import operator_scope
from gridmap.layers.territory import City


class Command(BaseCommand):
    help = _("核对三长名册：每处最多一位在岗、每栋楼都有人答应……守时员每夜也核对一次。")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--city", metavar="SLUG", help=_("只核对这座城市"))
        parser.add_argument("--language", default="zh-hans")

    def handle(self, *args: object, **wish: object) -> None:
        scope = operator_scope()
        cities = City.objects.within(scope).order_by("slug")
        if wish["city"]:
            cities = cities.filter(slug=wish["city"])
        broken = 0
        with translation.override(str(wish["language"])):
            if not cities:
                raise CommandError(_("没有这座城市"))
            for city in cities:
                check = check_chiefs(by=scope, city=city)
                broken += check.broken
                for rule, count in check.counts["rules"].items():
                    self.stdout.write(f"{city.slug} {rule} {count}")
                for found in check.findings:
                    told = (found["rule"], found["office"], found["title"], found["detail"])
                    self.stdout.write("  " + " ".join(str(part) for part in told))
            if broken:
                raise CommandError(_("有 %(n)s 处不合规则") % {"n": broken})
