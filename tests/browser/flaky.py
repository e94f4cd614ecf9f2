"""A line between phone and server that loses, doubles, cuts and delays; on this machine only.

Every POST meets a fate dealt by seeded dice; everything else passes. Connections are not kept open,
so that each fate concerns one request.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections import Counter
from contextlib import suppress
from random import Random

LOST, UNHEARD, HALF_SENT, HALF_HEARD, TWICE = "lost", "unheard", "half sent", "half heard", "twice"
LATE, WHOLE = "late", "whole"
# Shares of the fates in a bad request or answer.
BAD = (LOST, UNHEARD, HALF_SENT, HALF_HEARD, TWICE, LATE)
LATEST = 0.15  # seconds
ENDS = (
    OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError,
)  # fmt: skip


class FlakyLine:
    """A proxy on its own thread: ``with FlakyLine(server, 0.3) as address``.

    Attributes:
        fates: how many requests met which fate.
    """

    def __init__(self, server: str, share: float, *, seed: int = 7, path: str = "/api/") -> None:
        self.host, _, port = server.removeprefix("http://").partition(":")
        self.port = int(port)
        self.share, self.path, self.dice = share, path, Random(seed)
        self.fates: Counter[str] = Counter()
        self._open: set[asyncio.Task[None] | None] = set()
        self._ready: queue.Queue[tuple[asyncio.AbstractEventLoop, asyncio.Event, int]]
        self._ready = queue.Queue()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._live()), daemon=True)

    def __enter__(self) -> str:
        self._thread.start()
        self._loop, self._over, port = self._ready.get(timeout=10)
        return f"http://127.0.0.1:{port}"

    def __exit__(self, *_trouble: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)

    async def _live(self) -> None:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        over = asyncio.Event()
        self._ready.put((asyncio.get_running_loop(), over, server.sockets[0].getsockname()[1]))
        await over.wait()
        server.close()

    async def _serve(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        # Held by us: a connection that says nothing is otherwise nobody's, and swept away.
        task = asyncio.current_task()
        self._open.add(task)
        try:
            head = await near.readuntil(b"\r\n\r\n")
            body = await near.readexactly(_length(head))
            await self._deal(head, body, back)
        except ENDS:
            pass  # one side has gone, or the test is over
        finally:
            self._open.discard(task)
            await _shut(back)

    async def _deal(self, head: bytes, body: bytes, back: asyncio.StreamWriter) -> None:
        told = head.startswith(b"POST " + self.path.encode())
        bad = told and self.dice.random() < self.share
        fate = self.dice.choice(BAD) if bad else WHOLE
        if told:
            self.fates[fate] += 1
        if fate == LOST:
            return
        if fate == LATE:
            await asyncio.sleep(self.dice.uniform(0, LATEST))
        whole = _closing(head) + body
        if fate == HALF_SENT:
            await self._ask(whole[: len(whole) - max(1, len(body) // 2)], cut=True)
            return
        if fate == TWICE:
            await asyncio.gather(self._ask(whole), self._ask(whole))
        answer = await self._ask(whole)
        if fate == UNHEARD:
            return
        back.write(answer[: len(answer) // 2] if fate == HALF_HEARD else answer)
        await back.drain()

    async def _ask(self, whole: bytes, *, cut: bool = False) -> bytes:
        there, out = await asyncio.open_connection(self.host, self.port)
        try:
            out.write(whole)
            await out.drain()
            return b"" if cut else await there.read()
        finally:
            await _shut(out)


async def _shut(out: asyncio.StreamWriter) -> None:
    out.close()
    with suppress(OSError):
        await out.wait_closed()


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def _closing(head: bytes) -> bytes:
    """The head of a request after which the server closes."""
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    lines.insert(1, b"Connection: close")
    return b"\r\n".join(lines)
