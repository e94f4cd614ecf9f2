"""How often this door may be knocked at: much for those who are signed in, little for strangers."""

from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from gridmap.layers.rates import seconds_to_wait


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
