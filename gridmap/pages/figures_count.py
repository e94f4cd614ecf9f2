"""The figures of the page, counted once: of every unit, with and without what contests took out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from gridmap.layers import evaluation
from gridmap.layers.assessments import left_out
from gridmap.layers.desk import departments_in
from gridmap.layers.evaluation import RATES, SCORES, Fact, Figure
from gridmap.layers.rate_course import Point, course
from gridmap.layers.territory import Community
from gridmap.pages.figures_view import ALL, NO_UNIT, View


@dataclass(frozen=True)
class Unit:
    """A department, a community, or all together; ``key`` stands in addresses."""

    key: str
    name: str
    facts: list[Fact] = field(repr=False)


@dataclass
class Count:
    """Facts of the period, in the order and under the names of their units."""

    view: View

    def __post_init__(self) -> None:
        self.facts = evaluation.facts(self.view.scope, self.view.city, self.view.period)
        self.without = left_out(self.view.city, timezone.now())
        self.whole = Unit(ALL, _("全部"), self.facts)

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
            return dict(rows.values_list("pk", "name"))
        english = translation.get_language() == "en"
        return {
            row.pk: (english and row.name_en) or row.name for row in departments_in(scope, city.pk)
        }

    @cached_property
    def chosen(self) -> Unit:
        """The unit of the address; all together where it names none of these."""
        return next((unit for unit in self.units if unit.key == self.view.unit), self.whole)

    def figure(self, unit: Unit, rate: str) -> Figure:
        """Return a rate of a unit, without the cases whose contest was upheld."""
        left = self.without.get(rate, frozenset())
        return evaluation.figure(RATES[rate], unit.facts, self.view.period, left)

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
