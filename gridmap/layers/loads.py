"""What was read from which file, with what result."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models

from gridmap.layers.scope import Scope
from gridmap.layers.territory import City


class LoadQuerySet(models.QuerySet["Load"]):
    def within(self, scope: Scope) -> Self:
        """Loads into the cities of which the caller may see everything."""
        return self.filter(city_id__in=scope.cities)


class Load(models.Model):
    """The report of one committed load of a file into a layer."""

    city = models.ForeignKey(City, models.CASCADE, related_name="loads")
    layer = models.CharField(max_length=20)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    options = models.JSONField(default=dict)
    loaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)
    seconds = models.FloatField()
    read = models.PositiveIntegerField()
    added = models.PositiveIntegerField()
    changed = models.PositiveIntegerField()
    unchanged = models.PositiveIntegerField()
    refused = models.PositiveIntegerField()
    problems = models.JSONField(default=list)  # [{row, code, message, lng, lat}], the first 1,000

    objects = LoadQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.layer} ← {self.file_name}"
