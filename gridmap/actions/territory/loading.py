"""The steps of one load, in order; the deed around them is ``load_layer``."""

from __future__ import annotations

import numpy as np
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.db import DatabaseError
from django.utils.translation import gettext_noop as _

from gridmap.actions.territory.areas import made_code
from gridmap.actions.territory.chiefs import merge_terms
from gridmap.actions.territory.draft import Draft
from gridmap.actions.territory.drafts import draft_of
from gridmap.actions.territory.report import LoadReport
from gridmap.actions.territory.shaping import OLD_DATUMS, whole_of
from gridmap.actions.territory.specs import Layer, LoadOptions
from gridmap.actions.territory.values import given
from gridmap.errors import BadValue
from gridmap.geo.rows import Rows, text
from gridmap.geo.soundness import Shapes
from gridmap.layers import staging
from gridmap.layers.incidents import Category
from gridmap.layers.shapes import SRID
from gridmap.layers.territory import City, Community, Subdistrict

HISTORY = {"subdistricts": "subdistrict", "communities": "community"}
COUNTED = ("counted_on", "counted_by", "households", "residents")
CELL = "001"  # the number of the only cell of a community


def run(report: LoadReport, *, city: City, layer: Layer, rows: Rows, options: LoadOptions) -> None:
    """Check, stage, sift and merge the rows, and write into the report what came of it."""
    if options.one_cell_each and layer.name != "communities":
        raise BadValue("--one-cell-each 只用于 communities 图层")
    if options.make_people and layer.name != "chiefs":
        raise BadValue("--make-people 只用于 chiefs 图层")
    if layer.name == "incidents" and options.make_categories:
        _make_categories(report, city, rows, options, layer)
    if options.srid in OLD_DATUMS or rows.crs in {f"EPSG:{srid}" for srid in OLD_DATUMS}:
        report.notes.append(
            _("坐标系是北京 54 或西安 80：没有当地参数，换算会差几十米；请先换算成 CGCS2000")
        )
    draft = draft_of(layer, options, rows, city)
    report.problems = draft.problems
    if layer.name == "chiefs":
        merge_terms(report, draft)
        return
    if layer.name == "communities":
        _make_subdistrict(report, draft)
    staging.stage(layer.table, list(draft.columns), draft.staged())
    draft.problems += staging.sift(layer.name, layer.geometry, city.pk)
    options.tell("staged", len(rows))
    _merge(report, draft)
    staging.settle()
    options.tell("merged", len(rows))


def _merge(report: LoadReport, draft: Draft) -> None:
    layer, options, city = draft.layer, draft.options, draft.city
    if layer.name == "cells":
        merged = staging.merge_cells(options.valid_from)
    else:
        if options.one_cell_each:
            staging.close_cells_of_changed_communities()
        own = {*draft.key, *draft.given, "row_number"}
        filled = [name for name in draft.columns if name not in own]
        merged = staging.merge(layer.table, draft.key, draft.given, filled)
    report.added, report.changed, report.unchanged = (
        merged.added,
        merged.changed,
        merged.unchanged,
    )
    if layer.name in HISTORY:
        staging.follow_codes(HISTORY[layer.name], city.pk, options.valid_from)
    if options.one_cell_each:
        _one_cell_each(report, draft)
    if "households" in draft.values:
        _headcounts(report, draft)


def _headcounts(report: LoadReport, draft: Draft) -> None:
    """Write down the households of buildings, if it is known who counted them and when."""
    if "counted_on" not in draft.values or "counted_by" not in draft.values:
        report.notes.append(
            _("有户数列，但没有 counted_on（日期）和 counted_by（来源），户数未读入")
        )
        return
    kept = staging.kept_rows()
    columns = [draft.column(name, None) for name in COUNTED]
    rows = zip(draft.columns["row_number"], draft.columns["code"], *columns, strict=True)
    whole = (row for row in rows if row[0] in kept and None not in row[2:5] and row[3] != "")
    report.made["headcounts"] = staging.merge_headcounts(
        draft.city.pk,
        ((row[1], row[2].date(), *row[3:]) for row in whole),
    )


def _make_subdistrict(report: LoadReport, draft: Draft) -> None:
    """Make one subdistrict for communities that name none."""
    ids, orphans = draft.columns["subdistrict_id"], draft.good()
    known = Subdistrict.objects.filter(city=draft.city, code=made_code(draft.city))
    if known.exists():
        return
    orphans = [place for place in orphans if ids[place] is None]
    if not orphans:
        return
    shapes: Shapes = draft.shapes[np.array(orphans)]
    made = Subdistrict.objects.create(
        city=draft.city,
        code=made_code(draft.city),
        name=draft.city.name,
        geom=_stored(whole_of(shapes)),
    )
    staging.follow_codes("subdistrict", draft.city.pk, draft.options.valid_from)
    report.made["subdistricts"] = 1
    for place in orphans:
        ids[place] = made.pk


def _stored(wkb: bytes) -> MultiPolygon:
    shape = GEOSGeometry(memoryview(wkb), srid=SRID)
    if not isinstance(shape, MultiPolygon):
        raise BadValue("各社区合起来不成区域")
    return shape


def _one_cell_each(report: LoadReport, draft: Draft) -> None:
    """Make each community that was staged a single cell as well."""
    kept = staging.kept_rows()
    mine = Community.objects.filter(subdistrict__city=draft.city)
    ids = dict(mine.values_list("code", "pk"))
    columns = draft.columns
    cells = [
        (number, f"{code}{CELL}", name, "basic", "", geom, ids[text(code)])
        for number, code, name, geom in zip(
            columns["row_number"], columns["code"], columns["name"], columns["geom"], strict=True
        )
        if number in kept
    ]
    names = ["row_number", "code", "name", "kind", "use", "geom", "community_id"]
    staging.stage("layers_celledition", names, cells)
    merged = staging.merge_cells(draft.options.valid_from)
    report.made["cells"] = merged.added
    report.made["cells_changed"] = merged.changed


def _make_categories(
    report: LoadReport, city: City, rows: Rows, options: LoadOptions, layer: Layer
) -> None:
    """Make the categories that the file names and the city does not have."""
    source = given(layer, options, rows).get("category")
    said = {text(value) for value in rows.column(source)} if source else set()
    said |= {options.values["category"]} if "category" in options.values else set()
    known = {
        name
        for names in Category.objects.filter(city=city).values_list("code", "name", "name_en")
        for name in names
    }
    new = [value for value in sorted(said - known - {""}) if len(value) <= 60 and "\0" not in value]  # noqa: PLR2004 - the width of the column
    Category.objects.bulk_create(
        Category(city=city, code=value, name=value, name_en=value, kind="event") for value in new
    )
    report.made["categories"] = len(new)


def rule_of(error: DatabaseError) -> str:
    """Return the name of the rule by which the database refused, as far as it says."""
    diagnosis = getattr(error.__cause__, "diag", None)
    rule = getattr(diagnosis, "constraint_name", None)
    return f"{rule or type(error).__name__}: {getattr(diagnosis, 'message_detail', None) or error}"
