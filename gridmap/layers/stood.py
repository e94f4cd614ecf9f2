"""How incidents stand, or stood at a moment: columns with the same names for now and then.

Of now they are those of the incident itself; of a past moment those of the step that was going on
(`gridmap.layers.cases.Step`), which the database wrote while it went on (layers/sql/0094).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import (
    Case,
    DateTimeField,
    F,
    FilteredRelation,
    Func,
    Q,
    SmallIntegerField,
    Value,
    When,
)
from django.db.models.functions import Coalesce

# By the column of both: that of the incident, that of the step.
COLUMNS = {
    "state_then": ("state", "state"),
    "parked_then": ("parked", "paused"),
    "urgent_then": ("urgent", "urgent"),
    "lead_then": ("department_id", "lead_id"),
    "lead_name": ("department__name", "lead__name"),
    "lead_name_en": ("department__name_en", "lead__name_en"),
    "helpers_then": ("helpers", "helpers"),
    "soon_then": ("soon_at", "case_soon_at"),
    "due_then": ("due", "case_due"),
}


def step(when: datetime) -> FilteredRelation:
    """Return the step that was going on at a moment; columns of that moment call it step_then."""
    goes_on = Q(steps__ends__isnull=True) | Q(steps__ends__gt=when)
    return FilteredRelation("steps", condition=Q(steps__begins__lte=when) & goes_on)


def columns(when: datetime | None) -> Mapping[str, Any]:
    """Return how an incident stands, or stood at a moment, by name.

    Args:
        when: the moment; None means now.

    Returns:
        ``light_then``, ``filed_then``, ``closed_then``, the names of `COLUMNS`, and ``entered``:
        when it had been filed or, not yet filed, reported.
    """
    if when is None:
        found: dict[str, Any] = {name: F(now) for name, (now, _) in COLUMNS.items()}
        found |= {"light_then": F("light"), "filed_then": F("filed_at")}
        return found | {
            "closed_then": F("closed_at"), "entered": Coalesce("filed_at", "reported_at"),
        }  # fmt: skip
    found = {name: F(f"step_then__{then}") for name, (_, then) in COLUMNS.items()}
    filed = Case(When(filed_at__lte=when, then=F("filed_at")), output_field=DateTimeField())
    closed = Case(When(closed_at__lte=when, then=F("closed_at")), output_field=DateTimeField())
    ended = Q(step_then__state__in=("closed", "void"))
    return found | {
        "light_then": Func(
            *(F(f"step_then__{then}") for then in ("state", "paused", "case_soon_at", "case_due")),
            Value(when), function="gridmap_light", output_field=SmallIntegerField(),
        ),
        "filed_then": filed,
        # One that was opened again has forgotten when it had been closed before; its step has not.
        "closed_then": Case(
            When(ended, then=Coalesce(closed, F("step_then__entered"))),
            output_field=DateTimeField(),
        ),
        "entered": Coalesce(filed, F("reported_at")),
    }  # fmt: skip
