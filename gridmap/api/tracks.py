"""POST /api/tracks: which stretches a recorded walk went along. What is told here is not kept."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import numpy as np
import shapely
from django.contrib.gis.geos import Point
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from gridmap.api import answers, caller
from gridmap.api.parsing import stamp
from gridmap.errors import BadValue, OutOfScope
from gridmap.geo.rows import Rows
from gridmap.geo.track import Fixes
from gridmap.geo.uploads import read_upload
from gridmap.layers.places import Stretch
from gridmap.layers.scope import Scope
from gridmap.layers.shapes import SRID
from gridmap.layers.territory import City
from gridmap.layers.tracks import Passed, Told, told_by

MOST = 20_000  # fixes of one recording: five hours, one a second
POINTS = "track_points"  # what GDAL calls them in a GPX file
SPACE = UUID("5f3b1a52-6f1e-4b8a-9d0e-3c6f7a1f2e11")  # of the keys of visits made of tracks


class OneFixIn(serializers.Serializer[dict[str, Any]]):
    """One place of a recording."""

    lng = serializers.FloatField(min_value=-180, max_value=180)
    lat = serializers.FloatField(min_value=-90, max_value=90)
    at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    accuracy = serializers.FloatField(required=False, allow_null=True, default=None, min_value=0)


class RecordingIn(serializers.Serializer[dict[str, Any]]):
    """A recording."""

    fixes = serializers.ListField(child=OneFixIn(), min_length=2, max_length=MOST)


PASSED = answers.thing(
    stretch=answers.WHOLE, name=answers.TEXT, part=answers.TEXT, side=answers.TEXT,
    at=answers.MOMENT, share=answers.REAL, client_id={"type": "string", "format": "uuid"},
)  # fmt: skip
TOLD = answers.thing(
    stretches=answers.every(PASSED),
    fixes=answers.WHOLE,
    dropped={"type": "object", "additionalProperties": {"type": "integer"}},
    clock={"type": "string", "enum": ["good", "none", "wrong"]},
)


class Tracks(APIView):
    """A recorded walk."""

    @extend_schema(request=RecordingIn, responses={200: TOLD})
    def post(self, request: Request) -> Response:
        """Return the stretches that were walked.

        To note them, send each to `/api/visits` with its ``client_id`` and source ``track``: the
        same recording makes the same keys, so that noting it twice changes nothing.
        """
        form = RecordingIn(data=request.data)
        form.is_valid(raise_exception=True)
        fixes = form.validated_data["fixes"]
        lnglat = np.array([(fix["lng"], fix["lat"]) for fix in fixes])
        at = np.array([fix["at"].timestamp() if fix["at"] else np.nan for fix in fixes])
        accuracy = np.array(
            [np.nan if fix["accuracy"] is None else fix["accuracy"] for fix in fixes]
        )
        return _answer(caller.scope(request), lnglat, Fixes(lnglat, at, accuracy))


class TrackFiles(APIView):
    """A recorded walk as a GPX file."""

    parser_classes = (MultiPartParser,)

    @extend_schema(
        request={"multipart/form-data": {"type": "object", "properties": {
            "file": {"type": "string", "format": "binary"}}}},
        responses={200: TOLD},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Return the stretches that were walked, as `/api/tracks` does."""
        scope = caller.scope(request)
        upload = request.FILES.get("file")
        name, size = (str(upload.name), upload.size or 0) if upload else ("", 0)
        chunks = upload.chunks() if upload else ()
        rows = read_upload(name, size, chunks, accepted=(".gpx",), layer=POINTS)
        if not 1 < len(rows) <= MOST:
            raise BadValue("一份轨迹须有 2 到 %(most)s 个点", most=MOST)
        lnglat = shapely.get_coordinates(shapely.from_wkb(list(rows.shapes)))
        if len(lnglat) != len(rows):
            raise BadValue("轨迹里有没有坐标的点")
        return _answer(scope, lnglat, Fixes(lnglat, _times(rows), np.full(len(rows), np.nan)))


def _times(rows: Rows) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Seconds of the times a file gives; nan where it gives none, or none that can be read."""
    found = []
    for told in rows.columns.get("time", [None] * len(rows)):
        try:
            moment = parse_datetime(str(told)) if told else None
        except ValueError:
            moment = None
        if moment is not None and moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)  # GPX 1.1: times are UTC
        found.append(_seconds(moment))
    return np.array(found, dtype=np.float64)


def _seconds(moment: datetime | None) -> float:
    return float("nan") if moment is None else moment.timestamp()


def _answer(scope: Scope, lnglat: np.ndarray[Any, np.dtype[np.float64]], fixes: Fixes) -> Response:
    lng, lat = np.median(lnglat, axis=0).tolist()
    middle = Point(lng, lat, srid=SRID)
    city = City.objects.within(scope).filter(bounds__covers=middle).order_by("pk").first()
    if city is None:
        raise OutOfScope("这段轨迹不在您的城市里")
    told = told_by(scope, city, lnglat, fixes, now=timezone.now())
    key = hashlib.sha256(lnglat.tobytes() + fixes.at.tobytes()).hexdigest()
    return Response(_told(scope, told, key))


def _told(scope: Scope, told: Told, key: str) -> dict[str, Any]:
    ids = [one.stretch for one in told.passed]
    rows = Stretch.objects.within(scope).select_related("lane", "street").in_bulk(ids)
    return {
        "stretches": [_passed(one, rows[one.stretch], key) for one in told.passed],
        "fixes": told.fixes,
        "dropped": told.dropped,
        "clock": told.clock,
    }


def _passed(one: Passed, row: Stretch, key: str) -> dict[str, Any]:
    return {
        "stretch": row.pk,
        "name": str(row.lane or row.street),
        "part": "–".join(part for part in (row.start, row.end) if part),
        "side": row.side,
        "at": stamp(one.at),
        "share": round(one.share, 2),
        "client_id": str(uuid5(SPACE, f"{key} {row.pk}")),
    }
