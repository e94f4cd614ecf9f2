"""A clock that stands where a test puts it: that of the deeds, and that of the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from unittest.mock import patch

from django.db import connection


def _run(sql: str, *values: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


@contextmanager
def database_clock() -> Iterator[None]:
    """Let the database of this connection look at `stopped` for its now().

    Functions and triggers look for now() anew in each session, on the search path; what is bound to
    the tables themselves (checks, defaults) keeps the true clock.
    """
    _run("CREATE SCHEMA stopped")
    _run(
        "CREATE FUNCTION stopped.now() RETURNS timestamptz LANGUAGE sql STABLE AS $$"
        " SELECT coalesce(nullif(current_setting('stopped.at', true), '')::timestamptz,"
        " pg_catalog.now()) $$"
    )
    _run("SET search_path = stopped, pg_catalog, public")
    try:
        yield
    finally:
        _run("RESET search_path")
        _run("DROP SCHEMA stopped CASCADE")


@contextmanager
def stopped(moment: datetime) -> Iterator[None]:
    """Let everything happen at a moment; inside `database_clock`."""
    _run("SELECT set_config('stopped.at', %s, false)", moment.isoformat())
    with patch("django.utils.timezone.now", return_value=moment):
        yield
    _run("SELECT set_config('stopped.at', '', false)")
