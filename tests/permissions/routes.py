"""Every route of the roof and of the feeds, and the table that says who may use it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.urls import URLPattern, URLResolver, get_resolver

from gridmap.feeds.app import ADDRESSES, PREFIX
from gridmap.layers.postings import Role

TABLE = Path(__file__).parents[2] / "docs/permissions.md"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
# Groups of eyes that the table names; what is no group is a role.
POSTED = frozenset(Role.values)
GROUPS = {
    "everybody": frozenset({"anonymous", "unposted"}) | POSTED,
    "signed in": frozenset({"unposted"}) | POSTED,
    "posted": POSTED,
    "sees incidents": POSTED - {"planner", "auditor", "admin"},
    "sees figures": POSTED - {"chief", "department", "auditor", "admin"},
    "has an area": POSTED - {"department", "auditor", "admin"},
    "reads plans": frozenset({"planner", "leader"}),
    "has ground": frozenset({"leader", "dispatcher", "cadre", "worker"}),
    "nobody": frozenset(),
}
ROW = re.compile(r"^\| `(/[^`]*)` \| ([A-Z ]+) \| ([a-z, ]+) \|", re.MULTILINE)
# Where the posting must hold that gives the role.
IN_CITY, IN_AREA, ANYWHERE = "in the city", "at the thing", "in any city"
PLACES = re.compile(r"^\| (at the thing|in the city|in any city)[^|]* \| (.*) \|$", re.MULTILINE)
READING = frozenset({"GET", "HEAD"})


@dataclass(frozen=True)
class Row:
    """One line of docs/permissions.md: these methods of a route, and whose eyes they are for."""

    route: str
    methods: frozenset[str]
    who: frozenset[str]


def rows() -> list[Row]:
    """The table of docs/permissions.md."""
    found = []
    for route, methods, who in ROW.findall(TABLE.read_text(encoding="utf-8")):
        words = who.split(", ")
        eyes = frozenset[str]().union(*(GROUPS.get(word, frozenset({word})) for word in words))
        assert eyes <= GROUPS["everybody"], f"{route}: {who} names a role that is none"
        found.append(Row(route, frozenset(methods.split()), eyes))
    return found


def where(route: str, method: str) -> str:
    """Where a posting must hold for its role to count: the second table of docs/permissions.md."""
    for place, addresses in PLACES.findall(TABLE.read_text(encoding="utf-8")):
        within = place == IN_AREA if method in READING else place != IN_AREA
        for address in re.findall(r"`([^`]+)`", addresses):
            alone = address.startswith("=")
            named = route == address[1:] if alone else f"{route}/".startswith(f"{address}/")
            if named and (within or place == ANYWHERE):
                return str(place)
    return IN_CITY if method in READING else IN_AREA


def patterns() -> Iterator[tuple[str, URLPattern]]:
    """Every route of the URLconf, parameters as ``{name}``, with what Django made of it."""

    def walk(below: list[URLPattern | URLResolver], head: str) -> Iterator[tuple[str, URLPattern]]:
        for pattern in below:
            part = re.sub(r"^\^|\$$|\\Z", "", str(pattern.pattern))
            whole = head + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", part)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, whole)
            else:
                yield whole, pattern

    return walk(get_resolver().url_patterns, "/")


ADMIN = "/admin/"  # one row, and one rule for all behind it


def routes() -> list[str]:
    """Every route there is, of the URLconf and of the feeds; the administration's are apart."""
    own = [route for route, _ in patterns() if not route.startswith(ADMIN)]
    return [*own, *(PREFIX + address for address in ADDRESSES)]


def admin_routes() -> list[str]:
    """Every route of the administration, as Django made it of the models registered."""
    return [route for route, _ in patterns() if route.startswith(ADMIN)]
