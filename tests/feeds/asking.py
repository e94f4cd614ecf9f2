"""Asks the feeds the way a server does, without one."""

import asyncio
import gzip
import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self
from unittest.mock import patch

import uvicorn
from django.db import connection

from gridmap import asgi
from gridmap.feeds.app import Feeds
from gridmap.layers import ticket
from gridmap.layers.scope import Scope


@dataclass
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def bearing(scope: Scope) -> dict[str, str]:
    """The cookie of somebody with this scope."""
    return {"cookie": f"theme=dark; gridmap_ticket={ticket.issue(scope)}"}


def ask(address: str, headers: Mapping[str, str] | None = None, *, method: str = "GET") -> Reply:
    """One request to feeds that are opened for it and closed after it."""

    async def one() -> Reply:
        door = Feeds()
        try:
            return await through(door, address, headers or {}, method)
        finally:
            await door.close()

    return asyncio.run(one())


async def through(door: Feeds, address: str, headers: Mapping[str, str], method: str) -> Reply:
    """One request through feeds that are open."""
    path, _, query = address.partition("?")
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
    }
    await door(scope, receive, send)
    start, *parts = sent
    return Reply(
        start["status"],
        {k.decode(): v.decode() for k, v in start["headers"]},
        b"".join(part["body"] for part in parts),
    )


def unpacked(reply: Reply) -> bytes:
    """The body as it was before it was packed."""
    return gzip.decompress(reply.body)


def run(sql: str) -> Any:
    """Run a statement as psql would."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else None


def tend() -> None:
    """What the timekeeper does every quarter of a second."""
    run("SELECT gridmap_compact()")
    run("SELECT gridmap_announce()")


@contextmanager
def served() -> Iterator[tuple[int, Feeds]]:
    """A real server with feeds of its own, in a thread; yields its port and its feeds."""
    door = Feeds()
    config = uvicorn.Config(
        asgi.application,
        port=0,
        log_level="error",
        ws="none",
        lifespan="on",
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    with patch.object(asgi, "feeds", door):
        thread.start()
        until = time.monotonic() + 20
        while not (server.started and door.hub.last is not None):
            assert time.monotonic() < until, "the server does not start"
            time.sleep(0.02)
        try:
            yield server.servers[0].sockets[0].getsockname()[1], door
        finally:
            server.should_exit = True
            thread.join(20)


@dataclass
class Told:
    """The last word of a stream on each incident and cell; one who keeps it sees the present."""

    incidents: dict[int, Any] = field(default_factory=dict)
    cells: dict[int, list[Any]] = field(default_factory=dict)

    def take(self, data: Any) -> None:
        """Take one event in."""
        self.incidents |= {row["id"]: row for row in data["incidents"]}
        self.cells |= {row[0]: row for row in data["cells"]}

    def opens(self) -> dict[int, bool]:
        """By incident whether it was last said to be open."""
        return {pk: row["open"] for pk, row in self.incidents.items()}


class Listener:
    """A map that listens: reads one event after another."""

    def __init__(self, port: int, address: str, headers: Mapping[str, str]) -> None:
        self._link = http.client.HTTPConnection("127.0.0.1", port, timeout=8)
        self._link.request("GET", address, headers=dict(headers))
        self.reply = self._link.getresponse()
        self.status = self.reply.status

    def event(self) -> tuple[str, int, Any]:
        """The next event: kind, id, data; ("", 0, None) when the stream has ended."""
        fields: dict[str, str] = {}
        while line := self.reply.readline():
            text = line.decode().rstrip("\n")
            if text:
                name, _, value = text.partition(": ")
                fields[name] = value
            elif "event" in fields:
                return fields["event"], int(fields["id"]), json.loads(fields["data"])
            else:
                fields = {}
        return "", 0, None

    def until(self, enough: Callable[[Told], bool]) -> Told:
        """Read on until enough is told: in how many events the server does that is its own affair.

        It reads the database in its own rhythm, so that a change may be told with the one before
        it, or with the values that the next one has made.
        """
        told = Told()
        while not enough(told):
            kind, _, data = self.event()
            assert kind == "change"
            told.take(data)
        return told

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        self.reply.close()
        self._link.close()
