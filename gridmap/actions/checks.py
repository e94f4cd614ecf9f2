"""The nightly check of the chiefs' register: done, and written down."""

from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils import timezone

from gridmap.layers import journal
from gridmap.layers.checks import ChiefCheck, examine
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City

CHECK_LOCK = 74_216  # the second key is the city's id


@transaction.atomic
def check_chiefs(*, by: Scope, city: City, again: bool = True) -> ChiefCheck:
    """Hold the register of a city against its rules and keep what was found.

    Args:
        by: who asks; the timekeeper and the command are the operator.
        city: whose register.
        again: also when it was done on this local day already; otherwise that run is the answer.

    Raises:
        NotYours: the caller may not appoint in all of the city.
    """
    by.must("appoint", city.pk)
    now = timezone.now()
    day = timezone.localdate(now, ZoneInfo(city.time_zone))
    with connection.cursor() as cursor:  # of two timekeepers the second finds it done
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [CHECK_LOCK, city.pk])
    done = ChiefCheck.objects.filter(city=city, day=day).first()
    if done is not None and not again:
        return done
    counts, findings = examine(city, now=now)
    check = ChiefCheck.objects.create(city=city, at=now, day=day, counts=counts, findings=findings)
    journal.record(
        by=by,
        verb="check_chiefs",
        subject=check,
        where=(city.pk, None, None),
        change=({}, counts["rules"]),
    )
    return check
