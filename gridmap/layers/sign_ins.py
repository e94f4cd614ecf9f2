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

TRIES = 5
WINDOW = timedelta(minutes=15)
# Accounts that come with the demo town; their password is their name.
DEMO_NAMES = ("leader", "duty", "cadre", "planner", "patrol", "chief", "sanitation")


@dataclass(frozen=True)
class Caller:
    """Who tries to sign in: the name as typed, and the network address it came from."""

    name: str
    address: str

    @property
    def mark(self) -> str:
        """A keyed hash: people type passwords into the wrong field, so no name is kept."""
        text = f"{self.name.casefold()}\n{self.address}"
        return hmac.new(settings.SECRET_KEY.encode(), text.encode(), "sha256").hexdigest()


class SignInFailureQuerySet(models.QuerySet["SignInFailure"]):
    def of(self, caller: Caller) -> Self:
        """Refusals of the same name from the same address."""
        return self.filter(mark=caller.mark)

    def since(self, moment: datetime) -> Self:
        """Refusals from ``moment`` on."""
        return self.filter(at__gte=moment)


class SignInFailure(models.Model):
    """One refused sign-in; forgotten after the window."""

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
    recent = SignInFailure.objects.of(caller).since(timezone.now() - WINDOW)
    return max(0, TRIES - recent.count())


def demo_accounts() -> list[tuple[str, str]]:
    """Return name and role of the demo accounts, as long as there is a demo town."""
    posted = Posting.objects.filter(city__demo=True, user__username__in=DEMO_NAMES)
    roles = dict(posted.values_list("user__username", "role"))
    return [(name, gettext(str(Role(roles[name]).label))) for name in DEMO_NAMES if name in roles]
