"""Who did what, where: one row per change, written last in the action's transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Self

from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry
from django.core.signing import BadSignature, Signer
from django.db import connection, models
from django.db.models.functions import Cast

from gridmap.layers.scope import Scope

# One number for the whole system: ids of entries become commit order, so that a reader who
# remembers the last id never loses a slower transaction (house.md, rule 9).
ORDER_LOCK = 74_201


SIGNER = Signer(salt="gridmap.journal")
# The number of the transaction that writes the row: it joins a deed to the rows it changed.
TRANSACTION = Cast(
    Cast(
        models.Func(function="pg_current_xact_id", output_field=models.TextField()),
        models.TextField(),
    ),
    models.BigIntegerField(),
)


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
    tx = models.BigIntegerField(db_default=TRANSACTION, editable=False)
    # SHA-256 of this row and of the seal before it, set by the database: a chain.
    seal = models.CharField(max_length=64, default="", editable=False)

    objects = EntryQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject_id"], name="entry_subject"),
            models.Index(fields=["tx"], name="entry_tx"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%F %T} {self.verb} {self.subject_kind} {self.subject_id}"


class JournalSeal(models.Model):
    """The last seal of one day, signed with the key of the site: kept apart from the database.

    Whoever owns the database could write every seal anew. These he cannot: he has not the key.
    """

    day = models.DateField(unique=True)
    last_entry = models.BigIntegerField()  # a number, not a key: it must outlive what it tells of
    entries = models.IntegerField()  # how many there were up to then
    seal = models.CharField(max_length=64)
    signature = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.day:%F} {self.last_entry} {self.seal[:12]}"

    @property
    def told(self) -> str:
        """What is signed."""
        return f"{self.day:%F} {self.last_entry} {self.entries} {self.seal}"

    @classmethod
    def upto(cls, day: date) -> Self | None:
        """Return the seal of everything told up to the end of ``day``, signed and not yet saved."""
        last = Entry.objects.filter(at__date__lte=day).order_by("-pk").first()
        if last is None:
            return None
        entries = Entry.objects.filter(pk__lte=last.pk).count()
        made = cls(day=day, last_entry=last.pk, entries=entries, seal=last.seal)
        made.signature = SIGNER.signature(made.told)
        return made

    def faults(self) -> Iterator[str]:
        """Yield what is not as it was when this was signed."""
        try:
            SIGNER.unsign(f"{self.told}{SIGNER.sep}{self.signature}")
        except BadSignature:
            yield f"{self.day:%F}: not signed with the key of this site"
        seals = Entry.objects.filter(pk=self.last_entry).values_list("seal", flat=True)
        if list(seals) != [self.seal]:
            yield f"{self.day:%F}: entry {self.last_entry} is not the one that was sealed"
        if (entries := Entry.objects.filter(pk__lte=self.last_entry).count()) != self.entries:
            yield f"{self.day:%F}: {entries} entries of {self.entries}"


def faults() -> list[str]:
    """Return what shows that somebody changed the journal; nothing, when nobody did."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT gridmap_broken_entry(0)")
        (broken,) = cursor.fetchone() or (None,)
    found = [] if broken is None else [f"entry {broken} is not as it was written"]
    for seal in JournalSeal.objects.order_by("day"):
        found += seal.faults()
    return found


def values_of(row: models.Model) -> dict[str, object]:
    """Return a row as an entry keeps it: plain values by column; of a shape its extent."""
    found: dict[str, object] = {}
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if isinstance(value, GEOSGeometry):
            value = [round(number, 6) for number in value.extent]
        elif not isinstance(value, str | int | float | bool | None):
            value = str(value)
        found[field.attname] = value
    return found


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
