"""What the deeds about terms have in common: seats, people, times, and what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from gridmap.errors import BadValue, OutOfScope, WrongState
from gridmap.geo.pinyin import search_text
from gridmap.layers.people import COLUMNS, ChiefTerm, Person
from gridmap.layers.places import Building, Lane, Street, Stretch
from gridmap.layers.scope import Scope
from gridmap.layers.territory import Cell, City

JUST_NOW = timedelta(minutes=5)  # a clock beside ours may be this late
HELD = gettext_noop(
    "%(place)s的%(office)s由%(name)s担任，任期 %(since)s 至 %(until)s；请先免职，或办理交接"
)
STOOD_IN = gettext_noop(
    "%(place)s的%(office)s已由%(name)s代理，%(since)s 至 %(until)s；请先结束代理"
)
OFFICES = dict(ChiefTerm.Office.choices)


@dataclass(frozen=True)
class Seat:
    """One office over one object: ``office`` of `ChiefTerm.Office`, id of its object."""

    office: str
    object_id: int

    @property
    def column(self) -> str:
        """The column of a term that names the object."""
        return COLUMNS[self.office]


@dataclass(frozen=True)
class Who:
    """Somebody known by id, or somebody new by name and relay number."""

    person: int | None = None
    name: str = ""
    relay_phone: str = ""


@dataclass(frozen=True)
class Span:
    """A time to come: from ``since`` (None: now) until ``until`` (None: without an end)."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Ground:
    """Where an object lies: its city, and the communities it lies in or passes through."""

    city: City
    communities: frozenset[int]
    cell: int | None

    @property
    def where(self) -> tuple[int, int | None, int | None]:
        """City, community and cell as the journal takes them."""
        only = next(iter(self.communities)) if len(self.communities) == 1 else None
        return self.city.pk, only, self.cell


def ground_of(by: Scope, seat: Seat) -> Ground:
    """Return where the object of a seat lies, and hold it for the rest of the transaction.

    A street or lane is the business of whoever serves every community it passes through.

    Raises:
        OutOfScope: there is no such object, or it is not the caller's business.
        NotYours: the caller's postings do not allow appointing there.
    """
    ground = place_of(seat, hold=True)
    if ground is None:
        raise OutOfScope("没有找到，或不在您的范围内")
    city, cell, communities = ground.city, ground.cell, ground.communities
    # A thing that lies in no community is the business of those who serve the whole city.
    lies_in: list[int | None] = [*sorted(communities)] if communities else [None]
    spots = [(city.pk, community, cell) for community in lies_in]
    if not all(by.covers(*spot) for spot in spots):
        raise OutOfScope("没有找到，或不在您的范围内")
    for spot in spots:
        by.must("appoint", *spot)
    return ground


def place_of(seat: Seat, *, hold: bool = False) -> Ground | None:
    """Return where the object of a seat lies, None where there is none; ``hold`` locks its row."""
    things = {"cell": Cell, "building": Building, "lane": Lane, "street": Street}[seat.column]
    if hold:
        list(things._base_manager.select_for_update(no_key=True).filter(pk=seat.object_id))
    if seat.column == "cell":
        cells = Cell.objects.select_related("community__subdistrict__city")
        one = cells.filter(pk=seat.object_id).first()
        city = one and one.community.subdistrict.city
        return Ground(city, frozenset({one.community_id}), one.pk) if one and city else None
    if seat.column == "building":
        house = Building.objects.select_related("city").filter(pk=seat.object_id).first()
        if house is None:
            return None
        own = frozenset() if house.community_id is None else frozenset({house.community_id})
        return Ground(house.city, own, house.cell_id)
    kind = Lane if seat.column == "lane" else Street
    way = kind.objects.select_related("city").filter(pk=seat.object_id).first()
    if way is None:
        return None
    of_way = {f"{seat.column}_id": way.pk}
    passed = Stretch.objects.filter(**of_way, cell__isnull=False)
    lined = Building.objects.filter(**of_way, community__isnull=False)
    communities = {*passed.values_list("cell__community_id", flat=True).distinct()}
    communities |= {*lined.values_list("community_id", flat=True).distinct()}
    if isinstance(way, Lane) and way.community_id is not None:
        communities.add(way.community_id)
    return Ground(way.city, frozenset(communities), None)


def person_of(city: City, who: Who) -> Person:
    """Return who is meant; somebody new is written down.

    Raises:
        BadValue: nobody is named, or nobody of this id works in the city.
    """
    if who.person is not None:
        person = Person.objects.filter(city=city, pk=who.person).first()
        if person is None:
            raise BadValue("这座城市没有编号为 %(person)s 的任职人", person=who.person)
        return person
    name = who.name.strip()
    if not name:
        raise BadValue("须选一位任职人，或写出新任职人的姓名")
    return Person.objects.create(
        city=city, name=name, search=search_text(name), relay_phone=who.relay_phone.strip()
    )


def time_of(span: Span) -> DateTimeTZRange:
    """Return a span as a range.

    Raises:
        BadValue: it begins in the past, or ends before it begins.
    """
    now = timezone.now()
    since = span.since or now
    if since < now - JUST_NOW:
        raise BadValue("任期不能从过去开始，最早从现在起：过去的答案不能改")
    since = max(since, now)
    if span.until is not None and span.until <= since:
        raise BadValue("任期的结束须晚于开始")
    return DateTimeTZRange(since, span.until)


def day(city: City, moment: datetime | None) -> str:
    """Return a moment as the day people say, in the city's own time; without an end in a word."""
    if moment is None:
        return gettext("长期")
    return f"{moment.astimezone(ZoneInfo(city.time_zone)):%Y-%m-%d}"


def of_seat(seat: Seat, standing: str) -> dict[str, object]:
    """Return the conditions of the terms of a seat."""
    return {"office": seat.office, f"{seat.column}_id": seat.object_id, "standing": standing}


def refuse_overlap(city: City, seat: Seat, standing: str, valid: DateTimeTZRange) -> None:
    """Refuse a term that would run beside another of the same standing, and say whose.

    Raises:
        WrongState: somebody holds the office in that time; ``detail`` names who and until when.
    """
    terms = ChiefTerm.objects.filter(**of_seat(seat, standing), valid__overlap=valid)
    other = terms.select_related("person", "street", "lane", "building", "cell").first()
    if other is None:
        return
    raise WrongState(
        HELD if standing == ChiefTerm.Standing.ACTING else STOOD_IN,
        reason="HeldBy",
        place=other.place,
        office=gettext(OFFICES[seat.office]),
        name=other.person.name,
        since=day(city, other.valid.lower),
        until=day(city, other.valid.upper),
        term=other.pk,
    )


def opened(
    seat: Seat,
    person: Person,
    valid: DateTimeTZRange,
    reason: str = "",
) -> ChiefTerm:
    """Write a new term; with a reason it is a substitute's."""
    standing = ChiefTerm.Standing.SUBSTITUTE if reason else ChiefTerm.Standing.ACTING
    return ChiefTerm.objects.create(
        **of_seat(seat, standing), person=person, valid=valid, reason=reason
    )


def term_of(by: Scope, pk: int) -> tuple[ChiefTerm, Seat, Ground]:
    """Return a term, held for this transaction, with its seat and where that lies.

    Raises:
        OutOfScope: there is none, or its object is not the caller's to staff.
    """
    seats = ChiefTerm.objects.filter(pk=pk).values("office", *set(COLUMNS.values())).first()
    if seats is None:
        raise OutOfScope("没有找到，或不在您的范围内")
    seat = Seat(seats["office"], seats[COLUMNS[seats["office"]]])
    ground = ground_of(by, seat)
    terms = ChiefTerm.objects.select_for_update(of=("self",))
    term = terms.select_related("person", "street", "lane", "building", "cell").get(pk=pk)
    return term, seat, ground


def ended(term: ChiefTerm, city: City, at: datetime | None) -> datetime:
    """End a term now or later and return when; one that has not begun by then is taken back.

    Raises:
        BadValue: the moment is over, or not before the end that is agreed already.
        WrongState: the term is over.
    """
    now = timezone.now()
    until = term.valid.upper
    if until is not None and until <= now:
        raise WrongState(
            "%(name)s的任期已在 %(until)s 结束", name=term.person.name, until=day(city, until)
        )
    moment = at or now
    if moment < now - JUST_NOW:
        raise BadValue("不能在过去结束任期，最早从现在起：过去的答案不能改")
    moment = max(moment, now)
    if until is not None and moment >= until:
        raise BadValue("任期本来就到 %(until)s 为止；请选更早的日子", until=day(city, until))
    if moment <= term.valid.lower:
        term.delete()
        return moment
    term.valid = DateTimeTZRange(term.valid.lower, moment)
    term.save(update_fields=["valid"])
    return moment


def told(term: ChiefTerm) -> dict[str, object]:
    """Return a term as the journal keeps it."""
    return {
        "term": term.pk,
        "office": term.office,
        "place": term.place,
        "person": term.person_id,
        "standing": term.standing,
        "reason": term.reason,
        "since": term.valid.lower.isoformat(),
        "until": term.valid.upper and term.valid.upper.isoformat(),
    }
