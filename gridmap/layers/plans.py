"""Drafts of a new division into cells: their operations, their state, and who works on what.

A plan says which unit belongs to which cell, nothing else; no shape of a cell is ever stored before
it is published. Every change is an operation that is only ever added. Cells of a plan are numbered
from 1 inside it (``no``); 0 means that a unit belongs to none.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Self

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import Count, F, OuterRef, Q, Subquery

from gridmap.layers.fabrics import Fabric
from gridmap.layers.rights import LEADER, OPERATOR, PLANNER
from gridmap.layers.scope import Area, Scope
from gridmap.layers.shapes import SRID, sound
from gridmap.layers.territory import Cell, CellEdition, Community

READERS = frozenset({PLANNER, LEADER, OPERATOR})  # of what is not yet in force
NUMBERS = 32_000  # greatest number of a cell in a plan


class Status(models.TextChoices):
    """How far a plan has come; what is in force follows from the publications."""

    DRAFT = "draft", "草案"
    IN_REVIEW = "in_review", "送审"
    APPROVED = "approved", "已批准"
    PUBLISHED = "published", "已发布"
    DROPPED = "dropped", "已放弃"


NEXT: dict[str, frozenset[str]] = {
    Status.DRAFT: frozenset({Status.IN_REVIEW, Status.DROPPED}),
    Status.IN_REVIEW: frozenset({Status.APPROVED, Status.DRAFT}),
    Status.APPROVED: frozenset({Status.PUBLISHED, Status.DRAFT}),
    Status.PUBLISHED: frozenset({Status.APPROVED}),
    Status.DROPPED: frozenset({Status.DRAFT}),
}


def mine(scope: Scope, community: str) -> Q:
    """Return which rows hang on a community whose plans the caller may read.

    Args:
        scope: who reads.
        community: path from the row to its community.
    """
    area = reduce(or_, (post.area for post in scope.posts if post.role in READERS), Area())
    return Q(**{f"{community}__subdistrict__city_id__in": area.cities}) | Q(
        **{f"{community}_id__in": area.communities}
    )


class PlanQuerySet(models.QuerySet["Plan"]):
    def within(self, scope: Scope) -> Self:
        """Plans that are the business of a planner or leader of the area."""
        return self.filter(mine(scope, "community"))

    def touched(self) -> Self:
        """Newest first, with when somebody last worked on each and how many remarks are open."""
        last = PlanOp.objects.filter(plan=OuterRef("pk")).order_by("-seq").values("at")[:1]
        open_ = Count("comments", filter=Q(comments__settled_by=None, comments__answers=None))
        return self.annotate(touched=Subquery(last), said=open_).order_by("-opened_at", "-pk")


class Plan(models.Model):
    """A draft of how one community is divided into cells."""

    community = models.ForeignKey(Community, models.PROTECT, related_name="plans")
    fabric = models.ForeignKey(Fabric, models.PROTECT, related_name="plans")
    title = models.CharField(max_length=120)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    head_seq = models.PositiveIntegerField(default=0)  # number of the newest operation
    # A fork is a pointer: its state before its own first operation is its parent's at that number.
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="forks")
    parent_seq = models.PositiveIntegerField(null=True, blank=True)
    lowest = models.PositiveIntegerField(default=300)  # households a cell should have at least
    highest = models.PositiveIntegerField(default=500)
    opened_at = models.DateTimeField(auto_now_add=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    review = models.CharField(max_length=400, blank=True)  # what was said at approval or return
    wanted_from = models.DateField(null=True, blank=True)  # the day its planners propose
    # The draft on an older fabric that this one goes on from, and how its units were found again.
    carried_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="carried_to"
    )
    match = models.JSONField(default=dict, blank=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="plan_status"),
            models.CheckConstraint(condition=~Q(title=""), name="plan_has_title"),
            models.CheckConstraint(
                condition=Q(lowest__gt=0, highest__gt=F("lowest")), name="plan_band"
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True, parent_seq__isnull=True)
                | Q(parent__isnull=False, parent_seq__isnull=False),
                name="plan_fork_has_seq",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["in_review", "approved", "published"])
                | Q(submitted_by__isnull=False),
                name="plan_submitted_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "published"])
                | Q(reviewed_by__isnull=False) & ~Q(reviewed_by=F("submitted_by")),
                name="plan_approved_by_a_second_person",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class PlanHead(models.Model):
    """The state of a plan after its newest operation."""

    plan = models.OneToOneField(Plan, models.CASCADE, primary_key=True, related_name="head")
    labels = models.BinaryField()  # int16 a unit, little endian, zlib
    pins = ArrayField(models.IntegerField(), default=list)  # places of units that must stay
    last_no = models.PositiveSmallIntegerField()  # greatest number ever given to a cell

    def __str__(self) -> str:
        return str(self.plan_id)


class PlanCell(models.Model):
    """A cell of a plan: one that exists and goes on, or one to come."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="cells")
    no = models.PositiveSmallIntegerField()
    cell = models.ForeignKey(
        Cell, models.PROTECT, null=True, blank=True, related_name="plan_cells"
    )  # null: made by this plan
    uid = models.UUIDField()  # the identity it has or will get
    code = models.CharField(max_length=15, blank=True)  # blank: given by renumbering or publication
    name = models.CharField(max_length=80, blank=True)
    kind = models.CharField(max_length=8, choices=CellEdition.Kind, default=CellEdition.Kind.BASIC)
    use = models.CharField(max_length=20, blank=True)
    locked = models.BooleanField(default=False)
    reason = models.CharField(max_length=400, blank=True)  # why it may lie outside the band
    made_by = models.UUIDField(null=True, blank=True)  # the client's id of the operation

    class Meta:
        ordering = ["plan", "no"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "no"], name="plancell_no_once"),
            models.UniqueConstraint(fields=["plan", "uid"], name="plancell_uid_once"),
            models.UniqueConstraint(
                fields=["plan", "code"], condition=~Q(code=""), name="plancell_code_once"
            ),
            models.CheckConstraint(
                condition=Q(no__gte=1, no__lte=NUMBERS), name="plancell_no_range"
            ),
            models.CheckConstraint(
                condition=Q(code="") | Q(code__regex=r"^\d{15}$") & ~Q(code__endswith="000"),
                name="plancell_code_form",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["basic", "special"]), name="plancell_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id}/{self.no}"


class PlanOp(models.Model):
    """One operation of one author: never changed but for the mark that it was undone."""

    class Kind(models.TextChoices):
        PAINT = "paint", "刷块"
        SPLIT = "split", "新网格"
        MERGE = "merge", "合并"
        PROPOSE = "propose", "生成建议"
        RENUMBER = "renumber", "编号"
        EDIT = "edit", "改网格"  # name, kind, use, lock, reason
        PIN = "pin", "固定"
        IMPORT = "import", "导入"
        RESTORE = "restore", "回到某步"
        UNDO = "undo", "撤销"
        REDO = "redo", "重做"

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="ops")
    seq = models.PositiveIntegerField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)
    kind = models.CharField(max_length=8, choices=Kind)
    client_id = models.UUIDField()  # makes a retry harmless
    asked = models.CharField(max_length=64)  # digest of what was asked under this client_id
    units = ArrayField(models.IntegerField(), default=list)  # places of the units changed
    old = ArrayField(models.SmallIntegerField(), default=list)
    new = ArrayField(models.SmallIntegerField(), default=list)
    cells = models.JSONField(default=list)  # [{no, before: {…} or null, after: {…} or null}]
    pins = models.JSONField(default=list)  # [[place, pinned before, pinned after]]
    conflicts = models.JSONField(default=list)  # what of it was not done, and why
    of = models.PositiveIntegerField(null=True, blank=True)  # the operation undone or done again
    undone_at = models.PositiveIntegerField(null=True, blank=True)  # seq of the undo

    class Meta:
        ordering = ["plan", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "seq"], name="planop_seq_once"),
            models.UniqueConstraint(fields=["plan", "client_id"], name="planop_client_once"),
            models.CheckConstraint(condition=Q(seq__gte=1), name="planop_seq_from_1"),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "paint",
                        "split",
                        "merge",
                        "propose",
                        "renumber",
                        "edit",
                        "pin",
                        "import",
                        "restore",
                        "undo",
                        "redo",
                    ]
                ),
                name="planop_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["undo", "redo"], of__isnull=False)
                | ~Q(kind__in=["undo", "redo"]) & Q(of__isnull=True),
                name="planop_of",
            ),
        ]
        indexes = [
            models.Index(fields=["plan", "author", "-seq"], name="planop_own_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id}@{self.seq} {self.kind}"


class PlanSnapshot(models.Model):
    """The whole state of a plan after one operation, kept every 200 and at the start."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="snapshots")
    seq = models.PositiveIntegerField()
    labels = models.BinaryField()  # as in `PlanHead`
    cells = models.JSONField(default=list)
    pins = ArrayField(models.IntegerField(), default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "seq"], name="plansnapshot_once")]

    def __str__(self) -> str:
        return f"{self.plan_id}@{self.seq}"


class Reservation(models.Model):
    """A cell of a plan that one planner keeps to himself for a while."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="reservations")
    no = models.PositiveSmallIntegerField()
    holder = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    until = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "no"], name="reservation_one_holder")
        ]

    def __str__(self) -> str:
        return f"{self.plan_id}/{self.no}"


class Comment(models.Model):
    """A remark on a plan, pinned to a place, a cell or a unit."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="comments")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)
    seq = models.PositiveIntegerField()  # the state it speaks of
    text = models.CharField(max_length=2000)
    place = models.PointField(srid=SRID, null=True, blank=True)
    no = models.PositiveSmallIntegerField(null=True, blank=True)
    unit = models.CharField(max_length=40, blank=True)
    answers = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="replies"
    )
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["plan", "at"]
        constraints = [
            *sound("comment", "place"),
            models.CheckConstraint(condition=~Q(text=""), name="comment_has_text"),
        ]

    def __str__(self) -> str:
        return self.text[:40]
