"""Add an empty city: its layers are loaded afterwards."""

from __future__ import annotations

from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _

from gridmap.actions.territory import CityOptions, add_city
from gridmap.errors import Refusal
from gridmap.layers.postings import operator_scope


class Command(BaseCommand):
    help = _("新建一个城市。它只服务给定范围内的土地，此后用 load_layer 读入图层。")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", metavar="SLUG")
        parser.add_argument("name", metavar="NAME")
        parser.add_argument(
            "--bbox", required=True, nargs=4, type=float, metavar=("WEST", "SOUTH", "EAST", "NORTH")
        )
        parser.add_argument("--code", default="", metavar="350404")
        parser.add_argument("--metric-srid", type=int, metavar="EPSG")
        parser.add_argument("--time-zone", default="Asia/Shanghai")
        parser.add_argument("--name-en", default="")
        parser.add_argument("--language", choices=[code for code, _name in settings.LANGUAGES])

    def handle(self, *args: object, **wish: object) -> None:
        with translation.override(str(wish["language"] or settings.LANGUAGE_CODE)):
            self._add(wish)

    def _add(self, wish: dict[str, object]) -> None:
        box, srid = wish["bbox"], wish["metric_srid"]
        west, south, east, north = (
            [float(side) for side in box] if isinstance(box, list) else [0.0] * 4
        )
        try:
            city = add_city(
                by=operator_scope(),
                slug=str(wish["slug"]),
                name=str(wish["name"]),
                extent=(west, south, east, north),
                options=CityOptions(
                    code=str(wish["code"]),
                    metric_srid=srid if isinstance(srid, int) else None,
                    time_zone=str(wish["time_zone"]),
                    name_en=str(wish["name_en"]),
                ),
            )
        except Refusal as refusal:
            raise CommandError(_(refusal.message) % refusal.detail) from refusal
        words = _("已新建城市 %(name)s（%(slug)s，代码 %(code)s，以 EPSG:%(srid)d 量测）")
        self.stdout.write(
            words
            % {"name": city.name, "slug": city.slug, "code": city.code, "srid": city.metric_srid}
        )
