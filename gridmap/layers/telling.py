"""Entries of the journal in words: names instead of numbers, words instead of fields."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from gridmap.layers.catalogue import Unit
from gridmap.layers.evaluation import RATES
from gridmap.layers.history import DIRECT
from gridmap.layers.journal import Entry
from gridmap.layers.people import ChiefTerm, Department
from gridmap.layers.postings import Posting, Role
from gridmap.layers.rulings import Ruling
from gridmap.layers.territory import Cell
from gridmap.layers.words_of_history import (
    FIELDS,
    FINDINGS,
    KINDS,
    OPERATIONS,
    PERSONAL,
    SHAPES,
    UNSAID,
    VERBS,
    deed_word,
)

HIDDEN = "•••"
# Tables to which values lead that are no field of their object.
LED_TO: dict[str, type[Model]] = {"proposed": Department, "ruling": Ruling}
RANGE = re.compile(r'^[\[(]"?([^",]*)"?,"?([^",]*)"?[\])]$')


@dataclass(frozen=True)
class Change:
    """One field before and after, in words."""

    field: str
    name: str
    before: str
    after: str


@dataclass
class Line:
    """One change as it is read.

    Attributes:
        id: of the journal entry; None for a version of a row that a load or a sweeping deed made.
        who: account and post at that time; empty when the database was changed without a deed.
        title: the name of the object, as far as it still has one.
    """

    id: int | None
    at: datetime
    verb: str
    verb_name: str
    kind: str
    kind_name: str
    subject: int | None
    title: str
    community: int | None
    cell: int | None
    who: str
    why: str
    changes: list[Change] = field(default_factory=list)

    @property
    def direct(self) -> bool:
        """Whether it was changed in the database, past every deed."""
        return self.verb == DIRECT


class Names:
    """Names of what a page of entries speaks of: one query a kind."""

    def __init__(self, told: Iterable[Entry]) -> None:
        wanted: dict[type[Model], set[int]] = defaultdict(set)
        for entry in told:
            model = model_of(entry.subject_kind)
            if model and entry.subject_id:
                wanted[model].add(entry.subject_id)
            for values in (entry.before, entry.after):
                for key, value in values.items():
                    target = _target(entry.subject_kind, key)
                    if target and isinstance(value, int):
                        wanted[target].add(value)
        self.found = {
            (model, row.pk): name_of(row)
            for model, ids in wanted.items()
            for row in rows_of(model).filter(pk__in=ids)
        }

    def of(self, model: type[Model] | None, pk: int | None) -> str:
        """Return the name of a row, or its number when it is gone."""
        if model is None or pk is None:
            return ""
        return self.found.get((model, pk), f"#{pk}")


def model_of(kind: str) -> type[Model] | None:
    try:
        return apps.get_model("layers", kind)
    except LookupError:
        return None


def _target(kind: str, key: str) -> type[Model] | None:
    """Return the table to which a field of a kind of object leads."""
    if key in LED_TO:
        return LED_TO[key]
    model = model_of(kind)
    if model is None:
        return None
    try:
        found = model._meta.get_field(key.removesuffix("_id")).related_model
    except FieldDoesNotExist:
        return None
    return found if isinstance(found, type) else None


def rows_of(model: type[Model]) -> QuerySet[Any]:
    rows: QuerySet[Any] = model._default_manager.all()
    if model is ChiefTerm:
        return rows.select_related("person", "street", "lane", "building")
    if model is Posting:
        return rows.select_related("user")
    if model is Cell:
        return rows.prefetch_related("editions")
    if model._meta.model_name in {"membership", "teamarea"}:
        return rows.select_related("team")
    return rows


def name_of(row: Any) -> str:
    if isinstance(row, ChiefTerm):
        place = row.building or row.lane or row.street or ""
        office = _(str(ChiefTerm.Office(row.office).label))
        return f"{office} {row.person.name} {place}".strip()
    if isinstance(row, Posting):
        return f"{row.user.get_username()} {_(str(Role(row.role).label))}"
    if row._meta.model_name in {"membership", "teamarea"}:
        return str(row.team)
    if isinstance(row, Cell):
        editions = sorted(row.editions.all(), key=lambda edition: edition.pk)
        return str(editions[-1]) if editions else f"#{row.pk}"
    return row.get_username() if isinstance(row, get_user_model()) else str(row)


def lines(told: list[Entry], *, hide: bool) -> list[Line]:
    """Return entries in words.

    Args:
        told: a page of entries.
        hide: whether what names or reaches a resident is hidden.
    """
    names = Names(told)
    posts = _posts(told)
    return [
        Line(
            id=entry.pk,
            at=entry.at,
            verb=entry.verb,
            verb_name=deed_word(entry.verb) if entry.verb in VERBS else entry.verb,
            kind=entry.subject_kind,
            kind_name=_(KINDS[entry.subject_kind])
            if entry.subject_kind in KINDS
            else entry.subject_kind,
            subject=entry.subject_id,
            title=names.of(model_of(entry.subject_kind), entry.subject_id),
            community=entry.community_id,
            cell=entry.cell_id,
            who=_who(entry, posts),
            why=entry.why,
            changes=_changes(entry, names, hide=hide),
        )
        for entry in told
    ]


def _posts(told: list[Entry]) -> dict[int, list[Posting]]:
    """Return every posting of those who acted: which held then is seen entry by entry."""
    found: dict[int, list[Posting]] = defaultdict(list)
    actors = {entry.actor_id for entry in told if entry.actor_id}
    for posting in Posting.objects.filter(user_id__in=actors).order_by("role"):
        found[posting.user_id].append(posting)
    return found


def _who(entry: Entry, posts: Mapping[int, list[Posting]]) -> str:
    if entry.actor is None:
        return "" if entry.verb == DIRECT else _("系统")
    held = {
        _(str(Role(posting.role).label))
        for posting in posts.get(entry.actor_id or 0, [])
        if (posting.valid.lower is None or posting.valid.lower <= entry.at)
        and (posting.valid.upper is None or entry.at < posting.valid.upper)
    }
    return f"{'、'.join(sorted(held))} {entry.actor.get_username()}".strip()


def _changes(entry: Entry, names: Names, *, hide: bool) -> list[Change]:
    found = []
    for key in sorted({*entry.before, *entry.after} - UNSAID, key=_rank):
        if key in entry.before and key in entry.after and entry.before[key] == entry.after[key]:
            continue
        plain = key.removesuffix("_id")
        said = [
            "" if key not in values else HIDDEN if hide and plain in PERSONAL and values[key]
            else _of_case(entry, key, values) or _said(entry.subject_kind, key, values[key], names)
            for values in (entry.before, entry.after)
        ]  # fmt: skip
        if any(said):
            found.append(Change(plain, _(FIELDS[plain]) if plain in FIELDS else plain, *said))
    return found


def _rank(key: str) -> tuple[int, str]:
    """Fields in the order of their table, then the others."""
    plain = key.removesuffix("_id")
    return (list(FIELDS).index(plain) if plain in FIELDS else len(FIELDS), key)


def _of_case(entry: Entry, key: str, values: Mapping[str, Any]) -> str:
    """Return in words what a deed of a case keeps under this key; empty: it has none of its own."""
    value = values[key]
    if key == "reason" and value:
        return _filled(_(value), values.get("fields"))
    if key == "joint_task" and value:
        return _("是")
    words: Mapping[Any, str] = {}
    if key == "finding":
        words = FINDINGS.get(entry.verb, {})
    elif key == "satisfied":
        return {3: _("满意"), 2: pgettext("satisfied", "一般"), 1: _("不满意")}.get(value, "")
    elif key in {"kind", "verb"}:
        words = VERBS
    elif key == "unit":
        words = {unit.value: str(unit.label) for unit in Unit}
    elif key == "rate":
        words = {name: rate.name for name, rate in RATES.items()}
    return _(words[value]) if isinstance(value, str | int) and value in words else ""


def _filled(words: str, fields: object) -> str:
    """Return a sentence with its fields; as it is where one is missing."""
    try:
        return words % fields if isinstance(fields, dict) and fields else words
    except (KeyError, TypeError, ValueError):
        return words


def _said(kind: str, key: str, value: Any, names: Names) -> str:
    """Return a value in words."""
    target = _target(kind, key)
    if value is None or value in ("", []):
        said = ""
    elif isinstance(value, bool):
        said = _("是") if value else _("否")
    elif target is not None and isinstance(value, int):
        said = names.of(target, value)
    elif key in SHAPES:
        said = _("图形 %(mark)s") % {"mark": value}
    else:
        said = _plainly(kind, key, value)
    return said


def _plainly(kind: str, key: str, value: Any) -> str:
    """Return a value that is neither a name nor a shape."""
    if key == "operation":
        return _(OPERATIONS[value]) if value in OPERATIONS else str(value)
    if isinstance(value, list):
        return "、".join(str(item) for item in value)
    if isinstance(value, dict):
        return "；".join(f"{_(FIELDS[k]) if k in FIELDS else k} {v}" for k, v in value.items())
    return _text(_choice(kind, key, value)) if isinstance(value, str) else str(value)


def _choice(kind: str, key: str, value: str) -> str:
    model = model_of(kind)
    try:
        choices = dict(model._meta.get_field(key).flatchoices) if model else {}  # type: ignore[union-attr]
    except (FieldDoesNotExist, AttributeError):
        return value
    return _(str(choices[value])) if value in choices else value


def _text(value: str) -> str:
    """Return a text; moments and ranges of them in the reader's time."""
    if span := RANGE.match(value):
        since, until = (_moment(part) for part in span.groups())
        if not until:
            return _("%(since)s 起") % {"since": since}
        return _("%(since)s 至 %(until)s") % {"since": since, "until": until}
    return _moment(value)


def _moment(value: str) -> str:
    try:
        at = parse_datetime(value)
    except ValueError:
        return value
    if at is None or at.tzinfo is None:
        return value
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"
