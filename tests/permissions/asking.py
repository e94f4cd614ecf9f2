"""Sends one request to the doors and takes back whatever it wrote."""

import asyncio
import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import orjson
from django.db import connection, transaction
from django.http import HttpResponseBase
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from gridmap.feeds.app import PREFIX, Feeds
from gridmap.layers.journal import Entry
from gridmap.layers.postings import scope_of
from tests.feeds.asking import Reply, bearing, through
from tests.permissions.bodies import JSON, Sent, address, said
from tests.permissions.eyes import Eyes, browser, everybody
from tests.permissions.world import World

# Where whoever is not signed in is led: to sign in, or to sign in again after a form came too late.
# The second step, which nobody here has begun, leads to "/sign-in?ended" by itself.
LEADS_TO_SIGN_IN = ("/sign-in?next=", "/sign-in?ended=", "/admin/login/")
FIGURES: list[str] = []  # what the tests counted; pytest tells it at the end


@dataclass
class Answer:
    """What came back; ``wrote``: entries of the journal that the request left."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    wrote: int = 0

    @property
    def to_sign_in(self) -> bool:
        """Whether it leads to the sign-in page."""
        leads = self.headers.get("Location", "")
        return 300 <= self.status < 400 and leads.startswith(LEADS_TO_SIGN_IN)


@dataclass
class Asker:
    """Every pair of eyes at every door; the feeds stay open as long as it lives."""

    world: World
    loop: asyncio.Runner
    door: Feeds
    browsers: dict[str, Client] = field(default_factory=dict)
    tickets: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: int = 0

    def ask(self, eyes: Eyes, method: str, where: str, sent: Sent) -> Answer:
        """Send a request as these eyes; nothing of what it does stays."""
        self.asked += 1
        query = urlencode(said(self.world, sent.query))
        whole = f"{where}?{query}" if query else where
        if where.startswith(PREFIX):
            return self._ask_feeds(eyes, method, whole)
        return self._ask_django(eyes, method, whole, sent)

    def route(self, eyes: Eyes, method: str, route: str, sent: Sent) -> Answer:
        """Send a request to a route with the things of place A in it."""
        return self.ask(eyes, method, address(self.world, route, sent), sent)

    def _ask_django(self, eyes: Eyes, method: str, whole: str, sent: Sent) -> Answer:
        client = self.browsers[eyes.name]
        kept, reads = copy.deepcopy(client.cookies), method in {"GET", "HEAD"}
        body = {} if reads else _body(said(self.world, sent.form), said(self.world, sent.json))
        with transaction.atomic():
            before = 0 if reads else Entry.objects.count()
            answer: HttpResponseBase = client.generic(method, whole, **body)
            told = b"".join(answer) if answer.streaming else getattr(answer, "content", b"")
            wrote = 0 if reads else Entry.objects.count() - before
            if wrote:
                with connection.cursor() as cursor:
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            transaction.set_rollback(True)
        client.cookies = kept
        return Answer(answer.status_code, dict(answer.headers), told, wrote)

    def _ask_feeds(self, eyes: Eyes, method: str, whole: str) -> Answer:
        reply: Reply = self.loop.run(through(self.door, whole, self.tickets[eyes.name], method))
        return Answer(reply.status, reply.headers, reply.body)


def _body(form: Any, json: Any) -> dict[str, Any]:
    if form is not None:
        return {"data": encode_multipart(BOUNDARY, form), "content_type": MULTIPART_CONTENT}
    return {"data": orjson.dumps({} if json is None else json), "content_type": JSON}


@contextmanager
def asking(world: World) -> Iterator[Asker]:
    """Sign everybody in and open the feeds until the end."""
    door = Feeds()
    with asyncio.Runner() as loop:
        loop.run(door.open())
        while door.hub.last is None:
            loop.run(asyncio.sleep(0.02))
        asker = Asker(world, loop, door)
        for eyes in everybody():
            user = world.eyes.get(eyes.name)
            asker.browsers[eyes.name] = browser(world, eyes)
            asker.tickets[eyes.name] = bearing(scope_of(user)) if user else {}
        yield asker
        loop.run(door.close())
