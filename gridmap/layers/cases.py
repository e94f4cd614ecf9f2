"""The course of an incident: its steps one after the other, its deadlines, and who was asked what.

A step is the stay in a state that one deed began; the steps of an incident follow each other
without a gap from the report on, so that no time is lost or counted twice. The database numbers
and closes them, and refuses a step that no way of the life cycle leads to (layers/sql/0041).
"""

from __future__ import annotations

from typing import Self, TypeVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, Value
from django.utils.translation import gettext_lazy as _

from gridmap.layers.catalogue import UNITS, Milestone, Standard, Unit
from gridmap.layers.incidents import Incident, Light, State
from gridmap.layers.people import Department
from gridmap.layers.scope import Scope

Row_co = TypeVar("Row_co", bound=models.Model, covariant=True)


class OfIncidentQuerySet(models.QuerySet[Row_co]):
    """Rows that hang on an incident are seen by whoever sees the incident."""

    def within(self, scope: Scope) -> Self:
        """Rows of the incidents that are the caller's business."""
        return self.filter(incident__in=Incident.objects.within(scope))


class Step(models.Model):
    """One stay in a state, begun by one deed; the last one has no end."""

    incident = models.ForeignKey(Incident, models.DO_NOTHING, related_name="steps")
    number = models.PositiveSmallIntegerField()
    verb = models.CharField(max_length=20)
    came_from = models.CharField(max_length=10, blank=True)  # the state before; none at the report
    state = models.CharField(max_length=10, choices=State)
    paused = models.BooleanField(default=False)  # parked: no time is counted
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    role = models.CharField(max_length=12, blank=True)
    department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True)
    why = models.TextField(blank=True, max_length=2000)
    detail = models.JSONField(default=dict, blank=True)
    begins = models.DateTimeField()
    ends = models.DateTimeField(null=True, blank=True)
    entered = models.DateTimeField()  # since when the incident has been in this state
    soon_at = models.DateTimeField(null=True, blank=True)
    due = models.DateTimeField(null=True, blank=True)
    light = models.SmallIntegerField(choices=Light, default=Light.OK, editable=False)
    # Working minutes, set when the step ends: its own, and with what was paused in it.
    own_minutes = models.PositiveIntegerField(null=True, blank=True)
    bundled_minutes = models.PositiveIntegerField(null=True, blank=True)
    # How the incident stood while the step went on; written by the database (layers/sql/0094).
    # Empty too where nobody knows: steps of before this was kept, incidents taken over.
    lead = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    helpers = ArrayField(
        models.BigIntegerField(), default=list, db_default=Value("{}"), blank=True, editable=False
    )
    urgent = models.BooleanField(default=False, db_default=False, editable=False)
    case_soon_at = models.DateTimeField(null=True, blank=True, editable=False)
    case_due = models.DateTimeField(null=True, blank=True, editable=False)

    objects = OfIncidentQuerySet.as_manager()

    class Meta:
        ordering = ["incident", "number"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "number"], name="step_number_once"),
            models.UniqueConstraint(
                fields=["incident"], condition=Q(ends__isnull=True), name="step_one_open"
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="step_state"),
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(ends__gte=models.F("begins")),
                name="step_begins_before_end",
            ),
            models.CheckConstraint(
                condition=Q(due__isnull=True)
                | Q(soon_at__isnull=False, soon_at__lte=models.F("due")),
                name="step_soon_before_due",
            ),
            models.CheckConstraint(
                condition=Q(own_minutes__isnull=True, bundled_minutes__isnull=True)
                | Q(own_minutes__lte=models.F("bundled_minutes")),
                name="step_own_within_bundled",
            ),
            models.CheckConstraint(
                condition=Q(case_due__isnull=True)
                | Q(case_soon_at__isnull=True)
                | Q(case_soon_at__lte=models.F("case_due")),
                name="step_case_soon_before_due",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due"], name="step_due_watch", condition=Q(ends=None, light__in=[1, 2])
            ),
            models.Index(
                fields=["soon_at"], name="step_soon_watch", condition=Q(ends=None, light=1)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id}/{self.number} {self.verb}"


class Deadline(models.Model):
    """By when one milestone of an incident must be reached, and how that was counted."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="deadlines")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=40)
    standard = models.ForeignKey(Standard, models.PROTECT, null=True, blank=True)
    milestone = models.ForeignKey(Milestone, models.PROTECT, null=True, blank=True)
    limit = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=12, choices=Unit)
    extra = models.JSONField(default=list, blank=True)  # granted extensions: [amount, unit]
    starts = models.DateTimeField()
    soon_at = models.DateTimeField()
    due = models.DateTimeField()
    met_at = models.DateTimeField(null=True, blank=True)
    light = models.SmallIntegerField(choices=Light, default=Light.OK, editable=False)
    explanation = models.JSONField(default=dict)

    objects = OfIncidentQuerySet.as_manager()

    class Meta:
        ordering = ["incident", "number"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "number"], name="deadline_number_once"),
            models.CheckConstraint(condition=Q(unit__in=UNITS), name="deadline_unit"),
            models.CheckConstraint(
                condition=Q(starts__lte=models.F("soon_at"), soon_at__lte=models.F("due")),
                name="deadline_in_order",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due"],
                name="deadline_due_watch",
                condition=Q(met_at=None, light__in=[1, 2]),
            ),
            models.Index(
                fields=["soon_at"], name="deadline_soon_watch", condition=Q(met_at=None, light=1)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id}/{self.number} {self.name}"


class Assignment(models.Model):
    """A department's part in an incident: it leads (主办) or helps (协办), for a time."""

    class Part(models.TextChoices):
        LEAD = "lead", "主办"
        HELP = "help", "协办"

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="assignments")
    department = models.ForeignKey(Department, models.PROTECT, related_name="assignments")
    part = models.CharField(max_length=4, choices=Part)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True, max_length=2000)

    objects = OfIncidentQuerySet.as_manager()

    class Meta:
        ordering = ["incident", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(part__in=["lead", "help"]), name="assignment_part"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=models.F("since")),
                name="assignment_since_before_until",
            ),
            models.UniqueConstraint(
                fields=["incident"],
                condition=Q(part="lead", until__isnull=True),
                name="assignment_one_lead",
            ),
            models.UniqueConstraint(
                fields=["incident", "department"],
                condition=Q(until__isnull=True),
                name="assignment_once_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.part} {self.department_id}"


class Application(models.Model):
    """A wish that somebody else must grant: to extend, to park, to return, to void."""

    class Kind(models.TextChoices):
        EXTENSION = "ask_extension", "延时"
        PARK = "ask_park", "挂账"
        RETURN = "ask_return", "回退"
        VOID = "ask_void", "作废"

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="applications")
    kind = models.CharField(max_length=14, choices=Kind)
    amount = models.PositiveSmallIntegerField(null=True, blank=True)  # of an extension
    unit = models.CharField(max_length=12, choices=Unit, blank=True)
    department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField()
    why = models.TextField(max_length=2000)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    granted = models.BooleanField(null=True, blank=True)
    answer = models.TextField(blank=True, max_length=2000)

    objects = OfIncidentQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="ask_extension", amount__range=(1, 400), unit__in=UNITS)
                | Q(kind__in=["ask_park", "ask_return", "ask_void"], amount=None, unit=""),
                name="application_form",
            ),
            models.CheckConstraint(condition=~Q(why=""), name="application_has_reason"),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, granted__isnull=True)
                | Q(decided_at__isnull=False, granted__isnull=False),
                name="application_decided_whole",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("asked_by")),
                name="application_four_eyes",
            ),
            models.UniqueConstraint(
                fields=["incident", "kind"],
                condition=Q(decided_at__isnull=True),
                name="application_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.incident_id}"


class Supervision(models.Model):
    """An incident that a leader or the duty supervisor presses for (督办), and the answer."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="supervisions")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()
    words = models.TextField(max_length=2000)
    replied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    replied_at = models.DateTimeField(null=True, blank=True)
    reply = models.TextField(blank=True, max_length=2000)

    objects = OfIncidentQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(words=""), name="supervision_has_words"),
            models.CheckConstraint(
                condition=Q(replied_at__isnull=True, reply="")
                | (Q(replied_at__isnull=False) & ~Q(reply="")),
                name="supervision_replied_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.at:%F}"


class CaseReceipt(models.Model):
    """A deed done for a ``client_id``: sent again, it is not done again."""

    client_id = models.UUIDField(unique=True)
    verb = models.CharField(max_length=20)
    wish = models.CharField(max_length=64)  # SHA-256 of what was asked, and by whom
    incident = models.ForeignKey(Incident, models.CASCADE, related_name="receipts")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("回执")
        constraints = [
            models.CheckConstraint(
                condition=Q(wish__regex="^[0-9a-f]{64}$"), name="casereceipt_wish_form"
            )
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.client_id}"
