"""The demo's city, subdistricts, communities and cells, with the codes they bore before 2021."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q
from shapely.geometry.base import BaseGeometry

from gridmap.actions.demo.stage import Stage, polygons
from gridmap.errors import WrongState
from gridmap.geo.pinyin import search_text
from gridmap.layers.shapes import SRID
from gridmap.layers.territory import (
    Cell,
    CellEdition,
    City,
    Community,
    Ground,
    PlaceCode,
    Subdistrict,
)

SLUG = "sanming"
CODE = "350404"
METRIC_SRID = 4548
MARGIN_M = 150.0  # how far the ground served reaches beyond the last community
NAMES = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")

CHINA = ZoneInfo("Asia/Shanghai")
# The reply that made Meilie and old Sanyuan one district was published on 3 February 2021
# (domain.md 3.14); when the cells were first drawn is invented.
DRAWN = datetime(2016, 1, 1, tzinfo=CHINA)
MERGED = datetime(2021, 2, 3, tzinfo=CHINA)
BEFORE = DateTimeTZRange(DRAWN, MERGED)
SINCE = DateTimeTZRange(MERGED, None)


def city(shapes: list[BaseGeometry]) -> City:
    """Return the demo city, made or taken up again, with its bounds around ``shapes``.

    Raises:
        WrongState: another city bears the demo's name or code.
    """
    taken = City.objects.exclude(slug=SLUG, demo=True).filter(Q(slug=SLUG) | Q(code=CODE))
    if taken.exists():
        raise WrongState("库里已有代号 %(slug)s 或代码 %(code)s 的城市，演示城放不进来",
                         slug=SLUG, code=CODE)  # fmt: skip
    facts: dict[str, object] = {
        "code": CODE,
        "name": "三元区",
        "name_en": "Sanyuan District",
        "former_name": "原梅列区",
        "metric_srid": METRIC_SRID,
        "demo": True,
        "public_card": True,
        "bounds": _around(shapes),
    }
    return City.objects.update_or_create(slug=SLUG, defaults=facts)[0]


def _around(shapes: list[BaseGeometry]) -> MultiPolygon:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_AsEWKB(ST_Multi(ST_Transform("
            "ST_Buffer(ST_Transform(ST_GeomFromWKB(%s, %s), %s), %s, 'quad_segs=4'), %s)))",
            [shapely.union_all(shapes).wkb, SRID, METRIC_SRID, MARGIN_M, SRID],
        )
        bounds = GEOSGeometry(memoryview(cursor.fetchone()[0]))
    if not isinstance(bounds, MultiPolygon):
        raise TypeError(bounds.geom_type)
    return bounds


def load_areas(stage: Stage) -> None:
    """Write subdistricts and communities, what they are called and were called, and the ground."""
    stage.begin("areas")
    offices = stage.features("subdistricts")
    rows = [(stage.city.pk, p["code"], p["name"], polygons(g)) for p, g in offices]
    keys = stage.write(Subdistrict, "city_id code name geom", rows)
    subdistricts = dict(zip((p["code"] for p, _ in offices), keys, strict=True))
    areas = stage.features("communities")
    stage.communities |= dict(
        zip(
            (p["code"] for p, _ in areas),
            stage.write(
                Community,
                "subdistrict_id code name search geom",
                [
                    (
                        subdistricts[p["subdistrict"]],
                        p["code"],
                        p["name"],
                        search_text(p["name"], p["former_name"] or ""),
                        polygons(g),
                    )
                    for p, g in areas
                ],
            ),
            strict=True,
        )
    )
    borne = [
        (own if column == 0 else None, own if column == 1 else None, code, name, valid)
        for column, (places, ids) in enumerate(
            ((offices, subdistricts), (areas, stage.communities))
        )
        for p, _ in places
        for own in [ids[p["code"]]]
        for code, name, valid in (
            (p["former_code"], p["former_name"], BEFORE),
            (p["code"], p["name"], SINCE),
        )
        if code
    ]
    stage.write(PlaceCode, "subdistrict_id community_id code name valid", borne)
    ground = [
        (stage.city.pk, p["kind"], p.get("name", ""), polygons(g))
        for p, g in stage.features("ground")
    ]
    stage.write(Ground, "city_id kind name geom", ground)


def load_cells(stage: Stage) -> None:
    """Write the cells: the edition in force, and the one under the code before the merger."""
    stage.begin("cells")
    drawn = stage.features("cells")
    former = {p["code"]: p["former_code"] for p, _ in stage.features("communities")}
    keys = stage.write(
        Cell,
        "uid community_id",
        [(uuid5(NAMES, p["code"]), stage.communities[p["community"]]) for p, _ in drawn],
    )
    editions = [
        (key, code + p["code"][12:], p["name"], p["kind"], p["use"] or "", polygons(g), valid)
        for key, (p, g) in zip(keys, drawn, strict=True)
        for code, valid in ((former[p["community"]], BEFORE), (p["community"], SINCE))
        if code
    ]
    stage.write(CellEdition, "cell_id code name kind use geom valid", editions)
    stage.counts["special cells"] = Counter(p["kind"] for p, _ in drawn)["special"]
