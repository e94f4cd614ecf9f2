"""Loaded by pytest before Django's settings: development mode, and a database that runs."""

import os

from gridmap import cluster

if "GRIDMAP_SECRET_KEY" not in os.environ:
    os.environ.setdefault("GRIDMAP_DEBUG", "1")
cluster.ensure_database_url()
