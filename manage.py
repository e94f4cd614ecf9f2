#!/usr/bin/env python
"""Run one of the product's commands: ``.venv/bin/python manage.py help`` lists them."""

import os
import sys

from gridmap import cluster


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gridmap.settings")
    if "GRIDMAP_SECRET_KEY" not in os.environ:
        os.environ.setdefault("GRIDMAP_DEBUG", "1")
    try:
        cluster.ensure_database_url()
    except cluster.ClusterError as refusal:
        sys.exit(f"gridmap: {refusal}")
    try:
        from django.core.management import execute_from_command_line  # noqa: PLC0415
    except ImportError:
        sys.exit("gridmap: Django is not installed here: run script/server --setup-only first")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
