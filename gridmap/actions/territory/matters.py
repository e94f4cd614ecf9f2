"""Rows of incidents."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from gridmap.actions.territory.draft import Draft, of_city, take_over
from gridmap.actions.territory.values import Column
from gridmap.geo.rows import text
from gridmap.layers import timing
from gridmap.layers.incidents import ENDED, Category, State
from gridmap.layers.territory import City


def incidents(draft: Draft) -> None:
    categories = list(Category.objects.filter(city=draft.city))
    known = {name: item for item in categories for name in (item.name_en, item.name, item.code)}
    wanted = [text(value) for value in draft.column("category")]
    for place in draft.good():
        if wanted[place] not in known:
            draft.refuse(place, "unknown_category", value=wanted[place])
    draft.values["title"] = [
        text(title) or wanted[place][:120] for place, title in enumerate(draft.column("title"))
    ]
    take_over(draft)
    found = [known.get(value) for value in wanted]
    draft.columns |= {
        "category_id": [item and item.pk for item in found],
        "department_id": [item and item.department_id for item in found],
        "state": [state or State.REPORTED for state in draft.columns["state"]],
        "source": [source or "import" for source in draft.columns["source"]],
        "parked": [False] * len(draft.rows),
        "urgent": [False] * len(draft.rows),
    }
    draft.given += ["title", "category_id", "department_id"]
    _times(draft, found)
    of_city(draft)


class _Limits:
    """When cases of a category are due, by the catalogue in force now and the city's calendar."""

    def __init__(self, city: City) -> None:
        self._calendar = timing.calendar_of(city)
        self._known: dict[int, list[timing.Limit]] = {}

    def times(self, category: Category, filed: datetime) -> tuple[datetime, datetime]:
        """Return when a case filed then turns yellow, and when it is due."""
        if category.pk not in self._known:
            self._known[category.pk] = timing.limits_for(category, timezone.now(), urgent=False)
        counted = (timing.timed(self._calendar, one, filed) for one in self._known[category.pk])
        last = max(counted, key=lambda one: one.due)
        return last.soon_at, last.due


def _times(draft: Draft, categories: list[Category | None]) -> None:
    """Fill in what follows from the state: an open matter is due, an ended one has an end.

    Where the file does not tell when a matter ended, its end is set to its beginning.
    """
    reported, states = draft.columns["reported_at"], draft.columns["state"]
    empty: Column = [None] * len(draft.rows)
    limits = _Limits(draft.city)
    filed, soon, due, closed = list(empty), list(empty), list(empty), list(empty)
    for place in draft.good():
        start, category = reported[place], categories[place]
        if states[place] in ENDED:
            closed[place] = draft.columns["closed_at"][place] or start
        elif states[place] != State.REPORTED and category is not None:
            filed[place] = start
            soon[place], due[place] = limits.times(category, start)  # type: ignore[arg-type]
    draft.columns |= {"filed_at": filed, "soon_at": soon, "due": due, "closed_at": closed}
    draft.given.append("closed_at")
