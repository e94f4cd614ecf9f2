"""Our own server in a process of its own, with providers switched on, and a browser to ask it."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from django.db import connection

from tests.outside.providers import CLIENT, SECRET

ROOT = Path(__file__).resolve().parents[2]


def environment(url: str) -> dict[str, str]:
    """Both providers at one address."""
    return {
        "GRIDMAP_OIDC_CLIENT": CLIENT, "GRIDMAP_OIDC_SECRET": SECRET, "GRIDMAP_OIDC_URL": url,
        "GRIDMAP_OIDC_NAME": "市统一认证", "GRIDMAP_WECHAT_CLIENT": CLIENT,
        "GRIDMAP_WECHAT_SECRET": SECRET, "GRIDMAP_WECHAT_URL": f"{url}/connect/qrconnect",
        "GRIDMAP_WECHAT_API": url,
    }  # fmt: skip


def command(*arguments: str, extra: dict[str, str]) -> dict[str, object]:
    """How to start Python with settings of its own, on the test database."""
    base = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    named = {"GRIDMAP_DB_NAME": str(connection.settings_dict["NAME"]), "GRIDMAP_DEBUG": "1"}
    env = {**base, **named, "DJANGO_SETTINGS_MODULE": "gridmap.settings", **extra}
    return {"args": [sys.executable, *arguments], "cwd": ROOT, "env": env}


@contextmanager
def served(extra: dict[str, str]) -> Iterator[int]:
    """The server; yields its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [
        "-m",
        "uvicorn",
        "gridmap.asgi:application",
        "--port",
        str(port),
        "--log-level",
        "error",
    ]
    process = subprocess.Popen(**command(*words, extra=extra))  # type: ignore[call-overload]
    try:
        until = time.monotonic() + 60
        while Browser(port).get("/healthz") != 200:
            assert time.monotonic() < until, "the server does not start"
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(30)


@dataclass
class Browser:
    """Keeps cookies of our server, follows nothing by itself."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    body: str = ""
    location: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, address: str) -> int:
        return self._ask("GET", address, None)

    def post(self, address: str, **values: str) -> int:
        """Send a form of the page seen last."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.body)
        given = {"csrfmiddlewaretoken": token[1] if token else "", **values}
        return self._ask("POST", address, urlencode(given))

    def _ask(self, method: str, address: str, body: str | None) -> int:
        parts = urlsplit(address)
        home = parts.port in {None, self.port}
        link = http.client.HTTPConnection("127.0.0.1", parts.port or self.port, timeout=20)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        if home and self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            link.request(method, path, body=body, headers=headers)
            reply = link.getresponse()
            self.body, self.headers = (
                reply.read().decode(),
                {n.lower(): v for n, v in reply.getheaders()},
            )
        except ConnectionRefusedError:
            return 0
        finally:
            link.close()
        self.location = reply.headers.get("Location", "")
        for cookie in reply.headers.get_all("Set-Cookie", []) if home else []:
            name, _, rest = cookie.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return reply.status

    def back_from(self, begin: str) -> str:
        """Begin, say yes at the provider, and return the address it sends the browser back to."""
        assert self.get(begin) == 302, self.body
        assert self.get(self.location) == 302
        return self.location

    def sign_in(self, name: str, password: str) -> None:
        self.get("/sign-in")
        assert self.post("/sign-in", name=name, password=password) == 302, self.body
