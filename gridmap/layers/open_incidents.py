"""Open incidents: in the order of urgency, counted by day, and those of a cell."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BooleanField,
    Case,
    Count,
    DateTimeField,
    F,
    JSONField,
    OuterRef,
    Q,
    QuerySet,
    SmallIntegerField,
    Value,
    When,
)
from django.db.models.functions import Coalesce, JSONObject, TruncDate

from gridmap.layers.cases import Assignment
from gridmap.layers.incidents import Incident, Light
from gridmap.layers.scope import Scope
from gridmap.layers.territory import CellEdition, City
from gridmap.layers.weekly import weekly

FAR_AHEAD = datetime(9999, 1, 1, tzinfo=UTC)
SHOWN = 3  # rows a section of the card shows at most (ui.md 4)


def _told(incident: Any) -> dict[str, Any]:
    return {
        "id": incident.pk,
        "number": incident.number,
        "title": incident.title,
        "address": incident.address,
        "light": Light(incident.light_then).name.lower(),
        "due": incident.due_then,
        "category": {
            "id": incident.category_id,
            "code": incident.category.code,
            "name": incident.category.name,
            "name_en": incident.category.name_en,
        },
        "department": incident.lead_then
        and {
            "id": incident.lead_then,
            "name": incident.lead_name,
            "name_en": incident.lead_name_en,
        },
        "lng": incident.place.x,
        "lat": incident.place.y,
    }


def _published(edition: CellEdition, when: datetime | None) -> dict[str, Any]:
    table = weekly(edition.cell.community.subdistrict.city) if when is None else None
    lights: Mapping[str, None] = {light.name.lower(): None for light in Light if light}
    return {
        **lights,
        "open": table.open_in(edition.cell_id) if table else None,
        "total": None,
        "top": [],
        "week": table.day if table else None,
    }


def of_cell(scope: Scope, edition: CellEdition, when: datetime | None) -> dict[str, Any]:
    """Count the incidents of a cell by light; of a past moment those on its ground of then.

    Those who see sums only are given the published one, of this week; of the past there is none.
    """
    if scope.only_sums(edition.spot):
        return _published(edition, when)
    there = {"cell_id": edition.cell_id} if when is None else {"place__coveredby": edition.geom}
    mine = standing(scope, when).filter(**there)
    counted = dict(mine.order_by().values_list("light_then").annotate(n=Count("pk")))
    lights: dict[str, Any] = {light.name.lower(): counted.get(light, 0) for light in Light if light}
    rows = with_urgency(mine.exclude(light_then=Light.NONE)).order_by(
        "late_first", "due_first", "pk"
    )
    top = rows.select_related("category")[:SHOWN]
    return {
        **lights,
        "open": sum(lights.values()),
        "total": sum(counted.values()),
        "top": [_told(incident) for incident in top],
    }


def standing(scope: Scope, when: datetime | None) -> QuerySet[Any]:
    """Return the caller's incidents as they stand, or stood at a moment: see `stood.columns`."""
    if when is None:
        return Incident.objects.within(scope).as_of(None)
    return Incident.objects.within(scope, when)


def with_helpers(incidents: QuerySet[Any], when: datetime | None) -> QuerySet[Any]:
    """Add ``helping`` to incidents `standing` at a moment (None: now).

    Those are the departments that help, each with id and names, in their order.
    """
    part = Assignment.objects.filter(incident=OuterRef("pk"), part="help")
    if when is None:
        part = part.filter(until=None)
    else:
        part = part.filter(Q(until=None) | Q(until__gt=when), since__lte=when)
    told = JSONObject(
        id="department_id", name="department__name", name_en="department__name_en"
    )  # fmt: skip
    named = ArraySubquery(
        part.order_by("department__rank", "department").values_list(told),
        output_field=ArrayField(JSONField()),
    )
    # Most have none, and are not looked up.
    none = When(helpers_then=[], then=Value([], output_field=ArrayField(JSONField())))
    found: QuerySet[Any] = incidents.annotate(helping=Case(none, default=named))
    return found


def with_urgency(incidents: QuerySet[Incident]) -> QuerySet[Any]:
    """Add what lists of incidents are sorted by, and ``open``, to incidents `as_of` a moment.

    The columns to sort by are never null, so that a page can begin after any row: ``late_first``
    and ``due_first`` as in `IncidentQuerySet.by_urgency`, ``newest_first`` falls as time goes on
    and is unique.
    """
    return incidents.annotate(
        open=Case(
            When(light_then=Light.NONE, then=False), default=True, output_field=BooleanField()
        ),
        late_first=Case(
            When(light_then=Light.LATE, then=0),
            When(light_then=Light.PARKED, then=2),
            When(light_then=Light.NONE, then=3),
            default=1,
            output_field=SmallIntegerField(),
        ),
        due_first=Coalesce("due_then", Value(FAR_AHEAD), output_field=DateTimeField()),
        newest_first=-F("pk"),
    )


def filed_per_day(
    incidents: QuerySet[Incident], city: City, first: date, last: date
) -> list[tuple[date, int]]:
    """Return how many incidents were filed (or, not yet filed, reported) on each local day.

    Args:
        incidents: those of the span, `with_urgency`.
        city: whose days are meant.
        first: day of the span.
        last: day of the span; days without incidents count 0.
    """
    day = TruncDate("entered", tzinfo=ZoneInfo(city.time_zone))
    counted = incidents.order_by().annotate(day=day).values("day").annotate(n=Count("pk"))
    found = dict(counted.values_list("day", "n"))
    every = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [(one, found.get(one, 0)) for one in every]
