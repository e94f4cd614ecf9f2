"""Work that takes longer than an answer may: what was asked, how far it is, what came of it.

The queue itself is procrastinate's; these rows are what people see of it.
"""

from __future__ import annotations

from typing import Self
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q

from gridmap.layers.plans import Plan, mine
from gridmap.layers.scope import Scope
from gridmap.layers.territory import Community


class JobQuerySet(models.QuerySet["Job"]):
    def within(self, scope: Scope) -> Self:
        """Jobs about plans that the caller may read, and about communities where they may."""
        return self.filter(mine(scope, "plan__community") | mine(scope, "community"))


class Job(models.Model):
    """One piece of work about a plan, or towards one in a community, done by the worker."""

    class State(models.TextChoices):
        WAITING = "waiting", "排队"
        RUNNING = "running", "进行中"
        DONE = "done", "完成"
        FAILED = "failed", "失败"
        CANCELLED = "cancelled", "已取消"

    uid = models.UUIDField(default=uuid4, unique=True)  # also the id of the operation it makes
    plan = models.ForeignKey(Plan, models.CASCADE, null=True, blank=True, related_name="jobs")
    community = models.ForeignKey(
        Community, models.CASCADE, null=True, blank=True, related_name="jobs"
    )  # whose units are worked out, for a draft that does not exist yet
    asked = models.JSONField(default=dict)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    base_seq = models.PositiveIntegerField()  # the state it starts from
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    done = models.FloatField(default=0)  # from 0 to 1
    step = models.JSONField(default=dict)  # cells, how many in the band, how many near the target
    cancel = models.BooleanField(default=False)  # somebody does not want it any more
    result = models.JSONField(default=dict)
    made_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running", "done", "failed", "cancelled"]),
                name="job_state",
            ),
            models.CheckConstraint(
                condition=Q(plan__isnull=False, community__isnull=True)
                | Q(plan__isnull=True, community__isnull=False),
                name="job_about_one_thing",
            ),
            models.CheckConstraint(condition=Q(done__gte=0, done__lte=1), name="job_done_share"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running"], ended_at__isnull=True)
                | Q(state__in=["done", "failed", "cancelled"], ended_at__isnull=False),
                name="job_ended_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id or self.community_id} {self.state}"

    @property
    def place(self) -> Community:
        """The community it is about."""
        about = self.community if self.plan is None else self.plan.community
        if about is None:
            raise ValueError("a job is about a plan or a community: the database holds it")
        return about
