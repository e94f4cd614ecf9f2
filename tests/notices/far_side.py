"""The far side of a delivery on loopback: a server that answers, fails, delays, breaks off."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

OK = {"errcode": 0, "errmsg": "ok"}


@dataclass
class Got:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> Any:
        return json.loads(self.body)


@dataclass
class FarSide:
    """A server with moods: each request takes the next one; when they run out it is well.

    Moods: ``ok``, a status as a number, ``busy`` (45009), ``slow`` (answers after the courier has
    gone), ``stall`` (begins an answer and ends it too late), ``cut`` (takes the message and hangs
    up), ``redirect``, ``nonsense``.
    """

    port: int = 0
    delay: float = 0  # seconds between a message taken and its answer
    moods: list[str] = field(default_factory=list)
    got: list[Got] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def url(self, path: str = "/hook") -> str:
        return f"http://127.0.0.1:{self.port}{path}"


def _handler(side: FarSide) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with side.lock:
                side.got.append(Got(self.path, dict(self.headers), body))
                mood = side.moods.pop(0) if side.moods else "ok"
            if mood == "cut":
                self.connection.close()
                return
            time.sleep(1.5 if mood == "slow" else side.delay)
            status = int(mood) if mood.isdigit() else 302 if mood == "redirect" else 200
            words = {"busy": {"errcode": 45009, "errmsg": "api freq out of limit"}}.get(mood, OK)
            data = b"<html>" if mood == "nonsense" else json.dumps(words).encode()
            try:
                self.send_response(status)
                if mood == "redirect":
                    self.send_header("Location", side.url("/elsewhere"))
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.flush()
                time.sleep(1.5 if mood == "stall" else 0)
                self.wfile.write(data)
            except OSError:
                pass  # the courier has gone

        def log_message(self, *_told: object) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def far_side(*moods: str) -> Iterator[FarSide]:
    """Serve for the time of the block."""
    side = FarSide(moods=list(moods))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(side))
    server.daemon_threads = True
    side.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield side
    finally:
        server.shutdown()
        server.server_close()
