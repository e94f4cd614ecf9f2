"""Sessions of whoever is signed in, as Django keeps them, and whose each is.

Django's own table does not tell whose a session is; without that nobody can see where they are
signed in, and nothing can end somebody's sessions. ``settings.SESSION_ENGINE`` names this module.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.utils import timezone

USER = "_auth_user_id"  # under which Django keeps the user in the session
ROTATE = "rotate"  # set by whoever changes rights: the next request gets a new key


class UserSessionQuerySet(models.QuerySet["UserSession"]):
    def of(self, user_id: int) -> Self:
        """Sessions of one user that have not run out, newest first."""
        return self.filter(user_id=user_id, expire_date__gt=timezone.now()).order_by("-expire_date")

    def over(self) -> Self:
        """Sessions that have run out, of whoever: nobody can use them any more."""
        return self.filter(expire_date__lt=timezone.now())


class UserSession(AbstractBaseSession):
    """One browser that is signed in, or on its way there (then without a user)."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+"
    )

    objects: ClassVar = BaseSessionManager.from_queryset(UserSessionQuerySet)()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(session_key__regex=r"^[0-9a-z]{8,40}$"),
                name="usersession_key_form",
            )
        ]

    @property
    def ident(self) -> str:
        """Name of the session on pages: whoever knows it cannot use the session."""
        return hmac.digest(
            settings.SECRET_KEY.encode(), f"session {self.session_key}".encode(), "sha256"
        ).hex()[:16]

    @classmethod
    def get_session_store_class(cls) -> type[SessionStore]:
        return SessionStore


def sessions_of(user_id: int) -> list[UserSession]:
    """Return the sessions of one user, the newest first."""
    return list(UserSession.objects.of(user_id))


class SessionStore(DatabaseStore):
    """Django's store over `UserSession`."""

    @classmethod
    def get_model_class(cls) -> type[UserSession]:
        return UserSession

    def create_model_instance(self, data: Mapping[str, Any]) -> UserSession:
        """Return the row of this session; who is signed in stands beside what is packed."""
        row = UserSession(
            session_key=self._get_or_create_session_key(),  # type: ignore[attr-defined]
            session_data=self.encode(dict(data)),
            expire_date=self.get_expiry_date(),
        )
        row.user_id = int(data[USER]) if USER in data else None
        return row
