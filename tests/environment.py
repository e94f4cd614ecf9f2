"""Loaded by pytest before Django's settings: development mode, and a database that runs."""

import os

from gridmap import cluster

if "GRIDMAP_SECRET_KEY" not in os.environ:
    os.environ.setdefault("GRIDMAP_DEBUG", "1")
# A thousand tests are one caller; those of the rates set their own.
for rate in ("GRIDMAP_API_RATE", "GRIDMAP_API_RATE_STRANGERS"):
    os.environ.setdefault(rate, "")
cluster.ensure_database_url()
