"""How to reach somebody who reported: lives in one case, is shown masked, and expires.

There are no person files. A contact belongs to one incident, is opened with a reason, and goes some
days after the case has ended. No other table holds it: not the journal, not the versions of rows.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from gridmap.layers.incidents import Incident
from gridmap.layers.rights import DEPARTMENT, OPERATOR, RIGHTS
from gridmap.layers.scope import Scope, Spot

SHOWN_HEAD, SHOWN_TAIL = 3, 4  # digits of a number that stay visible: 138••••0426
DOTS = "••••"
PHONE = re.compile(r"\+?[0-9][0-9 -]{4,27}[0-9]")
REASON = 4  # letters a reason has at least


class ContactQuerySet(models.QuerySet["Contact"]):
    def within(self, scope: Scope) -> Self:
        """Contacts of incidents that are the caller's business; who may open one asks more."""
        return self.filter(incident__in=Incident.objects.within(scope))

    def over(self) -> Self:
        """Contacts whose case ended so long ago that nobody needs them any more."""
        ended = timezone.now() - timedelta(days=settings.CONTACT_DAYS)
        return self.filter(incident__closed_at__lt=ended)


class Contact(models.Model):
    """The name and number somebody left with one report, for that report only."""

    incident = models.OneToOneField(Incident, models.CASCADE, related_name="contact")
    name = models.CharField(max_length=40, blank=True)
    phone = models.CharField(max_length=30)

    objects = ContactQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(phone__regex=rf"^{PHONE.pattern}$"), name="contact_phone_form"
            )
        ]

    def __str__(self) -> str:
        return self.masked_phone

    def may_be_opened(self, scope: Scope) -> bool:
        """Return whether the caller's posts include opening it.

        A department's post spreads over its city, but opens contacts of its own cases only.
        """
        case = self.incident
        spot = Spot(case.city_id, case.community_id, case.cell_id)
        for post in scope.posts:
            if post.role == DEPARTMENT:
                if case.department_id in scope.departments:
                    return True
            elif post.role in RIGHTS["see_contacts"] | {OPERATOR} and post.area.holds(spot):
                return True
        return False

    @property
    def masked_phone(self) -> str:
        """The number with its middle hidden; a short one shows its last two digits only."""
        digits = self.phone.replace(" ", "").replace("-", "")
        if len(digits) <= SHOWN_HEAD + SHOWN_TAIL:
            return DOTS + digits[-2:]
        return digits[:SHOWN_HEAD] + DOTS + digits[-SHOWN_TAIL:]

    @property
    def masked_name(self) -> str:
        """The first letter of the name."""
        return f"{self.name[:1]}{DOTS[:2]}" if self.name else ""
