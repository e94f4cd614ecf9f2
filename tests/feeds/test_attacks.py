"""The feeds in bad company: odd requests, and listeners that come in at the worst moment."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import psycopg
import pytest

from gridmap.asgi import application
from gridmap.feeds.app import Feeds
from gridmap.feeds.live import LISTENING, Stream
from gridmap.feeds.pool import conninfo
from gridmap.layers.people import Department
from gridmap.layers.scope import Area, Scope
from gridmap.layers.ticket import Ticket
from tests import town as toy
from tests.feeds.asking import ask, tend


def bearer(city: int, *, departments: frozenset[int] = frozenset()) -> Ticket:
    """The ticket of somebody who sees all of a city, or what these departments are assigned."""
    area = Area() if departments else Area(cities=frozenset({city}))
    sight = Scope(None, frozenset({city}), area, departments=departments)
    return Ticket(0, {"toy": city}, sight, seal=0, expires=2**40)


@pytest.mark.parametrize("path", ["overlay?city=toy", "where", "tiles/x", "live", "nothing"])
@pytest.mark.parametrize("method", ["POST", "PATCH", "TRACE"])
def test_a_method_that_is_not_taken_is_refused_in_words(path: str, method: str) -> None:
    reply = ask(f"/feeds/{path}", {"accept-language": "en"}, method=method)
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD")
    assert reply.json["code"] == "NotAllowed"
    assert reply.json["message"].isascii()


@pytest.mark.parametrize("path", ["/feeds/live", "/", "/api/incidents"])
def test_a_web_socket_is_closed_and_nothing_else(path: str) -> None:
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(application({"type": "websocket", "path": path}, receive, send))
    assert [message["type"] for message in sent] == ["websocket.close"]


def told_with(
    interruption: Callable[[Feeds, int], None], at: str, *, before: int | None = None
) -> list[bytes | None]:
    """What a map hears that came in while the hub was reading the statement containing ``at``."""

    async def scene() -> list[bytes | None]:
        feeds = Feeds()
        await feeds.cities.read()
        link = await psycopg.AsyncConnection.connect(conninfo(LISTENING), autocommit=True)
        heard: list[Stream] = []
        interrupted = False

        async def fetch(sql: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
            if interrupted and at in sql and not heard:
                heard.append(feeds.hub.join(city, bearer(city)))
                await asyncio.to_thread(interruption, feeds, city)
            found = await link.execute(sql, values)
            return await found.fetchall()

        try:
            city = (await feeds.cities.find("toy")).id
            await feeds.hub._tell(fetch)
            if before is not None:
                feeds.hub.join(city, bearer(city, departments=frozenset({before})))
                await asyncio.to_thread(interruption, feeds, city)
            interrupted = True
            await feeds.hub._tell(fetch)
            (late,) = heard
            return [late.queue.get_nowait() for _ in range(late.queue.qsize())]
        finally:
            await link.close()
            await feeds.close()

    return asyncio.run(scene())


def something_happens(_feeds: Feeds, _city: int) -> None:
    toy.incident(50, 50)
    tend()


def test_a_map_that_opens_while_the_hub_looks_for_the_last_change_misses_none(
    mayor: Scope,
) -> None:
    tend()
    (message,) = told_with(something_happens, "max(id)")
    assert message is not None
    assert b"event: change" in message or b"event: reset" in message


def test_a_map_that_opens_while_values_are_read_for_others_starts_anew(mayor: Scope) -> None:
    """The values read are those of the others' departments and areas, not of the newcomer's."""
    tend()
    hers = Department.objects.get().pk
    messages = told_with(something_happens, "gridmap_cell_figures", before=hers)
    assert messages
    assert b"event: reset" in (messages[0] or b"")
