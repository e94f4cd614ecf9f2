"""Refused sign-ins of the last minutes: what the lock after repeated wrong passwords counts."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext

from gridmap.layers.postings import Posting, Role

TRIES = 5  # of one name from one address, or from one browser known to it
# Of one name from anywhere: many addresses cannot guess one account. A browser in which the account
# was signed in before is counted by itself, so strangers cannot lock the person out of it.
NAME_TRIES = {"password": 20, "code": 10}
ADDRESS_TRIES = 100  # of any name from one address: an office behind one address is let live
OUTSIDE, OUTSIDE_TRIES = "outside", 30  # refused answers of a provider, from one address
WINDOW = timedelta(minutes=15)
# Accounts that come with the demo town; their password is their name.
DEMO_NAMES = (
    "leader", "duty", "cadre", "worker", "chief", "patrol", "planner", "sanitation", "auditor"
)  # fmt: skip


@dataclass(frozen=True)
class Caller:
    """Who tries to sign in.

    Attributes:
        name: as typed.
        address: of the network it came from.
        browser: of a browser in which this name was signed in before; proven by a signed cookie.
        step: what is tried: the password, or the code of the second factor.
    """

    name: str
    address: str
    browser: str = ""
    step: str = "password"  # or code, or outside

    def limits(self) -> dict[str, int]:
        """Return how many failures each mark may have; the first mark is the caller's own.

        A mark is a keyed hash: people type passwords into the wrong field, so no name is kept.
        """
        if self.step == OUTSIDE:  # a provider vouches: there is no name to guess at
            return {
                _mark(self.step, "address", self.address): OUTSIDE_TRIES,
                _mark("address", self.address): ADDRESS_TRIES,
            }
        name = self.name.casefold()
        if self.browser:
            return {_mark(self.step, name, "browser", self.browser): TRIES}
        return {
            _mark(self.step, name, "address", self.address): TRIES,
            _mark(self.step, name): NAME_TRIES[self.step],
            _mark("address", self.address): ADDRESS_TRIES,
        }


def _mark(*parts: str) -> str:
    text = "\n".join(parts)
    return hmac.new(settings.SECRET_KEY.encode(), text.encode(), "sha256").hexdigest()


class SignInFailureQuerySet(models.QuerySet["SignInFailure"]):
    def of(self, caller: Caller) -> Self:
        """Failures that are the caller's own: not those of others who tried the same name."""
        return self.filter(mark=next(iter(caller.limits())))

    def since(self, moment: datetime) -> Self:
        """Refusals from ``moment`` on."""
        return self.filter(at__gte=moment)


class SignInFailure(models.Model):
    """One try to sign in that did not succeed, under one mark; forgotten after the window."""

    mark = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = SignInFailureQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["mark", "at"], name="signinfailure_recent")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(mark__regex=r"^[0-9a-f]{64}$"), name="signinfailure_mark_form"
            )
        ]

    def __str__(self) -> str:
        return f"{self.at:%F %T}"


def tries_left(caller: Caller) -> int:
    """Return how often the caller may still try now."""
    limits = caller.limits()
    recent = SignInFailure.objects.since(timezone.now() - WINDOW).filter(mark__in=limits)
    counted = recent.values("mark").annotate(n=models.Count("pk")).values_list("mark", "n")
    used: dict[str, int] = dict(counted)
    return max(0, min(limit - used.get(mark, 0) for mark, limit in limits.items()))


def demo_accounts() -> list[tuple[str, str]]:
    """Return name and role of the demo accounts, as long as there is a demo town."""
    posted = Posting.objects.filter(city__demo=True, user__username__in=DEMO_NAMES)
    roles = dict(posted.values_list("user__username", "role"))
    return [(name, gettext(str(Role(roles[name]).label))) for name in DEMO_NAMES if name in roles]
