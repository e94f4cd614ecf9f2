"""Notices: what happened to things that concern a user, and which of it they want to hear.

What is to be told comes into the outbox by triggers, in the transaction of what happened
(layers/sql/0064). `gridmap.layers.spreading` takes it out and writes one notice for each user whom
it concerns (`gridmap.layers.hearers`). That a notice was read is known to its reader alone: the
journal does not tell it, for nobody is measured.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self, cast

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_noop

from gridmap.layers.assessments import Contest
from gridmap.layers.incidents import Incident
from gridmap.layers.people import ChiefTerm
from gridmap.layers.plans import Plan
from gridmap.layers.publications import Publication
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City
from gridmap.layers.words_of_history import VERBS


class Kind(models.TextChoices):
    """Sorts of notices, as users choose among them."""

    NEW = "new", "新上报"
    TASK = "task", "交给我们办的"
    ASKED = "asked", "等批复的申请"
    DECIDED = "decided", "申请的批复"
    PRESSED = "pressed", "督办与答复"
    DUE = "due", "临期与超期"
    RESULT = "result", "反馈、核查与结案"
    DISPUTE = "dispute", "确权与异议"
    PLAN = "plan", "规划方案"
    OFFICE = "office", "任职与代理"


# What happens without anybody's deed.
HAPPENED = {
    "soon": gettext_noop("临期"),
    "late": gettext_noop("超期"),
    "step_soon": gettext_noop("本环节临期"),
    "step_late": gettext_noop("本环节超期"),
    "joint_task": gettext_noop("联合会勘"),
}


def word_of(verb: str) -> str:
    """Return what happened in a word (a msgid)."""
    return HAPPENED.get(verb) or VERBS[verb]


class OutboxQuerySet(models.QuerySet["Outbox"]):
    def within(self, scope: Scope) -> Self:
        """What is about things of the cities whose channels the caller minds."""
        return self.of_cities(scope.cities_where("carry"))

    def of_cities(self, cities: Iterable[int]) -> Self:
        """What is about things of these cities; one that is gone belongs to none."""
        chosen, found = sorted(cities), Q(pk__in=())
        for kind, (things, city) in ABOUT.items():
            rows = things.filter(pk=OuterRef("subject_id"), **{f"{city}__in": chosen})
            found |= Q(Exists(rows), subject_kind=kind)
        return self.filter(found)

    def stuck(self) -> Self:
        """Those that could not be told, and wait for a person."""
        return self.filter(stuck=True)


class Outbox(models.Model):
    """Something that nobody has been told of yet; written by triggers only."""

    key = models.CharField(max_length=80, unique=True)
    verb = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    entry = models.BigIntegerField(null=True, blank=True)  # number in the journal, if it is a deed
    at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    stuck = models.BooleanField(default=False)  # could not be told, and waits for a person
    # The sort of fault, no word of what it was about.
    trouble = models.CharField(max_length=80, db_default="", default="", blank=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["id"], name="outbox_waiting", condition=Q(stuck=False))]

    def __str__(self) -> str:
        return f"{self.key} {self.verb}"


# What a row may be about, by its kind, and where that names its city.
ABOUT: dict[str, tuple[models.QuerySet[Any], str]] = {
    "incident": (Incident.objects.all(), "city_id"),
    "contest": (Contest.objects.all(), "incident__city_id"),
    "plan": (Plan.objects.all(), "community__subdistrict__city_id"),
    "publication": (Publication.objects.all(), "community__subdistrict__city_id"),
    "chiefterm": (ChiefTerm.objects.all(), "person__city_id"),
}


class NoticeQuerySet(models.QuerySet["Notice"]):
    def within(self, scope: Scope) -> Self:
        """The caller's own, about what is still the caller's business or the caller's own report.

        Whose posting has ended is not reminded of what it let them see.
        """
        if scope.user_id is None:
            return self.none()
        seen = Q(incident__in=Incident.objects.within(scope))
        seen |= Q(incident__reporter_id=scope.user_id)
        seen |= Q(plan__in=Plan.objects.within(scope))
        seen |= Q(publication__isnull=False, city__in=scope.ground)
        seen |= Q(term__isnull=False, city__in=scope.ground)
        return self.filter(seen, user_id=scope.user_id)

    def unread(self) -> Self:
        """Those not yet read."""
        return self.filter(read_at__isnull=True)


class Notice(models.Model):
    """One thing that happened, told to one user."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    city = models.ForeignKey(City, models.CASCADE, related_name="notices")
    key = models.CharField(max_length=80)  # that of the outbox
    kind = models.CharField(max_length=8, choices=Kind)
    verb = models.CharField(max_length=40)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    incident = models.ForeignKey(
        Incident, models.CASCADE, null=True, blank=True, related_name="notices"
    )
    plan = models.ForeignKey(Plan, models.CASCADE, null=True, blank=True, related_name="notices")
    publication = models.ForeignKey(
        Publication, models.CASCADE, null=True, blank=True, related_name="notices"
    )
    term = models.ForeignKey(
        ChiefTerm, models.CASCADE, null=True, blank=True, related_name="notices"
    )

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="notice_once"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="notice_kind"),
            models.CheckConstraint(
                condition=Q(incident__isnull=False, plan=None, publication=None, term=None)
                | Q(incident=None, plan__isnull=False, publication=None, term=None)
                | Q(incident=None, plan=None, publication__isnull=False, term=None)
                | Q(incident=None, plan=None, publication=None, term__isnull=False),
                name="notice_about_one_thing",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-at"], name="notice_newest"),
            models.Index(
                fields=["user"], name="notice_unread", condition=Q(read_at__isnull=True)
            ),
            models.Index(fields=["at"], name="notice_old"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.user_id} {self.verb} {self.key}"

    @property
    def about(self) -> Incident | Plan | Publication | ChiefTerm:
        """The one thing it is about."""
        found = self.incident or self.plan or self.publication or self.term
        return cast("Incident | Plan | Publication | ChiefTerm", found)


class NoticeWish(models.Model):
    """How one user wants to hear of one sort; who said nothing finds it in the inbox, unmailed."""

    class Mail(models.TextChoices):
        NEVER = "never", "不发"
        ONCE = "once", "随时发"
        DAILY = "daily", "每天一封"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notice_wishes")
    kind = models.CharField(max_length=8, choices=Kind)
    wanted = models.BooleanField(default=True)
    mail = models.CharField(max_length=5, choices=Mail, default=Mail.NEVER)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], name="noticewish_once"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="noticewish_kind"),
            models.CheckConstraint(
                condition=Q(mail="never") | Q(wanted=True, mail__in=["once", "daily"]),
                name="noticewish_mail",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind} {self.wanted} {self.mail}"


def unread(scope: Scope) -> int:
    """Return how many of the caller's notices are not read yet: as many as the inbox would show."""
    return Notice.objects.within(scope).unread().count()


def mark_read(scope: Scope, notices: list[int], *, read: bool = True) -> int:
    """Keep which of the caller's notices are read; return how many changed.

    Only those named: what has come in since the page was made stays unread.
    """
    rows = Notice.objects.within(scope).filter(pk__in=notices, read_at__isnull=read)
    # The rows of another's scope never come in; a join cannot be updated, so by number.
    return Notice.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).update(
        read_at=timezone.now() if read else None
    )


def wishes_of(user: int | None) -> dict[str, NoticeWish]:
    """Return what a user said, by sort."""
    return {row.kind: row for row in NoticeWish.objects.filter(user_id=user or 0)}
