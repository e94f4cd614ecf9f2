"""Photos of an incident: the list, a new one, one away."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from gridmap.actions.photos import add_photo, remove_photo
from gridmap.api import answers, caller, parsing
from gridmap.errors import BadValue, OutOfScope
from gridmap.geo.photos import MOST_BYTES
from gridmap.layers.incidents import Incident
from gridmap.layers.photos import Photo

PHOTO = answers.thing(
    id=answers.TEXT,
    url=answers.TEXT,
    small=answers.TEXT,
    width=answers.WHOLE,
    height=answers.WHOLE,
    moment=answers.TEXT,
    at=answers.MOMENT,
    role=answers.TEXT,
)
PHOTOS = answers.thing(photos=answers.every(PHOTO))
UPLOAD = {
    "multipart/form-data": {
        "type": "object",
        "properties": {"photo": {"type": "string", "format": "binary"}},
        "required": ["photo"],
    }
}


def told(photo: Photo) -> dict[str, Any]:
    """Return a photo as this door shows it."""
    values = {"uid": photo.uid}
    return {
        "id": str(photo.uid),
        "url": reverse("photo", kwargs=values),
        "small": reverse("photo-small", kwargs=values),
        "width": photo.width,
        "height": photo.height,
        "moment": photo.moment,
        "at": parsing.stamp(photo.at),
        "role": photo.role,
    }


class IncidentPhotos(APIView):
    """Photos of one incident."""

    parser_classes = [MultiPartParser]

    @extend_schema(responses={200: PHOTOS})
    def get(self, request: Request, pk: int) -> Response:
        """Return the photos, oldest first."""
        scope = caller.scope(request)
        if not Incident.objects.within(scope).filter(pk=pk).exists():
            raise OutOfScope("没有找到，或不在您的范围内")
        rows = Photo.objects.within(scope).filter(incident_id=pk)
        return Response({"photos": [told(photo) for photo in rows]})

    @extend_schema(request=UPLOAD, responses={200: PHOTO, 201: PHOTO})
    def post(self, request: Request, pk: int) -> Response:
        """Add the ``photo`` of the form; the same picture again changes nothing."""
        file = request.FILES.get("photo")
        if file is None:
            raise BadValue("须附上照片（字段 photo）")
        data = file.read(MOST_BYTES + 1)
        made, new = add_photo(by=caller.scope(request), incident=pk, data=data)
        return Response(told(made), 201 if new else 200)


class OnePhoto(APIView):
    """One photo."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, uid: UUID) -> Response:
        """Delete a photo that you sent, or where you close cases."""
        remove_photo(by=caller.scope(request), photo=uid)
        return Response(status=204)
