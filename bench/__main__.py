"""``script/bench [tiles|where|overlay …]``: make city M once, then measure."""

import os
import sys

DATABASE = "gridmap_bench"


def main() -> None:
    """Measure what the arguments name; everything where they name nothing."""
    os.environ["GRIDMAP_DB_NAME"] = DATABASE
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gridmap.settings")
    import django  # noqa: PLC0415 -- reads the name of the database set above

    django.setup()
    from bench import run  # noqa: PLC0415

    run.everything(sys.argv[1:])


if __name__ == "__main__":
    main()
