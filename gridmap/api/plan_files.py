"""A plan as a file, and a division from a file into a plan."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from gridmap.actions.imports import import_division
from gridmap.api import caller, parsing, plan_answers
from gridmap.api.plans import Plans, merged
from gridmap.errors import BadFile, BadValue
from gridmap.geo import division_files, files, sandbox
from gridmap.geo.division_files import Drawn
from gridmap.geo.rows import Rows
from gridmap.layers import divisions, plan_states
from gridmap.layers.bundles import bundle_of
from gridmap.layers.city_settings import CitySetting, city_setting
from gridmap.layers.impact import impact_of
from gridmap.layers.plan_figures import figures_of
from gridmap.layers.plan_guard import in_a_file, sees_singly
from gridmap.layers.plans import Plan

FORMATS = {
    "csv": ("text/csv; charset=utf-8", ".csv", division_files.as_csv),
    "geojson": ("application/geo+json", ".geojson", division_files.as_geojson),
    "gpkg": ("application/geopackage+sqlite3", ".gpkg", division_files.as_gpkg),
    "shp": ("application/zip", ".zip", division_files.as_shapefile),
    "xlsx": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ".xlsx",
        division_files.as_xlsx,
    ),
}
LARGEST = 50 << 20
ACCEPTED = (".csv", ".xlsx", ".geojson", ".gpkg", ".zip", ".kml")


def drawn_of(plan: Plan, *, singly: bool) -> Drawn:
    """Return a plan as it is now, ready to be written into a file.

    Args:
        plan: a plan.
        singly: whether whoever asks sees everything of its community one by one; small figures of
            people and incidents are left out all the same.
    """
    city = plan.community.subdistrict.city_id
    least = city_setting(CitySetting.Name.SMALL_NUMBER, city)
    state, bundle = plan_states.head_of(plan), bundle_of(plan.fabric_id)
    pictures = divisions.pictures(plan.fabric_id, state, plan.community)
    figures = {row["no"]: row for row in figures_of(state.labels, bundle, state.cells)}
    homes = bundle.arrays["building"] > 0
    told = impact_of(plan, pictures)
    codes = {one.no: one.fields["code"] for one in pictures}
    marks = ("mark", "source_code", "target_code", "households", "buildings")
    return Drawn(
        title=f"{gettext('网格划分登记表')} {plan.community.name} {plan.title}",
        cells=[
            {
                **one.fields,
                **figures[one.no],
                "residents": in_a_file(figures[one.no]["residents"], least, singly=singly),
                "buildings": int(homes[state.labels == one.no].sum()),
            }
            for one in pictures
        ],
        shapes=[division_files.multi(one.geom) for one in pictures],
        units=[
            (uid, label, codes.get(label, ""), households)
            for uid, label, households in zip(
                bundle.uids,
                state.labels.tolist(),
                bundle.arrays["households"].tolist(),
                strict=True,
            )
        ],
        changes=[
            (
                *(row[name] for name in marks),
                in_a_file(row["incidents"], least, singly=singly),
                row["party_units"],
            )
            for row in told["transfers"]
        ],
        heads=_heads(),
    )


def _heads() -> tuple[list[str], list[str], list[str]]:
    cells = [gettext("网格"), gettext("序号"), gettext("编码"), gettext("名称"), gettext("类型")]
    cells += [gettext("户数"), gettext("人口"), gettext("楼栋"), gettext("面积（平方米）")]
    changes = [gettext("变动"), gettext("标记"), gettext("原网格"), gettext("新网格")]
    changes += [gettext("户数"), gettext("楼栋"), gettext("未结事件"), gettext("党组织单位")]
    units = [
        gettext("地块"),
        gettext("地块编号"),
        gettext("序号"),
        gettext("编码"),
        gettext("户数"),
    ]
    return cells, changes, units


class PlanExport(APIView):
    """A plan as a file."""

    @extend_schema(
        parameters=[OpenApiParameter("as", str, enum=list(FORMATS), required=True)],
        responses={(200, "application/octet-stream"): bytes},
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """Return the plan as CSV of units, GeoJSON, GeoPackage, shapefile (GBK) or XLSX form."""
        wanted = parsing.choice("as", request.query_params.get("as", ""), tuple(FORMATS))
        scope = caller.scope(request)
        plan = Plans().plan(scope, pk)
        kind, suffix, write = FORMATS[wanted]
        drawn = drawn_of(plan, singly=sees_singly(scope, plan.community))
        answer = HttpResponse(write(drawn), content_type=kind)
        name = quote(f"{plan.title}{suffix}")
        answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
        return answer


class PlanImport(APIView):
    """A division from a file into a draft."""

    parser_classes = (MultiPartParser,)

    @extend_schema(
        request={"multipart/form-data": plan_answers.UPLOAD}, responses=plan_answers.IMPORTED
    )
    def post(self, request: Request, pk: int) -> Response:
        """Match a file to the units of the draft: a table of units, or polygons of cells."""
        try:
            client_id = UUID(request.POST.get("id", ""))
        except ValueError as fault:
            raise BadValue("字段 %(name)s 的值不能用", name="id") from fault
        rows = _rows(request.FILES.get("file"))
        outcome, match = import_division(
            by=caller.scope(request), plan=pk, rows=rows, client_id=client_id
        )
        answer = merged(outcome)
        answer.data = {**(answer.data or {}), "report": match.told()}
        return answer


def _rows(upload: Any) -> Rows:
    """Read a stranger's file, in the sandbox.

    Raises:
        BadFile, UntrustedFile: it is none, or cannot be read safely.
    """
    if upload is None:
        raise BadFile("请附上文件（字段 file）")
    suffix = Path(str(upload.name)).suffix.lower()
    if suffix not in ACCEPTED or upload.size > LARGEST:
        raise BadFile(
            "不能导入这个文件；可用 %(known)s，最大 %(most)s 兆",
            known=" ".join(ACCEPTED),
            most=LARGEST >> 20,
        )
    with TemporaryDirectory(prefix="gridmap-upload-") as room:
        path = Path(room) / f"upload{suffix}"
        with path.open("wb") as kept:
            for chunk in upload.chunks():
                kept.write(chunk)
        with files.checked(path) as file:
            return sandbox.read(file)
