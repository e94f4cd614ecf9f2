"""How often somebody calls: counted in the database, so that all server processes count as one."""

from gridmap.layers.query import rows

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
