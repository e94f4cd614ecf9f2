"""A real server with its own database, a real Chromium, and an ear on every request."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import psycopg
import pytest
from django.conf import settings
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Route,
    StorageState,
    sync_playwright,
)
from psycopg import sql

from tests.browser.from_file import PATIENCE, opener

__all__ = ["PATIENCE", "opener"]  # a fixture of its own module, for every test here

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
GIVEN = cast("dict[str, Any]", settings.DATABASES["default"])
DATABASE = f"{GIVEN['TEST']['NAME']}_browser"


def connect(name: str) -> psycopg.Connection[tuple[object, ...]]:
    """Return a connection of its own to one of the cluster's databases."""
    return psycopg.connect(
        dbname=name, user=GIVEN["USER"] or None, password=GIVEN["PASSWORD"] or None,
        host=GIVEN["HOST"] or None, port=GIVEN["PORT"] or None, autocommit=True,
    )  # fmt: skip


def _drop(name: str) -> None:
    with connect("postgres") as admin:
        admin.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:  # noqa: S310 -- our own server
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def _running(command: list[str], surroundings: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program as long as the block lasts."""
    process = subprocess.Popen(command, cwd=ROOT, env=surroundings, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture(scope="session")
def staged() -> Iterator[str]:
    """The name of a database with the toy town in it, made once and copied for each module."""
    name = f"{DATABASE}_staged"
    surroundings = {**os.environ, "GRIDMAP_DB_NAME": name, "GRIDMAP_DEBUG": "1"}
    _drop(name)
    with connect("postgres") as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    for command in (["manage.py", "migrate", "--no-input", "-v0"], ["-m", "tests.browser.stage"]):
        subprocess.run([sys.executable, *command], cwd=ROOT, env=surroundings, check=True)
    yield name
    _drop(name)


@pytest.fixture(scope="module")
def server(staged: str) -> Iterator[str]:
    """The address of a running gridmap with the toy town in it, raised anew for each module.

    What one module's people report and appoint is not there for another's.
    """
    surroundings = {**os.environ, "GRIDMAP_DB_NAME": DATABASE, "GRIDMAP_DEBUG": "1"}
    _drop(DATABASE)
    with connect("postgres") as admin:
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        admin.execute(copy.format(sql.Identifier(DATABASE), sql.Identifier(staged)))
    address = f"http://127.0.0.1:{(port := _free_port())}"
    serve = [sys.executable, "-m", "uvicorn", "gridmap.asgi:application", "--port", str(port)]
    serve += ["--log-level", "error", "--timeout-graceful-shutdown", "1"]
    with (
        _running(serve, surroundings) as web,
        _running([sys.executable, "manage.py", "tend"], surroundings),
    ):
        while not _answers(f"{address}/readyz"):
            assert web.poll() is None, "the server ended before it answered"
            time.sleep(0.1)
        yield address
    _drop(DATABASE)


@pytest.fixture
def elsewhere(server: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """Another connection to the server's database: somebody else at work."""
    with connect(DATABASE) as connection:
        yield connection


# One browser for each module, not for the session: while Playwright runs, its event loop stands in
# this thread, and Django's tests refuse to touch the database beside it.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Callable[..., Browser]]:
    """Starts Chromium with more switches if asked."""
    if CHROMIUM is None:
        pytest.fail("there is no Chromium: script/test installs it")
    started: dict[tuple[str, ...], Browser] = {}
    with sync_playwright() as playwright:

        def start(*switches: str) -> Browser:
            if switches not in started:
                started[switches] = playwright.chromium.launch(
                    executable_path=CHROMIUM, args=["--no-sandbox", *switches]
                )
            return started[switches]

        yield start
        for browser in started.values():
            browser.close()


@dataclass
class Visit:
    """One person's browser window, and what it did that it should not have.

    Attributes:
        page: the window.
        server: the address of our server.
        abroad: addresses outside it that were asked for; they were not reached.
        errors: what the console complained of.
    """

    page: Page
    server: str
    abroad: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Hear every request and every complaint from now on."""
        # Only what is not ours is stopped on the way: ours would cost a detour for each module.
        abroad = re.compile(rf"^(?!{re.escape(self.server)}/|data:|blob:|about:)")
        self.page.context.route(abroad, self._stop)
        self.page.on("console", lambda said: self._note(said.type, said.text))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _stop(self, route: Route) -> None:
        self.abroad.append(route.request.url)
        route.abort()

    def _note(self, kind: str, text: str) -> None:
        # Chromium's own remark on drawing without a graphics card is no fault of the page.
        if kind in {"error", "warning"} and "GL Driver Message" not in text:
            self.errors.append(text)

    def open(self, path: str = "/") -> None:
        """Go to a page of our server."""
        self.page.goto(f"{self.server}{path}")

    def clean(self) -> None:
        """Assert that nothing left the machine and nothing complained."""
        assert self.abroad == []
        assert self.errors == []


Visitor = Callable[..., Visit]


def _sign_in(context: BrowserContext, server: str, name: str) -> StorageState:
    """Sign in as everybody does; return the cookies, so that it is done once a person."""
    page = context.new_page()
    page.goto(f"{server}/sign-in")
    page.fill("[name=name]", name)
    page.fill("[name=password]", f"{name}-secret-7")
    page.click("#sign-in .primary")
    page.wait_for_selector("#panel", state="attached")  # hidden from who has no map
    page.close()
    return context.storage_state()


@pytest.fixture(scope="module")
def passes() -> dict[str, StorageState]:
    """The cookies of everybody who has signed in so far."""
    return {}


@pytest.fixture
def visitor(
    server: str, chromium: Callable[..., Browser], passes: dict[str, StorageState]
) -> Iterator[Visitor]:
    """Opens windows: ``visitor("leader", locale="en")``; without a name nobody is signed in."""
    contexts: list[BrowserContext] = []

    def come(
        name: str = "", *, locale: str = "zh-CN", size: tuple[int, int] = (1280, 720),
        switches: tuple[str, ...] = (), touch: bool = False,
    ) -> Visit:  # fmt: skip
        context = chromium(*switches).new_context(
            locale=locale,
            viewport={"width": size[0], "height": size[1]},
            permissions=["clipboard-read", "clipboard-write"],
            reduced_motion="reduce",
            has_touch=touch,
            storage_state=passes.get(name),
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        if name and name not in passes:
            passes[name] = _sign_in(context, server, name)
        visit = Visit(page=context.new_page(), server=server)
        visit.listen()
        return visit

    yield come
    for context in contexts:
        context.close()
