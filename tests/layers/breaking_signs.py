"""How to break the rules of signs, lines and duty points; test_invariants tries each."""

from collections.abc import Callable
from datetime import timedelta

from django.contrib.gis.geos import Point
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from gridmap.layers.contacts import Contact
from gridmap.layers.lines import CommunityLine, DutyPoint
from gridmap.layers.places import Building, Lane
from gridmap.layers.signs import Printing, Sign
from tests import town as toy

EMPTY = DateTimeTZRange(toy.OPENED, toy.OPENED)


def printing(paper: str = "A4") -> Printing:
    return Printing.objects.create(city=toy.city(), at=timezone.now(), paper=paper)


def sign(**values: object) -> Sign:
    standard: dict[str, object] = {
        "city": toy.city(), "serial": 1, "printing": printing(),
        "building": Building.objects.all()[0],
    }  # fmt: skip
    return Sign.objects.create(**{**standard, **values})


def line(**values: object) -> CommunityLine:
    standard: dict[str, object] = {
        "community": toy.community("A"), "phone": "0598-1234567", "valid": toy.ALWAYS,
    }  # fmt: skip
    return CommunityLine.objects.create(**{**standard, **values})


def point(**values: object) -> DutyPoint:
    standard: dict[str, object] = {
        "city": toy.city(), "code": "D1", "name": "值守点", "place": toy.at(50, 50),
        "valid": toy.ALWAYS,
    }  # fmt: skip
    return DutyPoint.objects.create(**{**standard, **values})


def removed_before_hung() -> Sign:
    now = timezone.now()
    return sign(hung_at=now, removed_at=now - timedelta(days=1))


CASES: dict[str, Callable[[], object]] = {
    "printing_paper": lambda: printing("A0"),
    "sign_one_object": lambda: sign(lane=Lane.objects.all()[0]),
    "sign_serial_once": lambda: [sign(), sign()],
    "sign_removed_after_hung": removed_before_hung,
    "sign_replaced_is_removed": lambda: sign(serial=2, replaced_by=sign()),
    "communityline_phone_form": lambda: line(phone="call me"),
    "communityline_valid_some": lambda: line(valid=EMPTY),
    "communityline_one_at_a_time": lambda: [line(), line()],
    "dutypoint_has_name": lambda: point(name=""),
    "dutypoint_valid_some": lambda: point(valid=EMPTY),
    "dutypoint_one_at_a_time": lambda: [point(), point()],
    "dutypoint_place_in_world": lambda: point(place=Point(999, 1, srid=4326)),
    "contact_phone_form": lambda: Contact.objects.create(
        incident=toy.incident(50, 50), name="钱", phone="请来电"
    ),
}
