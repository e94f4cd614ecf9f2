"""Kills the database in the middle of publications; test_killed.py runs it on its own cluster."""

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


def publish_and_kill(plan: Plan, by: Scope, wait: float) -> None:
    """Begin a publication, and kill its backend some moments later."""
    pids: list[int] = []
    ready = threading.Event()

    def work() -> None:
        connection.ensure_connection()
        pids.append(connection.connection.info.backend_pid)
        ready.set()
        with contextlib.suppress(Error):
            day = timezone.localdate() + timedelta(days=3)
            publications.publish(by=by, plan=plan.pk, expect_seq=1, effective_from=day)
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    ready.wait(SECONDS)
    time.sleep(wait)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pids[0], signal.SIGKILL)
    thread.join(SECONDS)


def main(kills: int) -> None:
    """Kill so often; print what was found after each."""
    plan, by = prepared()
    before, dice, found = state(), random.Random(4), []
    began = time.monotonic()
    day = timezone.localdate() + timedelta(days=3)
    first = publications.publish(by=by, plan=plan.pk, expect_seq=1, effective_from=day)
    whole, took = state(), time.monotonic() - began
    publications.withdraw(by=by, publication=first.pk)
    after = state()
    for _ in range(kills):
        publish_and_kill(plan, by, dice.uniform(0.1, 1.0) * took)
        now = state()
        found.append("nothing" if now == after else "all" if now == whole else str(now))
        if now == whole:
            last = Publication.objects.filter(withdrawn_at=None).get()
            publications.withdraw(by=by, publication=last.pk)
    sys.stdout.write(json.dumps({"before": before, "whole": whole, "found": found}) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
