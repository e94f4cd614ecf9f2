"""Load the demo town."""

from __future__ import annotations

import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser, OutputWrapper

from gridmap.actions import demo
from gridmap.errors import Refusal
from gridmap.layers.journal import Entry
from gridmap.layers.postings import operator_scope

WIDTH = 30  # of the bar, in signs


class Bar:
    """What is being done, how far it is, how long it took: one line on a terminal."""

    def __init__(self, out: OutputWrapper) -> None:
        self.out = out
        self.started = time.monotonic()
        self.step = ""

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self.started

    def __call__(self, step: str, share: float) -> None:
        """Draw the bar; in a file, one line a step."""
        full = round(WIDTH * share)
        bar = "█" * full + "·" * (WIDTH - full)
        line = f"{bar} {share:4.0%}  {self.seconds:5.1f} s  {step}"
        if self.out.isatty():
            # In plain colour: what goes to the error output is red otherwise.
            self.out.write(f"\r\x1b[K{line}", str, ending="" if share < 1 else "\n")
        elif step != self.step:
            self.out.write(line)
        self.step = step
        self.out.flush()


def _last_load() -> Entry | None:
    entries = Entry.objects.within(operator_scope())
    return entries.filter(verb=demo.VERB).order_by("pk").last()


class Command(BaseCommand):
    help = (
        "Load the demo town (fixtures/geojson and all that is derived from it) with its accounts."
        " Where it stands already, nothing is done unless --again or --fresh is given."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--again", action="store_true", help="remove the demo town that stands and load it anew"
        )
        parser.add_argument(
            "--fresh",
            action="store_true",
            help="the same, but only when it is more than a day old and nobody has worked in it",
        )
        parser.add_argument(
            "--fixtures", type=Path, default=demo.FIXTURES, help="folder with the .geojson files"
        )

    def _grown_old(self) -> bool:
        """Say how old the town is, and return whether it may be loaded anew."""
        load = _last_load()
        if load is None or not demo.is_old(load):
            return False
        loaded = f"The demo town was loaded on {load.at:%Y-%m-%d}"
        if demo.is_worked_on(operator_scope(), load):
            self.stdout.write(
                f"{loaded} and has been worked in since: it stays as it is, though what is open in "
                "it falls due. `manage.py load_demo --again` loads it anew and loses that work."
            )
            return False
        self.stdout.write(f"{loaded}: it is loaded anew, so that today is today in it.")
        return True

    def handle(self, *args: object, **options: object) -> None:
        again, folder = bool(options["again"]), Path(str(options["fixtures"]))
        if demo.is_loaded() and not again:
            again = bool(options["fresh"]) and self._grown_old()
        if demo.is_loaded() and not again:
            load = _last_load()
            loaded = f", loaded {load.at:%Y-%m-%d}" if load else ""
            self.stdout.write(f"The demo town is already there{loaded}; --again loads it anew.")
            return
        bar = Bar(self.stderr)
        try:
            counts = demo.load_demo(
                by=operator_scope(), on_progress=bar, fixtures_dir=folder, again=again
            )
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        for name, count in counts.items():
            self.stdout.write(f"{count:>9,}  {name}")
        self.stdout.write(f"The demo town stands after {bar.seconds:.1f} s. Sign in as one of")
        self.stdout.write(", ".join(demo.ACCOUNTS) + " (password = user name).")
