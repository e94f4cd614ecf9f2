"""Units of a community as a GeoPackage, to be corrected in QGIS, and back."""

from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from django.http import HttpResponse, HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from gridmap.actions.fabrics import import_fabric
from gridmap.api import caller, parsing, plan_answers
from gridmap.api.fabrics import FabricOut, Fabrics
from gridmap.api.filters import Asked
from gridmap.errors import BadFile, OutOfScope
from gridmap.geo.fabric import exchange
from gridmap.layers import fabric_geometry, plan_guard
from gridmap.layers.fabrics import Fabric

GPKG = "application/geopackage+sqlite3"
LARGEST = 100 << 20


class FabricExport(APIView):
    """A fabric as a file."""

    @extend_schema(responses={(200, "application/octet-stream"): bytes})
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """Return units and borders as a GeoPackage, in the metric system of the city.

        Residents are 0 for whoever does not see everything of the community.
        """
        scope = caller.scope(request)
        fabrics = Fabric.objects.within(scope).select_related("community__subdistrict__city")
        found = fabrics.filter(pk=pk).first()
        if found is None:
            raise OutOfScope("没有找到，或不在您的范围内")
        singly = plan_guard.sees_singly(scope, found.community)
        drawn = fabric_geometry.as_geometry(found, found.community, people=singly)
        with TemporaryDirectory(prefix="gridmap-fabric-") as room:
            path = Path(room) / "fabric.gpkg"
            exchange.write(drawn, path, srid=found.community.subdistrict.city.metric_srid)
            answer = HttpResponse(path.read_bytes(), content_type=GPKG)
        name = quote(f"{found.community.name} 地块 v{found.version}.gpkg")
        answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
        return answer


class FabricImport(APIView):
    """Corrected units as the newest fabric of a community."""

    parser_classes = (MultiPartParser,)

    @extend_schema(
        request={"multipart/form-data": plan_answers.FABRIC_UPLOAD}, responses={201: FabricOut}
    )
    def post(self, request: Request) -> Response:
        """Take the units of a GeoPackage; they must tile the community and cut no building."""
        scope = caller.scope(request)
        community = parsing.number("community", request.POST.get("community", ""))
        upload = request.FILES.get("file")
        if upload is None or not str(upload.name).lower().endswith(".gpkg"):
            raise BadFile("请附上 GeoPackage 文件（字段 file）")
        if (upload.size or 0) > LARGEST:
            raise BadFile(
                "不能导入这个文件；可用 %(known)s，最大 %(most)s 兆",
                known=".gpkg",
                most=LARGEST >> 20,
            )
        with TemporaryDirectory(prefix="gridmap-upload-") as room:
            path = Path(room) / "upload.gpkg"
            with path.open("wb") as kept:
                for chunk in upload.chunks():
                    kept.write(chunk)
            made = import_fabric(by=scope, community=community, path=path)
        found = Fabrics().rows(Asked(scope)).get(pk=made.pk)
        return Response(FabricOut(found).data, 201)
