"""A line between phone and server that loses, doubles, cuts and delays; on this machine only.

Every POST meets a fate dealt by seeded dice; everything else passes. Connections are not kept open,
so that each fate concerns one request.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from random import Random

LOST, UNHEARD, HALF_SENT, HALF_HEARD, TWICE = "lost", "unheard", "half sent", "half heard", "twice"
LATE, WHOLE = "late", "whole"
# Shares of the fates in a bad request or answer.
BAD = (LOST, UNHEARD, HALF_SENT, HALF_HEARD, TWICE, LATE)
LATEST = 0.15  # seconds


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
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> str:
        self._thread.start()
        opening = asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(opening, self._loop).result()
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def __exit__(self, *_trouble: object) -> None:
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    async def _serve(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        try:
            head = await near.readuntil(b"\r\n\r\n")
            body = await near.readexactly(_length(head))
            await self._deal(head, body, back)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            back.close()

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
        out.write(whole)
        await out.drain()
        if cut:
            out.close()
            return b""
        answer = await there.read()
        out.close()
        return answer


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
