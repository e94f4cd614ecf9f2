"""Addresses of the desk: what is chosen there, carried through the page of a case and back."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.urls import reverse

from gridmap.layers.desk import case_numbered
from gridmap.layers.scope import Scope

KEPT = (
    "light", "wait", "state", "department", "part", "category", "community", "source", "q", "city",
)  # fmt: skip
PLACE = ("page", "case")  # of the list, and beside it


def link(values: QueryDict, **other: object) -> str:
    """Return the desk's address with something else chosen; None takes a choice away."""
    chosen = {name: values[name] for name in KEPT if values.get(name)}
    chosen |= {name: str(value) for name, value in other.items() if value is not None}
    for name in [name for name, value in other.items() if value is None]:
        chosen.pop(name, None)
    return f"{reverse('desk')}?{urlencode(chosen)}" if chosen else reverse("desk")


def chosen_of(values: QueryDict) -> str:
    """Return what the list is narrowed to as a query; "" for nothing."""
    return link(values).partition("?")[2]


def kept(values: QueryDict) -> str:
    """Return what is chosen on the desk as a query to be carried; "" for nothing.

    Whatever comes back of it was sent by somebody: `led_back` takes of it what the desk knows.
    """
    place = {name: values[name] for name in PLACE if values.get(name)}
    return link(values, **place).partition("?")[2]


def way_back(request: HttpRequest) -> QueryDict:
    """Return what was chosen on the desk from which somebody came to the page of a case."""
    return QueryDict(request.POST.get("back") or request.GET.get("back") or "")


def led_back(scope: Scope, back: QueryDict) -> str:
    """Return the desk's address as it was, without the case beside it if that is gone."""
    number = back.get("case", "")
    seen = number and case_numbered(scope, number[:40], back.get("city", "")[:32])
    return link(back, page=back.get("page"), case=number if seen else None)
