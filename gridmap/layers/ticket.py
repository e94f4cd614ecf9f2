"""The scope ticket: what its bearer may see, signed, for ten minutes; read without the database.

Django issues it to whoever is signed in; the feeds, which serve hundreds of requests a second,
ask for it instead of a session. A change of the bearer's postings makes it void before its time
(`gridmap.feeds.revoked`).
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, fields
from itertools import accumulate, pairwise
from typing import Any

from django.conf import settings
from django.core import signing

from gridmap.errors import NotSignedIn
from gridmap.layers.scope import Area, Scope
from gridmap.layers.territory import City

SALT = "gridmap.ticket.2"
LONGEST = 4096  # no browser keeps a longer cookie
# Fields of an area in the order in which a ticket lists them.
PARTS = tuple(part.name for part in fields(Area))


class NoTicket(NotSignedIn):
    """The request bears no ticket."""


class BadTicket(NotSignedIn):
    """The ticket was not issued here, or was altered on the way."""


class TicketExpired(NotSignedIn):
    """The ticket was good; its time is over."""


class TicketRevoked(NotSignedIn):
    """The ticket was good; its bearer's postings have changed since."""


@dataclass(frozen=True)
class Ticket:
    """What the bearer may see.

    Attributes:
        user_id: who bears it.
        cities: ids by slug of the cities whose ground may be seen.
        sight: what may be seen there, of nobody in particular: equal ones see the same.
        seal: how often the bearer's postings had been changed.
        expires: seconds since the epoch.
    """

    user_id: int
    cities: dict[str, int]
    sight: Scope
    seal: int
    expires: int


def _packed(ids: Iterable[int]) -> list[int]:
    """Return the ids in order, each as its distance from the one before: they compress well."""
    return [later - earlier for earlier, later in pairwise([0, *sorted(ids)])]


def _ids(packed: list[int]) -> frozenset[int]:
    return frozenset(accumulate(packed))


def _area(area: Area) -> dict[str, list[int]]:
    held = {part[0:2]: getattr(area, part) for part in PARTS}
    return {name: _packed(ids) for name, ids in held.items() if ids}


def _area_of(body: dict[str, list[int]]) -> Area:
    return Area(**{part: _ids(body[part[0:2]]) for part in PARTS if part[0:2] in body})


def issue(scope: Scope) -> str:
    """Return a ticket for this scope, good for ``settings.TICKET_SECONDS``.

    It ends earlier when one of the postings does.
    """
    expires = time.time() + settings.TICKET_SECONDS
    if scope.until is not None:
        expires = min(expires, scope.until.timestamp())
    body: dict[str, Any] = {
        "u": scope.user_id,
        "c": dict(City.objects.within(scope).values_list("slug", "pk")),
        "a": _area(scope.area),
        "n": _area(scope.counted),
        "b": _packed(scope.beats),
        "d": _packed(scope.departments),
        "p": sorted(scope.assigned),
        "s": scope.seal,
        "e": int(expires),
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
        cities=body["c"],
        sight=Scope(
            None,
            ground=frozenset(body["c"].values()),
            area=_area_of(body["a"]),
            counted=_area_of(body["n"]),
            beats=_ids(body["b"]),
            departments=_ids(body["d"]),
            assigned=frozenset((department, community) for department, community in body["p"]),
        ),
        seal=body["s"],
        expires=body["e"],
    )
    refuse_expired(ticket, now=now)
    return ticket


def refuse_expired(ticket: Ticket, *, now: float | None = None) -> None:
    """Raise `TicketExpired` when the ticket's time is over."""
    if ticket.expires <= (time.time() if now is None else now):
        raise TicketExpired("票据已过期，请续票后重试。")
