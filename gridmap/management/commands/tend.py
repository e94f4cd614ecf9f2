"""The timekeeper: folds changes into the values of cells, follows the clock, checks at night."""

import logging
import signal
import threading
import time
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand
from django.db import Error, connection
from django.utils import timezone

from gridmap.actions.accounts import forget_sessions
from gridmap.actions.checks import check_chiefs
from gridmap.actions.contacts import erase_contacts
from gridmap.actions.journal import seal_journal
from gridmap.layers.postings import operator_scope
from gridmap.layers.territory import City

log = logging.getLogger(__name__)

FOLD = 0.25  # seconds
SWEEP = 5.0
NIGHTLY = 600.0  # how often it is asked whether a day has ended
NIGHT = 2  # o'clock, local time: from here the registers of the day are checked
ROUND = 60.0  # seconds between two looks whether a night has come
PAUSE = 1.0  # before the database is called again
OFTEN = ("SELECT gridmap_compact()", "SELECT gridmap_announce()")
SELDOM = ("SELECT gridmap_sweep()", "SELECT gridmap_sweep_cases()")


class Command(BaseCommand):
    help = (
        "Keep the map's values in step: fold changes four times a second, follow the clock every "
        "five seconds, check each city's register of chiefs once a night. One is enough; several "
        "do no harm. Ends on SIGTERM."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        over = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: over.set())
        swept, asked, day = -SWEEP, -NIGHTLY, None
        nights = threading.Thread(target=_watch_nights, args=(over,), daemon=True)
        nights.start()
        lost = False
        while not over.is_set():
            sweeping = time.monotonic() - swept >= SWEEP
            try:
                _run(OFTEN)
                if sweeping:
                    _run(SELDOM)
                    swept = time.monotonic()
                if (today := timezone.localdate()) != day:
                    forget_sessions(by=operator_scope())
                    day = today
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
        nights.join(PAUSE)


def _watch_nights(over: threading.Event) -> None:
    """Check beside the folding, which must not wait for it."""
    while not over.wait(ROUND):
        try:
            check_nightly()
        except Error as problem:
            log.warning("the nightly check was put off: %s", problem)
        connection.close()


def check_nightly() -> None:
    """Check the register of every city in which the night of this local day has come."""
    scope = operator_scope()
    for city in City.objects.within(scope).order_by("pk"):
        if timezone.localtime(timezone=ZoneInfo(city.time_zone)).hour >= NIGHT:
            check_chiefs(by=scope, city=city, again=False)


def _run(statements: tuple[str, ...]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
