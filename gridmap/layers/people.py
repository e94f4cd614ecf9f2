"""Who answers and who helps: departments, chiefs and their terms, teams and members.

There are no person files: a Person is somebody who bears an office or a membership, never a
resident. Residents are counts (`gridmap.layers.places.Headcount`).
"""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from gridmap.layers.places import Building, Lane, Street, by_letters
from gridmap.layers.scope import Scope
from gridmap.layers.territory import Cell, City, Community


class DepartmentQuerySet(models.QuerySet["Department"]):
    def within(self, scope: Scope) -> Self:
        """Departments of the cities in which the caller works."""
        return self.filter(city_id__in=scope.ground)


class Department(models.Model):
    """One of the departments that handle incidents (公安、环卫、教育…)."""

    city = models.ForeignKey(City, models.PROTECT, related_name="departments")
    code = models.SlugField(max_length=30)
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60, blank=True)
    rank = models.PositiveSmallIntegerField(default=0)  # the fixed order of lists, not a score

    objects = DepartmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("部门")
        verbose_name_plural = _("部门")
        ordering = ["rank", "code"]
        constraints = [
            models.UniqueConstraint(fields=["city", "code"], name="department_code_once")
        ]

    def __str__(self) -> str:
        return self.name


class PersonQuerySet(models.QuerySet["Person"]):
    def within(self, scope: Scope) -> Self:
        """Bearers of an office in the cities in which the caller works."""
        return self.filter(city_id__in=scope.ground)

    def called(self, city: City, text: str) -> list[dict[str, object]]:
        """Return at most ten whose name, pinyin or initials hold ``text``, exact names first.

        Each ``id``, ``name``, and ``office`` and ``place`` of the newest term, to tell namesakes
        apart (empty for somebody who never had one).
        """
        exact_first = models.Case(models.When(name=text, then=0), default=1)
        found = self.filter(city=city, search__contains=text).order_by(exact_first, "name", "pk")
        people = list(found[:10])
        terms = ChiefTerm.objects.filter(person__in=people).order_by("-pk")
        newest = {term.person_id: term for term in reversed(terms.select_related(*THINGS))}
        return [
            {
                "id": person.pk,
                "name": person.name,
                "office": newest[person.pk].office if person.pk in newest else "",
                "place": newest[person.pk].place if person.pk in newest else "",
            }
            for person in people
        ]


class Person(models.Model):
    """A bearer of an office or a member of a team; reached through a relay number only."""

    city = models.ForeignKey(City, models.PROTECT)
    name = models.CharField(max_length=40)
    search = models.TextField(blank=True)
    relay_phone = models.CharField(max_length=30, blank=True)

    objects = PersonQuerySet.as_manager()

    class Meta:
        indexes = [by_letters("person")]

    def __str__(self) -> str:
        return self.name


class ChiefTermQuerySet(models.QuerySet["ChiefTerm"]):
    def within(self, scope: Scope) -> Self:
        """Terms in the cities in which the caller works: who answers is no secret among staff."""
        return self.filter(person__city_id__in=scope.ground)

    def current(self) -> Self:
        """Terms that run now."""
        return self.filter(valid__contains=Now())


class ChiefTerm(models.Model):
    """One person's term as chief of one street, lane or building, or as head or worker of a cell.

    At one time an object has at most one acting holder and at most one substitute; the database
    refuses a second of either. It also refuses to change a term that has begun, except to end it.
    """

    class Office(models.TextChoices):
        STREET = "street", "街长"
        LANE = "lane", "巷长"
        BUILDING = "building", "楼长"
        CELL_HEAD = "cell_head", "网格长"
        CELL_WORKER = "cell_worker", "网格员"

    class Standing(models.TextChoices):
        ACTING = "acting", "在岗"
        SUBSTITUTE = "substitute", "代理"

    class Reason(models.TextChoices):
        """Why somebody stands in."""

        LEAVE = "leave", "请假"
        ILL = "ill", "病休"
        TRAINING = "training", "学习培训"
        AWAY = "away", "外出公干"
        VACANCY = "vacancy", "空缺期间代管"
        OTHER = "other", "其他"

    office = models.CharField(max_length=12, choices=Office)
    street = models.ForeignKey(Street, models.PROTECT, null=True, blank=True, related_name="terms")
    lane = models.ForeignKey(Lane, models.PROTECT, null=True, blank=True, related_name="terms")
    building = models.ForeignKey(
        Building, models.PROTECT, null=True, blank=True, related_name="terms"
    )
    cell = models.ForeignKey(Cell, models.PROTECT, null=True, blank=True, related_name="terms")
    person = models.ForeignKey(Person, models.PROTECT, related_name="terms")
    standing = models.CharField(max_length=10, choices=Standing, default=Standing.ACTING)
    reason = models.CharField(max_length=10, choices=Reason, blank=True)  # of a substitute only
    valid = DateTimeRangeField()

    objects = ChiefTermQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    office="street", street__isnull=False, lane=None, building=None, cell=None
                )
                | Q(office="lane", lane__isnull=False, street=None, building=None, cell=None)
                | Q(office="building", building__isnull=False, street=None, lane=None, cell=None)
                | Q(
                    office__in=["cell_head", "cell_worker"],
                    cell__isnull=False,
                    street=None,
                    lane=None,
                    building=None,
                ),
                name="chiefterm_one_object",
            ),
            models.CheckConstraint(
                condition=Q(standing__in=["acting", "substitute"]), name="chiefterm_standing"
            ),
            models.CheckConstraint(
                condition=Q(standing="acting", reason="")
                | Q(
                    standing="substitute",
                    reason__in=["leave", "ill", "training", "away", "vacancy", "other"],
                ),
                name="chiefterm_reason",
            ),
            models.CheckConstraint(condition=Q(valid__isempty=False), name="chiefterm_valid_some"),
            *(
                ExclusionConstraint(
                    name=f"chiefterm_one_{column}_holder",
                    expressions=[
                        (column, RangeOperators.EQUAL),
                        ("office", RangeOperators.EQUAL),
                        ("standing", RangeOperators.EQUAL),
                        ("valid", RangeOperators.OVERLAPS),
                    ],
                )
                for column in ("street", "lane", "building", "cell")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.office} {self.person_id}"

    @property
    def seat(self) -> tuple[str, int]:
        """Which column names the object, and the object's id."""
        column = COLUMNS[self.office]
        return column, getattr(self, f"{column}_id")

    @property
    def place(self) -> str:
        """What the street, lane, building or cell is called now."""
        if self.cell is not None:
            edition = self.cell.editions.filter(valid__contains=Now()).first()
            return edition.name if edition else ""
        return str(self.street or self.lane or self.building)


THINGS = ("street", "lane", "building", "cell")
# Which column of a term names the object of an office.
COLUMNS = {
    "street": "street",
    "lane": "lane",
    "building": "building",
    "cell_head": "cell",
    "cell_worker": "cell",
}


class TeamQuerySet(models.QuerySet["Team"]):
    def within(self, scope: Scope) -> Self:
        """Teams of the cities in which the caller works."""
        return self.filter(city_id__in=scope.ground)


class Team(models.Model):
    """A volunteer team (志愿队伍)."""

    class Kind(models.TextChoices):
        PATROL = "patrol", "巡防"
        ARTS = "arts", "文艺"
        PERSUASION = "persuasion", "劝导"
        LEGAL = "legal", "法律"
        ENVIRONMENT = "environment", "环保"

    city = models.ForeignKey(City, models.PROTECT)
    community = models.ForeignKey(
        Community, models.PROTECT, null=True, blank=True, related_name="teams"
    )
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=12, choices=Kind)
    search = models.TextField(blank=True)

    objects = TeamQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["city", "name"], name="team_name_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["patrol", "arts", "persuasion", "legal", "environment"]),
                name="team_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(models.QuerySet["Membership"]):
    def within(self, scope: Scope) -> Self:
        """Memberships in teams of the cities in which the caller works."""
        return self.filter(team__city_id__in=scope.ground)


class Membership(models.Model):
    """A person's time in a team."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    person = models.ForeignKey(Person, models.PROTECT, related_name="memberships")
    valid = DateTimeRangeField()

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(valid__isempty=False), name="membership_valid_some"),
            ExclusionConstraint(
                name="membership_once_at_a_time",
                expressions=[
                    ("team", RangeOperators.EQUAL),
                    ("person", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.team_id}/{self.person_id}"


class TeamArea(models.Model):
    """A cell a team looks after, for a time."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="areas")
    cell = models.ForeignKey(Cell, models.PROTECT, related_name="team_areas")
    valid = DateTimeRangeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(valid__isempty=False), name="teamarea_valid_some"),
            ExclusionConstraint(
                name="teamarea_once_at_a_time",
                expressions=[
                    ("team", RangeOperators.EQUAL),
                    ("cell", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.team_id}/{self.cell_id}"
