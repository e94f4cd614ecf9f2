"""Linking an account with who its bearer is at a provider: by the bearer or an administrator."""

from django.contrib.auth.models import User
from django.db import transaction

from gridmap.actions.accounts import _own
from gridmap.actions.users import _administered
from gridmap.errors import BadValue, OutOfScope, WrongState
from gridmap.layers import journal
from gridmap.layers.identities import LONGEST, Identity
from gridmap.layers.scope import Scope


def _linked(user: User, way: str, subject: str) -> Identity:
    """Link, if neither side is linked already.

    Raises:
        BadValue: it is no provider of ours, or no subject.
        WrongState: the identity opens another account, or the account has one of this provider.
    """
    text = subject.strip()
    printable = text.isascii() and text.isprintable()
    if way not in Identity.Way.values or not 0 < len(text) <= LONGEST or not printable:
        raise BadValue("外部身份标识不能用：须是 1 到 %(most)s 个英文字符", most=LONGEST)
    taken = Identity.objects.select_for_update().called(way, text).first()
    if taken is not None:
        if taken.user_id == user.pk:
            return taken
        raise WrongState("这个外部身份已关联到别的账号")
    if Identity.objects.of(user.pk).filter(way=way).exists():
        raise WrongState("这个账号已有同一来源的外部身份，请先解除")
    return Identity.objects.create(user=user, way=way, subject=text)


@transaction.atomic
def link_own(*, by: Scope, way: str, subject: str, password: str) -> Identity:
    """Let an outside identity, which the caller has just proven, open the caller's account.

    Raises:
        BadValue: the password is wrong.
        WrongState: one of the two is linked already.
    """
    user = _own(by)
    if not user.check_password(password):
        raise BadValue("现在的密码不对")
    made = _linked(user, way, subject)
    journal.record(by=by, verb="link_identity", subject=user, change=({}, {"way": way}))
    return made


@transaction.atomic
def link_for(*, by: Scope, user_id: int, way: str, subject: str, why: str = "") -> Identity:
    """Let an outside identity open another's account, as an administrator.

    Raises:
        OutOfScope, NotYours: the account is not the caller's to change.
        WrongState: one of the two is linked already.
    """
    user = _administered(by, user_id)
    made = _linked(user, way, subject)
    journal.record(by=by, verb="link_identity", subject=user, change=({}, {"way": way}), why=why)
    return made


@transaction.atomic
def unlink_own(*, by: Scope, way: str) -> None:
    """Let the caller's identity of a provider open nothing any more.

    Raises:
        OutOfScope: there is none.
    """
    user = _own(by)
    found = Identity.objects.of(user.pk).filter(way=way).first()
    if found is None:
        raise OutOfScope("没有找到，或不在您的范围内")
    found.delete()
    journal.record(by=by, verb="unlink_identity", subject=user, change=({"way": way}, {}))


@transaction.atomic
def unlink_for(*, by: Scope, identity: int, why: str = "") -> None:
    """Let another's identity open nothing any more, as an administrator.

    Raises:
        OutOfScope, NotYours: it is absent, or the account is not the caller's to change.
    """
    found = Identity.objects.select_related("user").filter(pk=identity).first()
    if found is None:
        raise OutOfScope("没有找到，或不在您的范围内")
    user, way = _administered(by, found.user_id), found.way
    found.delete()
    journal.record(by=by, verb="unlink_identity", subject=user, change=({"way": way}, {}), why=why)
