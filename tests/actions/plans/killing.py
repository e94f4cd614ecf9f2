"""Kills the database, or whoever publishes, in the middle of publications.

test_killed.py runs it on a cluster of its own.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import sys
import threading
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import Error, connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from gridmap.actions import plans, publications  # noqa: E402
from gridmap.actions.plans import Wish  # noqa: E402
from gridmap.layers.plans import Plan  # noqa: E402
from gridmap.layers.postings import Role  # noqa: E402
from gridmap.layers.publications import CellLineage, Publication, UnitCell  # noqa: E402
from gridmap.layers.scope import Scope  # noqa: E402
from gridmap.layers.territory import CellEdition  # noqa: E402
from tests import quilt  # noqa: E402
from tests import town as toy  # noqa: E402

SECONDS = 60.0  # to recover


def prepared() -> tuple[Plan, Scope]:
    """An approved plan of community A, and who may publish it."""
    call_command("migrate", verbosity=0)
    toy.build()
    quilt.lay("A")
    gu, ma = toy.eyes("gu", role=Role.PLANNER), toy.eyes("ma", role=Role.LEADER)
    plan = plans.open_draft(by=gu, community=toy.community("A").pk, title="稿")
    Plan.objects.update(lowest=1)
    key = "6f9c2a34-0000-4000-8000-000000000001"
    wish = Wish(id=UUID(key), kind="merge", cells=(1,), to=2)
    plans.apply_ops(by=gu, plan=plan.pk, base_seq=0, ops=[wish])
    publications.submit(by=gu, plan=plan.pk, expect_seq=1)
    publications.approve(by=ma, plan=plan.pk, expect_seq=1)
    return plan, ma


def state() -> dict[str, Any]:
    """What a publication writes, in numbers; asked again until the database is back."""
    until = time.monotonic() + SECONDS
    while True:
        try:
            return {
                "status": Plan.objects.get().status,
                "published": Publication.objects.filter(withdrawn_at=None).count(),
                "ending": CellEdition.objects.filter(valid__upper_inf=False).count(),
                "editions": CellEdition.objects.count(),
                "units": UnitCell.objects.filter(valid__upper_inf=True).count(),
                "lineage": CellLineage.objects.count(),
            }
        except Error:
            connection.close()
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def publish(plan: Plan, by: Scope) -> None:
    """Publish for the day after tomorrow and one more."""
    day = timezone.localdate() + timedelta(days=3)
    publications.publish(by=by, plan=plan.pk, expect_seq=1, effective_from=day)


def kill_worker(plan: Plan, by: Scope, wait: float) -> None:
    """Begin a publication in a process of its own, and kill that some moments later."""
    connection.close()
    child = os.fork()
    if child == 0:
        with contextlib.suppress(Exception):
            publish(plan, by)
        os._exit(0)
    time.sleep(wait)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def kill_database(plan: Plan, by: Scope, wait: float) -> None:
    """Begin a publication, and kill its backend some moments later."""
    pids: list[int] = []
    ready = threading.Event()

    def work() -> None:
        connection.ensure_connection()
        pids.append(connection.connection.info.backend_pid)
        ready.set()
        with contextlib.suppress(Error):
            publish(plan, by)
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    ready.wait(SECONDS)
    time.sleep(wait)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pids[0], signal.SIGKILL)
    thread.join(SECONDS)


VICTIMS = {"database": kill_database, "worker": kill_worker}


def main(kills: int) -> None:
    """Kill each victim so often; print what was found after each time."""
    plan, by = prepared()
    before, dice = state(), random.Random(4)
    began = time.monotonic()
    publish(plan, by)
    whole, took = state(), time.monotonic() - began
    _withdraw(by)
    after = state()
    found: dict[str, list[str]] = {victim: [] for victim in VICTIMS}
    for victim, kill in VICTIMS.items():
        for _ in range(kills):
            kill(plan, by, dice.uniform(0.1, 1.0) * took)
            now = _settled()
            found[victim].append("nothing" if now == after else "all" if now == whole else str(now))
            if now == whole:
                _withdraw(by)
    sys.stdout.write(json.dumps({"before": before, "whole": whole, "found": found}) + "\n")


def _settled() -> dict[str, Any]:
    """The state once the database has noticed that nobody is there any more.

    A transaction whose client was killed while it commits may still end either way: both are whole.
    """
    until = time.monotonic() + SECONDS
    while _at_work() and time.monotonic() < until:
        time.sleep(0.05)
    return state()


def _at_work() -> bool:
    state()  # the database is back
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND state <> 'idle'"
        )
        return bool(cursor.fetchone()[0])


def _withdraw(by: Scope) -> None:
    last = Publication.objects.filter(withdrawn_at=None).get()
    publications.withdraw(by=by, publication=last.pk)


if __name__ == "__main__":
    main(int(sys.argv[1]))
