"""Counting refused sign-ins, so that passwords cannot be tried one after the other."""

from django.db import transaction
from django.utils import timezone

from gridmap.layers import journal
from gridmap.layers.scope import Scope
from gridmap.layers.sign_ins import WINDOW, Caller, SignInFailure, tries_left


@transaction.atomic
def note_failure(*, by: Scope, caller: Caller) -> SignInFailure:
    """Remember a refused sign-in; the one that locks the caller out is told to the journal."""
    SignInFailure.objects.filter(at__lt=timezone.now() - WINDOW).delete()
    failure = SignInFailure.objects.create(mark=caller.mark)
    if tries_left(caller) == 0:
        journal.record(
            by=by, verb="lock", subject=failure, change=({}, {"address": caller.address})
        )
    return failure


@transaction.atomic
def forget_failures(*, by: Scope, caller: Caller) -> int:
    """Forget the caller's refusals after a sign-in that went well; return how many there were."""
    forgotten, _ = SignInFailure.objects.of(caller).delete()
    if forgotten:
        journal.record(by=by, verb="forgive", subject=SignInFailure(), change=({}, {}))
    return forgotten
