"""Load a file into a layer of a city: a dry run with a report, unless --commit is given."""

from __future__ import annotations

import hashlib
import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from time import monotonic
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import translation
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from gridmap.actions.territory import CityOptions, LoadOptions, LoadReport, add_city, load_layer
from gridmap.actions.territory.cities import extent_of
from gridmap.actions.territory.report import REASONS
from gridmap.actions.territory.specs import LAYERS
from gridmap.errors import BadFile, BadValue, Refusal
from gridmap.geo import sandbox
from gridmap.geo.datum import Datum
from gridmap.geo.files import checked
from gridmap.geo.rows import Rows
from gridmap.layers.postings import operator_scope
from gridmap.layers.territory import City

SHOWN = 20  # rows of each reason
Wish = dict[str, object]


class Command(BaseCommand):
    help = _("把文件读入某城市的某图层。默认试运行，只给出报告；加 --commit 才写入。")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("layer", choices=list(LAYERS), metavar="LAYER", help=" ".join(LAYERS))
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--city", required=True, metavar="SLUG")
        parser.add_argument("--map", action="append", default=[], metavar="SOURCE=TARGET")
        parser.add_argument("--where", action="append", default=[], metavar="COLUMN=VALUE")
        parser.add_argument("--set", action="append", default=[], metavar="TARGET=VALUE")
        parser.add_argument("--srid", type=int, metavar="EPSG")
        parser.add_argument("--datum", choices=[str(datum) for datum in Datum], default="wgs84")
        parser.add_argument("--source-layer", metavar="NAME")
        parser.add_argument("--encoding")
        parser.add_argument("--valid-from", metavar="YYYY-MM-DD")
        parser.add_argument("--one-cell-each", action="store_true")
        parser.add_argument("--make-categories", action="store_true")
        parser.add_argument("--make-people", action="store_true")
        parser.add_argument("--make-city", metavar="NAME")
        parser.add_argument("--metric-srid", type=int, metavar="EPSG")
        parser.add_argument("--city-code", default="", metavar="990001")
        parser.add_argument("--time-zone", default="Asia/Shanghai")
        parser.add_argument("--commit", action="store_true")
        parser.add_argument("--repair", action="store_true")
        parser.add_argument("--trust-file", action="store_true")
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--language", choices=[code for code, _name in settings.LANGUAGES])

    def handle(self, *args: object, **wish: object) -> None:
        with translation.override(str(wish["language"] or settings.LANGUAGE_CODE)):
            self._speak(wish)

    def _speak(self, wish: Wish) -> None:
        try:
            report = self._load(wish)
        except Refusal as refusal:
            told = {"code": type(refusal).__name__, "message": _(refusal.message) % refusal.detail}
            if wish["json"]:
                self.stdout.write(json.dumps({**told, **refusal.detail}, ensure_ascii=False))
            raise CommandError(told["message"]) from refusal
        if wish["json"]:
            self.stdout.write(json.dumps(as_json(report), ensure_ascii=False, indent=1))
        else:
            self._print(report)
        if report.failure:
            raise CommandError(_("数据库拒绝了整批数据：%(rule)s") % {"rule": report.failure})

    def _load(self, wish: Wish) -> LoadReport:
        path = Path(str(wish["file"]))
        layer = str(wish["layer"])
        rows = self._read(path, wish)
        options = options_of(wish, path, self._tell)
        with transaction.atomic():
            if wish["make_city"]:
                self._make_city(wish, layer, rows, options)
            scope = operator_scope()
            city = City.objects.within(scope).filter(slug=wish["city"]).first()
            if city is None:
                raise BadValue(
                    "没有名为 %(slug)s 的城市；可加 --make-city 名称 新建", slug=wish["city"]
                )
            chosen = rows.where(strings(wish["where"]))
            report = load_layer(
                by=scope,
                city=city,
                layer=layer,
                rows=chosen,
                options=options,
                commit=bool(wish["commit"]),
            )
            if not report.committed:
                transaction.set_rollback(True)
        return report

    def _read(self, path: Path, wish: Wish) -> Rows:
        start = monotonic()
        name = str(wish["source_layer"]) if wish["source_layer"] else None
        encoding = str(wish["encoding"]) if wish["encoding"] else None
        trust = bool(wish["trust_file"])
        most = 4 << 30 if trust else 200 << 20
        if path.suffix.lower() == ".gpx" and wish["layer"] not in ("streets", "lanes"):
            raise BadFile("GPX 里是走过的路线，只能作为 streets 或 lanes 读入")
        with checked(path, encoding=encoding, layer=name, most=most) as file:
            rows = sandbox.read(file, layer=name, trust=trust, repair=bool(wish["repair"]))
        self._pace("read", len(rows), monotonic() - start)
        return rows

    def _make_city(self, wish: Wish, layer: str, rows: Rows, options: LoadOptions) -> None:
        srid = wish["metric_srid"]
        add_city(
            by=operator_scope(),
            slug=str(wish["city"]),
            name=str(wish["make_city"]),
            extent=extent_of(layer, rows, options),
            options=CityOptions(
                code=str(wish["city_code"]),
                metric_srid=srid if isinstance(srid, int) else None,
                time_zone=str(wish["time_zone"]),
            ),
        )

    _last = 0.0

    def _tell(self, step: str, rows: int) -> None:
        now = monotonic()
        self._pace(step, rows, now - self._last if self._last else 0.0)
        self._last = now

    def _pace(self, step: str, rows: int, seconds: float) -> None:
        """Say on stderr how far it is, and how fast it went."""
        self._last = monotonic()
        names = {
            "read": _("读取"),
            "checked": _("检查"),
            "staged": _("核对规则"),
            "merged": _("合并"),
        }
        pace = rows / seconds if seconds > 0 else 0
        words = _("%(step)s %(rows)d 行，%(seconds).1f 秒（每秒 %(pace)d 行）") % {
            "step": names[step],
            "rows": rows,
            "seconds": seconds,
            "pace": pace,
        }
        sys.stderr.write(f"{words}\n")

    def _print(self, report: LoadReport) -> None:
        head = _("已写入") if report.committed else _("试运行，未写入任何内容（加 --commit 写入）")
        self.stdout.write(f"{report.layer}: {head}")
        counts = (
            (_("读到"), report.read),
            (_("新增"), report.added),
            (_("更改"), report.changed),
            (_("不变"), report.unchanged),
            (_("拒收"), report.refused),
        )
        for name, number in counts:
            self.stdout.write(f"  {name} {number}")
        for thing, number in report.made.items():
            self.stdout.write("  " + _("另建 %(thing)s %(n)d") % {"thing": thing, "n": number})
        if report.mended:
            told = " ".join(str(number) for number in report.mended[:SHOWN])
            self.stdout.write(
                "  "
                + _("修复了 %(n)d 行的无效图形：%(rows)s") % {"n": len(report.mended), "rows": told}
            )
        for note in report.notes:
            self.stdout.write("  " + _(note))
        for code, problems in report.by_reason().items():
            self.stdout.write(f"{code} × {len(problems)}")
            for problem in problems[:SHOWN]:
                where = "" if problem.lng is None else f" ({problem.lng:.7f}, {problem.lat:.7f})"
                reason = _(REASONS[code]) % problem.detail
                self.stdout.write(
                    "  " + _("第 %(row)d 行") % {"row": problem.row} + f" {reason}{where}"
                )
            if len(problems) > SHOWN:
                self.stdout.write("  …")


def as_json(report: LoadReport) -> dict[str, object]:
    """The report for programs."""
    return {
        "layer": report.layer,
        "committed": report.committed,
        **report.counts(),
        "made": report.made,
        "mended": report.mended,
        "notes": [_(note) for note in report.notes],
        "seconds": round(report.seconds, 3),
        "failure": report.failure,
        "load": report.load_id,
        "problems": [
            {**asdict(problem), "message": _(REASONS[problem.code]) % problem.detail}
            for problem in report.problems
        ],
    }


def strings(value: object) -> list[str]:
    """The values of an option that may be given several times."""
    return [str(item) for item in value] if isinstance(value, list) else []


def options_of(wish: Wish, path: Path, tell: object) -> LoadOptions:
    """The options of the load as they were typed."""
    fields = {field.name for field in LAYERS[str(wish["layer"])].fields}
    names: dict[str, str] = {}
    for pair in strings(wish["map"]):
        left, sign, right = pair.partition("=")
        if not sign:
            raise BadValue("--map 应写成 源列=项，而不是“%(text)s”", text=pair)
        # SOURCE=TARGET; the other way round is understood where it cannot mean anything else.
        if right not in fields and left in fields:
            left, right = right, left
        names[right] = left
    values = dict(pair.partition("=")[::2] for pair in strings(wish["set"]))
    srid, since = wish["srid"], wish["valid_from"]
    day = parse_date(str(since)) if since else None
    if since and day is None:
        raise BadValue("--valid-from 应写成 2026-03-04，而不是“%(text)s”", text=str(since))
    zone = ZoneInfo(str(wish["time_zone"]))
    return LoadOptions(
        names=names,
        values=values,
        srid=srid if isinstance(srid, int) else None,
        datum=str(wish["datum"]),
        one_cell_each=bool(wish["one_cell_each"]),
        make_categories=bool(wish["make_categories"]),
        make_people=bool(wish["make_people"]),
        valid_from=datetime(day.year, day.month, day.day, tzinfo=zone) if day else None,
        trusted=bool(wish["trust_file"]),
        file_name=path.name,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        tell=tell if callable(tell) else lambda _step, _rows: None,
    )
