"""Reports of residents: without an account, known again by a secret link, public only when let.

The secret is worked out from the number a form bears (`secret_of`), so that sending a form twice
leads to the same page; the database keeps its hash alone. A name and a telephone number are no part
of this: they stand in the contact of the case and go with it.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Self
from uuid import UUID

from django.conf import settings
from django.contrib.gis.geos import Point, Polygon
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac

from gridmap.layers.incidents import Incident, Light
from gridmap.layers.scope import Scope
from gridmap.layers.shapes import SRID
from gridmap.layers.territory import City

NEAR = 0.0007  # degrees: some seventy metres
SHOWN, MOST_LOOKED_AT = 3, 50


class LetterQuerySet(models.QuerySet["Letter"]):
    def within(self, scope: Scope) -> Self:
        """Letters about incidents that are the caller's business."""
        return self.filter(incident__in=Incident.objects.within(scope))

    def shown(self) -> Self:
        """Letters that everybody may read."""
        return self.filter(state=Letter.State.SHOWN, private=False)


class Letter(models.Model):
    """What makes an incident a resident's: the link to it, and whether the public may read it."""

    class State(models.TextChoices):
        WAITING = "waiting", "待审核"
        SHOWN = "shown", "公开"
        HIDDEN = "hidden", "不公开"

    incident = models.OneToOneField(Incident, models.CASCADE, related_name="letter")
    secret_hash = models.CharField(max_length=64, unique=True)
    private = models.BooleanField(default=False)  # the resident's own wish
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    judged_at = models.DateTimeField(null=True, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(secret_hash__regex="^[0-9a-f]{64}$"),  # noqa: S106
                name="letter_secret_form",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", judged_at__isnull=True)
                | Q(state__in=["shown", "hidden"], judged_at__isnull=False),
                name="letter_judged_whole",
            ),
            models.CheckConstraint(
                condition=Q(private=False) | ~Q(state="shown"), name="letter_private_is_not_shown"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.state}"


def secret_of(client_id: UUID) -> str:
    """Return the secret of the report a form with this number makes."""
    return salted_hmac("gridmap.letter", str(client_id), algorithm="sha256").hexdigest()[:32]


def hash_of(secret: str) -> str:
    """Return what is kept of a secret."""
    return sha256(secret.encode()).hexdigest()


def with_secret(secret: str) -> Letter | None:
    """Return the letter whose secret link this is: who holds the link is asked nothing else."""
    rows = Letter.objects.select_related(
        "incident__category",
        "incident__city",
        "incident__department",
        "incident__community",
        "incident__twin__original__department",
    )
    return rows.filter(secret_hash=hash_of(secret)).first()


def shown_near(city: City, lng: float, lat: float) -> list[Letter]:
    """Return what residents reported near a place, is not ended, and everybody may read."""
    spot = Point(lng, lat, srid=SRID)
    box = Polygon.from_bbox((lng - NEAR, lat - NEAR, lng + NEAR, lat + NEAR))
    box.srid = SRID
    open_ones = (
        Letter.objects.shown()
        .filter(incident__city=city, incident__place__coveredby=box)
        .exclude(incident__light=Light.NONE)
    )
    rows = open_ones.select_related("incident__category", "incident__lane")
    return sorted(rows[:MOST_LOOKED_AT], key=lambda row: row.incident.place.distance(spot))[:SHOWN]
