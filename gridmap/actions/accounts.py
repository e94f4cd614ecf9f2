"""What people do with their own account: password, second factor, sessions."""

import time
from collections.abc import Mapping

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from gridmap.errors import BadValue, OutOfScope, WeakPassword, WrongState
from gridmap.layers import journal
from gridmap.layers.accounts import (
    Account,
    RecoveryCode,
    mark_of,
    must_have_two_steps,
    new_codes,
    opened,
    seal,
    step_of,
)
from gridmap.layers.scope import Scope
from gridmap.layers.sessions import UserSession


def _own(by: Scope) -> User:
    """Return the caller's row, locked."""
    user = User.objects.select_for_update().filter(pk=by.user_id or 0, is_active=True).first()
    if user is None:
        raise OutOfScope("没有找到，或不在您的范围内")
    return user


def _account(user_id: int) -> Account:
    """Return the user's account, stored and locked."""
    Account.objects.get_or_create(user_id=user_id)
    return Account.objects.select_for_update().get(user_id=user_id)


def _end(user_id: int, *, but: str = "") -> int:
    """End sessions of a user; return how many there were."""
    found = UserSession.objects.filter(user_id=user_id).exclude(session_key=but)
    return found.delete()[0]


def _set_password(user: User, password: str, *, must_change: bool) -> None:
    """Give the user a password that keeps the rules.

    Raises:
        WeakPassword: it does not.
    """
    try:
        validate_password(password, user)
    except ValidationError as broken:
        raise WeakPassword("这个密码不能用", reasons=list(broken.messages)) from broken
    user.set_password(password)
    user.save(update_fields=["password"])
    account = _account(user.pk)
    account.must_change, account.password_at = must_change, timezone.now()
    account.save(update_fields=["must_change", "password_at"])


@transaction.atomic
def note_sign_in(*, by: Scope, facts: Mapping[str, str]) -> None:
    """Tell the journal who signed in, from where and how.

    Args:
        by: who.
        facts: ``address``, ``device`` and, where there was one, ``second`` factor.
    """
    user = _own(by)
    journal.record(by=by, verb="sign-in", subject=user, change=({}, dict(facts)))


@transaction.atomic
def change_password(*, by: Scope, old: str, new: str, session: str) -> User:
    """Change the caller's own password; every other session of theirs ends.

    Args:
        by: whose.
        old: the password so far.
        new: the password from now on.
        session: key of the session that stays; the door gives it a new key.

    Raises:
        BadValue: the old one is wrong, or both are the same.
        WeakPassword: the new one breaks a rule.
    """
    user = _own(by)
    if not user.check_password(old):
        raise BadValue("现在的密码不对")
    if old == new:
        raise BadValue("新密码不能与现在的密码相同")
    _set_password(user, new, must_change=False)
    ended = _end(user.pk, but=session)
    journal.record(by=by, verb="change-password", subject=user, change=({}, {"ended": ended}))
    return user


@transaction.atomic
def pass_second_factor(*, by: Scope, code: str) -> str:
    """Take a code of the second factor; it is good once.

    Args:
        by: who is about to sign in.
        code: six digits of the telephone, or a recovery code.

    Returns:
        ``totp`` or ``recovery``; "" when the code is wrong: then nothing was changed.
    """
    user = _own(by)
    account = _account(user.pk)
    secret = opened(account.totp_secret) if account.two_steps else None
    step = secret and step_of(secret, code, after=account.totp_step, now=time.time())
    if step:
        account.totp_step = step
        account.save(update_fields=["totp_step"])
        return "totp"
    unused = RecoveryCode.objects.unused(user.pk).filter(mark=mark_of(user.pk, code))
    if not account.two_steps or not unused.update(used_at=timezone.now()):
        return ""
    left = RecoveryCode.objects.unused(user.pk).count()
    journal.record(by=by, verb="use-recovery-code", subject=user, change=({}, {"left": left}))
    return "recovery"


def _fresh_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    codes = new_codes()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, mark=mark_of(user.pk, code)) for code in codes
    )
    return codes


@transaction.atomic
def turn_on_second_factor(*, by: Scope, secret: bytes, code: str) -> list[str]:
    """Ask for a second factor from now on.

    Args:
        by: whose account.
        secret: as shown to the telephone.
        code: what the telephone shows, which proves that it has the secret.

    Returns:
        The recovery codes; they are shown this once.

    Raises:
        BadValue: the code is not the telephone's.
        WrongState: it is on already.
    """
    user = _own(by)
    account = _account(user.pk)
    if account.two_steps:
        raise WrongState("两步验证已经开启")
    step = step_of(secret, code, after=0, now=time.time())
    if step is None:
        raise BadValue("验证码不对。请看手机上现在显示的六位数字，并核对手机的时间。")
    account.totp_secret, account.totp_at, account.totp_step = seal(secret), timezone.now(), step
    account.save()
    codes = _fresh_codes(user)
    journal.record(by=by, verb="turn-on-second-factor", subject=user)
    return codes


@transaction.atomic
def turn_off_second_factor(*, by: Scope, password: str) -> None:
    """Ask for the password only from now on.

    Raises:
        BadValue: the password is wrong.
        WrongState: it is off already, or this person's role must have it.
    """
    user = _own(by)
    if not user.check_password(password):
        raise BadValue("现在的密码不对")
    account = _account(user.pk)
    if not account.two_steps:
        raise WrongState("两步验证没有开启")
    if must_have_two_steps(user):
        raise WrongState("您的角色必须使用两步验证，不能关闭")
    account.totp_secret, account.totp_at, account.totp_step = "", None, 0
    account.save()
    RecoveryCode.objects.filter(user=user).delete()
    journal.record(by=by, verb="turn-off-second-factor", subject=user)


@transaction.atomic
def renew_recovery_codes(*, by: Scope, password: str) -> list[str]:
    """Make new recovery codes; the old ones open nothing any more.

    Raises:
        BadValue: the password is wrong.
        WrongState: there is no second factor to recover.
    """
    user = _own(by)
    if not user.check_password(password):
        raise BadValue("现在的密码不对")
    if not _account(user.pk).two_steps:
        raise WrongState("两步验证没有开启")
    codes = _fresh_codes(user)
    journal.record(by=by, verb="renew-recovery-codes", subject=user)
    return codes


@transaction.atomic
def end_sessions(*, by: Scope, ident: str = "", but: str = "") -> int:
    """End sessions of the caller's own: one, or all but one.

    Args:
        by: whose.
        ident: `UserSession.ident` of the one; "" for all.
        but: key of the session that stays when all others end.

    Raises:
        OutOfScope: the caller has no such session.
    """
    user = _own(by)
    found = UserSession.objects.of(user.pk).exclude(session_key=but)
    keys = [row.session_key for row in found if ident in ("", row.ident)]
    if ident and not keys:
        raise OutOfScope("没有找到，或不在您的范围内")
    UserSession.objects.filter(session_key__in=keys).delete()
    journal.record(by=by, verb="end-sessions", subject=user, change=({}, {"ended": len(keys)}))
    return len(keys)


@transaction.atomic
def forget_sessions(*, by: Scope) -> int:
    """Delete the sessions that have run out; return how many went."""
    gone, _ = UserSession.objects.over().delete()
    if gone:
        journal.record(by=by, verb="forget_sessions", subject=User(), change=({}, {"ended": gone}))
    return gone
