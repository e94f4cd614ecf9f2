"""Drills in a database of their own: it is killed under a load of reports, or one cell is hot.

``crash``: reporters send, and send again with the same ``client_id`` what was not acknowledged,
while the database is killed (SIGKILL) at random moments. Afterwards every acknowledged deed is
there, once, whole, with its steps, and the figures and the journal are right. The same with
``synchronous_commit = off`` must lose something: else the drill could not find a loss.

``hot``: everybody works on incidents of one cell, for minutes, beside timekeeper and worker.

In both the duty desk is told of every report, once.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from gridmap import cluster

WRITERS = 4
COURSE = ("verify", "file", "dispatch", "accept", "answer", "send", "inspect", "close")
NEW_DAY = 0.25  # seconds between two rounds of the timekeeper


@contextmanager
def own_database() -> Iterator[Path]:
    """Yield the data folder of a cluster made for this drill: migrated, the toy town in it."""
    with tempfile.TemporaryDirectory(prefix="gridmap-drill-") as folder:
        Path(folder).chmod(0o755)
        os.environ["GRIDMAP_HOME"], os.environ["GRIDMAP_DB_NAME"] = folder, "gridmap_drill"
        os.environ["DATABASE_URL"] = cluster.start()
        try:
            import django  # noqa: PLC0415 - reads the address set above
            from django.conf import settings  # noqa: PLC0415

            options: Any = settings.DATABASES["default"].get("OPTIONS", {})
            options.pop("pool", None)  # its connections outlive the server that is killed
            django.setup()
            from django.core.management import call_command  # noqa: PLC0415

            print("making a database of its own …", flush=True)
            call_command("migrate", verbosity=0)
            from gridmap.layers.postings import Role  # noqa: PLC0415
            from tests import town  # noqa: PLC0415

            town.build()
            town.posted("duty", role=Role.DISPATCHER)  # who is told of every report
            yield cluster.place() / "pg"
        finally:
            cluster.stop()


@dataclass
class Log:
    """What the writers know: deeds acknowledged, by client_id, and what went wrong."""

    done: dict[UUID, tuple[str, int]] = field(default_factory=dict)
    lost_answers: int = 0
    waits: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


def _sent(log: Log, verb: str, deed: object, mark: UUID) -> int:
    """Do a deed until it is acknowledged; return the incident's id."""
    from django.db import Error, connection  # noqa: PLC0415

    from gridmap.errors import Refusal  # noqa: PLC0415

    while True:
        begun = time.monotonic()
        try:
            pk: int = deed()  # type: ignore[operator]
        except Refusal as refusal:
            log.faults.append(f"{verb}: {refusal}")
            raise
        except Error as trouble:
            if "deadlock" in str(trouble):
                log.faults.append(str(trouble).split("\n", 1)[0])
            log.lost_answers += 1
            with suppress(Error):
                connection.close()
            time.sleep(0.05)
            continue
        log.done[mark] = (verb, pk)
        log.waits.append(time.monotonic() - begun)
        return pk


def _write(log: Log, seed: int, options: str) -> None:
    """Report and bring incidents on their way, all in one cell, until it is over."""
    from django.db import connection  # noqa: PLC0415

    from gridmap.actions.cases import Said, act  # noqa: PLC0415
    from gridmap.actions.incidents import Report, report_incident  # noqa: PLC0415
    from gridmap.layers.postings import operator_scope  # noqa: PLC0415
    from tests import town  # noqa: PLC0415

    connection.settings_dict["OPTIONS"] = {
        **connection.settings_dict.get("OPTIONS", {}), "options": options,
    }  # fmt: skip
    dice, by = random.Random(seed), None
    while by is None:
        with suppress(Exception):
            by = operator_scope()
    try:
        while not log.over.is_set():
            mark = uuid4()
            place = town.at(dice.uniform(5, 95), dice.uniform(5, 95))
            report = Report(place, "暴露垃圾", "0102", client_id=mark)
            pk = _sent(log, "report", lambda r=report: report_incident(by=by, report=r)[0].pk, mark)
            for verb in COURSE[: dice.randint(0, len(COURSE))]:
                said = Said(client_id=uuid4(), why="已办", finding=True)
                asked = {"by": by, "incident": pk, "verb": verb, "said": said}
                _sent(log, verb, lambda a=asked: act(**a).incident.pk, said.client_id or mark)
                if log.over.is_set():
                    break
    except Exception as trouble:  # noqa: BLE001 - whatever ends a writer is a fault of the drill
        log.faults.append(f"a writer ended: {trouble!r}"[:200])
    finally:
        connection.close()


def _tend(log: Log) -> None:
    from django.db import Error, connection  # noqa: PLC0415

    while not log.over.wait(NEW_DAY):
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT gridmap_compact(), gridmap_sweep(), gridmap_sweep_cases()")
        except Error as trouble:
            if "deadlock" in str(trouble):
                log.faults.append(f"timekeeper: {trouble}".split("\n", 1)[0])
            with suppress(Error):
                connection.close()
    connection.close()


def _carry(log: Log) -> None:
    """Empty the outbox meanwhile, as the worker does."""
    from django.db import Error, connection  # noqa: PLC0415

    from gridmap.layers.spreading import spread_one  # noqa: PLC0415

    pause = 0.0
    while not log.over.wait(pause):
        try:
            pause = 0.0 if spread_one() else NEW_DAY
        except Error as trouble:
            if "deadlock" in str(trouble):
                log.faults.append(f"worker: {trouble}".split("\n", 1)[0])
            with suppress(Error):
                connection.close()
            pause = NEW_DAY
    connection.close()


@contextmanager
def _at_work(log: Log, writers: int, options: str = "") -> Iterator[None]:
    crew = [
        threading.Thread(target=_write, args=(log, seed, options), daemon=True)
        for seed in range(writers)
    ]
    crew += [threading.Thread(target=one, args=(log,), daemon=True) for one in (_tend, _carry)]
    for one in crew:
        one.start()
    try:
        yield
    finally:
        log.over.set()
        for one in crew:
            one.join()


def _kill(data: Path, rounds: int, dice: random.Random) -> None:
    for number in range(rounds):
        time.sleep(dice.uniform(0.3, 1.5))
        pid = cluster.server(data)
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
            while cluster.server(data) is not None:
                time.sleep(0.02)
        cluster.start()
        print(f"\rkilled {number + 1} of {rounds}", end="", flush=True)
    time.sleep(1)
    print()


def judged(log: Log) -> dict[str, int]:
    """Return what is wrong with what is stored, against what was acknowledged: all noughts."""
    from django.db import connection  # noqa: PLC0415

    from gridmap.layers import journal  # noqa: PLC0415
    from gridmap.layers.cases import CaseReceipt  # noqa: PLC0415
    from gridmap.layers.incidents import Incident  # noqa: PLC0415
    from gridmap.layers.notices import Outbox  # noqa: PLC0415

    connection.close()  # it may have died in the last round
    kept = dict(Incident.objects.exclude(client_id=None).values_list("client_id", "pk"))
    kept |= dict(CaseReceipt.objects.values_list("client_id", "incident_id"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT gridmap_compact()")
        cursor.execute(
            "SELECT count(*) FILTER (WHERE NOT s.whole), count(*) FILTER (WHERE s.open <> 1)"
            " FROM (SELECT i.id, count(*) FILTER (WHERE x.ends IS NULL) AS open,"
            " bool_and(x.number = x.place AND (x.ends IS NOT DISTINCT FROM x.next)) AS whole"
            " FROM layers_incident AS i LEFT JOIN (SELECT p.*,"
            " row_number() OVER w AS place, lead(p.begins) OVER w AS next FROM layers_step AS p"
            " WINDOW w AS (PARTITION BY p.incident_id ORDER BY p.number)) AS x"
            " ON x.incident_id = i.id GROUP BY i.id) AS s"
        )
        gaps, endless = cursor.fetchone()
        cursor.execute(
            "SELECT count(*) FROM layers_city AS y CROSS JOIN LATERAL gridmap_true_stats(y.id) AS t"
            " LEFT JOIN layers_cellstat AS s ON s.cell_id = t.cell AND s.open = t.open"
            " AND s.soon = t.soon AND s.late = t.late AND s.parked = t.parked"
            " WHERE s.cell_id IS NULL"
        )
        (figures,) = cursor.fetchone()
        cursor.execute(
            "SELECT count(*) FROM layers_incident AS i WHERE NOT EXISTS (SELECT FROM layers_entry"
            " AS e WHERE e.verb = 'report' AND e.subject_kind = 'incident' AND e.subject_id = i.id)"
        )
        (untold,) = cursor.fetchone()
    return {
        "reports the duty desk was not told of, or twice": _told_wrongly(),
        "things that could not be told": Outbox.objects.filter(tries__gt=0).count(),
        "acknowledged and lost": sum(kept.get(mark) != pk for mark, (_, pk) in log.done.items()),
        "incidents with gaps in their steps": gaps,
        "incidents without one open step": endless,
        "cells with wrong figures": figures,
        "incidents the journal does not tell": untold,
        "faults of the journal": len(journal.faults()),
        "faults of the writers": len(log.faults),
    }


def _told_wrongly() -> int:
    """Return for how many reports there is not exactly one notice at the duty desk."""
    from django.db import connection  # noqa: PLC0415

    from gridmap.layers.spreading import spread_one  # noqa: PLC0415

    while spread_one():
        pass
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM layers_incident AS i WHERE 1 <> (SELECT count(*) FROM"
            " layers_notice AS n INNER JOIN auth_user AS u ON u.id = n.user_id"
            " WHERE n.incident_id = i.id AND n.verb = 'report' AND u.username = 'duty')"
        )
        (found,) = cursor.fetchone()
    return int(found)


def _told(title: str, log: Log, found: dict[str, int]) -> None:
    reports = sum(verb == "report" for verb, _ in log.done.values())
    print(f"{title}: {reports} reports, {len(log.done)} deeds acknowledged,"
          f" {log.lost_answers} answers lost and asked for again")  # fmt: skip
    for name, count in found.items():
        print(f"  {name}: {count}")
    for fault in log.faults[:5]:
        print(f"  ! {fault}")


def crash(rounds: int) -> int:
    """Kill the database so often under load; return 1 where something was lost."""
    dice = random.Random(time.time_ns())
    with own_database() as data:
        log = Log()
        with _at_work(log, WRITERS):
            _kill(data, rounds, dice)
        found = judged(log)
        _told("synchronous_commit = on", log, found)
        careless = Log()
        with _at_work(careless, WRITERS, "-c synchronous_commit=off"):
            _kill(data, max(5, rounds // 5), dice)
        lost = judged(careless)["acknowledged and lost"]
        print(f"control, synchronous_commit = off: {len(careless.done)} acknowledged, {lost} lost")
    if any(found.values()):
        return 1
    if not lost:
        print("the control lost nothing: this drill proves nothing on this machine, repeat it")
    return 0


def hot(minutes: float) -> int:
    """Work on one cell so long; return 1 where a deadlock or a fault was met."""
    from django.db import connection  # noqa: PLC0415

    with own_database():
        log = Log()
        with _at_work(log, 2 * WRITERS):
            time.sleep(minutes * 60)
        found = judged(log)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
            )
            found["deadlocks"] = cursor.fetchone()[0]
        _told(f"{minutes:g} minutes on one cell", log, found)
        waits = sorted(log.waits)
        spread = ", ".join(
            f"p{part} {waits[min(len(waits) - 1, len(waits) * part // 100)] * 1000:.0f} ms"
            for part in (50, 95, 99)
        )
        print(f"  {len(waits) / minutes / 60:.1f} deeds a second; {spread}")
    return int(any(found.values()))


def main(arguments: list[str]) -> int:
    """Run the drill that is named."""
    ask = argparse.ArgumentParser(prog="script/bench")
    ask.add_argument("drill", choices=["crash", "hot"])
    ask.add_argument("--rounds", type=int, default=50)
    ask.add_argument("--minutes", type=float, default=10.0)
    told = ask.parse_args(arguments)
    return crash(told.rounds) if told.drill == "crash" else hot(told.minutes)
