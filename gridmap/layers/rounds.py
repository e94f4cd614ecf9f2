"""Rounds: taking a delivery, trying it, keeping what came of it.

A delivery is taken in one short transaction and settled in another; while a far machine is waited
for, nothing is held but a promise with an end (``taken_until``). A worker that dies leaves the
promise behind: once it has ended, a mail or a webhook is tried again under the same key, by which
its receiver knows it. A robot knows no keys; of it we say that nobody knows, and a person decides.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from random import uniform

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from gridmap.layers.couriers import COURIERS, NotSent
from gridmap.layers.deliveries import Attempt, Delivery

log = logging.getLogger(__name__)

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(hours=1)
MOST_TRIES = 30  # with these waits: about a day
HELD = timedelta(seconds=60)  # longer than any courier is patient
MINUTE = timedelta(minutes=1)
ROBOT_A_MINUTE = 20  # tries, of all workers together
ROBOT_LOCK = 74_221


def take() -> Delivery | None:
    """Take the delivery that has waited longest, and write down that it is tried now."""
    with transaction.atomic():
        now = timezone.now()
        _let_go(now)
        waiting = Delivery.objects.select_for_update(skip_locked=True).filter(
            state="waiting", taken_until=None, next_at__lte=now
        )  # fmt: skip
        row = waiting.order_by("next_at", "pk").first()
        if row is None:
            return None
        if row.channel == Delivery.Channel.ROBOT and (free_at := _robot_free_at(row.target, now)):
            same = waiting.filter(channel=row.channel, target=row.target)
            # Rows another worker holds are left to it: it waits for the lock this one has.
            put_off = list(same.values_list("pk", flat=True))
            Delivery.objects.filter(pk__in=put_off).update(next_at=free_at)
            return take()
        row.tries += 1
        row.taken_until = now + HELD
        row.save(update_fields=["tries", "taken_until"])
        Attempt.objects.create(delivery=row, channel=row.channel, target=row.target)
    return row


def _let_go(now: datetime) -> None:
    """Give back what a worker that died had taken."""
    left = Delivery.objects.filter(state="waiting", taken_until__lte=now)
    left.filter(channel=Delivery.Channel.ROBOT).update(
        state="unsure", taken_until=None, trouble="the worker died while it was sent"
    )
    left.update(taken_until=None)


def _robot_free_at(target: str, now: datetime) -> datetime | None:
    """Return when this robot may be called again; None: now. One worker asks after the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [ROBOT_LOCK, target])
    recent = Attempt.objects.filter(channel="robot", target=target, at__gt=now - MINUTE)
    times = list(recent.order_by("-at").values_list("at", flat=True)[:ROBOT_A_MINUTE])
    return times[-1] + MINUTE if len(times) == ROBOT_A_MINUTE else None


def try_one() -> bool:
    """Try the delivery that has waited longest; return whether there was one."""
    row = take()
    if row is None:
        return False
    if not connection.in_atomic_block:
        connection.close()  # back into the pool while a far machine is waited for
    try:
        COURIERS[row.channel](row)
    except NotSent as trouble:
        settle(row, trouble)
    except Exception as fault:  # one message must not hold up the others
        log.exception("delivery %s failed", row.key)
        settle(row, NotSent(type(fault).__name__, unsure=True))
    else:
        settle(row, None)
    return True


@transaction.atomic
def settle(row: Delivery, trouble: NotSent | None) -> None:
    """Keep what came of a try, unless somebody else has taken it since."""
    held = Delivery.objects.select_for_update().filter(pk=row.pk, taken_until=row.taken_until)
    if not held.exists():
        return
    now = timezone.now()
    row.taken_until = None
    row.trouble = "" if trouble is None else str(trouble)[:200]
    if trouble is None:
        row.state, row.sent_at = Delivery.State.SENT, now
    elif trouble.unsure and row.channel == Delivery.Channel.ROBOT:
        row.state = Delivery.State.UNSURE
    elif trouble.forever or (row.tries >= MOST_TRIES and not trouble.busy):
        row.state = Delivery.State.GIVEN_UP
    else:
        row.next_at = now + (MINUTE if trouble.busy else wait_after(row.tries))
    row.save()
    last = row.attempts.order_by("-pk").values("pk")[:1]
    Attempt.objects.filter(pk__in=last).update(trouble=row.trouble)
    if trouble is not None and trouble.busy:
        Delivery.objects.filter(pk=row.pk).update(tries=F("tries") - 1)


def wait_after(tries: int) -> timedelta:
    """Return how long to wait: twice as long each time, not all at one moment."""
    doubled = FIRST_WAIT * float(2 ** min(tries - 1, 12))
    return min(LONGEST_WAIT, doubled) * uniform(0.8, 1.2)  # noqa: S311 - no secret
