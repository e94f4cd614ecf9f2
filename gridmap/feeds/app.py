"""The feeds' door: an ASGI application beside Django's, for what is read all the time."""

from __future__ import annotations

import logging

from gridmap.errors import NotAllowed, OutOfScope, Refusal
from gridmap.feeds import errors
from gridmap.feeds.answer import Answer
from gridmap.feeds.asked import Asked, Receive, Scope, Send
from gridmap.feeds.cities import Cities
from gridmap.feeds.live import Hub, live
from gridmap.feeds.overlay import overlay
from gridmap.feeds.pool import Database
from gridmap.feeds.revoked import Revoked
from gridmap.feeds.tiles import tile
from gridmap.feeds.weeks import Weeks
from gridmap.feeds.where import Places, where

log = logging.getLogger(__name__)

PREFIX = "/feeds/"
# What there is behind it; nothing else is answered (docs/permissions.md).
ADDRESSES = ("live", "overlay", "tiles/{edition}/{z}/{x}/{y}.mvt", "where")


class Feeds:
    """What the feeds of one process share."""

    def __init__(self) -> None:
        self.database = Database()
        self.cities = Cities(self.database)
        self.places = Places(self.database)
        self.weeks = Weeks(self.database)
        self.revoked = Revoked()
        self.hub = Hub(self.database, self.cities, self.weeks, self.revoked)

    async def open(self) -> None:
        """Open connections and begin to listen."""
        await self.database.open()
        self.hub.start()

    async def close(self) -> None:
        """End every stream and give the connections back."""
        await self.hub.stop()
        await self.database.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; whatever goes wrong is answered in JSON."""
        asked = Asked(scope, self.revoked.refuse_void)
        try:
            if asked.method not in {"GET", "HEAD"}:
                raise NotAllowed("这个地址不接受这种请求")
            if not self.revoked.known:
                await self.revoked.read(self.database.rows)
            if asked.path == "/feeds/live" and asked.method == "GET":
                await live(asked, receive, send, self.hub, self.cities)
                return
            answer = await self._answer(asked)
        except Refusal as refusal:
            tongue = errors.language(asked.cookies, asked.header(b"accept-language"))
            answer = Answer(*errors.answer(refusal, tongue))
        await answer.send(asked, send)

    async def _answer(self, asked: Asked) -> Answer:
        name = asked.path.removeprefix(PREFIX)
        if name.startswith("tiles/"):
            return await tile(asked, self.database, self.cities)
        if name == "overlay":
            return await overlay(asked, self.database, self.cities, self.weeks)
        if name == "where":
            return await where(asked, self.places, self.cities)
        raise OutOfScope("没有这个地址。")


feeds = Feeds()
