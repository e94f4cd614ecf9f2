"""What people decide about notices: which they want, what is sent or told again, what dropped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from gridmap.errors import BadValue, NotSignedIn, OutOfScope, WrongState
from gridmap.layers import journal
from gridmap.layers.deliveries import Delivery
from gridmap.layers.notices import Kind, NoticeWish, Outbox
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
def send_again(*, by: Scope, delivery: int, missing: bool = False) -> Delivery:
    """Send a message once more that was set aside, or now what would be tried again later.

    What had arrived is never sent again: of what nobody knows, somebody must have looked.

    Args:
        by: who minds the channels of its city.
        delivery: its number.
        missing: somebody looked into the group, and it is not there.

    Raises:
        OutOfScope: there is none, or the caller does not mind the channels of its city.
        WrongState: it has arrived, is on its way or next to go, was dropped, or nobody has looked.
    """
    held = _held(by, delivery)
    now = timezone.now()
    queued = held.state == Delivery.State.WAITING and held.next_at <= now
    if queued or held.state in {Delivery.State.SENT, Delivery.State.DROPPED}:
        raise WrongState("这条消息已送达、正要发或已决定不再发，不必再发", reason="State")
    if held.state == Delivery.State.UNSURE and not missing:
        raise WrongState("不知这条是否送达：先到群里看，没有再发", reason="Unsure")
    before = {"state": held.state, "tries": held.tries}
    tries = held.tries if held.state == Delivery.State.WAITING else 0
    held.state, held.tries, held.next_at = Delivery.State.WAITING, tries, now
    held.save(update_fields=["state", "tries", "next_at"])
    _record(by, "send_again", held, before)
    return held


@transaction.atomic
def drop_delivery(*, by: Scope, delivery: int) -> Delivery:
    """Let a message never go out that has not arrived.

    Raises:
        OutOfScope: there is none, or the caller does not mind the channels of its city.
        WrongState: it has arrived, is on its way, or was dropped before.
    """
    held = _held(by, delivery)
    if held.state in {Delivery.State.SENT, Delivery.State.DROPPED}:
        raise WrongState("这条消息已送达或已决定不再发", reason="State")
    before = {"state": held.state, "tries": held.tries}
    held.state = Delivery.State.DROPPED
    held.save(update_fields=["state"])
    _record(by, "drop_delivery", held, before)
    return held


def _held(by: Scope, delivery: int) -> Delivery:
    """Return a message with its row locked, so that no worker takes it meanwhile."""
    held = Delivery.objects.within(by).select_for_update().filter(pk=delivery).first()
    if held is None:
        raise OutOfScope("没有找到，或不在您的范围内")
    if held.taken_until is not None:
        raise WrongState("这条消息正在发送，请过一分钟再看", reason="OnItsWay")
    return held


def _record(by: Scope, verb: str, held: Delivery, before: Mapping[str, object]) -> None:
    after = {"state": held.state, "tries": held.tries}
    where = (held.city_id, None, None)
    journal.record(by=by, verb=verb, subject=held, where=where, change=(before, after))


@transaction.atomic
def tell_again(*, by: Scope, untold: int) -> None:
    """Try once more to tell what could not be told.

    Raises:
        OutOfScope: there is none, or the caller does not mind the channels of its city.
    """
    row, city = _untold(by, untold)
    before = {"verb": row.verb, "tries": row.tries}
    row.tries, row.stuck = 0, False
    row.save(update_fields=["tries", "stuck"])
    change = (before, {"tries": 0})
    where = (city, None, None)
    journal.record(by=by, verb="tell_again", subject=row, where=where, change=change)


@transaction.atomic
def drop_untold(*, by: Scope, untold: int) -> None:
    """Let something never be told that could not be told; what happened stays as it is.

    Raises:
        OutOfScope: there is none, or the caller does not mind the channels of its city.
    """
    row, city = _untold(by, untold)
    about = {"verb": row.verb, "subject_kind": row.subject_kind, "subject_id": row.subject_id}
    subject = Outbox(pk=row.pk)
    row.delete()
    where = (city, None, None)
    journal.record(by=by, verb="drop_untold", subject=subject, where=where, change=(about, {}))


def _untold(by: Scope, untold: int) -> tuple[Outbox, int]:
    """Return a change that could not be told, its row locked, and its city."""
    rows = Outbox.objects.within(by).stuck().filter(pk=untold).select_for_update()
    row = rows.first()
    if row is None:
        raise OutOfScope("没有找到，或不在您的范围内")
    cities = by.cities_where("carry")
    city = next(one for one in cities if Outbox.objects.of_cities([one]).filter(pk=row.pk))
    return row, city
