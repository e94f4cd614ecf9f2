"""What to look at on the way: a city's list for those who walk a beat. Nobody's ticks are kept."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gridmap.layers.incidents import Category
from gridmap.layers.territory import City


class CheckItem(models.Model):
    """One line of the list, and the category under which what is wrong there is reported."""

    city = models.ForeignKey(City, models.CASCADE, related_name="check_items")
    rank = models.PositiveSmallIntegerField(default=0)  # the order of the list
    text = models.CharField(max_length=80)
    text_en = models.CharField(max_length=120, blank=True)
    category = models.ForeignKey(
        Category, models.SET_NULL, null=True, blank=True, related_name="check_items"
    )

    class Meta:
        verbose_name = _("巡查清单")
        verbose_name_plural = _("巡查清单")
        ordering = ["rank", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["city", "text"], name="checkitem_once"),
            models.CheckConstraint(condition=~Q(text=""), name="checkitem_says_something"),
        ]

    def __str__(self) -> str:
        return self.text


def checklist(city: City, language: str) -> list[dict[str, Any]]:
    """Return the list in a language: ``id``, ``text``, ``category`` (a code or None); one query."""
    english = language.startswith("en")
    return [
        {
            "id": item.pk,
            "text": (item.text_en if english else "") or item.text,
            "category": item.category.code if item.category else None,
        }
        for item in CheckItem.objects.filter(city=city).select_related("category")
    ]
