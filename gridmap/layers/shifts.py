"""When which team goes where: segments with lasting letters, shifts, and who signed up.

A shift is run by places and hours. Nothing here counts what a person did; a volunteer's hours are
the volunteer's own record (`gridmap.layers.service`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from gridmap.layers.people import Team
from gridmap.layers.places import Stretch
from gridmap.layers.scope import Scope

LATE = timedelta(minutes=10)  # after its hour a shift that nobody began is a late one
LONGEST = timedelta(days=1)


class SegmentQuerySet(models.QuerySet["Segment"]):
    def within(self, scope: Scope) -> Self:
        """Segments of the teams of the cities in which the caller works."""
        return self.filter(team__city_id__in=scope.ground)

    def standing(self) -> Self:
        """Those that have not ended."""
        return self.filter(ended_at=None)


class Segment(models.Model):
    """A part of what a team walks, under a letter that no other part of the team ever bears."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="segments")
    letter = models.CharField(max_length=2)
    name = models.CharField(max_length=60, blank=True)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    stretches = models.ManyToManyField(Stretch, through="SegmentStretch", related_name="segments")

    objects = SegmentQuerySet.as_manager()

    class Meta:
        ordering = ["team", "letter"]
        constraints = [
            models.UniqueConstraint(fields=["team", "letter"], name="segment_letter_once"),
            models.CheckConstraint(
                condition=Q(letter__regex="^[A-Z]{1,2}$"), name="segment_letter"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("began_at")),
                name="segment_ends_after_it_began",
            ),
        ]

    def __str__(self) -> str:
        return self.letter


class SegmentStretch(models.Model):
    """One lane side of a segment."""

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="parts")
    stretch = models.ForeignKey(Stretch, models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["segment", "stretch"], name="segmentstretch_once")
        ]

    def __str__(self) -> str:
        return f"{self.segment_id}/{self.stretch_id}"


class ShiftQuerySet(models.QuerySet["Shift"]):
    def within(self, scope: Scope) -> Self:
        """Shifts in the cities in which the caller works: who goes when is no secret there."""
        return self.filter(team__city_id__in=scope.ground)


class Shift(models.Model):
    """One outing of a team."""

    class State(models.TextChoices):
        SCHEDULED = "scheduled", "已排班"
        READY = "ready", "已就绪"
        ACTIVE = "active", "进行中"
        DONE = "done", "已结束"
        CANCELLED = "cancelled", "已取消"

    team = models.ForeignKey(Team, models.CASCADE, related_name="shifts")
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    meeting = models.CharField(max_length=80, blank=True)  # where one meets
    wanted = models.PositiveSmallIntegerField(default=2)  # hands needed
    state = models.CharField(max_length=9, choices=State, default=State.SCHEDULED)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=200, blank=True)  # it was cancelled
    client_id = models.UUIDField(null=True, blank=True, unique=True)
    segments = models.ManyToManyField(Segment, through="ShiftSegment", related_name="shifts")

    objects = ShiftQuerySet.as_manager()

    class Meta:
        ordering = ["starts", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__gt=F("starts")) & Q(ends__lte=F("starts") + LONGEST),
                name="shift_lasts",
            ),
            models.CheckConstraint(condition=Q(wanted__gte=1, wanted__lte=99), name="shift_wanted"),
            models.CheckConstraint(
                condition=Q(state__in=["scheduled", "ready"], started_at=None, ended_at=None)
                | Q(state="active", started_at__isnull=False, ended_at=None)
                | Q(state="done", started_at__isnull=False, ended_at__gte=F("started_at"))
                | (Q(state="cancelled", started_at=None, ended_at=None) & ~Q(why="")),
                name="shift_state",
            ),
        ]
        indexes = [models.Index(fields=["team", "starts"], name="shift_of_team")]

    def __str__(self) -> str:
        return f"{self.team_id} {self.starts:%F %R}"

    @property
    def began_late(self) -> bool:
        """Return whether it was begun late."""
        return self.started_at is not None and self.started_at > self.starts + LATE


# The one table of transitions: what is done, from which states it leads, and to which.
# "late" is no state of its own in the table: it is what a shift is that nobody began in time.
LATE_START = "late"
MOVES: dict[str, tuple[frozenset[str], str]] = {
    "ready": (frozenset({"scheduled"}), "ready"),
    "start": (frozenset({"scheduled", "ready", LATE_START}), "active"),
    "finish": (frozenset({"active"}), "done"),
    "cancel": (frozenset({"scheduled", "ready", LATE_START}), "cancelled"),
}


def state_at(shift: Shift, now: datetime) -> str:
    """Return the state, ``late`` for a shift that nobody has begun in time."""
    waits = shift.state in {Shift.State.SCHEDULED, Shift.State.READY}
    return LATE_START if waits and now > shift.starts + LATE else str(shift.state)


def moves_from(state: str) -> tuple[str, ...]:
    """Return what can be done with a shift in a state."""
    return tuple(verb for verb, (sources, _) in MOVES.items() if state in sources)


class ShiftSegment(models.Model):
    """What a shift walks."""

    shift = models.ForeignKey(Shift, models.CASCADE, related_name="walks")
    segment = models.ForeignKey(Segment, models.CASCADE, related_name="walked")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shift", "segment"], name="shiftsegment_once")
        ]

    def __str__(self) -> str:
        return f"{self.shift_id}/{self.segment_id}"


class SignUpQuerySet(models.QuerySet["SignUp"]):
    def within(self, scope: Scope) -> Self:
        """The caller's own only; of others a shift tells how many there are."""
        return self.filter(user_id=scope.user_id)


class SignUp(models.Model):
    """Somebody will come along. Taken back, the row is gone."""

    shift = models.ForeignKey(Shift, models.CASCADE, related_name="sign_ups")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField()

    objects = SignUpQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shift", "user"], name="signup_once")]

    def __str__(self) -> str:
        return f"{self.shift_id}"
