"""What signing in needs to know of a user beside the password: the second factor, a forced change.

The shared secret of the second factor is sealed with a key made from ``SECRET_KEY``: a dump of the
database alone gives nobody a code. Recovery codes are kept as keyed hashes.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from typing import Self
from urllib.parse import quote

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django_otp.oath import TOTP

from gridmap.layers.postings import Role, scope_of

SECRET_BYTES = 20  # RFC 4226, 4: as long as the hash
TOLERANCE = 1  # steps of 30 s that a telephone's clock may be off
CODES = 10
# Without what is mistaken for something else when read from paper: no 0 1 i l o u.
LETTERS = "23456789abcdefghjkmnpqrstvwxyz"
# Who sits at a desk; whoever walks the lanes is not signed out for looking up from the telephone.
DESKS = frozenset(
    {Role.LEADER, Role.DISPATCHER, Role.CADRE, Role.PLANNER, Role.DEPARTMENT, Role.AUDITOR}
)
ADMIN = "admin"  # in settings.TWO_FACTOR_ROLES: whoever may enter the administration


def _box() -> MultiFernet:
    keys = [str(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    made = [hmac.digest(key.encode(), b"gridmap.second-factor.1", "sha256") for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in made])


def seal(secret: bytes) -> str:
    """Return the secret as it may be stored."""
    return _box().encrypt(secret).decode()


def opened(sealed: str) -> bytes | None:
    """Return the secret, or None when it was sealed with a key that is no longer known."""
    try:
        return _box().decrypt(sealed.encode())
    except InvalidToken:
        return None


def step_of(secret: bytes, code: str, *, after: int, now: float) -> int | None:
    """Return the time step in which the code is right and was not used yet, or None.

    Args:
        secret: shared with the telephone.
        code: six digits, as typed; spaces are forgiven.
        after: the last step whose code was taken; one code is good once.
        now: seconds since the epoch.
    """
    typed = "".join(code.split())
    if len(typed) != 6 or not (typed.isascii() and typed.isdecimal()):  # noqa: PLR2004 - RFC 6238
        return None
    totp = TOTP(secret)
    totp.time = now
    return totp.t() if totp.verify(int(typed), tolerance=TOLERANCE, min_t=after + 1) else None


def new_secret() -> bytes:
    """Return a secret nobody knows yet."""
    return secrets.token_bytes(SECRET_BYTES)


def spelled(secret: bytes) -> str:
    """Return the secret as it is typed into a telephone without a camera."""
    return base64.b32encode(secret).decode()


def invitation(secret: bytes, user: User) -> str:
    """Return the ``otpauth:`` address that telephones read from the square code."""
    issuer = "gridmap"
    return (
        f"otpauth://totp/{issuer}:{quote(user.get_username())}?secret={spelled(secret)}"
        f"&issuer={issuer}&algorithm=SHA1&digits=6&period=30"
    )


def new_codes() -> list[str]:
    """Return recovery codes nobody knows yet: 39 bits each, tries are counted."""

    def part() -> str:
        return "".join(secrets.choice(LETTERS) for _ in range(4))

    return [f"{part()}-{part()}" for _ in range(CODES)]


def mark_of(user_id: int, code: str) -> str:
    """Return what is kept of a recovery code; case, spaces and dashes do not matter."""
    plain = "".join(letter for letter in code.lower() if letter in LETTERS)
    text = f"recovery {user_id} {plain}"
    return hmac.digest(settings.SECRET_KEY.encode(), text.encode(), "sha256").hex()


class Account(models.Model):
    """What signing in knows of a user beside the password."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="account"
    )
    must_change = models.BooleanField(default=False)  # the password was given by somebody else
    password_at = models.DateTimeField(null=True, blank=True)
    totp_secret = models.TextField(blank=True)  # sealed
    totp_at = models.DateTimeField(null=True, blank=True)
    totp_step = models.BigIntegerField(default=0)  # the last one used: no code is taken twice

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(totp_secret="", totp_at=None)
                | (~Q(totp_secret="") & Q(totp_at__isnull=False)),
                name="account_totp_whole",
            )
        ]

    def __str__(self) -> str:
        return str(self.user_id)

    @property
    def two_steps(self) -> bool:
        """Whether signing in takes a second factor."""
        return self.totp_secret != ""


class RecoveryCodeQuerySet(models.QuerySet["RecoveryCode"]):
    def unused(self, user_id: int) -> Self:
        """Codes of the user that still open the door once."""
        return self.filter(user_id=user_id, used_at=None)


class RecoveryCode(models.Model):
    """One of the codes that stand in for a lost telephone; each opens the door once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    mark = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True, blank=True)

    objects = RecoveryCodeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "mark"], name="recoverycode_once"),
            models.CheckConstraint(
                condition=Q(mark__regex=r"^[0-9a-f]{64}$"), name="recoverycode_mark_form"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.used_at or ''}"


def account_of(user_id: int) -> Account:
    """Return the user's row, or one that is not stored yet: nothing special is known."""
    return Account.objects.filter(user_id=user_id).first() or Account(user_id=user_id)


def codes_left(user_id: int) -> int:
    """Return how many recovery codes still open the door."""
    return RecoveryCode.objects.unused(user_id).count()


def must_have_two_steps(user: User) -> bool:
    """Return whether ``settings.TWO_FACTOR_ROLES`` asks this user for a second factor."""
    asked = settings.TWO_FACTOR_ROLES
    if not asked:
        return False
    return (ADMIN in asked and user.is_staff) or bool(asked & scope_of(user.pk).roles)


def sits_at_a_desk(user: User) -> bool:
    """Return whether the session ends when nothing is done for a while."""
    roles = scope_of(user.pk).roles
    return not roles or user.is_staff or bool(DESKS & roles)
