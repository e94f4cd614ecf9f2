"""A town small enough to check by hand.

City ``toy``, one subdistrict, two communities side by side, each 200 m by 100 m, each cut into two
100 m square cells (metres east and north of ORIGIN in EPSG:4548)::

    100 +--------+--------+--------+--------+
        |  [1]   |  [2]   |  [3]   |  [4]   |      [n]  building 0000n, 20 m by 20 m, with one
        |        L1       |--L2----|        |           entrance in the middle of its south wall
        |  A-1   |  A-2   |  B-1   |  B-2   |
      0 +--------+--------+--------+--------+
        0       100      200      300      400
        =============== S1 ================

* S1 和平街 runs along the south border, 10 m wide; its one stretch (both sides) is anchored in A-1.
* L1 榕树巷 runs north on the border of A-1 and A-2: two stretches, left in A-1, right in A-2.
* L2 石坎巷 runs east through the middle of B-1: one stretch, both sides.
* Buildings stand at 40..60 m of their cell, 60..80 m north; [1] and [2] belong to L1, [3] to L2.
* Codes: communities 350404001001 (A, 甲社区), 350404001002 (B, 乙社区); cells end in 001, 002.
* Chiefs: 林小满 of S1, 何青禾 of L1, 苏望舒 of building 1 (ends in 10 days); L2 has only a
  substitute, 周一禾; buildings 2, 3 and 4 are vacant.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TypeVar
from uuid import UUID, uuid5

from django.contrib.auth.models import User
from django.contrib.gis.gdal import CoordTransform, SpatialReference
from django.contrib.gis.geos import (
    GEOSGeometry,
    LineString,
    MultiLineString,
    MultiPolygon,
    Point,
    Polygon,
)
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Max
from django.utils import timezone

from gridmap.layers.incidents import Category, Incident, State
from gridmap.layers.people import ChiefTerm, Department, Person, Team, TeamArea
from gridmap.layers.places import (
    Building,
    Entrance,
    Headcount,
    Lane,
    PartyUnit,
    Street,
    Stretch,
)
from gridmap.layers.postings import Posting, Role, scope_of
from gridmap.layers.scope import Scope
from gridmap.layers.territory import Cell, CellEdition, City, Community, PlaceCode, Subdistrict

ORIGIN = (562_000, 2_906_000)  # EPSG:4548, near Sanming
SRID = 4548
OPENED = datetime(2024, 1, 1, tzinfo=UTC)
ALWAYS = DateTimeTZRange(OPENED, None)
Shape = TypeVar("Shape", bound=GEOSGeometry)
NAMES = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")


@cache
def to_degrees() -> CoordTransform:
    """The transformation, set up once: that takes longer than raising the town."""
    return CoordTransform(SpatialReference(SRID), SpatialReference(4326))


def degrees(shape: Shape) -> Shape:
    """The shape, drawn in metres from ORIGIN, as it is stored."""
    shape.srid = SRID
    shape.transform(to_degrees())
    return shape


def at(east: float, north: float) -> Point:
    """The place so many metres east and north of ORIGIN."""
    return degrees(Point(ORIGIN[0] + east, ORIGIN[1] + north))


def ring(east: float, north: float, width: float, height: float) -> Polygon:
    """A rectangle with its south-west corner so many metres from ORIGIN.

    The corners of the four cells stand on every rectangle that passes them, so that neighbours
    share their vertices and the tiling is exact after rounding.
    """
    x, y = ORIGIN[0] + east, ORIGIN[1] + north
    stops = sorted({0.0, width, *(s - east for s in (100, 200, 300) if 0 < s - east < width)})
    south = [(x + s, y) for s in stops]
    north_side = [(x + s, y + height) for s in reversed(stops)]
    return degrees(Polygon([*south, *north_side, south[0]]))


def box(east: float, north: float, width: float, height: float) -> MultiPolygon:
    """The same as a multipolygon."""
    return MultiPolygon(ring(east, north, width, height), srid=4326)


def line(*stops: tuple[float, float]) -> LineString:
    """A line through places given in metres from ORIGIN."""
    return degrees(LineString([(ORIGIN[0] + e, ORIGIN[1] + n) for e, n in stops]))


def way(*stops: tuple[float, float]) -> MultiLineString:
    """The same as a multilinestring."""
    return MultiLineString(line(*stops), srid=4326)


def cell(letter: str, number: int) -> Cell:
    """The cell drawn as A-1, A-2, B-1 or B-2."""
    code = f"3504040010{'AB'.index(letter) + 1:02d}{number:03d}"
    return CellEdition.objects.select_related("cell").filter(code=code)[0].cell


def community(letter: str) -> Community:
    """Community A or B."""
    return Community.objects.get(code=f"3504040010{'AB'.index(letter) + 1:02d}")


def city() -> City:
    """The toy city."""
    return City.objects.get(slug="toy")


@transaction.atomic
def build() -> City:
    """Raise the town; call it in an empty database."""
    toy = City.objects.create(
        slug="toy",
        code="350404",
        name="玩具城",
        name_en="Toy town",
        metric_srid=SRID,
        bounds=box(-100, -100, 600, 300),
        demo=True,
    )
    _areas(toy)
    _ways(toy)
    _buildings(toy)
    _people(toy)
    _work(toy)
    with connection.cursor() as cursor:
        cursor.execute("SELECT gridmap_compact()")
    toy.refresh_from_db()
    return toy


def _areas(toy: City) -> None:
    subdistrict = Subdistrict.objects.create(
        city=toy, code="350404001", name="列东街道", geom=box(0, 0, 400, 100)
    )
    PlaceCode.objects.create(
        subdistrict=subdistrict, code="350404001", name="列东街道", valid=ALWAYS
    )
    for index, (letter, name) in enumerate((("A", "甲社区"), ("B", "乙社区"))):
        code = f"3504040010{index + 1:02d}"
        area = Community.objects.create(
            subdistrict=subdistrict,
            code=code,
            name=name,
            search=f"{name} " + ("jiashequ jsq" if letter == "A" else "yishequ ysq"),
            geom=box(200 * index, 0, 200, 100),
        )
        PlaceCode.objects.create(community=area, code=code, name=name, valid=ALWAYS)
        for number, title in ((1, "第一网格"), (2, "第二网格")):
            identity = Cell.objects.create(uid=uuid5(NAMES, f"{code}{number}"), community=area)
            CellEdition.objects.create(
                cell=identity,
                code=f"{code}{number:03d}",
                name=title,
                valid=ALWAYS,
                geom=box(200 * index + 100 * (number - 1), 0, 100, 100),
            )


def _ways(toy: City) -> None:
    street = Street.objects.create(
        city=toy,
        code="S1",
        name="和平街",
        search="和平街 hepingjie hpj",
        width_m=10,
        centreline=way((0, -5), (400, -5)),
        polygon=box(0, -10, 400, 10),
        derived="polygon",
    )
    Stretch.objects.create(
        city=toy,
        code="S1-1",
        street=street,
        centreline=line((0, -5), (400, -5)),
        anchor=at(50, 1),
        interval_days=7,
    )
    ficus = Lane.objects.create(
        city=toy,
        code="L1",
        name="榕树巷",
        search="榕树巷 rongshuxiang rsx",
        width_m=4,
        street=street,
        community=community("A"),
        centreline=way((100, 0), (100, 100)),
        polygon=box(98, 0, 4, 100),
        derived="polygon",
    )
    for side, east in (("left", 98), ("right", 102)):
        Stretch.objects.create(
            city=toy,
            code="L1-1",
            side=side,
            lane=ficus,
            start="和平街",
            end="北端",
            centreline=line((100, 0), (100, 100)),
            anchor=at(east, 50),
            interval_days=3,
        )
    ridge = Lane.objects.create(
        city=toy,
        code="L2",
        name="石坎巷",
        search="石坎巷 shikanxiang skx",
        width_m=4,
        centreline=way((200, 50), (300, 50)),
        polygon=box(200, 48, 100, 4),
        derived="polygon",
    )
    Stretch.objects.create(
        city=toy,
        code="L2-1",
        lane=ridge,
        centreline=line((200, 50), (300, 50)),
        anchor=at(250, 50),
        interval_days=3,
    )


def _buildings(toy: City) -> None:
    lanes = {lane.code: lane for lane in Lane.objects.all()}
    for number, lane_code in ((1, "L1"), (2, "L1"), (3, "L2"), (4, None)):
        east = 100 * (number - 1) + 40
        address = f"{lanes[lane_code].name} {number} 号" if lane_code else "和平街 4 号"
        building = Building.objects.create(
            city=toy,
            code=f"B{number}",
            address=address,
            number=str(number),
            floors=6,
            search=f"{address} {'rongshuxiang rsx' if lane_code == 'L1' else ''}",
            lane=lanes[lane_code] if lane_code else None,
            street=Street.objects.get(),
            kind="slab",
            geom=MultiPolygon(ring(east, 60, 20, 20), srid=4326),
        )
        Headcount.objects.create(
            building=building,
            counted_on=timezone.localdate(),
            source="演示普查",
            households=100 * number,
            residents=250 * number,
        )
        Entrance.objects.create(building=building, place=at(east + 10, 60), interval_days=14)
    PartyUnit.objects.create(
        city=toy,
        code="P1",
        name="福清商会",
        kind="chamber",
        superior="市工商联党组",
        search="福清商会 fuqingshanghui fqsh",
        place=at(350, 20),
    )


def _people(toy: City) -> None:
    now = timezone.now()
    terms = (
        ("林小满", "linxiaoman lxm", {"office": "street", "street": Street.objects.get()}, ALWAYS),
        ("何青禾", "heqinghe hqh", {"office": "lane", "lane": Lane.objects.get(code="L1")}, ALWAYS),
        (
            "苏望舒",
            "suwangshu sws",
            {"office": "building", "building": Building.objects.get(code="B1")},
            DateTimeTZRange(OPENED, now + timedelta(days=10)),
        ),
        (
            "周一禾",
            "zhouyihe zyh",
            {
                "office": "lane",
                "lane": Lane.objects.get(code="L2"),
                "standing": "substitute",
                "reason": "vacancy",
            },
            ALWAYS,
        ),
        ("陈木子", "chenmuzi cmz", {"office": "cell_worker", "cell": cell("A", 1)}, ALWAYS),
    )
    for name, letters, seat, valid in terms:
        person = Person.objects.create(city=toy, name=name, search=f"{name} {letters}")
        ChiefTerm.objects.create(person=person, valid=valid, **seat)
    team = Team.objects.create(
        city=toy,
        community=community("A"),
        name="甲社区巡防队",
        kind="patrol",
        search="甲社区巡防队 jiashequxunfangdui jsqxfd",
    )
    for number in (1, 2):
        TeamArea.objects.create(team=team, cell=cell("A", number), valid=ALWAYS)


def _work(toy: City) -> None:
    sanitation = Department.objects.create(
        city=toy, code="sanitation", name="环卫", name_en="Sanitation", rank=1
    )
    Category.objects.create(
        city=toy,
        code="0102",
        name="暴露垃圾",
        name_en="Exposed rubbish",
        kind="event",
        department=sanitation,
        limit_hours=48,
    )


def incident(east: float, north: float, **values: object) -> Incident:
    """An incident reported now at the place given, due in two days unless said otherwise."""
    now = timezone.now()
    number = (Incident.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
    standard: dict[str, object] = {
        "city": city(),
        "number": f"{now:%Y%m%d}-{number:04d}",
        "title": f"暴露垃圾 {number}",
        "search": f"暴露垃圾 {number} baolulaji bllj",
        "place": at(east, north),
        "category": Category.objects.get(city__slug="toy", code="0102"),
        "department": Department.objects.get(city__slug="toy", code="sanitation"),
        "source": "worker",
        "state": State.FILED,
        "reported_at": now,
        "filed_at": now,
        "soon_at": now + timedelta(hours=38),
        "due": now + timedelta(hours=48),
    }
    made = Incident.objects.create(**{**standard, **values})
    made.refresh_from_db()
    return made


def posted(name: str, *letters: str, role: Role | None = None) -> User:
    """A user posted to the communities given; where none is, to what the role is posted to here.

    Without a role a cadre of the communities, or the leader of the city. A dispatcher serves the
    subdistrict, a worker is 陈木子 of A-1, a chief 苏望舒 of building 1, a patrol the team of
    community A, a department the sanitation, everybody else the whole city.
    """
    user = User.objects.create_user(name, password=f"{name}-secret-7")
    role = role or (Role.CADRE if letters else Role.LEADER)
    areas: list[dict[str, object]] = [{"community": community(letter)} for letter in letters]
    for area in areas or [_post_of(role)]:
        Posting.objects.create(user=user, role=role, city=city(), valid=ALWAYS, **area)
    return user


def _post_of(role: Role) -> dict[str, object]:
    if role is Role.DISPATCHER:
        return {"subdistrict": Subdistrict.objects.get(code="350404001")}
    if role in {Role.WORKER, Role.CHIEF}:
        bearer = "陈木子" if role is Role.WORKER else "苏望舒"
        return {"person": Person.objects.get(name=bearer)}
    if role is Role.PATROL:
        return {"team": Team.objects.get(name="甲社区巡防队")}
    if role is Role.DEPARTMENT:
        return {"department": Department.objects.get(city=city(), code="sanitation")}
    return {}


def eyes(name: str, *letters: str, role: Role | None = None) -> Scope:
    """The scope of a new user posted so."""
    return scope_of(posted(name, *letters, role=role).pk)
