"""The worker: does what was put into the queue, takes up what another one left, carries notices."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, cast

from django.core.management.base import BaseCommand
from django.db import Error, connection
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from gridmap.layers.rounds import try_one
from gridmap.layers.spreading import forget_old, gather, spread_one

log = logging.getLogger(__name__)

PAUSE = 0.5  # seconds between two looks into the outbox
AFTER_TROUBLE = 5.0
COURIERS = 2  # a far machine that answers slowly holds up one of them
SELDOM = 600.0  # how often mails of a day and old notices are looked for
PATIENCE = 15.0  # for a message that is on its way when the worker ends
HEARTBEAT = 5.0  # seconds
STALLED = 20.0  # without a heartbeat


class Command(BaseCommand):
    help = (
        "Work out proposals in the background, and carry notices to where they go. One is enough; "
        "several share the work. Ends on SIGTERM when the piece in hand is done; what a killed one "
        "left is taken up again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        over = threading.Event()
        rounds = [spread_one, *[try_one] * COURIERS, _Seldom()]
        threads = [threading.Thread(target=_go_round, args=(one, over)) for one in rounds]
        for thread in threads:
            thread.daemon = True
            thread.start()
        worker = app.with_connector(cast("DjangoConnector", app.connector).get_worker_connector())
        with worker.open():
            worker.run_worker(
                concurrency=1,
                fetch_job_polling_interval=2.0,
                update_heartbeat_interval=HEARTBEAT,
                stalled_worker_timeout=STALLED,
                shutdown_graceful_timeout=30.0,
            )
        over.set()
        for thread in threads:
            thread.join(PATIENCE)


def _go_round(piece: Callable[[], bool], over: threading.Event) -> None:
    """Do a piece of work again and again while there is any; whatever happens, go on."""
    pause, lost = 0.0, False
    while not over.wait(pause):
        try:
            pause, lost = 0.0 if piece() else PAUSE, False
        except Exception as problem:
            if not lost:  # once for a long time without database, not each time
                log.exception("notices wait: %s", type(problem).__name__)
            pause, lost = AFTER_TROUBLE, isinstance(problem, Error)
        connection.close()  # back into the pool: the threads share it with the pieces of work


class _Seldom:
    """The mails of a day, and what is old: looked for every ten minutes."""

    def __init__(self) -> None:
        self._last = -SELDOM

    def __call__(self) -> bool:
        if time.monotonic() - self._last >= SELDOM:
            self._last = time.monotonic()
            gather()
            forget_old()
        return False


@app.periodic(cron="* * * * * */10")
@app.task(name="take_up", queueing_lock="take_up", pass_context=True)
async def _take_up(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - procrastinate's
    """Put the pieces of workers that died back into the queue."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED):
        await manager.retry_job(job)
