"""What people decide about notices: which they want, and that a message is sent once more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from gridmap.errors import BadValue, NotSignedIn, OutOfScope, WrongState
from gridmap.layers import journal
from gridmap.layers.deliveries import Delivery
from gridmap.layers.notices import Kind, NoticeWish
from gridmap.layers.scope import Scope


class Wish(NamedTuple):
    """Whether one sort is wanted at all, and how it is mailed (`NoticeWish.Mail`)."""

    wanted: bool = True
    mail: str = "never"


@transaction.atomic
def wish_notices(*, by: Scope, wishes: Mapping[str, Wish]) -> None:
    """Keep which sorts of notices the caller wants, and which are mailed.

    Raises:
        NotSignedIn: nobody is signed in.
        BadValue: a sort, or a way of mailing, that there is not.
    """
    if by.user_id is None:
        raise NotSignedIn("请先登录")
    if unknown := set(wishes) - set(Kind.values):
        raise BadValue("没有这一类通知：%(kind)s", kind=min(unknown)[:40])
    told: dict[str, object] = {}
    for kind, wish in wishes.items():
        if wish.mail not in NoticeWish.Mail.values:
            raise BadValue("邮件只能选不发、随时发或每天一封", mail=wish.mail[:40])
        mail = wish.mail if wish.wanted else NoticeWish.Mail.NEVER
        NoticeWish.objects.update_or_create(
            user_id=by.user_id, kind=kind, defaults={"wanted": wish.wanted, "mail": mail}
        )
        told[kind] = mail if wish.wanted else "off"
    journal.record(by=by, verb="wish_notices", subject=NoticeWish(), change=({}, told))


@transaction.atomic
def send_again(*, by: Scope, delivery: int) -> Delivery:
    """Send a message once more that was given up, or of which nobody knows.

    Raises:
        OutOfScope: there is none, or the caller does not administer the installation.
        WrongState: it waits, or has arrived.
    """
    rows = Delivery.objects.within(by).select_for_update()
    held = rows.filter(pk=delivery).first()
    if held is None:
        raise OutOfScope("没有找到，或不在您的范围内")
    if held.state not in {Delivery.State.GIVEN_UP, Delivery.State.UNSURE}:
        raise WrongState("这条消息在待发或已送达，不必再发", reason="State")
    before = {"state": held.state, "tries": held.tries}
    held.state, held.tries, held.next_at = Delivery.State.WAITING, 0, timezone.now()
    held.save(update_fields=["state", "tries", "next_at"])
    journal.record(
        by=by, verb="send_again", subject=held, change=(before, {"state": held.state, "tries": 0})
    )
    return held
