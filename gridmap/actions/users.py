"""What administrators do with accounts and postings of others."""

import secrets
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from gridmap.errors import BadValue, NotYours, OutOfScope, WrongState
from gridmap.layers import journal
from gridmap.layers.accounts import LETTERS, Account, RecoveryCode
from gridmap.layers.postings import Posting
from gridmap.layers.rights import OPERATOR, RIGHTS
from gridmap.layers.scope import Scope
from gridmap.layers.sessions import ROTATE, SessionStore, UserSession


def _everywhere(by: Scope) -> bool:
    return OPERATOR in by.roles


def _administered(by: Scope, user_id: int) -> User:
    """Return another's account, locked.

    Raises:
        OutOfScope: there is none, or it is also posted where the caller administers nothing.
        NotYours: it administers everything, and the caller does not.
    """
    own = by.cities_where("administer")
    user = User.objects.select_for_update().filter(pk=user_id).first()
    if user is None or not (own or _everywhere(by)):
        raise OutOfScope("没有找到，或不在您的范围内")
    if _everywhere(by):
        return user
    if user.is_superuser:
        raise NotYours("这个账号管理整个系统，只有同样的账号能改它")
    # None of its postings may lie elsewhere: one city's administrator cannot take over a user of
    # another by giving that user a posting here.
    if Posting.objects.filter(user=user).exclude(city_id__in=own).exists():
        raise OutOfScope("没有找到，或不在您的范围内")
    return user


def _temporary() -> str:
    """Return a password that is read out once and opens its own change only."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))


def _give_password(user: User) -> str:
    password = _temporary()
    user.set_password(password)
    user.save(update_fields=["password"])
    Account.objects.update_or_create(
        user=user, defaults={"must_change": True, "password_at": timezone.now()}
    )
    UserSession.objects.filter(user=user).delete()
    return password


def _settle(user_id: int) -> None:
    """After a change of rights: who may enter the administration, and new keys for the sessions."""
    may = Posting.objects.filter(
        user_id=user_id, role__in=RIGHTS["administer"], valid__contains=timezone.now()
    ).exists()
    User.objects.filter(pk=user_id, is_superuser=False).update(is_staff=may)
    for row in UserSession.objects.of(user_id):
        store = SessionStore(row.session_key)
        if store.get("_auth_user_id"):
            store[ROTATE] = True
            store.save()


@transaction.atomic
def open_account(*, by: Scope, name: str, full_name: str, why: str = "") -> tuple[User, str]:
    """Open an account; its password is good for its own change only.

    Returns:
        The account, and the password to hand over.

    Raises:
        NotYours: the caller administers nothing.
        BadValue: the name is taken.
    """
    if not (by.cities_where("administer") or _everywhere(by)):
        raise NotYours("您的岗位在这里不能做这件事", verb="administer")
    if User.objects.filter(username__iexact=name).exists():
        raise BadValue("用户名 %(name)s 已有人用", name=name)
    user = User.objects.create(username=name, first_name=full_name)
    password = _give_password(user)
    journal.record(
        by=by, verb="open-account", subject=user, change=({}, {"username": name}), why=why
    )
    return user, password


@transaction.atomic
def change_account(
    *, by: Scope, user_id: int, full_name: str, active: bool, email: str = "", why: str = ""
) -> User:
    """Rename the bearer of an account, set where notices are mailed to, close it or open it again.

    Closing ends its sessions. The journal tells that the address changed, and not which it is.

    Raises:
        OutOfScope, NotYours: the account is not the caller's to change.
        WrongState: nobody closes the own account.
    """
    user = _administered(by, user_id)
    if user.pk == by.user_id and not active:
        raise WrongState("不能停用自己的账号")
    before = {"name": user.first_name, "active": user.is_active, "mailed": bool(user.email)}
    user.first_name, user.is_active, user.email = full_name, active, email
    user.save(update_fields=["first_name", "is_active", "email"])
    if not active:
        UserSession.objects.filter(user=user).delete()
    after = {"name": user.first_name, "active": user.is_active, "mailed": bool(user.email)}
    journal.record(by=by, verb="change-account", subject=user, change=(before, after), why=why)
    return user


@transaction.atomic
def reset_password(*, by: Scope, user_id: int, why: str = "") -> str:
    """Give another's account a password for one use; its sessions end.

    Raises:
        OutOfScope, NotYours: the account is not the caller's to change.
        WrongState: the own password is changed at the own account.
    """
    user = _administered(by, user_id)
    if user.pk == by.user_id:
        raise WrongState("自己的密码在“我的账号”里修改")
    password = _give_password(user)
    journal.record(by=by, verb="reset-password", subject=user, why=why)
    return password


@transaction.atomic
def lift_second_factor(*, by: Scope, user_id: int, why: str = "") -> None:
    """Turn off another's second factor, when telephone and recovery codes are lost.

    Raises:
        OutOfScope, NotYours: the account is not the caller's to change.
        WrongState: it is off, or it is the caller's own.
    """
    user = _administered(by, user_id)
    lifted = Account.objects.filter(user=user).exclude(totp_secret="")
    if user.pk == by.user_id or not lifted.update(totp_secret="", totp_at=None, totp_step=0):
        raise WrongState("两步验证没有开启")
    RecoveryCode.objects.filter(user=user).delete()
    UserSession.objects.filter(user=user).delete()
    journal.record(by=by, verb="lift-second-factor", subject=user, why=why)


@transaction.atomic
def post(*, by: Scope, posting: Posting, why: str = "") -> Posting:
    """Give a user a role over an area; it holds from now on or from a later moment.

    Raises:
        NotYours: the caller does not administer the city.
        OutOfScope: the user is another city's.
    """
    by.must("administer", posting.city_id)
    _known_here(by, posting.user_id)
    now = timezone.now()
    lower = posting.valid.lower if posting.valid and posting.valid.lower else now
    upper = posting.valid.upper if posting.valid else None
    if upper is not None and upper <= max(lower, now):
        raise BadValue("结束时间须晚于开始时间，也须晚于现在")
    posting.pk = None
    posting.valid = DateTimeTZRange(max(lower, now), upper)
    posting.save()
    _settle(posting.user_id)
    journal.record(
        by=by, verb="post", subject=posting, where=(posting.city_id, posting.community_id, None),
        change=({}, journal.values_of(posting)), why=why,
    )  # fmt: skip
    return posting


def _known_here(by: Scope, user_id: int) -> None:
    """Let a user be posted who has no posting yet, or has one here.

    Raises:
        OutOfScope: all of the user's postings are in other cities.
    """
    own = Posting.objects.filter(user_id=user_id)
    here = own.filter(city_id__in=by.cities_where("administer"))
    if not _everywhere(by) and own.exists() and not here.exists():
        raise OutOfScope("没有找到，或不在您的范围内")


@transaction.atomic
def end_posting(
    *, by: Scope, posting_id: int, until: datetime | None, why: str = ""
) -> Posting | None:
    """Let a posting end at a moment; one that never began is taken away when it ends before.

    Args:
        by: who; must administer the city.
        posting_id: which.
        until: when; None: it goes on. A moment that has passed means now.
        why: the reason, for the journal.

    Raises:
        OutOfScope: there is no such posting.
        NotYours: the caller does not administer the city.
        WrongState: it has ended already.
    """
    posting = Posting.objects.select_for_update().filter(pk=posting_id).first()
    if posting is None:
        raise OutOfScope("没有找到，或不在您的范围内")
    by.must("administer", posting.city_id)
    now, before = timezone.now(), journal.values_of(posting)
    if posting.valid.upper is not None and posting.valid.upper <= now:
        raise WrongState("这项授权已经结束")
    until = max(until, now) if until is not None else None
    if until is not None and until <= posting.valid.lower:
        posting.delete()
        posting.pk = posting_id
        after: dict[str, object] = {}
    else:
        posting.valid = DateTimeTZRange(posting.valid.lower, until)
        posting.save(update_fields=["valid"])
        after = journal.values_of(posting)
    _settle(posting.user_id)
    journal.record(
        by=by, verb="end-posting", subject=posting,
        where=(posting.city_id, posting.community_id, None), change=(before, after), why=why,
    )  # fmt: skip
    return posting if after else None
