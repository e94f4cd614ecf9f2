"""Who did what, where: one row per change, written last in the action's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from django.conf import settings
from django.db import connection, models

from gridmap.layers.scope import Scope

# One number for the whole system: ids of entries become commit order, so that a reader who
# remembers the last id never loses a slower transaction (house.md, rule 9).
ORDER_LOCK = 74_201


class EntryQuerySet(models.QuerySet["Entry"]):
    def within(self, scope: Scope) -> Self:
        """Entries about what is the caller's business."""
        mine = models.Q(city_id__in=scope.cities) | models.Q(community_id__in=scope.communities)
        return self.filter(mine)

    def after(self, cursor: int) -> Self:
        """Entries written after the one numbered ``cursor``, oldest first."""
        return self.filter(pk__gt=cursor).order_by("pk")


class Entry(models.Model):
    """One change: never edited, never deleted (the database refuses both)."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True)
    verb = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.BigIntegerField(null=True, blank=True)
    # Plain numbers, not foreign keys: the journal outlives what it tells of.
    city_id = models.BigIntegerField(null=True, blank=True)
    community_id = models.BigIntegerField(null=True, blank=True)
    cell_id = models.BigIntegerField(null=True, blank=True)
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)
    why = models.TextField(blank=True)  # the reason given, in the words of whoever gave it

    objects = EntryQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["subject_kind", "subject_id"], name="entry_subject")]

    def __str__(self) -> str:
        return f"{self.at:%F %T} {self.verb} {self.subject_kind} {self.subject_id}"


def record(
    *,
    by: Scope,
    verb: str,
    subject: models.Model,
    where: tuple[int | None, int | None, int | None] = (None, None, None),
    change: tuple[Mapping[str, object], Mapping[str, object]] = ({}, {}),
    why: str = "",
) -> Entry:
    """Write the entry of the change that was just made; call it last.

    Args:
        by: who did it.
        verb: one word, named in docs/api.md.
        subject: the row changed.
        where: ids of city, community and cell, as far as known.
        change: the values before and after (JSON types).
        why: the reason given, where one was asked for.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ORDER_LOCK])
    city_id, community_id, cell_id = where
    return Entry.objects.create(
        actor_id=by.user_id,
        verb=verb,
        subject_kind=subject._meta.model_name or "",
        subject_id=subject.pk,
        city_id=city_id,
        community_id=community_id,
        cell_id=cell_id,
        before=dict(change[0]),
        after=dict(change[1]),
        why=why,
    )
