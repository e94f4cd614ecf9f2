"""The server under test, as script/server starts it, on a free port of loopback."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINKS = 8  # connections to the database: as many as the peers have
PIDS: dict[int, int] = {}  # process that serves, by port
COMMANDS = {
    "uvicorn": ["--timeout-graceful-shutdown", "3"],
    # Its backpressure counts open streams too: by default the 1,025th request waits for ever.
    "granian": ["--interface", "asgi", "--no-ws", "--backpressure", "4096"],
}


@contextlib.contextmanager
def served(name: str) -> Iterator[int]:
    """Start the server of this name; yield its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable, "-m", name, "gridmap.asgi:application", "--host", "127.0.0.1",
        "--port", str(port), "--log-level", "warning", *COMMANDS[name],
    ]  # fmt: skip
    # One client asks more in a minute than a person may.
    environment = {**os.environ, "GRIDMAP_FEED_POOL": str(LINKS), "GRIDMAP_API_RATE": ""}
    server = subprocess.Popen(command, cwd=ROOT, env=environment)
    PIDS[port] = server.pid
    try:
        until = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if server.poll() is not None or time.monotonic() > until:
                sys.exit("the server under test does not start")
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()
