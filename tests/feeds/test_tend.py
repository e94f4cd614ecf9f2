"""The timekeeper as a process: folds, follows the clock, outlives the database, ends when told."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.db import connection

from gridmap.layers.incidents import Incident, Light
from gridmap.layers.rollup import CellStat
from gridmap.layers.scope import Scope
from tests import town as toy
from tests.feeds.asking import run


@pytest.fixture
def timekeeper(mayor: Scope) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(
        [sys.executable, "manage.py", "tend"],
        cwd=settings.ROOT,
        env={**os.environ, "GRIDMAP_DB_NAME": connection.settings_dict["NAME"]},
        stderr=subprocess.PIPE,
    )
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate(timeout=20)
    # What it last asked the database to do may outlive it, and must not meet the cleaning-up.
    until(lambda: others() == 0)


def until(true: Callable[[], bool]) -> None:
    """Wait for it, and fail when it does not come."""
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def others() -> int:
    """How many others are connected to this test's database, told to leave."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'"
        )
        return int(cursor.fetchone()[0])


def counted(light: str) -> int:
    return sum(CellStat.objects.values_list(light, flat=True))


def test_it_folds_what_was_written_and_turns_lights(
    timekeeper: "subprocess.Popen[bytes]",
) -> None:
    made = toy.incident(50, 50)
    until(lambda: counted("open") == 1)
    now = "now() - interval '1 second'"
    run(
        "ALTER TABLE layers_incident DISABLE TRIGGER incident_placed"
    )  # which would turn it at once
    run(f"UPDATE layers_incident SET soon_at = {now}, due = {now} WHERE id = {made.pk}")
    run("ALTER TABLE layers_incident ENABLE TRIGGER incident_placed")
    until(lambda: Incident.objects.get().light == Light.LATE)
    until(lambda: counted("late") == 1)


def test_it_goes_on_when_the_database_comes_back(
    timekeeper: "subprocess.Popen[bytes]",
) -> None:
    toy.incident(50, 50)
    until(lambda: counted("open") == 1)
    assert others() > 0
    toy.incident(50, 50)
    until(lambda: counted("open") == 2)


def test_it_ends_quietly_when_told(timekeeper: "subprocess.Popen[bytes]") -> None:
    toy.incident(50, 50)
    until(lambda: counted("open") == 1)
    timekeeper.send_signal(signal.SIGTERM)
    _, said = timekeeper.communicate(timeout=20)
    assert (timekeeper.returncode, said) == (0, b"")


def test_two_of_them_count_once(timekeeper: "subprocess.Popen[bytes]") -> None:
    for number in range(6):
        toy.incident(50, 50)
        run("SELECT gridmap_compact()")  # the second one, in between
        run("SELECT gridmap_sweep()")
        until(lambda wanted=number + 1: counted("open") == wanted)  # type: ignore[misc]
