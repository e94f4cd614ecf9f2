"""What gridmap asks of those who report: things typed for each case, and reports a worker and week.

Grid workers drown in tables that ask the same once more. This keeps in sight what we ask; it
measures nobody. How many reports come from a worker in a week is a figure of a place with at least
so many workers as the small-number guard demands, never of a person.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from gridmap.geo.small_numbers import hidden
from gridmap.layers.city_settings import CitySetting, city_setting
from gridmap.layers.facts import Period
from gridmap.layers.incidents import Incident
from gridmap.layers.postings import Posting, Role
from gridmap.layers.query import rows
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City, Community

DAYS = 7.0
MANY = 5  # things typed from which on they are counted together
# Of each community, and once more of all of them together: who serves in two of them is one person.
WORKERS = """
WITH served AS MATERIALIZED (
    SELECT k.community_id AS community, t.person_id AS person,
        t.valid * tstzrange(%(since)s, %(until)s) AS part
    FROM layers_chiefterm AS t
    INNER JOIN layers_cell AS k ON k.id = t.cell_id
    WHERE k.community_id = ANY (%(communities)s) AND t.office = 'cell_worker'
        AND t.valid && tstzrange(%(since)s, %(until)s)
), whose AS (
    SELECT s.community, s.person, range_agg(s.part) AS parts
    FROM served AS s GROUP BY GROUPING SETS ((s.community, s.person), (s.person))
)
SELECT w.community, count(*) AS workers, sum((
    SELECT sum(extract(epoch FROM upper(r.part) - lower(r.part))) / 86400
    FROM unnest(w.parts) AS r (part)
)) AS days
FROM whose AS w GROUP BY w.community
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
    reports: int | None
    workers: int
    weeks: float | None

    @property
    def each(self) -> float | None:
        """Reports a worker and week."""
        return (
            None if self.reports is None or not self.weeks else round(self.reports / self.weeks, 1)
        )


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

    Where fewer work than the small-number guard demands nothing is told, nor what could be found by
    subtracting the others from the sum. Days to come are not counted.
    """
    area = scope.area.rows(cities="subdistrict__city_id", communities="pk")
    places = list(Community.objects.filter(area, subdistrict__city=city).order_by("code"))
    if not places:
        return []
    until = max(period.since, min(period.until, timezone.now()))
    told = rows(
        WORKERS,
        {"communities": [place.pk for place in places], "since": period.since, "until": until},
    )
    at_work = {row["community"]: (row["workers"], float(row["days"]) / DAYS) for row in told}
    counted = _reports(scope, city, period)
    every = [
        Weekly(place.pk, place.name, counted[place.pk], *at_work.get(place.pk, (0, 0.0)))
        for place in places
    ]
    reports = sum(counted[place.pk] for place in places)
    together = Weekly(None, "", reports, *at_work.get(None, (0, 0.0)))
    least = city_setting(CitySetting.Name.SMALL_NUMBER, city.pk)
    kept = withheld({one.community: one.workers for one in every}, together.workers, least)
    return [
        one._replace(reports=None, weeks=None) if one.community in kept else one
        for one in (*every, together)
    ]


def _reports(scope: Scope, city: City, period: Period) -> defaultdict[int | None, int]:
    """Return by community what cell workers reported; of what has no reporter the source tells."""
    posted = Posting.objects.filter(
        user=OuterRef("reporter"), role=Role.WORKER, valid__contains=OuterRef("reported_at")
    )
    mine = Incident.objects.within(scope).filter(
        Exists(posted) | Q(reporter=None, source=Incident.Source.WORKER),
        city=city, reported_at__gte=period.since, reported_at__lt=period.until,
    )  # fmt: skip
    there = Coalesce("reported_cell__community", "community")
    return defaultdict(int, mine.annotate(there=there).values_list("there").annotate(Count("pk")))


def withheld(workers: Mapping[int | None, int], together: int, least: int) -> set[int | None]:
    """Return of which places nothing may be told; None stands for all of them together.

    Args:
        workers: people by place.
        together: people in all of them; who serves in two is one.
        least: people behind the smallest figure that may be told.
    """
    tree: dict[str, str | None] = {"all": None, **{str(place): "all" for place in workers}}
    found = hidden(tree, {str(place): number for place, number in workers.items()}, least)
    kept = {place for place in workers if str(place) in found}
    return kept | {None} if together < least or "all" in found else kept
