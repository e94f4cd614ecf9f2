"""Ground is brought in: cities are added, layers are loaded from files."""

from __future__ import annotations

from time import monotonic

from django.contrib.gis.geos import MultiPolygon, Polygon
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, InternalError, transaction

from gridmap.actions.territory.cities import CityOptions, free_code
from gridmap.actions.territory.loading import rule_of, run
from gridmap.actions.territory.report import LoadReport
from gridmap.actions.territory.specs import LAYERS, LoadOptions
from gridmap.errors import BadValue, OutOfScope
from gridmap.geo.datum import metric_srid
from gridmap.geo.rows import Rows
from gridmap.layers import journal
from gridmap.layers.loads import Load
from gridmap.layers.scope import Scope
from gridmap.layers.shapes import SRID
from gridmap.layers.territory import City

__all__ = ["CityOptions", "LoadOptions", "LoadReport", "add_city", "load_layer"]


@transaction.atomic
def add_city(
    *,
    by: Scope,
    slug: str,
    name: str,
    extent: tuple[float, float, float, float],
    options: CityOptions,
) -> City:
    """Add a city, which serves the ground of a box.

    Args:
        by: who does it; only an operator may.
        slug: its name in addresses: small letters, digits, hyphens.
        name: its name on the map.
        extent: west, south, east, north in degrees.
        options: what may be left to be chosen.

    Raises:
        OutOfScope: the caller is no operator.
        BadValue: the name is taken, or a value cannot be used.
    """
    if "operator" not in by.roles:
        raise OutOfScope("只有运维人员可以新建城市")
    west, south, east, north = extent
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):  # noqa: PLR2004 - degrees
        raise BadValue("范围应依次为西、南、东、北的经纬度")
    city = City(
        slug=slug,
        code=options.code or free_code(),
        name=name,
        name_en=options.name_en,
        metric_srid=options.metric_srid or metric_srid((west + east) / 2, (south + north) / 2),
        time_zone=options.time_zone,
        bounds=MultiPolygon(Polygon.from_bbox(extent), srid=SRID),
    )
    try:
        city.full_clean()
    except ValidationError as error:
        raise BadValue("不能新建城市：%(reason)s", reason="；".join(error.messages)) from error
    city.save()
    after = {"slug": slug, "name": name, "metric_srid": city.metric_srid}
    journal.record(
        by=by, verb="add_city", subject=city, where=(city.pk, None, None), change=({}, after)
    )
    return city


@transaction.atomic
def load_layer(
    *, by: Scope, city: City, layer: str, rows: Rows, options: LoadOptions, commit: bool
) -> LoadReport:
    """Load rows of a file into a layer of a city, or find out what that would do.

    A dry run does everything a real one does and takes it back, so that it knows what the database
    would refuse.

    Args:
        by: who does it.
        city: whose layer.
        layer: name of the layer.
        rows: the rows of the file.
        options: how the file is to be understood.
        commit: whether it is done.

    Raises:
        OutOfScope: the caller does not work in the city.
        NotYours: the caller may not load there.
        BadValue: there is no such layer, or the options do not fit it.
    """
    if city.pk not in by.ground:
        raise OutOfScope("没有这个城市")
    by.must("load", city.pk)
    if layer not in LAYERS:
        raise BadValue(
            "没有“%(layer)s”图层；可用：%(layers)s", layer=layer, layers="、".join(LAYERS)
        )
    start = monotonic()
    report = LoadReport(layer, read=len(rows))
    report.mended = [number for number in rows.numbers.tolist() if number in rows.mended]
    try:
        with transaction.atomic():
            run(report, city=city, layer=LAYERS[layer], rows=rows, options=options)
            if not commit:
                transaction.set_rollback(True)
    except (IntegrityError, DataError, InternalError) as error:
        report.failure = rule_of(error)
        report.added = report.changed = report.unchanged = 0
    report.problems.sort(key=lambda problem: problem.row)
    report.seconds = monotonic() - start
    if not commit or report.failure:
        return report
    report.committed = True
    load = Load.objects.create(
        city=city,
        layer=layer,
        file_name=options.file_name[:200],
        sha256=options.sha256,
        options={"map": dict(options.names), "set": dict(options.values), "datum": options.datum},
        loaded_by_id=by.user_id,
        seconds=report.seconds,
        problems=report.stored_problems(),
        **report.counts(),
    )
    report.load_id = load.pk
    after = {"layer": layer, "file": options.file_name, **report.counts()}
    journal.record(
        by=by, verb="load", subject=load, where=(city.pk, None, None), change=({}, after)
    )
    return report
