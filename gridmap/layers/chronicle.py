"""What happened, within a scope: the journal as a reader asks for it, and one object's own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import F, Func, Q, QuerySet, TextField, Value

from gridmap.layers.history import DIRECT, KEPT
from gridmap.layers.journal import Entry
from gridmap.layers.people import ChiefTerm
from gridmap.layers.rights import AUDITOR, OPERATOR, RIGHTS
from gridmap.layers.scope import Area, Scope, Spot
from gridmap.layers.telling import Line, lines, model_of, name_of, rows_of
from gridmap.layers.words_of_history import PERSONAL

MOST_VERSIONS = 100
KEPT_KINDS = {table._meta.model_name or "": table for table in KEPT}


@dataclass(frozen=True)
class Wanted:
    """What a reader looks for; everything empty means everything."""

    verb: str = ""
    kind: str = ""
    subject: int | None = None
    community: int | None = None
    actor: str = ""
    words: str = ""
    since: datetime | None = None
    until: datetime | None = None


def area_of(scope: Scope) -> Area:
    """Return the area whose history the caller may read."""
    whole = Area()
    for post in scope.posts:
        if post.role in RIGHTS["see_history"] or post.role == OPERATOR:
            whole |= post.area
    return whole


def masked(scope: Scope) -> bool:
    """Return whether what names or reaches a resident is hidden from the caller."""
    return not scope.roles & (RIGHTS["see_contacts"] | {OPERATOR})


def entries(scope: Scope) -> QuerySet[Entry]:
    """Return the journal that the caller may read, newest first."""
    area = area_of(scope)
    mine = Q(city_id__in=area.cities) | Q(community_id__in=area.communities)
    if any(post.role == AUDITOR and post.area.cities for post in scope.posts):
        mine |= Q(city_id=None)  # sign-ins, seals: of no city
    return Entry.objects.filter(mine).select_related("actor").order_by("-pk")


def _sought(column: str, *, hide: bool) -> Func:
    """Return the values of an entry as text, without those that are hidden from the reader."""
    left_out = [name + tail for name in sorted(PERSONAL) for tail in ("", "_id")] if hide else []
    return Func(
        F(column),
        Value(left_out, output_field=ArrayField(TextField())),
        template="(%(expressions)s)::text",
        arg_joiner=" - ",
        output_field=TextField(),
    )


def wanted(rows: QuerySet[Entry], what: Wanted, *, hide: bool) -> QuerySet[Entry]:
    """Return the entries that a reader looks for.

    Args:
        rows: from `entries`.
        what: is looked for.
        hide: whether what names or reaches a resident is hidden: then it is not found either.
    """
    equal = {"verb": what.verb, "actor__username": what.actor, "community_id": what.community}
    rows = rows.filter(**{name: value for name, value in equal.items() if value})
    if what.since:
        rows = rows.filter(at__gte=what.since)
    if what.until:
        rows = rows.filter(at__lt=what.until)
    if what.words:
        rows = rows.alias(old=_sought("before", hide=hide), new=_sought("after", hide=hide))
        found = Q(why__icontains=what.words)
        rows = rows.filter(found | Q(old__icontains=what.words) | Q(new__icontains=what.words))
    if what.subject is None:
        return rows.filter(subject_kind=what.kind) if what.kind else rows
    return rows.filter(_about(what.kind, what.subject))


def _about(kind: str, pk: int) -> Q:
    """Return the condition of entries about one object and what hangs on it."""
    own = Q(subject_kind=kind, subject_id=pk)
    if kind in {"street", "lane", "building"}:
        terms = ChiefTerm.objects.filter(**{f"{kind}_id": pk}).values("pk")
        own |= Q(subject_kind="chiefterm", subject_id__in=terms)
    if kind == "cell":
        own |= Q(cell_id=pk)
    if kind == "community":
        own |= Q(community_id=pk)
    for below in ("membership", "teamarea") if kind == "team" else ():
        rows = apps.get_model("layers", below)._default_manager.filter(team_id=pk).values("pk")
        own |= Q(subject_kind=below, subject_id__in=rows)
    return own


@dataclass(frozen=True)
class Page:
    """Lines, newest first, and from where the next page goes on; None: there is none."""

    lines: list[Line]
    before: int | None


def page(
    scope: Scope, what: Wanted, *, size: int, before: int | None = None, mine: bool = False
) -> Page:
    """Return one page of what the caller looks for.

    Args:
        scope: the caller's.
        what: is looked for.
        size: lines a page.
        before: only entries older than this one.
        mine: everything the caller's own account did, and nothing else.
    """
    hide = masked(scope)
    rows = entries(scope)
    if mine:
        rows = Entry.objects.filter(actor_id=scope.user_id or 0).select_related("actor")
    rows = wanted(rows, what, hide=hide).order_by("-pk")
    told = list((rows if before is None else rows.filter(pk__lt=before))[: size + 1])
    following = told[size - 1].pk if len(told) > size else None
    told = told[:size]
    if what.subject is not None and before is None and not mine and _plain(what):
        told = sorted(
            [*told, *versions(scope, what.kind, what.subject)], key=lambda e: e.at, reverse=True
        )
    return Page(lines(told, hide=hide), following)


def _plain(what: Wanted) -> bool:
    """Return whether an object's whole history is wanted, not a part of it."""
    return what == Wanted(kind=what.kind, subject=what.subject)


def latest(scope: Scope, kind: str, pk: int, *, most: int = 3) -> list[Line]:
    """Return the last changes of one object, for its page; none to whoever may read no history."""
    if not may_read(scope):
        return []
    return page(scope, Wanted(kind=kind, subject=pk), size=most).lines[:most]


def may_read(scope: Scope) -> bool:
    """Return whether the caller may read the history of others anywhere."""
    return area_of(scope) != Area()


def title(scope: Scope, what: Wanted) -> str:
    """Return the name of the object whose history is read, if something of it may be seen."""
    told = entries(scope).filter(_about(what.kind, what.subject or 0)).exists()
    model = model_of(what.kind)
    if model is None or not (told or versions(scope, what.kind, what.subject or 0)):
        return ""
    row = rows_of(model).filter(pk=what.subject).first()
    return name_of(row) if row else ""


def versions(scope: Scope, kind: str, pk: int) -> list[Entry]:
    """Return what loads and sweeping deeds changed in one row, as entries that were never saved.

    They have no entry of their own; the one of the deed tells who and when.
    """
    table = KEPT_KINDS.get(kind)
    if table is None:
        return []
    name = f"layers_{kind}snapshot"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT deed.id, v.now, v.before, v.label,"  # noqa: S608 - a table's name
            " gridmap_where(%(kind)s, %(pk)s, v.now) FROM ("
            " SELECT x.pgh_id, x.tx, x.pgh_created_at AS at, x.pgh_label AS label,"
            " gridmap_version(to_jsonb(x)) AS now,"
            " lag(gridmap_version(to_jsonb(x))) OVER (ORDER BY x.pgh_id) AS before"
            f" FROM {name} AS x WHERE x.pgh_obj_id = %(pk)s) AS v"
            " INNER JOIN LATERAL ("
            " SELECT max(e.id) AS id,"
            " bool_or(e.subject_kind = %(kind)s"
            " AND e.subject_id IS NOT DISTINCT FROM %(pk)s) AS told"
            " FROM layers_entry AS e WHERE e.tx = v.tx AND e.verb <> %(direct)s"
            " AND abs(extract(epoch FROM e.at - v.at)) < 86400"
            ") AS deed ON deed.id IS NOT NULL AND NOT deed.told"
            " ORDER BY v.pgh_id DESC LIMIT %(most)s",
            {"kind": kind, "pk": pk, "direct": DIRECT, "most": MOST_VERSIONS},
        )
        found = cursor.fetchall()
    deeds = Entry.objects.filter(pk__in=[row[0] for row in found]).select_related("actor")
    told = {deed.pk: deed for deed in deeds}
    area = area_of(scope)
    made = []
    for entry, now, before, label, place in found:
        if place[0] is None or not area.holds(Spot(*place)):
            continue
        made.append(_as_entry(told[entry], kind, pk, (_json(before), _json(now), label)))
    return made


def _json(value: str | None) -> dict[str, Any]:
    """Return what a bare cursor of Django gives as text."""
    found: dict[str, Any] = json.loads(value) if value else {}
    return found


def _as_entry(
    deed: Entry, kind: str, pk: int, version: tuple[dict[str, Any], dict[str, Any], str]
) -> Entry:
    before, now, label = version
    return Entry(
        at=deed.at,
        actor=deed.actor,
        verb=deed.verb,
        subject_kind=kind,
        subject_id=pk,
        community_id=deed.community_id,
        why=deed.why,
        before={k: v for k, v in before.items() if label == "update" and now.get(k) != v},
        after={"operation": label}
        | {k: v for k, v in now.items() if label != "delete" and before.get(k) != v},
    )
