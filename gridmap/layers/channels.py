"""Channels: robots of groups, webhooks, mail; of which cases each hears, and how each stands.

Robots and webhooks are named in the settings by whoever runs the installation. What is told of one
here holds neither its address nor its secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Case, Count, F, Max, Min, Q, Value, When

from gridmap.layers.deliveries import SET_ASIDE, Delivery
from gridmap.layers.incidents import Incident
from gridmap.layers.notices import Kind, Outbox
from gridmap.layers.people import Department
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City, Community

# What a group hears of, if the settings do not say: not the wishes and answers between two people.
GROUP_KINDS = (Kind.NEW, Kind.TASK, Kind.PRESSED, Kind.DUE, Kind.RESULT, Kind.DISPUTE)


def named_in_settings() -> list[tuple[str, dict[str, Any]]]:
    """Return every robot and webhook of the installation, each with its way."""
    robots = [(str(Delivery.Channel.ROBOT), one) for one in settings.ROBOTS]
    return robots + [(str(Delivery.Channel.WEBHOOK), one) for one in settings.WEBHOOKS]


def hears(channel: Mapping[str, Any], kind: str, case: Incident) -> bool:
    """Whether a channel of the settings wants it: by sort, city, community and department."""
    department = case.department.code if case.department else None
    community = case.community.code if case.community else None
    return (
        kind in channel.get("kinds", GROUP_KINDS)
        and channel.get("city", case.city.slug) == case.city.slug
        and channel.get("community", community) == community
        and channel.get("department", department) == department
    )


def language_of(channel: Mapping[str, Any], city: City) -> str:
    """Return the language of what a channel is told: its own, or its city's."""
    return str(channel.get("language", city.language))


@dataclass(frozen=True)
class Standing:
    """How one channel stands in one city.

    Attributes:
        way: one of `Delivery.Channel`.
        name: as the settings have it; empty for mail, which is one channel of all accounts.
        told: what it hears of: ``kinds``, ``community`` and ``department`` (None: of all), and in
            which ``language``; empty where the settings of this process do not name it.
        waiting: messages that are on their way or will be tried again.
        oldest: since when the first of these waits.
        aside: messages that wait for a person.
        last: when the last one arrived.
    """

    way: str
    name: str
    told: Mapping[str, Any] = field(default_factory=dict)
    waiting: int = 0
    oldest: datetime | None = None
    aside: int = 0
    last: datetime | None = None


FIGURES = ("waiting", "oldest", "aside", "last")


def standings(scope: Scope, city: City) -> list[Standing]:
    """Return every channel that hears of a city or has sent something of it, mail last."""
    here: dict[tuple[str, str], Mapping[str, Any]] = _of_city(city)
    if settings.EMAIL_HOST:
        here[str(Delivery.Channel.MAIL), ""] = {}
    rows = Delivery.objects.within(scope).filter(city=city).order_by()
    mail = When(channel=Delivery.Channel.MAIL, then=Value(""))
    waits = Q(state=Delivery.State.WAITING)
    named = rows.annotate(name=Case(mail, default=F("target"))).values("channel", "name")
    counted = named.annotate(
        waiting=Count("pk", filter=waits),
        oldest=Min("made_at", filter=waits),
        aside=Count("pk", filter=Q(state__in=SET_ASIDE)),
        last=Max("sent_at"),
    )
    figures: dict[tuple[str, str], dict[str, Any]] = {
        (row["channel"], row["name"]): {one: dict(row)[one] for one in FIGURES} for row in counted
    }
    order = [str(way) for way in (Delivery.Channel.ROBOT, Delivery.Channel.WEBHOOK)]
    places = sorted({*here, *figures}, key=lambda at: (at[0] not in order, at))
    return [
        Standing(way, name, here.get((way, name), {}), **figures.get((way, name), {}))
        for way, name in places
    ]


def _of_city(city: City) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Return the channels of the settings that may hear of a city; another's is not its business.

    One that names a community holds that community in place of its code; so with a department.
    """
    named = named_in_settings()
    codes: set[str] = {one["community"] for _, one in named if one.get("community")}
    areas = Community.objects.filter(code__in=codes, subdistrict__city=city)
    communities = {area.code: area for area in areas} if codes else {}
    codes = {one["department"] for _, one in named if one.get("department")}
    offices = Department.objects.filter(code__in=codes, city=city)
    departments = {office.code: office for office in offices} if codes else {}
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for way, one in named:
        area, office = one.get("community", ""), one.get("department", "")
        elsewhere = (area and area not in communities) or (office and office not in departments)
        if elsewhere or one.get("city", city.slug) != city.slug:
            continue
        found[way, one["name"]] = {
            "kinds": one.get("kinds", GROUP_KINDS),
            "community": communities.get(area),
            "department": departments.get(office),
            "language": language_of(one, city),
        }
    return found


def needing(scope: Scope) -> int:
    """Return how many messages and changes wait for the caller, in all cities they mind."""
    aside = Delivery.objects.within(scope).set_aside().count()
    return aside + Outbox.objects.within(scope).stuck().count()
