"""Load for loopback: a bounded number of clients, each asking one thing after another."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import psycopg
from psycopg.rows import TupleRow

from bench.processor import spent

Ask = Callable[[int], Awaitable[int]]
HOST = "127.0.0.1"


@dataclass
class Rate:
    """What one round came to.

    Attributes:
        seconds: how long it took.
        waits: of each answer, seconds.
        size: bytes of all answers.
        errors: answers that were none.
        processor: milliseconds of processor of those who answered; the clients' is not theirs.
    """

    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)
    size: int = 0
    errors: int = 0
    processor: float = 0.0

    @property
    def a_second(self) -> float:
        return len(self.waits) / self.seconds if self.seconds else 0.0

    @property
    def price(self) -> float:
        """Milliseconds of processor an answer."""
        return self.processor / max(1, len(self.waits))

    def wait(self, share: float) -> float:
        """Return the milliseconds within which this share of the answers came."""
        ordered = sorted(self.waits)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


async def press(
    clients: Sequence[Ask], seconds: float, items: int, seed: int, answering: Sequence[int] = ()
) -> Rate:
    """Let every client ask for items drawn at random until the time is over.

    Args:
        clients: each asks one thing after another.
        seconds: how long.
        items: how many things there are to ask for.
        seed: of the drawing.
        answering: ids of the processes that answer.
    """
    rate = Rate()
    before = spent(answering)
    start = time.perf_counter()

    async def one(ask: Ask, dice: random.Random) -> None:
        while time.perf_counter() - start < seconds:
            asked = time.perf_counter()
            size = await ask(dice.randrange(items))
            rate.waits.append(time.perf_counter() - asked)
            rate.size += max(size, 0)
            rate.errors += size < 0

    await asyncio.gather(*(one(ask, random.Random(seed + n)) for n, ask in enumerate(clients)))
    rate.seconds = time.perf_counter() - start
    rate.processor = spent(answering) - before
    return rate


class Http:
    """One kept connection to the server under test."""

    def __init__(self, port: int, paths: Sequence[str], headers: str) -> None:
        self._port = port
        self._requests = [
            f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n{headers}\r\n".encode("ascii")
            for path in paths
        ]
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection(HOST, self._port)

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()

    async def ask(self, item: int) -> int:
        """Ask for one path; return the size of the answer's body, -1 unless it is a 200."""
        return len(body) if (body := await self.body(item)) is not None else -1

    async def body(self, item: int) -> bytes | None:
        """Ask for one path; return the answer's body, None unless it is a 200."""
        try:
            head = await self._head(item)
        except (asyncio.IncompleteReadError, ConnectionError):  # it was idle for too long
            await self.open()
            head = await self._head(item)
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        body = await self._reader.readexactly(length)
        return body if head.startswith(b"http/1.1 200") else None

    async def _head(self, item: int) -> bytes:
        self._writer.write(self._requests[item])
        return (await self._reader.readuntil(b"\r\n\r\n")).lower()


class Bare:
    """One connection to the database, with a prepared statement and binary answers."""

    def __init__(self, conninfo: str, sql: str, values: Sequence[dict[str, object]]) -> None:
        self._conninfo = conninfo
        self._sql = sql
        self._values = values
        self._link: psycopg.AsyncConnection[TupleRow]

    async def open(self) -> None:
        self._link = await psycopg.AsyncConnection.connect(self._conninfo, autocommit=True)
        self._link.prepare_threshold = 0

    @property
    def backend(self) -> int:
        """Process id of the other end."""
        return self._link.info.backend_pid

    async def close(self) -> None:
        await self._link.close()

    async def ask(self, item: int) -> int:
        """Run the statement; return the size of its last column."""
        cursor = self._link.cursor(binary=True)
        await cursor.execute(self._sql, self._values[item])
        row = await cursor.fetchone()
        return len(row[-1] or "") if row is not None else -1
