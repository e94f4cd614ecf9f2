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


class Command(BaseCommand):
    help = (
        "Load the demo town (fixtures/geojson and all that is derived from it) with its accounts."
        " Where it stands already, nothing is done unless --again is given."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--again", action="store_true", help="remove the demo town that stands and load it anew"
        )
        parser.add_argument(
            "--fixtures", type=Path, default=demo.FIXTURES, help="folder with the .geojson files"
        )

    def handle(self, *args: object, **options: object) -> None:
        again, folder = bool(options["again"]), Path(str(options["fixtures"]))
        if demo.is_loaded() and not again:
            # It grows old: what is open falls due, and what was seen is long ago.
            load = (
                Entry.objects.within(operator_scope()).filter(verb=demo.VERB).order_by("pk").last()
            )
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
