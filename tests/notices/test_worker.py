"""The worker itself: real processes, killed within a message; nothing is lost, nothing doubled."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from gridmap.layers.deliveries import Delivery
from gridmap.layers.notices import Notice, Outbox
from gridmap.layers.postings import Role
from tests import town as toy
from tests.cases.conftest import Office
from tests.notices.far_side import FarSide, far_side

ROOT = Path(__file__).parents[2]
LONGEST = 60.0  # seconds


@contextmanager
def worker(side: FarSide) -> Iterator[subprocess.Popen[bytes]]:
    """A worker on the test database, whose webhook and robot are the far side."""
    hook = {"name": "hook", "url": side.url(), "secret": "s3cret", "inside": True}
    robot = {"name": "robot", "url": side.url("/send"), "inside": True}
    surroundings = {
        **os.environ, "GRIDMAP_DEBUG": "1",
        "GRIDMAP_DB_NAME": str(connection.settings_dict["NAME"]),
        "GRIDMAP_WEBHOOKS": json.dumps([hook]), "GRIDMAP_ROBOTS": json.dumps([robot]),
    }  # fmt: skip
    command = [sys.executable, "manage.py", "work"]
    with subprocess.Popen(
        command, cwd=ROOT, env=surroundings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def until(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + LONGEST
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.05)


@pytest.fixture
def office(transactional_db: None) -> Office:
    toy.build()
    duty, cadre = toy.eyes("duty", role=Role.DISPATCHER), toy.eyes("cadre", "A")
    Outbox.objects.all().delete()
    return Office(toy.city(), {"duty": duty, "cadre": cadre, "worker": cadre})


def test_a_report_reaches_the_inbox_and_the_group_while_nobody_looks(office: Office) -> None:
    with far_side() as side, worker(side):
        case = office.report()
        until(lambda: len(side.got) == 2, "robot and webhook have it")
        until(lambda: not Delivery.objects.filter(state="waiting").exists(), "it is settled")
    told = {got.path: got.told for got in side.got}
    assert case.number in told["/send"]["markdown"]["content"]
    assert told["/hook"]["number"] == case.number
    assert Notice.objects.filter(incident=case, user__username="duty").exists()
    assert not Outbox.objects.exists()


def test_workers_killed_in_the_middle_lose_nothing_and_a_group_reads_nothing_twice(
    office: Office,
) -> None:
    kills, cases = 3, 12
    with far_side() as side:
        side.delay = 0.3
        for _ in range(cases):
            office.report()
        for _ in range(kills):
            before = len(side.got)
            with worker(side) as process:
                # A message has been taken and is not answered yet: now it is cut off.
                until(lambda n=before: len(side.got) > n, "a message is on its way")  # type: ignore[misc]
                process.send_signal(signal.SIGKILL)
                process.wait()
            # The time for which it had been taken is over.
            held = Delivery.objects.filter(taken_until__isnull=False)
            assert held.exists(), "control: it was killed while it held a message"
            held.update(taken_until=timezone.now() - timedelta(seconds=1))
        side.delay = 0
        with worker(side), worker(side):
            until(lambda: _all_told(cases), "everything is told")
    hooks = Counter(
        got.headers["Idempotency-Key"] for got in side.got if got.path == "/hook"
    )  # fmt: skip
    rows = Delivery.objects.filter(channel="webhook")
    assert set(hooks) == {str(row.key) for row in rows}
    assert {row.state for row in rows} == {"sent"}
    groups = Counter(got.told["markdown"]["content"] for got in side.got if got.path == "/send")
    assert max(groups.values()) == 1, "no message twice in the group"
    robots = Counter(Delivery.objects.filter(channel="robot").values_list("state", flat=True))
    assert set(robots) <= {"sent", "unsure"}
    assert robots.total() == cases
    assert len(groups) >= robots["sent"]
    # Control: messages were cut off, and it shows: sent again by key, or of which nobody knows.
    assert sum(hooks.values()) - len(hooks) + robots["unsure"] >= kills
    assert Notice.objects.filter(user__username="duty").count() == cases


def _all_told(cases: int) -> bool:
    waiting = Delivery.objects.filter(state="waiting")
    waiting.filter(taken_until=None).update(next_at=timezone.now())
    return (
        not Outbox.objects.exists()
        and Delivery.objects.count() == 2 * cases
        and not waiting.exists()
    )
