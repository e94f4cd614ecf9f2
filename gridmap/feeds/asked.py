"""One request as the feeds see it, parsed by hand: a framework's request costs more than a tile."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from gridmap.errors import BadValue, OutOfScope
from gridmap.layers import ticket as tickets
from gridmap.layers.ticket import NoTicket, Ticket

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]

COOKIE = settings.TICKET_COOKIE
FIRST_YEAR = 1900  # the least that every part of the machine can hold
MOST_PARAMETERS = 20
_GREATEST_ID = 2**63 - 1
MOST_TICKETS = 1_000
_SLUG = re.compile(r"[-a-zA-Z0-9_]{1,32}")
_ID = re.compile("[0-9]{1,19}")
# A day, or a moment that names its zone; Python also reads 2026-W05-6.
_WHEN = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[-+][0-9]{2}:[0-9]{2}))?"
)

# Tickets already read: their signature is not worked out again for each of a map's forty tiles.
_known: dict[str, Ticket] = {}


def read_ticket(token: str) -> Ticket:
    """Return what a ticket says, from memory if it was read before; see `tickets.read`."""
    known = _known.get(token)
    if known is None:
        known = tickets.read(token)
        if len(_known) >= MOST_TICKETS:
            _known.clear()
        _known[token] = known
    tickets.refuse_expired(known, now=time.time())
    return known


def whole(name: str, given: str) -> int:
    """Return a whole number that the database can hold.

    Raises:
        BadValue: it is none.
    """
    if not _ID.fullmatch(given) or int(given) > _GREATEST_ID:
        raise BadValue("参数 %(name)s 应为编号。", name=name)
    return int(given)


class Asked:
    """What was asked, by whom."""

    def __init__(self, scope: Scope, void: Callable[[Ticket], None]) -> None:
        self._refuse_void = void
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self._raw_query: bytes = scope["query_string"]
        self._headers = scope["headers"]

    @cached_property
    def headers(self) -> dict[bytes, bytes]:
        """The headers, names in lower case."""
        return dict(self._headers)

    def header(self, name: bytes) -> str:
        """Return a header's value; empty where it is missing."""
        return self.headers.get(name, b"").decode("latin-1")

    @cached_property
    def cookies(self) -> dict[str, str]:
        """The cookies."""
        pairs = (part.strip().partition("=") for part in self.header(b"cookie").split(";"))
        return {name: value for name, _, value in pairs if name}

    @cached_property
    def query(self) -> dict[str, list[str]]:
        """The parameters behind the question mark."""
        if not self._raw_query:
            return {}
        try:
            return parse_qs(
                self._raw_query.decode("ascii"),
                keep_blank_values=True,
                errors="strict",
                max_num_fields=MOST_PARAMETERS,
            )
        except ValueError as wrong:  # too many, or not UTF-8
            raise BadValue("地址中的参数读不懂：太多，或不是 UTF-8。") from wrong

    def given(self, name: str) -> str | None:
        """Return a parameter; None where it is missing or empty.

        Raises:
            BadValue: it was given more than once.
        """
        values = self.query.get(name, [])
        if len(values) > 1:
            raise BadValue("参数 %(name)s 给了不止一次。", name=name)
        return values[0] if values and values[0] else None

    def needed(self, name: str) -> str:
        """Return a parameter that must be there.

        Raises:
            BadValue: it is missing or was given more than once.
        """
        value = self.given(name)
        if value is None:
            raise BadValue("缺少参数 %(name)s。", name=name)
        return value

    def as_of(self, zone: str) -> datetime | None:
        """Return the past moment that is asked about; None means now.

        Args:
            zone: whose midnight a day without an hour means.

        Raises:
            BadValue: it is no moment, or it is still to come.
        """
        given = (self.given("as_of") or "").replace(" ", "+")  # a plus sign that was not escaped
        if not given:
            return None
        try:
            when = datetime.fromisoformat(given if _WHEN.fullmatch(given) else "")
        except ValueError as wrong:
            raise BadValue(
                "参数 %(name)s 应为日期 2026-03-01 或带时区的时刻 2026-03-01T09:40:00+08:00。",
                name="as_of",
            ) from wrong
        if when.tzinfo is None:
            when = when.replace(tzinfo=ZoneInfo(zone))
        if when.year < FIRST_YEAR or when > timezone.now():
            raise BadValue("参数 as_of 应是已经过去的时刻。")
        return when

    def slug(self) -> str:
        """Return the slug of the city asked about; its ticket must name it.

        Raises:
            BadValue: missing, repeated or no slug.
            OutOfScope: not a city of the bearer.
        """
        bearer = self.ticket  # who may ask at all comes before what is asked
        slug = self.needed("city")
        if not _SLUG.fullmatch(slug):
            raise BadValue("参数 %(name)s 不是城市代号。", name="city")
        if slug not in bearer.cities:
            raise _no_city()
        return slug

    def must_see(self, slug: str) -> None:
        """Raise `OutOfScope` unless the ticket names this city."""
        if slug not in self.ticket.cities:
            raise _no_city()

    def has_seen(self, tag: str) -> bool:
        """Return whether the caller's cache holds the contents of this tag, packed or not."""
        held = self.headers.get(b"if-none-match")
        if held is None:
            return False
        tags = {part.strip().removeprefix("W/") for part in held.decode("latin-1").split(",")}
        return bool(tags & {f'"{tag}"', f'"{tag}-z"', "*"})

    @cached_property
    def ticket(self) -> Ticket:
        """What the caller may see.

        Raises:
            NotSignedIn: no ticket, a bad one, or one that is void.
        """
        token = self.given("ticket") or self.cookies.get(COOKIE)
        if not token:
            raise NoTicket("需要票据：请先登录。")
        ticket = read_ticket(token)
        self._refuse_void(ticket)
        return ticket


def _no_city() -> OutOfScope:
    return OutOfScope("没有这座城市，或不在您的范围内。")
