"""Live changes: one connection that hears the database, and every open map behind it (SSE)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import defaultdict
from collections.abc import Sequence

import psycopg
from django.conf import settings

from gridmap.errors import Busy
from gridmap.feeds.asked import Asked, Receive, Send, whole
from gridmap.feeds.changes import CELLS, LIGHTS, Batch, Fetch, Guard, Values, event
from gridmap.feeds.cities import Cities, CityNow
from gridmap.feeds.errors import NO_STORE
from gridmap.feeds.pool import Database, Row, conninfo
from gridmap.feeds.revoked import Revoked
from gridmap.feeds.weeks import Weeks
from gridmap.layers.scope import Area, Scope
from gridmap.layers.ticket import Ticket

log = logging.getLogger(__name__)

LISTENING = "-c default_transaction_read_only=on -c statement_timeout=10000 -c jit=off"
PULSE = 0.9  # seconds without a word after which editions are read all the same
HEARTBEAT = 15.0  # seconds
QUEUE = 64  # messages a slow client may lag behind
PAUSE = 0.5  # seconds before the database is called again
_AFTER = """
SELECT c.id, c.city_id, c.kind, c.cells, c.incidents
FROM layers_change AS c WHERE c.id > %s::bigint AND c.id <= %s::bigint ORDER BY c.id
"""
_LAST = "SELECT coalesce(max(id), 0) FROM layers_change"
# Nothing was missed after a change that is still kept; before the first one there is nothing.
_KEPT = """
SELECT EXISTS (SELECT FROM layers_change AS c WHERE c.id = %(id)s::bigint)
    OR (%(id)s::bigint = 0 AND NOT EXISTS (SELECT FROM layers_change))
"""
_LARGEST = 2**63 - 1


class Stream:
    """One open map: what it may see, and what it has not been sent yet."""

    def __init__(self, city_id: int, ticket: Ticket) -> None:
        self.city_id = city_id
        self.ticket = ticket
        self.view: Scope = ticket.sight
        self.queue: asyncio.Queue[bytes | None] = asyncio.Queue(QUEUE)
        self.lagging = False

    def put(self, message: bytes | None) -> None:
        """Hand over a message; one who does not read is told to start anew, and let go."""
        if self.lagging:
            return
        try:
            self.queue.put_nowait(message)
        except asyncio.QueueFull:
            self.lagging = True
            while not self.queue.empty():
                self.queue.get_nowait()
            self.queue.put_nowait(None)


class Hub:
    """Hears what changed and tells every stream its part."""

    def __init__(self, database: Database, cities: Cities, weeks: Weeks, revoked: Revoked) -> None:
        self._database = database
        self._weeks = weeks
        self._revoked = revoked
        self._cities = cities
        self._streams: set[Stream] = set()
        self._task: asyncio.Task[None] | None = None
        # By city and cell: the figures besides incidents, as told last to those who see sums only.
        self._others: dict[int, dict[int, list[int]]] = {}
        self.last: int | None = None  # the last change told; None: never heard the database

    def start(self) -> None:
        """Begin to listen."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._listen())

    async def stop(self) -> None:
        """Stop listening and end every stream."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        for stream in tuple(self._streams):
            stream.put(None)

    def join(self, city_id: int, ticket: Ticket) -> Stream:
        """Add an open map.

        Raises:
            Busy: there are too many, or the database has not been heard yet.
        """
        if len(self._streams) >= settings.FEED_STREAMS or self.last is None:
            raise Busy("实时连接太多，请稍后再试。")
        stream = Stream(city_id, ticket)
        self._streams.add(stream)
        return stream

    def leave(self, stream: Stream) -> None:
        """Take an open map off."""
        self._streams.discard(stream)

    async def missed(self, city: CityNow, view: Scope, cursor: int) -> bytes:
        """Return what one listener missed after ``cursor``; a reset if some of it is lost."""
        last = self.last or 0
        if cursor == last:
            return b""
        rows = await self._database.rows(_KEPT, {"id": cursor})
        if cursor > last or not rows[0][0]:
            return event(last, "reset", {})
        batch = Batch()
        for pk, city_id, *change in await self._database.rows(_AFTER, (cursor, last)):
            if city_id == city.id:
                batch.add(pk, *change)
        if not batch.cursor:
            return b""
        values = Values(await self._cities.find(city.slug), batch)
        await values.read(self._database.rows, {view})
        return values.told(view)

    async def _listen(self) -> None:
        while True:
            try:
                link = await psycopg.AsyncConnection.connect(conninfo(LISTENING), autocommit=True)
                async with link:
                    await link.execute("LISTEN gridmap")
                    await self._follow(link)
            except (psycopg.Error, Busy) as lost:
                log.warning("the live map does not hear the database: %s", lost)
            await asyncio.sleep(PAUSE)

    async def _follow(self, link: psycopg.AsyncConnection[Row]) -> None:
        async def fetch(sql: str, values: Sequence[object]) -> list[Row]:
            found = await link.execute(sql, values)
            return await found.fetchall()

        while True:
            await self._cities.read()
            await self._revoke(fetch)
            await self._tell(fetch)
            async for _ in link.notifies(timeout=PULSE, stop_after=1):
                pass

    async def _revoke(self, fetch: Fetch) -> None:
        """End the streams of those whose postings have changed; their maps begin anew."""
        await self._revoked.read(fetch)
        for stream in self._streams:
            if self._revoked.is_void(stream.ticket):
                stream.put(event(self.last or 0, "reset", {}))
                stream.put(None)

    async def _tell(self, fetch: Fetch) -> None:
        if self.last is None or not self._streams:
            last = int((await fetch(_LAST, ()))[0][0])
            if self.last is None or not self._streams:  # nobody came in while it was read
                self.last = last
                return
        rows = await fetch(_AFTER, (self.last, _LARGEST))
        batches: defaultdict[int, Batch] = defaultdict(Batch)
        for pk, city_id, *change in rows:
            batches[city_id].add(pk, *change)
        ready = {pk: await self._values(pk, batch, fetch) for pk, batch in batches.items()}
        # From here on nothing is awaited: whoever came in since `self.last` was read hears of this.
        if rows:
            self.last = rows[-1][0]
        for stream in self._streams:
            values = ready.get(stream.city_id)
            if values is not None and (message := values.told(stream.view)):
                stream.put(message)

    async def _values(self, city_id: int, batch: Batch, fetch: Fetch) -> Values | None:
        city = self._cities.of(city_id)
        if city is None:
            return None
        views = {stream.view for stream in self._streams if stream.city_id == city_id}
        guard = await self._guard(city, views)
        values = Values(city, batch, guard)
        if views:
            await values.read(fetch, views)
        if guard is not None:
            known = self._others.setdefault(city_id, {})
            if guard.before is None:
                every = await fetch(CELLS, (city_id, None))
                known.update((cell, figures[len(LIGHTS) - 1 :]) for cell, _, figures in every)
            self._others[city_id] = {**known, **values.others}
        return values

    async def _guard(self, city: CityNow, views: set[Scope]) -> Guard | None:
        """Return what keeps from those who see sums only when something happened in a cell."""
        if all(view.counted == Area() for view in views):
            self._others.pop(city.id, None)
            return None
        return Guard(await self._weeks.of(city), self._others.get(city.id))


def cursor_of(asked: Asked) -> int | None:
    """Return the number of the last change the caller has; None: it starts with this moment."""
    given = asked.header(b"last-event-id") or asked.given("cursor")
    return whole("cursor", given) if given else None


async def live(asked: Asked, receive: Receive, send: Send, hub: Hub, cities: Cities) -> None:
    """Stream the changes of one city to one map until it leaves or its ticket ends."""
    slug = asked.slug()
    cursor = cursor_of(asked)
    city = await cities.find(slug)
    stream = hub.join(city.id, asked.ticket)
    watch: asyncio.Task[None] | None = None
    try:
        first = b"retry: 2000\n\n"
        if cursor is not None:
            first += await hub.missed(city, stream.view, cursor)
        headers = [(b"content-type", b"text/event-stream"), NO_STORE, (b"x-accel-buffering", b"no")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await _write(send, first)
        watch = asyncio.create_task(_until_gone(receive, stream))
        await _pump(send, stream, asked.ticket.expires, hub)
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    except OSError:
        pass  # the map was closed
    finally:
        hub.leave(stream)
        if watch is not None:
            watch.cancel()


async def _write(send: Send, message: bytes) -> None:
    await send({"type": "http.response.body", "body": message, "more_body": True})


async def _until_gone(receive: Receive, stream: Stream) -> None:
    """Wait for the client to close; without this every closed map would stay with us for ever."""
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.put(None)


async def _pump(send: Send, stream: Stream, expires: int, hub: Hub) -> None:
    while (left := expires - time.time()) > 0:
        try:
            message = await asyncio.wait_for(stream.queue.get(), min(HEARTBEAT, left))
        except TimeoutError:
            await _write(send, b": still here\n\n")
            continue
        if message is None:
            break
        await _write(send, message)
    if stream.lagging:
        await _write(send, event(hub.last or 0, "reset", {}))
