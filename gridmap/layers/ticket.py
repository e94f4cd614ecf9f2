"""The scope ticket: what its bearer may see, signed, for ten minutes; read without the database.

Django issues it to whoever is signed in; the feeds, which serve hundreds of requests a second,
ask for it instead of a session.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.conf import settings
from django.core import signing

from gridmap.errors import NotSignedIn
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City, Community

SALT = "gridmap.ticket.1"
LONGEST = 4096  # no browser keeps a longer cookie


class NoTicket(NotSignedIn):
    """The request bears no ticket."""


class BadTicket(NotSignedIn):
    """The ticket was not issued here, or was altered on the way."""


class TicketExpired(NotSignedIn):
    """The ticket was good; its time is over."""


@dataclass(frozen=True)
class Ticket:
    """What the bearer may see.

    Attributes:
        user_id: who bears it.
        communities: by slug of each city whose ground may be seen: the communities of which
            everything may be seen; None stands for all of them.
        departments: whose incidents may be seen anywhere in those cities.
        expires: seconds since the epoch.
    """

    user_id: int
    communities: dict[str, frozenset[int] | None]
    departments: frozenset[int]
    expires: int


def issue(scope: Scope) -> str:
    """Return a ticket for this scope, good for ``settings.TICKET_SECONDS``."""
    cities = dict(City.objects.within(scope).values_list("pk", "slug"))
    own: dict[str, list[int] | None] = {
        slug: None if pk in scope.cities else [] for pk, slug in cities.items()
    }
    places = Community.objects.within(scope).filter(pk__in=scope.communities)
    for community, city in places.values_list("pk", "subdistrict__city_id").order_by("pk"):
        listed = own[cities[city]]
        if listed is not None:
            listed.append(community)
    body = {
        "u": scope.user_id,
        "c": own,
        "d": sorted(scope.departments),
        "e": int(time.time()) + settings.TICKET_SECONDS,
    }
    return signing.dumps(body, salt=SALT, compress=True)


def read(token: str, *, now: float | None = None) -> Ticket:
    """Return what the ticket says.

    Args:
        token: as issued.
        now: seconds since the epoch; the clock when left out.

    Raises:
        BadTicket: it was not issued here.
        TicketExpired: it is too old.
    """
    if len(token) > LONGEST:
        raise BadTicket("票据无效，请刷新页面。")
    try:
        body = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError) as wrong:
        raise BadTicket("票据无效，请刷新页面。") from wrong
    ticket = Ticket(
        user_id=body["u"],
        communities={
            slug: None if listed is None else frozenset(listed)
            for slug, listed in body["c"].items()
        },
        departments=frozenset(body["d"]),
        expires=body["e"],
    )
    refuse_expired(ticket, now=now)
    return ticket


def refuse_expired(ticket: Ticket, *, now: float | None = None) -> None:
    """Raise `TicketExpired` when the ticket's time is over."""
    if ticket.expires <= (time.time() if now is None else now):
        raise TicketExpired("票据已过期，请续票后重试。")
