"""What people do with offices: appoint, renew, relieve, substitute, hand over.

Nothing that was in force is overwritten: a term is opened or brought to an end, never changed.
Every deed takes a ``client_id``; sent again with the same content it changes nothing and gives the
same answer. Each returns its term (None when a term was taken back before it began) and whether
anything was done now.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone
from django.utils.translation import gettext

from gridmap.actions.people.receipts import Desk
from gridmap.actions.people.terms import (
    OFFICES,
    Seat,
    Span,
    Who,
    day,
    ended,
    ground_of,
    of_seat,
    opened,
    person_of,
    place_of,
    refuse_overlap,
    term_of,
    time_of,
    told,
)
from gridmap.errors import BadValue, WrongState
from gridmap.layers import journal
from gridmap.layers.handovers import Handover, open_matters
from gridmap.layers.people import ChiefTerm
from gridmap.layers.scope import Scope

__all__ = [
    "Seat",
    "Span",
    "Who",
    "appoint",
    "end_substitution",
    "hand_over",
    "is_yours_to_staff",
    "relieve",
    "renew",
    "substitute",
]

Done = tuple[ChiefTerm | None, bool]


def is_yours_to_staff(*, by: Scope, seat: Seat) -> bool:
    """Return whether the caller may appoint to this seat: in every community it lies in."""
    ground = place_of(seat)
    if ground is None:
        return False
    lies_in: list[int | None] = [*ground.communities] or [None]
    return all(by.may("appoint", ground.city.pk, area, ground.cell) for area in lies_in)


@transaction.atomic
def appoint(
    *, by: Scope, seat: Seat, who: Who, span: Span, why: str = "", client_id: UUID | None = None
) -> Done:
    """Give a vacant office to somebody, now or from a day to come.

    Raises:
        OutOfScope: no such object, or not the caller's to staff.
        BadValue: the time or the person cannot be used.
        WrongState: somebody holds the office in that time.
    """
    desk = Desk(by, "appoint", client_id, seat, who, span, why)
    if receipt := desk.before():
        return receipt.term, False
    ground = ground_of(by, seat)
    valid = time_of(span)
    refuse_overlap(ground.city, seat, ChiefTerm.Standing.ACTING, valid)
    term = opened(seat, person_of(ground.city, who), valid)
    desk.hand_out(term)
    journal.record(
        by=by, verb="appoint", subject=term, where=ground.where, change=({}, told(term)), why=why
    )
    return term, True


@transaction.atomic
def renew(
    *, by: Scope, term: int, until: datetime | None, why: str = "", client_id: UUID | None = None
) -> Done:
    """Let the holder go on after the agreed end: a term of its own, which begins there.

    Raises:
        OutOfScope: no such term, or not the caller's.
        BadValue: the new end is not later than the old one.
        WrongState: the term is over, has no end, is a substitute's, or somebody follows.
    """
    desk = Desk(by, "renew", client_id, term, until, why)
    if receipt := desk.before():
        return receipt.term, False
    old, seat, ground = term_of(by, term)
    end, name = old.valid.upper, old.person.name
    if old.standing == ChiefTerm.Standing.SUBSTITUTE:
        raise WrongState("代理不能续任；要延长，请在到期后重新安排代理")
    if end is None:
        raise WrongState("%(name)s的任期没有结束日，不用续任", name=name)
    if end <= timezone.now():
        raise WrongState(
            "%(name)s的任期已在 %(until)s 结束；请重新任命", name=name, until=day(ground.city, end)
        )
    if until is not None and until <= end:
        raise BadValue("续任须晚于现在的任期结束日 %(until)s", until=day(ground.city, end))
    valid = DateTimeTZRange(end, until)
    refuse_overlap(ground.city, seat, ChiefTerm.Standing.ACTING, valid)
    new = opened(seat, old.person, valid)
    desk.hand_out(new)
    change = (told(old), told(new))
    journal.record(by=by, verb="renew", subject=new, where=ground.where, change=change, why=why)
    return new, True


@transaction.atomic
def relieve(
    *,
    by: Scope,
    term: int,
    why: str,
    at: datetime | None = None,
    client_id: UUID | None = None,
) -> Done:
    """End a chief's term now or on a day to come; a term that has not begun is taken back.

    Raises:
        OutOfScope: no such term, or not the caller's.
        BadValue: no reason, or a moment that cannot be.
        WrongState: the term is over, or a substitute's.
    """
    desk = Desk(by, "relieve", client_id, term, why, at)
    if receipt := desk.before():
        return receipt.term, False
    if not why.strip():
        raise BadValue("免职须写明原因")
    old, _seat, ground = term_of(by, term)
    if old.standing == ChiefTerm.Standing.SUBSTITUTE:
        raise WrongState("这是代理；请用“结束代理”")
    before = told(old)
    change = (before, {"ended": ended(old, ground.city, at).isoformat()})
    desk.hand_out(old)
    journal.record(by=by, verb="relieve", subject=old, where=ground.where, change=change, why=why)
    return (old if old.pk else None), True


@transaction.atomic
def substitute(
    *,
    by: Scope,
    seat: Seat,
    who: Who,
    span: Span,
    reason: str,
    client_id: UUID | None = None,
) -> Done:
    """Let somebody stand in while the chief is away, or while the office is vacant.

    Raises:
        OutOfScope: no such object, or not the caller's to staff.
        BadValue: the time, the person or the reason cannot be used.
        WrongState: somebody stands in already.
    """
    desk = Desk(by, "substitute", client_id, seat, who, span, reason)
    if receipt := desk.before():
        return receipt.term, False
    ground = ground_of(by, seat)
    valid = time_of(span)
    if reason not in ChiefTerm.Reason.values:
        raise BadValue("代理须选原因：%(choices)s", choices="、".join(ChiefTerm.Reason.values))
    if span.until is None:
        raise BadValue("代理须有结束日")
    refuse_overlap(ground.city, seat, ChiefTerm.Standing.SUBSTITUTE, valid)
    person = person_of(ground.city, who)
    away = ChiefTerm.objects.filter(
        **of_seat(seat, ChiefTerm.Standing.ACTING), valid__contains=valid.lower
    )
    holder = away.select_related("person").first()
    if holder is not None and holder.person_id == person.pk:
        raise BadValue("%(name)s就是本人，不能自己代理自己", name=person.name)
    office = gettext(OFFICES[seat.office])
    if holder is None and reason != ChiefTerm.Reason.VACANCY:
        raise BadValue("那天没有在岗的%(office)s，原因请选“空缺期间代管”", office=office)
    if holder is not None and reason == ChiefTerm.Reason.VACANCY:
        raise BadValue("那天有在岗的%(office)s，原因请选本人不在的缘由", office=office)
    term = opened(seat, person, valid, reason)
    desk.hand_out(term)
    journal.record(
        by=by, verb="substitute", subject=term, where=ground.where, change=({}, told(term))
    )
    return term, True


@transaction.atomic
def end_substitution(
    *,
    by: Scope,
    term: int,
    why: str = "",
    at: datetime | None = None,
    client_id: UUID | None = None,
) -> Done:
    """End a substitution before its day: whoever was away is back, or somebody was appointed.

    Raises:
        OutOfScope: no such term, or not the caller's.
        BadValue: a moment that cannot be.
        WrongState: the substitution is over, or it is a chief's term.
    """
    desk = Desk(by, "end_substitution", client_id, term, why, at)
    if receipt := desk.before():
        return receipt.term, False
    old, _seat, ground = term_of(by, term)
    if old.standing == ChiefTerm.Standing.ACTING:
        raise WrongState("这是正式任期；请用“免职”或“交接”")
    before = told(old)
    change = (before, {"ended": ended(old, ground.city, at).isoformat()})
    desk.hand_out(old)
    verb = "end_substitution"
    journal.record(by=by, verb=verb, subject=old, where=ground.where, change=change, why=why)
    return (old if old.pk else None), True


@transaction.atomic
def hand_over(
    *,
    by: Scope,
    term: int,
    who: Who,
    span: Span,
    note: str = "",
    client_id: UUID | None = None,
) -> Done:
    """Pass an office to somebody else, with the list of what is open at its object.

    Args:
        by: who does it.
        term: the running one, which ends when the new one begins.
        who: takes over.
        span: of the new term.
        note: what the two wish to say about it.
        client_id: of the wish.

    Raises:
        OutOfScope: no such term, or not the caller's.
        BadValue: the time or the person cannot be used.
        WrongState: the term is over, a substitute's, or somebody follows already.
    """
    desk = Desk(by, "hand_over", client_id, term, who, span, note)
    if receipt := desk.before():
        return receipt.term, False
    old, seat, ground = term_of(by, term)
    if old.standing == ChiefTerm.Standing.SUBSTITUTE:
        raise WrongState("代理没有职务可交接；请用“结束代理”")
    before = told(old)
    valid = time_of(span)
    if min(valid.lower, timezone.now()) <= old.valid.lower:
        raise WrongState("这段任期还没开始；请先收回，再任命")
    if old.valid.upper is None or valid.lower < old.valid.upper:
        # Not a moment without a chief, and none with two.
        valid = DateTimeTZRange(ended(old, ground.city, valid.lower), valid.upper)
    elif valid.lower > old.valid.upper:
        raise WrongState(
            "%(name)s的任期到 %(until)s 为止；那以后请用“任命”",
            name=old.person.name,
            until=day(ground.city, old.valid.upper),
        )
    refuse_overlap(ground.city, seat, ChiefTerm.Standing.ACTING, valid)
    person = person_of(ground.city, who)
    if person.pk == old.person_id:
        raise BadValue("%(name)s就是现任；要延长请用“续任”", name=person.name)
    new = opened(seat, person, valid)
    handover = Handover.objects.create(
        before=old,
        after=new,
        at=valid.lower,
        matters=open_matters(old, now=timezone.now()),
        note=note,
        done_by_id=by.user_id,
    )
    desk.hand_out(new)
    after = {**told(new), "handover": handover.pk, "matters": len(handover.matters)}
    journal.record(
        by=by, verb="hand_over", subject=new, where=ground.where, change=(before, after), why=note
    )
    return new, True
