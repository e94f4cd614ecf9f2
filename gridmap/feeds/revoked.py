"""Tickets that are void before their time, because postings of their bearers were changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from django.conf import settings

from gridmap.layers.ticket import Ticket, TicketRevoked

Fetch = Callable[[str, Sequence[object]], Awaitable[list[tuple[Any, ...]]]]
LIVES = 2  # of a ticket: a revocation may wait long for its commit
_LATELY = """
SELECT r.user_id, r.number FROM gridmap_revoked AS r
WHERE r.at > now() - make_interval(secs => %s)
"""


class Revoked:
    """What this process knows of revoked tickets; older ones than a ticket's life have ended."""

    def __init__(self) -> None:
        self._seals: Mapping[int, int] | None = None

    @property
    def known(self) -> bool:
        """Whether the database was asked yet: until then no ticket can be trusted."""
        return self._seals is not None

    async def read(self, fetch: Fetch) -> None:
        """Ask the database what was revoked lately."""
        self._seals = dict(await fetch(_LATELY, (LIVES * settings.TICKET_SECONDS,)))

    def is_void(self, ticket: Ticket) -> bool:
        """Return whether the bearer's postings were changed since the ticket was issued."""
        return ticket.seal < (self._seals or {}).get(ticket.user_id, 0)

    def refuse_void(self, ticket: Ticket) -> None:
        """Raise `TicketRevoked` when the bearer's postings have changed."""
        if self.is_void(ticket):
            raise TicketRevoked("您的岗位有变动，请续票后重试。")
