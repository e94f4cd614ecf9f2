"""Photos of incidents: rows here, files outside the web root under the hash of their content."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Self
from uuid import uuid4

from django.conf import settings
from django.db import connection, models
from django.db.models import Q, QuerySet

from gridmap.errors import BadValue
from gridmap.geo.photos import CleanPhoto
from gridmap.layers.incidents import Incident
from gridmap.layers.scope import Scope

FILE_LOCK = 74_247  # one writer or remover of a file at a time; the second key is of its hash
CASE_LOCK = 74_248  # photos of one case are counted one after the other


class PhotoQuerySet(models.QuerySet["Photo"]):
    def within(self, scope: Scope) -> Self:
        """Photos of incidents that are the caller's business."""
        return self.filter(incident__in=Incident.objects.within(scope))


class Photo(models.Model):
    """One photo of an incident: who of what role sent it when; the picture is a file."""

    class Moment(models.TextChoices):
        REPORT = "report", "上报时"
        LATER = "later", "办理中"

    uid = models.UUIDField(default=uuid4, unique=True, editable=False)  # stands in its address
    incident = models.ForeignKey(Incident, models.CASCADE, related_name="photos")
    sha256 = models.CharField(max_length=64)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    moment = models.CharField(max_length=8, choices=Moment, default=Moment.REPORT)
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    role = models.CharField(max_length=12)  # resident, or a role of the account

    objects = PhotoQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "sha256"], name="photo_once"),
            models.CheckConstraint(condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="photo_hash"),
            models.CheckConstraint(
                condition=Q(moment__in=["report", "later"]), name="photo_moment"
            ),
            models.CheckConstraint(
                condition=Q(width__range=(1, 4096), height__range=(1, 4096)), name="photo_size"
            ),
            models.CheckConstraint(condition=~Q(role=""), name="photo_has_role"),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.uid}"

    @property
    def path(self) -> Path:
        """Where the picture lies."""
        return place_of(self.sha256)

    @property
    def small_path(self) -> Path:
        """Where its small copy lies."""
        return self.path.with_suffix(".small.jpg")


def of_case(incident: int) -> QuerySet[Photo]:
    """Return the photos of an incident to somebody who was let see it otherwise."""
    return Photo.objects.filter(incident_id=incident)


def place_of(sha256: str) -> Path:
    """Return the file of a picture with this hash."""
    return Path(settings.MEDIA_ROOT) / sha256[:2] / f"{sha256}.jpg"


def lock_file(sha256: str) -> None:
    """Let nobody else write or remove this file until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [FILE_LOCK, sha256])


def keep(
    case: Incident, clean: CleanPhoto, *, moment: str, by: int | None, role: str
) -> tuple[Photo, bool]:
    """Keep a picture of a case, once; return its row, and whether it is new.

    Raises:
        BadValue: the case has as many as it may have.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [CASE_LOCK, case.pk % 2**31])
    if before := Photo.objects.filter(incident=case, sha256=clean.sha256).first():
        return before, False
    if Photo.objects.filter(incident=case).count() >= settings.PHOTOS_OF_CASE:
        raise BadValue("一件事最多 %(most)s 张照片", most=settings.PHOTOS_OF_CASE)
    lock_file(clean.sha256)
    _write(clean)
    photo = Photo.objects.create(
        incident=case,
        sha256=clean.sha256,
        width=clean.width,
        height=clean.height,
        moment=moment,
        by_id=by,
        role=role,
    )
    return photo, True


def _write(clean: CleanPhoto) -> None:
    """Write both files whole or not at all; what a lost transaction leaves is found by its hash."""
    path = place_of(clean.sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    for target, data in ((path, clean.data), (path.with_suffix(".small.jpg"), clean.small)):
        if not target.exists():
            _write_whole(target, data)


def _write_whole(target: Path, data: bytes) -> None:
    with NamedTemporaryFile(dir=target.parent, delete=False) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(target)
