"""Counting tries to sign in, so that passwords cannot be tried one after the other."""

from django.db import connection, transaction
from django.utils import timezone

from gridmap.layers import journal
from gridmap.layers.scope import Scope
from gridmap.layers.sign_ins import WINDOW, Caller, SignInFailure, tries_left

# Tries under one mark are counted one after the other; the second key is taken from the mark.
COUNT_LOCK = 74_216


@transaction.atomic
def count_try(*, by: Scope, caller: Caller) -> int:
    """Count a try before it is made; one that goes well is forgotten afterwards.

    Counted first, because a hundred tries sent at one moment must not all find the door open.

    Returns:
        How many tries are left, this one included: 0 means that it must not be made.
    """
    with connection.cursor() as cursor:
        for mark in sorted(caller.limits()):
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [COUNT_LOCK, int(mark[:7], 16)])
    SignInFailure.objects.filter(at__lt=timezone.now() - WINDOW).delete()
    left = tries_left(caller)
    if left > 0:
        SignInFailure.objects.bulk_create(SignInFailure(mark=mark) for mark in caller.limits())
    if left == 1:
        told = {"address": caller.address, "step": caller.step}
        journal.record(by=by, verb="lock", subject=SignInFailure(), change=({}, told))
    return left


@transaction.atomic
def forget_failures(*, by: Scope, caller: Caller) -> int:
    """Forget the caller's failures after a try that went well; return how many there were.

    The try that went well is none of them. What strangers tried under the same name stays.
    """
    forgotten, _ = SignInFailure.objects.of(caller).delete()
    for mark in list(caller.limits())[1:]:
        newest = SignInFailure.objects.filter(mark=mark).order_by("-pk").values("pk")[:1]
        SignInFailure.objects.filter(pk__in=newest).delete()
    if forgotten > 1:
        journal.record(by=by, verb="forgive", subject=SignInFailure(), change=({}, {}))
    return max(0, forgotten - 1)
