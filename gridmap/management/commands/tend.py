"""The timekeeper: folds what changed into the cells' values and follows the clock."""

import logging
import signal
import threading
import time
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error, connection

from gridmap.actions.contacts import erase_contacts
from gridmap.actions.journal import seal_journal
from gridmap.layers.postings import operator_scope

log = logging.getLogger(__name__)

FOLD = 0.25  # seconds
SWEEP = 5.0
NIGHTLY = 600.0  # how often it is asked whether a day has ended
PAUSE = 1.0  # before the database is called again
OFTEN = ("SELECT gridmap_compact()", "SELECT gridmap_announce()")
SELDOM = "SELECT gridmap_sweep()"


class Command(BaseCommand):
    help = (
        "Keep the map's values in step: fold changes four times a second, follow the clock every "
        "five seconds. One is enough; several do no harm. Ends on SIGTERM."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        over = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: over.set())
        swept, asked = -SWEEP, -NIGHTLY
        lost = False
        while not over.is_set():
            sweeping = time.monotonic() - swept >= SWEEP
            try:
                _run(OFTEN)
                if sweeping:
                    _run((SELDOM,))
                    swept = time.monotonic()
                if time.monotonic() - asked >= NIGHTLY:
                    seal_journal(by=operator_scope())
                    erase_contacts(by=operator_scope())
                    asked = time.monotonic()
                lost = False
            except Error as problem:
                if not lost:
                    log.warning("the timekeeper cannot reach the database: %s", problem)
                lost = True
                connection.close()
            over.wait(PAUSE if lost else FOLD)
        connection.close()


def _run(statements: tuple[str, ...]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
