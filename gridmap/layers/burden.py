"""What gridmap asks of those who report: things typed for each case, and reports a worker and week.

Grid workers drown in tables that ask the same once more. This keeps in sight what we ask; it
measures nobody. How many reports come from a worker in a week is a figure of a place with at least
so many workers as the small-number guard demands, never of a person.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import Count
from django.db.models.functions import Coalesce

from gridmap.layers.city_settings import CitySetting, city_setting
from gridmap.layers.facts import Period
from gridmap.layers.incidents import Incident
from gridmap.layers.query import rows
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City, Community

DAYS = 7.0
MANY = 5  # things typed from which on they are counted together
WORKERS = """
SELECT w.community, count(*) AS workers, sum(w.days) AS days
FROM (
    SELECT k.community_id AS community, t.person_id, (
        SELECT sum(extract(epoch FROM upper(r.part) - lower(r.part))) / 86400
        FROM unnest(range_agg(t.valid * tstzrange(%(since)s, %(until)s))) AS r (part)
    ) AS days
    FROM layers_chiefterm AS t
    INNER JOIN layers_cell AS k ON k.id = t.cell_id
    INNER JOIN layers_person AS p ON p.id = t.person_id
    WHERE p.city_id = %(city)s AND t.office = 'cell_worker'
        AND t.valid && tstzrange(%(since)s, %(until)s)
    GROUP BY k.community_id, t.person_id
) AS w
GROUP BY w.community
"""


@dataclass
class Typed:
    """How many things were typed for the cases of one source.

    Attributes:
        source: of `Incident.Source`.
        spread: cases by the number of things typed, `MANY` and more together.
        total: things typed for all of them.
        unknown: cases of which that is not known.
    """

    source: str
    spread: Counter[int] = field(default_factory=Counter)
    total: int = 0
    unknown: int = 0

    @property
    def cases(self) -> int:
        """Of which it is known."""
        return self.spread.total()

    @property
    def mean(self) -> float | None:
        """Things typed for a case; None where of none it is known."""
        return round(self.total / self.cases, 2) if self.cases else None

    @property
    def most(self) -> list[int]:
        """Cases with one thing typed, with two, and so on; the last with `MANY` and more."""
        return [self.spread[0] + self.spread[1], *(self.spread[n] for n in range(2, MANY + 1))]


class Weekly(NamedTuple):
    """Reports of the workers of one community, or of all; None where too few work there."""

    community: int | None
    name: str
    reports: int
    workers: int
    weeks: float | None

    @property
    def each(self) -> float | None:
        """Reports a worker and week."""
        return round(self.reports / self.weeks, 1) if self.weeks else None


def typed_by_source(scope: Scope, city: City, period: Period) -> list[Typed]:
    """Return what was typed for the caller's cases of a period, by source in their fixed order."""
    mine = Incident.objects.within(scope).filter(
        city=city, reported_at__gte=period.since, reported_at__lt=period.until
    )
    found: dict[str, Typed] = {}
    for source, typed, cases in mine.values_list("source", "typed").annotate(n=Count("pk")):
        one = found.setdefault(source, Typed(source))
        if typed is None:
            one.unknown += cases
        else:
            one.spread[min(typed, MANY)] += cases
            one.total += typed * cases
    return [found[source] for source in Incident.Source.values if source in found]


def weekly(scope: Scope, city: City, period: Period) -> list[Weekly]:
    """Return the workers' reports by community of the own area, and of all of these together last.

    Where fewer work than the small-number guard demands there is no figure; one that could be
    found by subtracting the others from the sum is hidden with them.
    """
    area = scope.area.rows(cities="subdistrict__city_id", communities="pk")
    places = Community.objects.filter(area, subdistrict__city=city).order_by("code")
    told = rows(WORKERS, {"city": city.pk, "since": period.since, "until": period.until})
    at_work = {row["community"]: (row["workers"], float(row["days"]) / DAYS) for row in told}
    there = Coalesce("reported_cell__community", "community")
    mine = Incident.objects.within(scope).filter(
        city=city, source=Incident.Source.WORKER,
        reported_at__gte=period.since, reported_at__lt=period.until,
    )  # fmt: skip
    counted = defaultdict(
        int, mine.annotate(there=there).values_list("there").annotate(Count("pk"))
    )
    every = [
        Weekly(place.pk, place.name, counted[place.pk], *at_work.get(place.pk, (0, 0.0)))
        for place in places
    ]
    if not every:
        return []
    least = city_setting(CitySetting.Name.SMALL_NUMBER, city.pk)
    weeks = sum(one.weeks or 0 for one in every)
    workers = sum(one.workers for one in every)
    reports = sum(one.reports for one in every)
    together = Weekly(None, "", reports, workers, weeks if workers >= least else None)
    hidden = _hidden(every, least)
    return [one._replace(weeks=None) if one in hidden else one for one in every] + [together]


def _hidden(every: list[Weekly], least: int) -> list[Weekly]:
    by_size = sorted(every, key=lambda one: one.workers)
    hidden = [one for one in by_size if 0 < one.workers < least]
    if len(hidden) == 1:
        others = [one for one in by_size if one.workers >= least]
        hidden += others[:1]
    return hidden
