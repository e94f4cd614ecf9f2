"""What people do with incidents. One function, one intention, one transaction."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.gis.geos import Point
from django.db import connection, transaction
from django.utils import timezone

from gridmap.errors import BadGeometry, BadValue, OutOfScope, WrongState
from gridmap.geo.messages import LONGEST_AGO
from gridmap.geo.pinyin import search_text
from gridmap.layers import journal, timing
from gridmap.layers.addresses import address_of
from gridmap.layers.authority import propose_department
from gridmap.layers.cases import Step
from gridmap.layers.contacts import PHONE, Contact
from gridmap.layers.incidents import Category, Incident, spot_at
from gridmap.layers.postings import Role
from gridmap.layers.scope import Scope, Spot
from gridmap.layers.territory import City

# Serials are handed out to one report at a time in each city; the second key is the city's id.
SERIAL_LOCK = 74_204


# What a form may ask; everything else follows from the place.
ASKED = ("place", "category", "title", "text", "address", "phone", "reporter_name", "said_at")

# Who reports what he sees by his office; everybody else in an office reports for it.
SOURCES = {
    Role.WORKER: Incident.Source.WORKER,
    Role.CHIEF: Incident.Source.CHIEF,
    Role.PATROL: Incident.Source.PATROL,
}


@dataclass(frozen=True)
class Report:
    """What somebody tells us.

    Attributes:
        place: where it is, EPSG:4326.
        title: in a few words.
        category: code of a category of the city.
        source: one of `Incident.Source`; without it, it follows from who reports.
        text: in full.
        address: as people say it; without it, that of the building or lane that answers there.
        client_id: given by the sender once for each report, so that a retry makes no second one.
        phone: how to reach the reporter about this one report; kept apart, and only for its time.
        reporter_name: how to speak to the reporter.
        said_at: when it was said, where that was before it is put down: in a chat, by telephone.
        derived: which of `ASKED` the form has filled in by itself; None: it came by no form.
    """

    place: Point
    title: str
    category: str
    source: str = ""
    text: str = ""
    address: str = ""
    client_id: UUID | None = None
    phone: str = ""
    reporter_name: str = ""
    said_at: datetime | None = None
    derived: frozenset[str] | None = frozenset()

    @property
    def typed(self) -> int | None:
        """How many things its reporter had to fill in by hand; None: it came by no form."""
        if self.derived is None:
            return None
        return sum(bool(getattr(self, name)) for name in ASKED if name not in self.derived)


def _city_at(by: Scope, slug: str | None, place: Point) -> City:
    cities = City.objects.within(by)
    if slug is not None:
        city = cities.filter(slug=slug).first()
        if city is None:
            raise OutOfScope("没有这座城市，或不在您的范围内")
        if city.bounds.covers(place):
            return city
    elif found := cities.filter(bounds__covers=place).order_by("pk").first():
        return found
    raise BadGeometry("这个地点在城市范围之外", reason="outside", lng=place.x, lat=place.y)


def _spot(by: Scope, city: City, place: Point) -> Spot:
    """Return where a place is; refuse one the reporter would not see, or may not report at."""
    spot = spot_at(city, place)
    if not by.sees(spot, None, still_open=True) and not by.counted.holds(spot):
        raise OutOfScope("这个地点不在您的范围内")
    by.must_at("report", spot)
    return spot


def _source(by: Scope, spot: Spot, report: Report) -> str:
    """Return how it reached us: by somebody who wants to be answered, or by whoever reports it."""
    if report.source:
        return report.source
    if report.phone:
        return Incident.Source.RESIDENT
    roles = {post.role for post in by.posts if post.area.holds(spot)}
    own = (source for role, source in SOURCES.items() if role in roles)
    return next(own, Incident.Source.OFFICE)


def _same(incident: Incident, report: Report, by: Scope) -> bool:
    told = (
        report.title,
        report.text,
        report.address or incident.address,
        report.source or incident.source,
        report.category,
        report.said_at,
    )
    kept = (
        incident.title,
        incident.text,
        incident.address,
        incident.source,
        incident.category.code,
        incident.said_at,
    )
    near = incident.place.equals_exact(report.place, tolerance=1e-7)
    return told == kept and near and incident.reporter_id == by.user_id


def _repeated(report: Report, by: Scope) -> Incident | None:
    """Return the incident this report has made before, if it has.

    Raises:
        WrongState: the same client_id came with another report.
    """
    if report.client_id is None:
        return None
    before = Incident.objects.filter(client_id=report.client_id).select_related("category").first()
    if before is not None and not _same(before, report, by):
        raise WrongState("这个 client_id 已用于另一份上报", reason="ClientIdReused")
    return before


def _number(city: City, now: datetime) -> str:
    """Return the next number of the city's day; the caller holds the city's serial lock."""
    day = f"{now.astimezone(ZoneInfo(city.time_zone)):%Y%m%d}"
    taken = Incident.objects.filter(city=city, number__startswith=f"{day}-")
    serials = [number.partition("-")[2] for number in taken.values_list("number", flat=True)]
    last = max((int(serial) for serial in serials if serial.isdecimal()), default=0)
    return f"{day}-{last + 1:04d}"


def _said(report: Report, now: datetime) -> datetime | None:
    """Return when it was said.

    Raises:
        BadValue: that is still to come, or too long ago for anybody to be waiting.
    """
    if report.said_at is not None and not now - LONGEST_AGO <= report.said_at <= now:
        raise BadValue("说话的时间须在最近 %(days)s 天内", days=LONGEST_AGO.days, field="said_at")
    return report.said_at


def _keep_contact(incident: Incident, report: Report) -> None:
    if not report.phone:
        return
    if not PHONE.fullmatch(report.phone):
        raise BadValue("电话号码只能是数字，可以有空格和连字符")
    Contact.objects.create(incident=incident, phone=report.phone, name=report.reporter_name)


@transaction.atomic
def report_incident(*, by: Scope, report: Report, city: str | None = None) -> tuple[Incident, bool]:
    """Put a new incident on the map, or find the one that this very report has made before.

    Args:
        by: who reports; the place must be in the own area.
        report: what is told.
        city: slug; without it the city in which the place lies.

    Returns:
        The incident, and whether it is new.

    Raises:
        BadGeometry: the place lies outside the city.
        OutOfScope: the place is none the reporter serves.
        NotYours: the reporter serves there, but may not report.
        BadValue: the city has no such category, or it cannot have been said then.
        WrongState: the client_id was used for another report.
    """
    where = _city_at(by, city, report.place)
    spot = _spot(by, where, report.place)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [SERIAL_LOCK, where.pk])
    if before := _repeated(report, by):
        return before, False
    rows = Category.objects.filter(city=where, code=report.category)
    category = rows.select_related("city", "parent", "department").first()
    if category is None:
        raise BadValue("没有编码为 %(category)s 的事件类别", category=report.category)
    now, address = timezone.now(), report.address or address_of(by, spot)
    proposed = propose_department(category, report.place, now).department
    limits = timing.limits_for(category, now, urgent=False, place=report.place)
    calendar = timing.calendar_of(where)
    last = max((timing.timed(calendar, one, now) for one in limits), key=lambda one: one.due)
    incident = Incident.objects.create(
        city=where,
        number=_number(where, now),
        place=report.place,
        title=report.title,
        text=report.text,
        address=address,
        source=_source(by, spot, report),
        search=search_text(report.title, address),
        category=category,
        department=proposed,
        reporter_id=by.user_id,
        reported_at=now,
        said_at=_said(report, now),
        soon_at=last.soon_at,
        due=last.due,
        typed=report.typed,
        client_id=report.client_id,
    )
    _keep_contact(incident, report)
    incident.refresh_from_db()
    first = Step.objects.get(incident=incident, ends=None)
    first.soon_at, first.due = timing.step_times(calendar, incident, first, [])
    first.save(update_fields=["soon_at", "due", "light"])
    journal.record(
        by=by,
        verb="report",
        subject=incident,
        where=(where.pk, incident.community_id, incident.cell_id),
        change=({}, {"number": incident.number, "state": incident.state}),
    )
    return incident, True
