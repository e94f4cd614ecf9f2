"""Orders of the 12345 hotline: read from a sheet, and what each would become here.

Sheets differ from city to city: columns are known by several names. An order has no coordinates as
a rule; its place is heard in its address, else in its words, as in a line of a chat.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import cos, isfinite, radians
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

import shapely
from django.contrib.gis.geos import Point
from django.utils import timezone
from django.utils.translation import gettext_noop
from shapely import STRtree

from gridmap.errors import BadValue
from gridmap.geo import complaints
from gridmap.geo.messages import LONGEST_AGO
from gridmap.geo.rows import Rows, moment, text
from gridmap.layers import spoken
from gridmap.layers.authority import propose_departments
from gridmap.layers.contacts import PHONE
from gridmap.layers.incidents import Category, Incident, spots_at
from gridmap.layers.people import Department
from gridmap.layers.scope import Scope, Spot
from gridmap.layers.shapes import SRID
from gridmap.layers.territory import City

# A call of longer ago is not told of; a little less than `report_incident` takes, which asks later.
STILL_TOLD = LONGEST_AGO - timedelta(hours=1)
MOST = 500  # orders of one sheet: its trial takes some seconds
NEAR, MOST_ALIKE = spoken.NEAR_METRES / 111_195.0, 3  # as a form looks for them; degrees north
COLUMNS: dict[str, tuple[str, ...]] = {
    "number": ("工单编号", "工单号", "编号", "单号", "number"),
    "text": ("诉求内容", "问题描述", "工单内容", "内容", "描述", "text"),
    "category": ("类别", "诉求类别", "事项类别", "问题类别", "category"),
    "address": ("事发地址", "诉求地址", "地址", "地点", "address"),
    "said_at": ("来电时间", "受理时间", "诉求时间", "时间", "said_at"),
    "name": ("来电人", "诉求人", "姓名", "name"),
    "phone": ("联系电话", "来电号码", "电话", "phone"),
    "lng": ("经度", "lng"),
    "lat": ("纬度", "lat"),
}
NEEDED = ("number", "text")
LONGEST = {"number": 40, "text": 4000, "category": 60, "address": 120, "name": 40, "phone": 30}
NO_NUMBER = gettext_noop("没有工单编号")
NO_TEXT = gettext_noop("没有诉求内容")
TWICE = gettext_noop("同一份表里第 %(row)s 行已有这个编号")
TOO_LONG = gettext_noop("%(field)s 太长：最多 %(most)s 个字")
NO_CATEGORY = gettext_noop("听不出类别；请在“类别”列写上类别名称")
UNKNOWN_CATEGORY = gettext_noop("没有事件类别“%(value)s”，内容里也听不出")
HEARD_CATEGORY = gettext_noop("没有事件类别“%(value)s”，按内容听成这一类")
NO_PLACE = gettext_noop("听不出地点；请在“地址”列写上楼名、巷名或门牌")
OUTSIDE = gettext_noop("经纬度不在城市范围内；应按 WGS 84 写成 117.6、26.3")
ELSEWHERE = gettext_noop("地点不在您的范围内")
BAD_PHONE = gettext_noop("电话号码只能是数字，可以有空格和连字符")
STILL_TO_COME = gettext_noop("时间 %(value)s 还没有到")
BAD_TIME = gettext_noop("时间“%(value)s”读不懂；应写成 2026-03-04 08:30")


@dataclass(frozen=True)
class Order:
    """One row of the sheet, as it was written."""

    row: int
    number: str
    text: str
    category: str = ""
    address: str = ""
    said_at: str = ""
    name: str = ""
    phone: str = ""
    lng: str = ""
    lat: str = ""

    def client_id(self, city: City) -> UUID:
        """By which the same order is known again: its number in this city."""
        return uuid5(NAMESPACE_URL, f"12345/{city.slug}/{self.number}")


@dataclass
class Reading:
    """What an order would become.

    Attributes:
        order: as it was written.
        title: of the case, with the number of the order.
        category: named in the order, else heard in its words.
        place: where it is, in words.
        point: EPSG:4326.
        spot: what answers there.
        department: proposed.
        said_at: when somebody called; None: not told, or longer ago than we count.
        known: the case it has become before.
        alike: numbers of open cases near in place and kind, which it may be told of again.
        note: what was understood in another way than it was written (a msgid).
        trouble: why it can become none (a msgid).
        detail: what fills in ``note`` or ``trouble``.
    """

    order: Order
    title: str = ""
    category: Category | None = None
    place: str = ""
    point: Point | None = None
    spot: Spot | None = None
    department: Department | None = None
    said_at: datetime | None = None
    known: Incident | None = None
    alike: list[str] = field(default_factory=list)
    note: str = ""
    trouble: str = ""
    detail: dict[str, object] = field(default_factory=dict)

    def settled(self) -> Order:
        """Return the order with all that was heard written out: read again, it is the same."""
        if self.category is None or self.point is None:
            return self.order
        return replace(
            self.order,
            category=self.category.code,
            address=self.order.address or self.place,
            lng=repr(self.point.x),
            lat=repr(self.point.y),
        )

    def refuse(self, trouble: str, **detail: object) -> None:
        """Say why it can become no case."""
        self.trouble, self.detail = trouble, detail


def orders_of(rows: Rows) -> list[Order]:
    """Return the orders of a sheet; empty rows are none.

    Raises:
        BadValue: a needed column is missing, or there are too many.
    """
    heads = {text(head): head for head in rows.columns}
    found = {
        name: next((heads[one] for one in names if one in heads), None)
        for name, names in COLUMNS.items()
    }
    if missing := [COLUMNS[name][0] for name in NEEDED if found[name] is None]:
        raise BadValue(
            "表里没有“%(missing)s”列；现有：%(heads)s",
            missing="、".join(missing), heads="、".join(heads)[:200],
        )  # fmt: skip
    orders = []
    for at, number in enumerate(rows.numbers.tolist()):
        told = {
            name: text(rows.columns[head][at]).replace("\0", "")
            for name, head in found.items() if head is not None
        }  # fmt: skip
        if any(told.values()):
            orders.append(Order(row=int(number), **told))
    if not orders:
        raise BadValue("表里没有工单：表头下面一行也没有")
    if len(orders) > MOST:
        raise BadValue("一份表最多 %(most)s 张工单，这份有 %(n)s 张", most=MOST, n=len(orders))
    return orders


def read_orders(scope: Scope, city: City, orders: Sequence[Order]) -> list[Reading]:
    """Return what each order would become for this caller; nothing is written.

    What several orders need is asked once for all of them: a sheet costs as many queries as a row.
    """
    ids = [order.client_id(city) for order in orders]
    mine = Incident.objects.within(scope).filter(client_id__in=ids)
    before = {row.client_id: row for row in mine.select_related("category", "department")}
    taken = set(Incident.objects.filter(client_id__in=ids).values_list("client_id", flat=True))
    leaves = spoken.leaves_of(city).select_related("parent", "department").order_by("code")
    kinds = {name: row for row in leaves for name in (row.name_en, row.name, row.code) if name}
    readings = []
    first: dict[str, int] = {}
    for order, known_by in zip(orders, ids, strict=True):
        reading = Reading(order, known=before.get(known_by))
        if known_by in taken - before.keys():
            reading.refuse(ELSEWHERE)
        elif reading.known is None:
            _read(reading, city, kinds)
            if not reading.trouble and order.number in first:
                reading.refuse(TWICE, row=first[order.number])
        first.setdefault(order.number, order.row)
        readings.append(reading)
    fresh = [one for one in readings if one.known is None]
    _place(scope, city, _sound(fresh))
    _departments(_sound(fresh))
    _alike(scope, city, _sound(fresh))
    return readings


def _sound(readings: Iterable[Reading]) -> list[Reading]:
    return [one for one in readings if not one.trouble]


def _read(reading: Reading, city: City, kinds: dict[str, Category]) -> None:
    order = reading.order
    for check in (_words, _time):
        check(reading, city)
    if not reading.trouble:
        reading.title = f"{spoken.title_of(order.text)}（工单 {order.number}）"[:120]
        _kind(reading, kinds)


def _words(reading: Reading, _city: City) -> None:
    order = reading.order
    if not order.number:
        reading.refuse(NO_NUMBER)
    elif not order.text:
        reading.refuse(NO_TEXT)
    elif order.phone and not PHONE.fullmatch(order.phone):
        reading.refuse(BAD_PHONE)
    for name, most in LONGEST.items():
        if len(getattr(order, name)) > most:
            reading.refuse(TOO_LONG, field=COLUMNS[name][0], most=most)


def _time(reading: Reading, city: City) -> None:
    told = reading.order.said_at
    if not told:
        return
    called, now = moment(told, ZoneInfo(city.time_zone)), timezone.now()
    if called is None:
        reading.refuse(BAD_TIME, value=told[:40])
    elif called > now:
        reading.refuse(STILL_TO_COME, value=told[:40])
    elif now - STILL_TOLD <= called:
        reading.said_at = called


def _kind(reading: Reading, kinds: dict[str, Category]) -> None:
    """Take the category that is written, else the one heard: other houses have other classes."""
    written = reading.order.category
    if named := kinds.get(written):
        reading.category = named
        return
    names = dict.fromkeys(row.name for row in kinds.values())
    heard = complaints.likeliest(f"{written} {reading.order.text}", names, most=1)
    reading.category = kinds[heard[0]] if heard else None
    if reading.category is None:
        reading.refuse(UNKNOWN_CATEGORY if written else NO_CATEGORY, value=written)
    elif written:
        reading.note, reading.detail = HEARD_CATEGORY, {"value": written}


def _place(scope: Scope, city: City, readings: Sequence[Reading]) -> None:
    _given(scope, city, [one for one in readings if one.order.lng or one.order.lat])
    spoken_of = [one for one in readings if not (one.order.lng or one.order.lat)]
    if not spoken_of:
        return
    stems = spoken.stems_of(city)
    for words in ("address", "text"):
        unheard = [one for one in _sound(spoken_of) if one.point is None]
        told = {getattr(one.order, words) for one in unheard} - {""}
        found = spoken.located(scope, city, stems, told)
        for reading in unheard:
            _heard(reading, found.get(getattr(reading.order, words)))
    for reading in _sound(spoken_of):
        if reading.point is None:
            reading.refuse(NO_PLACE)


def _heard(reading: Reading, found: spoken.Located | None) -> None:
    if found is not None and found.may_report:
        reading.point, reading.spot, reading.place = found.point, found.spot, found.title
    elif found is not None:
        reading.refuse(ELSEWHERE)


def _given(scope: Scope, city: City, readings: Sequence[Reading]) -> None:
    """Take the coordinates that are told, where they are within the city and the caller's area."""
    inside = []
    for reading in readings:
        point = _point(reading.order)
        if point is not None and city.bounds.covers(point):
            inside.append((reading, point))
        else:
            reading.refuse(OUTSIDE)
    spots = spots_at(city, [point for _, point in inside])
    for (reading, point), spot in zip(inside, spots, strict=True):
        if scope.may_at("report", spot):
            reading.point, reading.spot, reading.place = point, spot, reading.order.address
        else:
            reading.refuse(ELSEWHERE)


def _departments(readings: Sequence[Reading]) -> None:
    matters = [
        (one.category, one.point)
        for one in readings if one.category is not None and one.point is not None
    ]  # fmt: skip
    proposals = propose_departments(matters, timezone.now())
    for reading, proposal in zip(readings, proposals, strict=True):
        reading.department = proposal.department


def _point(order: Order) -> Point | None:
    try:
        lng, lat = float(order.lng), float(order.lat)
    except ValueError:
        return None
    return Point(lng, lat, srid=SRID) if isfinite(lng) and isfinite(lat) else None


def _alike(scope: Scope, city: City, readings: Sequence[Reading]) -> None:
    """Find what is open near in place and of the same kind, for all orders in one question."""
    if not readings:
        return
    still = Incident.objects.within(scope).open().filter(city=city, category__in=[
        one.category for one in readings if one.category
    ])  # fmt: skip
    cases = list(still.order_by("reported_at", "pk").values_list("number", "category_id", "place"))
    flat = cos(radians(city.bounds.centroid.y))  # a degree to the east is shorter than one north
    tree = STRtree([shapely.Point(place.x * flat, place.y) for _, _, place in cases])
    for reading in readings:
        if reading.point is None or reading.category is None:
            continue
        here = shapely.Point(reading.point.x * flat, reading.point.y)
        near = tree.query(here, predicate="dwithin", distance=NEAR)
        found = [cases[at] for at in sorted(near.tolist())]
        alike = [number for number, kind, _ in found if kind == reading.category.pk]
        reading.alike = alike[:MOST_ALIKE]
