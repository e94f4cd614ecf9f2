"""What the address of the desk asks for: the city, and what the list is narrowed to."""

from __future__ import annotations

from django.http import Http404, QueryDict

from gridmap.layers.cases import Assignment
from gridmap.layers.desk import ENDED, LIGHTS, WAITS, Wanted
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City


def number(values: QueryDict, name: str) -> int | None:
    """Return a whole number of the address; None where it is none, or does not fit."""
    value = values.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None  # noqa: PLR2004


def wanted_of(values: QueryDict) -> Wanted:
    """Return what the list is narrowed to; what makes no sense narrows nothing.

    Light and step waited for are one choice: of both the step holds.
    """
    wait = values.get("wait", "") if values.get("wait") in WAITS else ""
    light = values.get("light", "") if values.get("light") in {*LIGHTS, ENDED} else ""
    return Wanted(
        light="" if wait else light,
        wait=wait,
        state=values.get("state", ""),
        department=number(values, "department"),
        part=values.get("part", "") if values.get("part") in Assignment.Part.values else "",
        category=number(values, "category"),
        community=number(values, "community"),
        source=values.get("source", ""),
        text=values.get("q", "").replace("\x00", "")[:60],
    )


def cities_of(scope: Scope, values: QueryDict) -> tuple[City, list[City]]:
    """Return the city asked for, else the first of the caller's; and all of them.

    Raises:
        Http404: the city asked for is not the caller's.
    """
    cities = list(City.objects.within(scope).order_by("pk"))
    slug = values.get("city", "")
    city = next((one for one in cities if one.slug == slug), None if slug else cities[0])
    if city is None:
        raise Http404
    return city, cities
