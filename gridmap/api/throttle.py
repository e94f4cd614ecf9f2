"""How often this door may be knocked at: much for those who are signed in, little for strangers."""

import math
from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from gridmap.layers.rates import count_call

SPANS = {"second": 1, "minute": 60, "hour": 3_600}


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


def stranger_waits(request: Request) -> int:
    """The same for somebody who is not signed in, told apart by the address of the machine."""
    return seconds_to_wait(f"at {request.META.get('REMOTE_ADDR', '')}", settings.API_RATE_STRANGERS)


class CallRate(BaseThrottle):
    """The limit of those who are signed in; each has the own one, on however many machines."""

    _seconds = 0

    def allow_request(self, request: Request, view: Any) -> bool:  # noqa: ARG002
        """Count the call and return whether it is answered."""
        self._seconds = seconds_to_wait(f"user {request.user.pk}", settings.API_RATE)
        return self._seconds == 0

    def wait(self) -> float:
        """Return how long to wait, seconds."""
        return self._seconds
