"""What people do with the ways to reach a community: line, duty points, public cards."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.gis.geos import Point
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from gridmap.errors import BadValue, NoSuchPlace, OutOfScope
from gridmap.layers import journal
from gridmap.layers.lines import CommunityLine, DutyPoint
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City, Community


@dataclass(frozen=True)
class Duty:
    """A duty point as it is told: what it is called, where it is, when somebody is there."""

    code: str
    name: str
    place: Point
    address: str = ""
    hours: str = ""


@transaction.atomic
def set_line(*, by: Scope, community: int, phone: str, hours: str = "") -> CommunityLine:
    """Give a community another line from this moment on; the one before is kept with its time.

    Raises:
        OutOfScope: the community is not the caller's business.
        BadValue: the number is no telephone number.
    """
    where = Community.objects.own(by).select_related("subdistrict").filter(pk=community).first()
    if where is None:
        raise OutOfScope("没有这个社区，或不在您的范围内")
    by.must("line", where.subdistrict.city_id, where.pk)
    now = timezone.now()
    current = CommunityLine.objects.filter(community=where, valid__contains=now).first()
    if current is not None and (current.phone, current.hours) == (phone, hours):
        return current
    if current is not None:
        current.valid = DateTimeTZRange(current.valid.lower, now)
        current.save(update_fields=["valid"])
    try:
        with transaction.atomic():
            line = CommunityLine.objects.create(
                community=where, phone=phone, hours=hours, valid=DateTimeTZRange(now, None)
            )
    except IntegrityError as error:
        raise BadValue("“%(phone)s”不是电话号码", phone=phone) from error
    journal.record(
        by=by,
        verb="set_line",
        subject=line,
        where=(where.subdistrict.city_id, where.pk, None),
        change=({"phone": current.phone if current else ""}, {"phone": phone, "hours": hours}),
    )
    return line


@transaction.atomic
def set_duty_point(*, by: Scope, city: City, duty: Duty) -> DutyPoint:
    """Put a duty point on the map from this moment on, or change the one with this code.

    Raises:
        NoSuchPlace: it lies outside the city.
    """
    by.must("line", city.pk)
    if not city.bounds.covers(duty.place):
        raise NoSuchPlace("这个地点在城市范围之外")
    now = timezone.now()
    for old in DutyPoint.objects.filter(city=city, code=duty.code, valid__contains=now):
        old.valid = DateTimeTZRange(old.valid.lower, now)
        old.save(update_fields=["valid"])
    point = DutyPoint.objects.create(
        city=city,
        code=duty.code,
        name=duty.name,
        address=duty.address,
        hours=duty.hours,
        place=duty.place,
        valid=DateTimeTZRange(now, None),
    )
    journal.record(
        by=by,
        verb="set_duty_point",
        subject=point,
        where=(city.pk, None, None),
        change=({}, {"code": duty.code, "name": duty.name}),
    )
    return point


@transaction.atomic
def show_cards(*, by: Scope, city: City, shown: bool) -> City:
    """Open or close the residents' answer cards of a city."""
    by.must("public_card", city.pk)
    before, city.public_card = city.public_card, shown
    city.save(update_fields=["public_card"])
    journal.record(
        by=by,
        verb="show_cards",
        subject=city,
        where=(city.pk, None, None),
        change=({"public_card": before}, {"public_card": shown}),
    )
    return city
