"""How often somebody calls: counted in the database, so that all server processes count as one."""

import math

from gridmap.layers.query import rows

SPANS = {"second": 1, "minute": 60, "hour": 3_600}

COUNT = "SELECT c.calls, c.seconds FROM gridmap_count_call(%(who)s, %(span)s) AS c"


def count_call(who: str, span: int) -> tuple[int, float]:
    """Count a call and return how many it makes.

    Args:
        who: calls; any name that is theirs alone.
        span: of time in which calls are counted together, seconds.

    Returns:
        The calls of the present span, and in how many seconds it ends.
    """
    row = rows(COUNT, {"who": who, "span": span})[0]
    return int(row["calls"]), float(row["seconds"])


def limit(rate: str) -> tuple[int, int] | None:
    """Return calls and seconds of a rate like ``1200/minute``; None where it is empty: no limit."""
    if not rate:
        return None
    calls, _, span = rate.partition("/")
    return int(calls), SPANS[span]


def seconds_to_wait(who: str, rate: str) -> int:
    """Count a call and return how long to wait where it is one too many; 0: it is welcome."""
    allowed = limit(rate)
    if allowed is None:
        return 0
    calls, left = count_call(who, allowed[1])
    return max(1, math.ceil(left)) if calls > allowed[0] else 0
