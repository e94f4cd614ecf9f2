"""``script/bench [tiles|where|overlay …]``: make city M once, then measure.

``script/bench ladder`` or ``card`` alone makes the demo town instead, in a database of its own.
"""

import os
import sys

DATABASE = "gridmap_bench"
TOWN = "gridmap_bench_town"


def main() -> None:
    """Measure what the arguments name; everything where they name nothing."""
    alone = sys.argv[1:] in (["ladder"], ["card"])
    os.environ["GRIDMAP_DB_NAME"] = TOWN if alone else DATABASE
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gridmap.settings")
    import django  # noqa: PLC0415 -- reads the name of the database set above

    django.setup()
    from bench import run  # noqa: PLC0415

    run.everything(sys.argv[1:])


if __name__ == "__main__":
    main()
