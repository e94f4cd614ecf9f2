"""What is sent back, compressed where it pays."""

from __future__ import annotations

import asyncio
import zlib
from dataclasses import dataclass, field

from gridmap.feeds.asked import Asked, Send

WORTH = 1_000  # bytes
HEAVY = 100_000  # bytes; compressing more than this would hold up the other requests
QUICK = 1  # level: a third of the bytes for a tenth of the time of the default
GZIP = 31  # zlib's window bits for a gzip frame


@dataclass
class Answer:
    """Status, headers and body; ``tag`` names the contents for the browser's cache."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    tag: str = field(default="")

    async def send(self, asked: Asked, send: Send) -> None:
        """Send it."""
        headers, body, suffix = list(self.headers), self.body, ""
        packed = "gzip" in asked.header(b"accept-encoding")
        if packed and len(body) > WORTH:
            body = await _pack(body)
            headers.append((b"content-encoding", b"gzip"))
        if self.tag:
            suffix = "-z" if packed else ""
            headers.append((b"etag", f'"{self.tag}{suffix}"'.encode("ascii")))
        if self.status != 304:  # noqa: PLR2004 -- Not Modified has no body and no length
            headers.append((b"content-length", str(len(body)).encode("ascii")))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if asked.method == "HEAD" else body})


async def _pack(body: bytes) -> bytes:
    if len(body) > HEAVY:
        return await asyncio.to_thread(_gzip, body)
    return _gzip(body)


def _gzip(body: bytes) -> bytes:
    packer = zlib.compressobj(QUICK, zlib.DEFLATED, GZIP)
    return packer.compress(body) + packer.flush()
