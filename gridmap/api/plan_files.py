"""A plan as a file, and a division from a file into a plan."""

from collections.abc import Callable
from urllib.parse import quote
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from gridmap.actions.imports import import_division
from gridmap.actions.plans import rights
from gridmap.api import caller, parsing, plan_answers
from gridmap.api.plans import Plans, merged
from gridmap.errors import BadValue
from gridmap.geo import division_files
from gridmap.geo.division_files import Drawn
from gridmap.geo.uploads import read_upload
from gridmap.layers import registers
from gridmap.layers.plan_guard import sees_singly
from gridmap.layers.plans import Plan

PDF = "application/pdf"


Write = Callable[[Plan, bool], bytes]


def _file(write: Callable[[Drawn], bytes]) -> Write:
    return lambda plan, singly: write(registers.drawn_of(plan, singly=singly))


FORMATS: dict[str, tuple[str, str, Write]] = {
    "csv": ("text/csv; charset=utf-8", ".csv", _file(division_files.as_csv)),
    "geojson": ("application/geo+json", ".geojson", _file(division_files.as_geojson)),
    "gpkg": ("application/geopackage+sqlite3", ".gpkg", _file(division_files.as_gpkg)),
    "shp": ("application/zip", ".zip", _file(division_files.as_shapefile)),
    "xlsx": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ".xlsx",
        _file(division_files.as_xlsx),
    ),
    "pdf": (PDF, ".pdf", lambda plan, singly: registers.form_pdf(plan, singly=singly)),
    "drawing": (PDF, ".pdf", lambda plan, _: registers.drawing_pdf(plan)),
}


class PlanExport(APIView):
    """A plan as a file."""

    @extend_schema(
        parameters=[OpenApiParameter("as", str, enum=list(FORMATS), required=True)],
        responses={(200, "application/octet-stream"): bytes},
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """Return the plan as CSV of units, GeoJSON, GeoPackage, shapefile, form or drawing."""
        wanted = parsing.choice("as", request.query_params.get("as", ""), tuple(FORMATS))
        scope = caller.scope(request)
        plan = Plans().plan(scope, pk)
        kind, suffix, write = FORMATS[wanted]
        document = write(plan, sees_singly(scope, plan.community))
        answer = HttpResponse(document, content_type=kind)
        name = quote(f"{plan.title}{suffix}")
        shown = "inline" if kind == PDF else "attachment"
        answer.headers["Content-Disposition"] = f"{shown}; filename*=UTF-8''{name}"
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
        scope = caller.scope(request)
        rights.check(scope, "draft", Plans().plan(scope, pk).community)  # before the file is read
        upload = request.FILES.get("file")
        name, size = (str(upload.name), upload.size or 0) if upload else ("", 0)
        rows = read_upload(name, size, upload.chunks() if upload else ())
        outcome, match = import_division(by=scope, plan=pk, rows=rows, client_id=client_id)
        answer = merged(outcome)
        answer.data = {**(answer.data or {}), "report": match.told()}
        return answer
