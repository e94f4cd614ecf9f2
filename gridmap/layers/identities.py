"""Identities outside of gridmap that open an account: who somebody is at a provider.

There is no way in without a row here: an outside identity never makes an account.
"""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gridmap.layers.scope import Scope

LONGEST = 191  # letters of a subject; OpenID Connect allows 255 of ASCII, nobody gives so many


class IdentityQuerySet(models.QuerySet["Identity"]):
    def of(self, user_id: int) -> Self:
        """Identities that open this account."""
        return self.filter(user_id=user_id)

    def within(self, scope: Scope) -> Self:
        """The caller's own."""
        return self.filter(user_id=scope.user_id)

    def called(self, way: str, subject: str) -> Self:
        """The identity a provider means by this subject, if somebody linked it."""
        return self.filter(way=way, subject=subject)


class Identity(models.Model):
    """An account and who its bearer is at one provider."""

    class Way(models.TextChoices):
        OIDC = "oidc", "统一身份认证"
        WECHAT = "wechat", "微信"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="identities")
    way = models.CharField(max_length=8, choices=Way)
    subject = models.CharField(max_length=LONGEST)  # says nothing outside of the provider
    linked_at = models.DateTimeField(default=timezone.now)

    objects = IdentityQuerySet.as_manager()

    class Meta:
        verbose_name = _("外部身份")
        verbose_name_plural = _("外部身份")
        ordering = ["user__username", "way"]
        constraints = [
            models.UniqueConstraint(fields=["way", "subject"], name="identity_of_one_account"),
            models.UniqueConstraint(fields=["user", "way"], name="identity_one_a_provider"),
            models.CheckConstraint(condition=Q(way__in=["oidc", "wechat"]), name="identity_way"),
            models.CheckConstraint(
                condition=Q(subject__regex=r"^[!-~]([ -~]*[!-~])?$"), name="identity_subject_form"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.way} {self.subject}"


def user_called(way: str, subject: str) -> User | None:
    """Return whose account this identity opens; None: nobody linked it."""
    found = Identity.objects.called(way, subject).select_related("user").first()
    return found.user if found else None
