"""POST /api/tracks: which stretches a recorded walk went along. What is told here is not kept."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from gridmap.api import answers, caller
from gridmap.api.parsing import stamp
from gridmap.geo.track import Fixes
from gridmap.geo.uploads import read_upload
from gridmap.layers.recordings import MOST, POINTS, Degrees, Walk, fixes_of, hear
from gridmap.layers.scope import Scope


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
        return _answer(scope, *fixes_of(rows))


def _answer(scope: Scope, lnglat: Degrees, fixes: Fixes) -> Response:
    heard = hear(scope, lnglat, fixes, now=timezone.now())
    return Response(
        {
            "stretches": [_passed(walk) for walk in heard.walks],
            "fixes": heard.told.fixes,
            "dropped": heard.told.dropped,
            "clock": heard.told.clock,
        }
    )


def _passed(walk: Walk) -> dict[str, Any]:
    return {
        "stretch": walk.stretch.pk,
        "name": walk.name,
        "part": walk.part,
        "side": walk.stretch.side,
        "at": stamp(walk.at),
        "share": round(walk.share, 2),
        "client_id": str(walk.client_id),
    }
