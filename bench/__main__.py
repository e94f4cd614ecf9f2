"""``script/bench [tiles|where|overlay …]``: make city M once, then measure."""

import os
import sys

DATABASE = "gridmap_bench"


def main() -> None:
    """Measure what the arguments name; everything where they name nothing."""
    alone = sys.argv[1:] == ["plans"]  # needs no city M, and has a database of its own
    os.environ["GRIDMAP_DB_NAME"] = f"{DATABASE}_plans" if alone else DATABASE
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gridmap.settings")
    import django  # noqa: PLC0415 -- reads the name of the database set above

    django.setup()
    from bench import plans, run  # noqa: PLC0415

    if alone:
        plans.measure()
    else:
        run.everything(sys.argv[1:])


if __name__ == "__main__":
    main()
