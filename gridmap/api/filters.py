"""The parameters of lists: each is read in one way, applied in one way, and told to OpenAPI."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import reduce
from operator import or_
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils import timezone
from rest_framework.request import Request

from gridmap.api import parsing
from gridmap.errors import BadValue, OutOfScope
from gridmap.layers.places import Building, Stretch
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City

Rows = QuerySet[Any]
# Parameters that every list understands beside its own.
COMMON = frozenset({"fields", "page_size", "cursor", "all", "count"})
COMMUNITY_CODE = 12
SUBDISTRICT_CODE = 9


@dataclass(frozen=True)
class Asked:
    """Who asks, in whose time zone, for which moment (None: now)."""

    scope: Scope
    city: City | None = None
    zone: tzinfo = field(default_factory=timezone.get_default_timezone)
    as_of: datetime | None = None


@dataclass(frozen=True)
class Filter:
    """One parameter of a list.

    Attributes:
        name: in the address.
        about: one sentence for the documentation.
        apply: rows, value as written, who asks -> fewer rows; raises BadValue.
        schema: of the value, in OpenAPI's terms.
    """

    name: str
    about: str
    apply: Callable[[Rows, str, Asked], Rows]
    schema: Mapping[str, object] = field(default_factory=lambda: {"type": "string"})

    @staticmethod
    def keep(rows: Rows, value: str, asked: Asked) -> Rows:  # noqa: ARG004
        """Leave the rows as they are: for parameters that mean something else."""
        return rows


WHOLE_NUMBER = {"type": "integer", "minimum": 1}


def in_city(*paths: str) -> Filter:
    """Rows of one city, by its slug, by any of these ways; the caller must work there."""

    def apply(rows: Rows, value: str, asked: Asked) -> Rows:  # noqa: ARG001
        return rows.filter(reduce(or_, (Q(**{path: asked.city}) for path in paths)))

    return Filter("city", "Slug of a city in which the caller works.", apply)


def in_box(column: str) -> Filter:
    """Rows whose shape meets a box."""

    def apply(rows: Rows, value: str, asked: Asked) -> Rows:  # noqa: ARG001
        return rows.filter(**{f"{column}__intersects": parsing.box("bbox", value)})

    about = "West, south, east, north in degrees; whatever overlaps the box is included."
    return Filter("bbox", about, apply, {"type": "string", "example": "117.6,26.2,117.7,26.3"})


def _area(name: str, path: str, length: int) -> Filter:
    def apply(rows: Rows, value: str, asked: Asked) -> Rows:  # noqa: ARG001
        parsing.number(name, value)
        by_code = len(value) == length
        return rows.filter(**{f"{path}__code" if by_code else f"{path}_id": value})

    return Filter(name, f"Code ({length} digits) or id of a {name}.", apply, WHOLE_NUMBER)


def in_community(path: str) -> Filter:
    """Rows of one community."""
    return _area("community", path, COMMUNITY_CODE)


def in_subdistrict(path: str) -> Filter:
    """Rows of one subdistrict."""
    return _area("subdistrict", path, SUBDISTRICT_CODE)


def by_id(name: str, path: str, about: str) -> Filter:
    """Rows that belong to one thing named by its id."""

    def apply(rows: Rows, value: str, asked: Asked) -> Rows:  # noqa: ARG001
        return rows.filter(**{path: parsing.number(name, value)})

    return Filter(name, about, apply, WHOLE_NUMBER)


def through(name: str, thing: str) -> Filter:
    """Streets or lanes that have a stretch, or a house that belongs to them, in an area."""
    path = "cell" if name == "cell" else "cell__community"

    def apply(rows: Rows, value: str, asked: Asked) -> Rows:
        parsing.number(name, value)
        by_code = name == "community" and len(value) == COMMUNITY_CODE
        wanted = {f"{path}__code" if by_code else f"{path}_id": value}
        stretches = Stretch.objects.within(asked.scope).filter(**wanted)
        houses = Building.objects.within(asked.scope).filter(**wanted)
        walked, lined = (found.values(f"{thing}_id") for found in (stretches, houses))
        return rows.filter(Q(pk__in=walked) | Q(pk__in=lined))

    return Filter(name, f"Those with a stretch or a house in this {name}.", apply, WHOLE_NUMBER)


def by_word(name: str, path: str, words: tuple[str, ...]) -> Filter:
    """Rows of one kind out of a closed list."""

    def apply(rows: Rows, value: str, asked: Asked) -> Rows:  # noqa: ARG001
        return rows.filter(**{path: parsing.choice(name, value, words)})

    about = "One of: " + ", ".join(words) + "."
    return Filter(name, about, apply, {"type": "string", "enum": list(words)})


def by_text(name: str, path: str) -> Filter:
    """Rows whose column equals a text."""

    def apply(rows: Rows, value: str, asked: Asked) -> Rows:  # noqa: ARG001
        return rows.filter(**{path: parsing.text(name, value)})

    return Filter(name, f"Exact {name}.", apply)


# The moment itself is in `Asked`: it decides which edition, code or term a row shows.
AT_MOMENT = Filter(
    "as_of",
    "ISO date (its first minute) or date and time; without it, now.",
    Filter.keep,
    {"type": "string", "example": "2026-03-01"},
)


def check_names(request: Request, filters: Sequence[Filter]) -> None:
    """Refuse parameters that the list does not know: a slip would look like an empty town."""
    known = COMMON | {filter_.name for filter_ in filters}
    if unknown := sorted(set(request.query_params) - known):
        raise BadValue(
            "不认识的参数 %(unknown)s；可用：%(known)s",
            unknown=", ".join(unknown)[:100],
            known=", ".join(sorted(known)),
        )
    for name, values in request.query_params.lists():
        if len(values) > 1:
            raise BadValue("参数 %(name)s 只能给一次", name=name)
        parsing.text(name, values[0], longest=4000)


def city_of(request: Request, scope: Scope) -> City | None:
    """Return the city named in the request, if one is.

    Raises:
        OutOfScope: no such city, or not the caller's.
    """
    slug = request.query_params.get("city")
    if slug is None:
        return None
    found = City.objects.within(scope).filter(slug=parsing.text("city", slug)).first()
    if found is None:
        raise OutOfScope("没有这座城市，或不在您的范围内")
    return found


def asked(request: Request, scope: Scope) -> Asked:
    """Return who asks for what, from the parameters all lists share."""
    city = city_of(request, scope)
    zone = ZoneInfo(city.time_zone) if city else timezone.get_default_timezone()
    when = request.query_params.get("as_of")
    as_of = parsing.moment("as_of", when, zone) if when else None
    return Asked(scope, city, zone, as_of)


def shown(who: Asked) -> tuple[datetime, bool]:
    """Return the moment an answer is of, and whether that is past.

    Raises:
        BadValue: it is still to come, and nobody knows what will be seen, open or vacant then.
    """
    now = timezone.now()
    if who.as_of is None:
        return now, False
    if who.as_of > now:
        raise BadValue("参数 as_of 应是已经过去的时刻。")
    return who.as_of, True


def applied(rows: Rows, request: Request, filters: tuple[Filter, ...], who: Asked) -> Rows:
    """Return the rows that the request's parameters leave; an empty value counts as absent."""
    for filter_ in filters:
        value = request.query_params.get(filter_.name, "")
        if value:
            rows = filter_.apply(rows, value, who)
    return rows
