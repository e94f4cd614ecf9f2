"""Where residents turn to: the community's line and the duty points, each for a time."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.contrib.gis.db import models
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gridmap.layers.query import Value, rows
from gridmap.layers.scope import Scope
from gridmap.layers.shapes import SRID, sound
from gridmap.layers.territory import City, Community

NEAREST = """
SELECT d.name, d.hours, d.address, ST_X(d.place) AS lng, ST_Y(d.place) AS lat,
    ST_Distance(
        ST_Transform(d.place, %(srid)s),
        ST_Transform(ST_SetSRID(ST_MakePoint(%(lng)s, %(lat)s), 4326), %(srid)s)
    ) AS metres
FROM layers_dutypoint AS d
WHERE d.city_id = %(city)s AND d.valid @> %(now)s::timestamptz
ORDER BY metres, d.id LIMIT 1
"""


class CommunityLineQuerySet(models.QuerySet["CommunityLine"]):
    def within(self, scope: Scope) -> Self:
        """Lines of the communities in the cities in which the caller works."""
        return self.filter(community__subdistrict__city_id__in=scope.ground)

    def as_of(self, when: datetime) -> Self:
        """Lines that were, are or will be in service at ``when``."""
        return self.filter(valid__contains=when)


class CommunityLine(models.Model):
    """The telephone of a community (社区热线), through which every chief is reached."""

    community = models.ForeignKey(Community, models.PROTECT, related_name="lines")
    phone = models.CharField(max_length=30)
    hours = models.CharField(max_length=60, blank=True)
    valid = DateTimeRangeField()

    objects = CommunityLineQuerySet.as_manager()

    class Meta:
        ordering = ["community__code", "-valid"]
        verbose_name = _("社区热线")
        verbose_name_plural = _("社区热线")
        constraints = [
            models.CheckConstraint(
                condition=Q(phone__regex=r"^[0-9+][0-9 -]{2,19}(（演示）)?$"),
                name="communityline_phone_form",
            ),
            models.CheckConstraint(
                condition=Q(valid__isempty=False), name="communityline_valid_some"
            ),
            ExclusionConstraint(
                name="communityline_one_at_a_time",
                expressions=[
                    ("community", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return self.phone

    @property
    def city_id(self) -> int:
        """The city of its community."""
        return self.community.subdistrict.city_id


class DutyPointQuerySet(models.QuerySet["DutyPoint"]):
    def within(self, scope: Scope) -> Self:
        """Duty points of the cities in which the caller works."""
        return self.filter(city_id__in=scope.ground)

    def as_of(self, when: datetime) -> Self:
        """Duty points that were, are or will be kept at ``when``."""
        return self.filter(valid__contains=when)


class DutyPoint(models.Model):
    """A place where somebody is on duty (值守点): a service station, a police box, a gate."""

    city = models.ForeignKey(City, models.PROTECT)
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=80)
    address = models.CharField(max_length=120, blank=True)
    hours = models.CharField(max_length=60, blank=True)
    place = models.PointField(srid=SRID)
    valid = DateTimeRangeField()

    objects = DutyPointQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = _("值守点")
        verbose_name_plural = _("值守点")
        constraints = [
            *sound("dutypoint", "place"),
            models.CheckConstraint(condition=~Q(name=""), name="dutypoint_has_name"),
            models.CheckConstraint(condition=Q(valid__isempty=False), name="dutypoint_valid_some"),
            ExclusionConstraint(
                name="dutypoint_one_at_a_time",
                expressions=[
                    ("city", RangeOperators.EQUAL),
                    ("code", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return self.name


def nearest_duty_point(
    city: City, place: tuple[float, float], *, now: datetime
) -> dict[str, object] | None:
    """Return the duty point next to a place with its distance in metres, or None."""
    lng, lat = place
    values: dict[str, Value] = {
        "city": city.pk,
        "srid": city.metric_srid,
        "lng": lng,
        "lat": lat,
        "now": now,
    }
    return next(iter(rows(NEAREST, values)), None)
