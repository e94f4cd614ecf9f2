"""What a volunteer does with the own record of service: write a line, take one out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from gridmap.errors import BadValue, OutOfScope, WrongState
from gridmap.layers import journal
from gridmap.layers.scope import Scope
from gridmap.layers.service import ServiceEntry
from gridmap.layers.shifts import Shift, SignUp

MOST_HOURS = 24
WITH_HOURS = frozenset({ServiceEntry.Kind.SERVICE, ServiceEntry.Kind.TRAINING})


@dataclass(frozen=True)
class Line:
    """One line as it is written.

    Attributes:
        kind: one of `ServiceEntry.Kind`.
        day: when; not to come.
        what: what was done, learnt, awarded or said.
        body: the organisation.
        hours: of service and training only, with one decimal.
        shift: the shift it was, of those the volunteer signed up for.
    """

    kind: str
    day: date
    what: str
    body: str = ""
    hours: Decimal | None = None
    shift: int | None = None


def _checked(line: Line) -> None:
    """Refuse what no record can hold.

    Raises:
        BadValue: kind, day, words or hours make no sense.
    """
    if line.kind not in ServiceEntry.Kind.values or not line.what.strip():
        raise BadValue("请写明内容")
    if not timezone.localdate() - timedelta(days=36_600) < line.day <= timezone.localdate():
        raise BadValue("日期不能在将来")
    needs = line.kind in WITH_HOURS
    if needs and (line.hours is None or not 0 < line.hours <= MOST_HOURS):
        raise BadValue("时长是 0.1 到 %(most)s 小时", most=MOST_HOURS)


@transaction.atomic
def write_entry(*, by: Scope, line: Line) -> ServiceEntry:
    """Write a line into the caller's own record. The journal says only that one was written.

    Raises:
        OutOfScope: nobody is signed in, or the shift was not signed up for.
        BadValue: kind, day, words or hours make no sense.
        WrongState: the shift is in the record already.
    """
    if by.user_id is None:
        raise OutOfScope("没有找到，或不在您的范围内")
    _checked(line)
    shift = None
    if line.shift is not None:
        own = SignUp.objects.within(by).filter(shift_id=line.shift, shift__state=Shift.State.DONE)
        if line.kind != ServiceEntry.Kind.SERVICE or not own.exists():
            raise OutOfScope("没有这个班次，或不在您的范围内")
        if ServiceEntry.objects.within(by).filter(shift_id=line.shift).exists():
            raise WrongState("这个班次已经记过了")
        shift = line.shift
    made = ServiceEntry.objects.create(
        user_id=by.user_id,
        kind=line.kind,
        day=line.day,
        what=line.what.strip()[:120],
        body=line.body.strip()[:80],
        hours=line.hours.quantize(Decimal("0.1"))
        if line.kind in WITH_HOURS and line.hours is not None
        else None,
        shift_id=shift,
    )
    journal.record(
        by=by, verb="write_service", subject=made, where=(None, None, None), change=({}, {})
    )
    return made


@transaction.atomic
def erase_entry(*, by: Scope, entry: int) -> None:
    """Take a line out of the caller's own record.

    Raises:
        OutOfScope: it is not there, or somebody else's.
    """
    found = ServiceEntry.objects.within(by).filter(pk=entry).first()
    if found is None:
        raise OutOfScope("没有找到，或不在您的范围内")
    pk = found.pk
    found.delete()
    found.pk = pk
    journal.record(
        by=by, verb="erase_service", subject=found, where=(None, None, None), change=({}, {})
    )
