"""The figures of the page, counted once: of every unit, with and without what contests took out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from django.utils import timezone
from django.utils.translation import gettext as _

from gridmap.layers import evaluation
from gridmap.layers.assessments import left_out
from gridmap.layers.city_settings import CitySetting, settings_at
from gridmap.layers.desk import departments_in
from gridmap.layers.evaluation import RATES, SCORES, Figure
from gridmap.layers.facts import Fact, Period, facts_of
from gridmap.layers.names import named, place_name
from gridmap.layers.rate_course import Point, course
from gridmap.layers.territory import Community
from gridmap.pages.figures_view import ALL, NO_UNIT, View

SHORT = 48  # hours up to which a wait is told in hours


@dataclass(frozen=True)
class Unit:
    """A department, a community, or all together; ``key`` stands in addresses."""

    key: str
    name: str
    facts: list[Fact] = field(repr=False)


# Of which rate the city's target is, and which tell first how long people waited.
TARGETED, BY_WAIT = "closed_in_time", frozenset({"replied"})


def lasting(minutes: int | None) -> str:
    """Return a wait in words; empty where there is none to tell."""
    if minutes is None:
        return ""
    hours = minutes / 60
    if hours < 1:
        return _("%(n)s 分钟") % {"n": minutes}
    if hours < SHORT:
        return _("%(n)s 小时") % {"n": f"{hours:.1f}"}
    return _("%(n)s 天") % {"n": f"{hours / 24:.1f}"}


@dataclass
class Count:
    """Facts of the period, in the order and under the names of their units."""

    view: View

    def __post_init__(self) -> None:
        self.facts = facts_of(self.view.scope, self.view.city, self.view.period)
        self.without = left_out(self.view.city, timezone.now())
        self.whole = Unit(ALL, _("全部"), self.facts)
        self._figures: dict[tuple[str, str], Figure] = {}

    @cached_property
    def units(self) -> list[Unit]:
        """The units in their fixed order, never by their figures."""
        if self.view.group() == "all":
            return []
        groups = evaluation.grouped(self.facts, self.view.group())
        known = [
            Unit(str(pk), name, groups[pk]) for pk, name in self._names().items() if pk in groups
        ]
        if None in groups:
            word = _("未派遣") if self.view.by == "department" else _("不在社区内")
            known.append(Unit(NO_UNIT, word, groups[None]))
        return known

    def _names(self) -> dict[int, str]:
        scope, city = self.view.scope, self.view.city
        if self.view.by == "community":
            rows = Community.objects.within(scope).filter(subdistrict__city=city).order_by("code")
            return {pk: place_name(name) for pk, name in rows.values_list("pk", "name")}
        return {row.pk: named(row) for row in departments_in(scope, city.pk)}

    @cached_property
    def chosen(self) -> Unit:
        """The unit of the address; all together where it names none of these."""
        return next((unit for unit in self.units if unit.key == self.view.unit), self.whole)

    def figure(self, unit: Unit, rate: str) -> Figure:
        """Return a rate of a unit, without the cases whose contest was upheld."""
        if (unit.key, rate) not in self._figures:  # a page asks for many of them several times
            left = self.without.get(rate, frozenset())
            found = evaluation.figure(RATES[rate], unit.facts, self.view.period, left)
            self._figures[unit.key, rate] = found
        return self._figures[unit.key, rate]

    def targets(self, rate: str, periods: Sequence[Period]) -> list[int | None]:
        """Return the target that was in force when each period ended, percent; None: there is none.

        Of a period that is not over it is the present one.
        """
        if rate != TARGETED:
            return [None] * len(periods)
        now = timezone.now()
        ends = [min(period.until - timedelta(microseconds=1), now) for period in periods]
        found = settings_at(CitySetting.Name.CLOSE_TARGET, self.view.city.pk, ends)
        return [target or None for target in found]

    @cached_property
    def target(self) -> int | None:
        """The target of the chosen rate in the chosen period."""
        return self.targets(self.view.rate, [self.view.period])[0]

    def raw(self, unit: Unit, rate: str) -> Figure:
        """Return a rate of a unit as it was before any contest."""
        return evaluation.figure(RATES[rate], unit.facts, self.view.period)

    def if_all(self, unit: Unit, rate: str, contested: Iterable[int]) -> Figure:
        """Return a rate as it would be if these contests were upheld too."""
        left = self.without.get(rate, frozenset()) | frozenset(contested)
        return evaluation.figure(RATES[rate], unit.facts, self.view.period, left)

    def out(self, unit: Unit, rate: str) -> list[int]:
        """Return the cases that upheld contests took out of a rate."""
        left = self.without.get(rate, frozenset())
        return [incident for incident in self.raw(unit, rate).whole if incident in left]

    def points(self, unit: Unit, post: str) -> float | None:
        """Return a rating of a unit; None below twenty cases."""
        rates = {key for _weight, key in SCORES[post].parts}
        return evaluation.score(SCORES[post], {key: self.figure(unit, key) for key in rates})

    def months(self) -> list[Point]:
        """Return the chosen rate of the chosen unit month by month."""
        unit, column = self.chosen, self.view.group()
        wanted = self.view.unit_id

        def mine(fact: Fact) -> bool:
            return unit.key == ALL or getattr(fact, column) == wanted

        return course(
            self.view.scope, self.view.city, RATES[self.view.rate], self.view.months(), of=mine,
            left_out=self.without,
        )  # fmt: skip
