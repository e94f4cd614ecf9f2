"""Runs what was asked for, against one server and one city, and prints the tables."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine

import psycopg
from django.core.management import call_command
from psycopg import sql

from bench import (
    api,
    card,
    city,
    ladders,
    look_ups,
    overlays,
    pages,
    pictures,
    searches,
    servers,
    serving,
)
from gridmap.feeds.pool import conninfo
from gridmap.layers import ticket
from gridmap.layers.scope import Area, Scope
from gridmap.layers.territory import City

PARTS: dict[str, Callable[[int, str], Coroutine[None, None, None]]] = {
    "tiles": pictures.measure,
    "where": look_ups.measure,
    "ladder": ladders.measure,
    "overlay": overlays.measure,
    "api": api.measure,
    "search": searches.measure,
    "servers": servers.measure,
}
OF_TOWN = {"card": card.measure}  # measured in the demo town only


PAGES = "pages"  # of the demo town, on a server of its own


def everything(wanted: list[str]) -> None:
    """Make the city if it is not there, then measure the parts wanted; all when none is named."""
    alone = wanted in (["ladder"], ["card"])
    parts = PARTS | OF_TOWN if alone else PARTS
    known = [*parts, PAGES]
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        sys.exit(f"no such part: {', '.join(unknown)}; there are: {', '.join(known)}; card, alone")
    asked = wanted or known
    if PAGES in asked:
        pages.measure()
    if set(asked) == {PAGES}:
        return
    (make_town if alone else _city)()
    with serving.served("uvicorn") as port:
        bearer = ticket.issue(
            Scope(user_id=0, ground=frozenset({1}), area=Area(cities=frozenset({1})))
        )
        for name in asked:
            if name in parts:
                asyncio.run(parts[name](port, bearer))


def make_town() -> None:
    """Make the demo town, in a database of its own: enough for the ladder, and done in a minute."""
    database = psycopg.conninfo.conninfo_to_dict(conninfo())
    name = sql.Identifier(str(database["dbname"]))
    elsewhere = psycopg.conninfo.make_conninfo(conninfo(""), dbname="postgres")
    with psycopg.connect(elsewhere, autocommit=True) as link:
        known = link.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database["dbname"]])
        if known.fetchone() is None:
            link.execute(sql.SQL("CREATE DATABASE {}").format(name))
    call_command("migrate", verbosity=0)
    if not City.objects.exists():
        call_command("load_demo")


def _city() -> None:
    database = psycopg.conninfo.conninfo_to_dict(conninfo())
    name = sql.Identifier(str(database["dbname"]))
    elsewhere = psycopg.conninfo.make_conninfo(conninfo(""), dbname="postgres")
    with psycopg.connect(elsewhere, autocommit=True) as link:
        stamp = link.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
            [database["dbname"]],
        ).fetchone()
        if stamp is not None and stamp[0] == city.STAMP:
            print(f"{city.STAMP}: there already")
            return
        print(f"{city.STAMP}: made anew, some minutes")
        link.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(name))
        link.execute(sql.SQL("CREATE DATABASE {}").format(name))
    call_command("migrate", verbosity=0)
    with psycopg.connect(conninfo("-c jit=off"), autocommit=True) as link:
        city.make(link)
