"""Twelve months of the demo's incidents, about four hundred of them open."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from django.db import connection
from django.utils import timezone
from shapely import Point

from gridmap.actions.demo.catalogue import KINDS, Kind
from gridmap.actions.demo.courses import Course, Taken, Works, load_courses
from gridmap.actions.demo.names import pick
from gridmap.actions.demo.stage import House, Spot, Stage
from gridmap.geo.pinyin import search_text
from gridmap.layers.incidents import Incident, State

DAYS = 365
ENDED = 5600
OPEN = 398  # and two beside a duty border (deeds.py)
HOUSES_PER_INCIDENT = 2  # a small demo has fewer: one for so many buildings

# The open ones: late, soon, parked, only reported; the rest is filed and has time.
OPEN_SHARES = {"late": 0.07, "soon": 0.2, "parked": 0.1, "reported": 0.06, "ok": 0.57}
VOID_SHARE = 0.04
URGENT_SHARE = 0.05
LATE_SHARE = 0.12  # of the ended ones: closed after their limit

GROWTH = 1.7  # people report more than a year ago; 1 would be as many then as now
HOT_SPOTS = 24
HOT_RADIUS_M = 160.0
HEAT = 2.5  # how many times as many in the middle of a hot spot
METRES_PER_DEGREE = 111_195.0
# More of them in old houses than in new ones, as many as people live there; and a share for
# markets and malls, where nobody lives.
OLD_QUARTERS = {"house": 1.8, "perimeter": 1.4, "market": 2.0, "mall": 1.5}
VISITORS = 12  # of a house, in households
# Half hours of the day in which people report, by hour; nights are quiet.
HOURS = (1, 1, 0, 0, 0, 1, 3, 8, 12, 13, 11, 8, 5, 6, 9, 10, 10, 9, 8, 9, 8, 6, 4, 2)
SOURCES = {
    "worker": 0.46, "patrol": 0.18, "resident": 0.14, "wechat": 0.1, "hotline": 0.07, "chief": 0.05,
}  # fmt: skip
# Things typed for a case, by source, and how often; the hotline's come without a form of ours.
TYPED = {
    "worker": ((3, 4, 5), (6, 3, 1)), "chief": ((3, 4), (8, 2)), "patrol": ((1, 2), (7, 3)),
    "resident": ((1, 2, 3, 4), (3, 4, 2, 1)), "wechat": ((1, 2, 3), (6, 3, 1)),
}  # fmt: skip
STEPS = {State.FILED: 2, State.DISPATCHED: 3, State.HANDLING: 5, State.ANSWERED: 1,
         State.INSPECTING: 1}  # fmt: skip

COLUMNS = (
    "city_id number title text place address search category_id source state parked urgent"
    " department_id reported_at said_at typed filed_at soon_at due closed_at verified inspected"
    " light"
)


class Scene(NamedTuple):
    """Where an incident is, in degrees and in words."""

    place: Point
    address: str
    title: str


def load_incidents(stage: Stage) -> None:
    """Write the incidents, oldest first, numbered by their local day."""
    stage.begin("incidents")
    dice = stage.dice("incidents")
    scale = min(1.0, len(stage.houses) / HOUSES_PER_INCIDENT / (ENDED + OPEN))
    works = Works(stage)
    drawn = [
        (kind, _ended(works, kind, dice)) for kind in _kinds(dice, max(1, round(ENDED * scale)))
    ]
    lights = _lights(max(len(OPEN_SHARES), round(OPEN * scale)))
    drawn += [
        (kind, _open(works, kind, light, dice))
        for kind, light in zip(_kinds(dice, len(lights)), lights, strict=True)
    ]
    drawn.sort(key=lambda pair: pair[1].reported)
    scenes = Scenes(stage, dice)
    rows = list(_rows(stage, drawn, scenes, dice))
    with connection.cursor() as cursor:  # the steps come with them, written by load_courses
        cursor.execute("SELECT set_config('gridmap.own_steps', '1', true)")
        written = stage.write(Incident, COLUMNS, rows)
        cursor.execute("SELECT set_config('gridmap.own_steps', '', true)")
    at = COLUMNS.split().index("department_id")
    taken = [
        Taken(pk, kind.code, _id(row[at]), course)
        for pk, row, (kind, course) in zip(written, rows, drawn, strict=True)
    ]
    load_courses(stage, works, taken)


def _id(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _kinds(dice: Random, count: int) -> Sequence[Kind]:
    return dice.choices(KINDS, weights=[kind.share for kind in KINDS], k=count)


def _lights(count: int) -> list[str]:
    """Deal the lights of the open ones by exact shares, one of each at least."""
    lights = [
        light for light, share in OPEN_SHARES.items() for _ in range(max(1, round(count * share)))
    ]
    return (lights + ["ok"] * count)[:count]


def _ended(works: Works, kind: Kind, dice: Random) -> Course:
    """An incident that was closed or found void before now."""
    while True:
        reported = _moment(works.now, dice)
        filed = reported + timedelta(minutes=dice.randint(4, 90))
        soon, due = works.times(kind.code, filed)
        share = 1 + dice.expovariate(2.5) if dice.random() < LATE_SHARE else dice.betavariate(2, 3)
        closed = filed + (due - filed) * max(0.02, share)
        if closed < works.now - timedelta(minutes=5):
            break
    if dice.random() < VOID_SHARE:
        return Course(State.VOID, reported, closed=filed)
    return Course(State.CLOSED, reported, filed, soon, due, closed)


def _moment(now: datetime, dice: Random) -> datetime:
    """A moment of the last twelve months, at an hour at which people report."""
    day = timezone.localtime(now) - timedelta(days=int(DAYS * dice.random() ** GROWTH))
    hour = dice.choices(range(24), weights=HOURS)[0]
    moment = day.replace(hour=hour, minute=dice.randint(0, 59), second=dice.randint(0, 59))
    return min(moment, now - timedelta(minutes=dice.randint(10, 90)))


def _open(works: Works, kind: Kind, light: str, dice: Random) -> Course:
    """An incident that is open now and stands as ``light`` says."""
    if light == "reported":
        return Course(State.REPORTED, works.now - timedelta(minutes=dice.randint(6, 300)))
    bounds = {"late": (1.02, 1.9), "soon": (0.82, 0.97), "ok": (0.03, 0.74)}.get(light, (0.3, 3.0))
    while True:
        filed = works.filed_when(kind.code, dice.uniform(*bounds)) - timedelta(minutes=3)
        soon, due = works.times(kind.code, filed)
        if _stands(works.now, soon, due) == light or light == "parked":
            break
    state = dice.choices(list(STEPS), weights=list(STEPS.values()))[0]
    if light == "parked":
        state = State.HANDLING  # only who has the case may ask for it
    reported = filed - timedelta(minutes=dice.randint(4, 90))
    return Course(state, reported, filed, soon, due, parked=light == "parked")


def _stands(now: datetime, soon: datetime, due: datetime) -> str:
    if due <= now:
        return "late"
    return "soon" if soon <= now else "ok"


class Scenes:
    """Places for incidents: more of them in the old quarters, and most around a few hot spots."""

    def __init__(self, stage: Stage, dice: Random) -> None:
        self.dice = dice
        self.houses = [house for house in stage.houses if house.cell is not None]
        self.stretches = [spot for spot in stage.stretches if spot.cell is not None]
        doors: dict[str, Point] = {}
        for spot in stage.entrances:
            doors.setdefault(spot.label, spot.place)
        self.doors = doors
        old = [house for house in self.houses if house.kind in OLD_QUARTERS] or self.houses
        self.hot = [house.shape.centroid for house in dice.sample(old, min(HOT_SPOTS, len(old)))]
        shops = {"perimeter", "market", "mall", "office"}
        self.weights = {
            "door": self._summed(
                [
                    (h.households + VISITORS)
                    * OLD_QUARTERS.get(h.kind, 1.0)
                    * self._heat(h.shape.centroid)
                    for h in self.houses
                ]
            ),
            "shop": self._summed(
                [(h.kind in shops or 0.02) * self._heat(h.shape.centroid) for h in self.houses]
            ),
            "way": self._summed([self._heat(spot.place) for spot in self.stretches]),
        }

    @staticmethod
    def _summed(weights: Sequence[float]) -> list[float]:
        total, sums = 0.0, []
        for weight in weights:
            total += weight
            sums.append(total)
        return sums

    def _heat(self, place: Point) -> float:
        """Return 1 somewhere, up to 1 + HEAT in the middle of a hot spot."""
        narrow = math.cos(math.radians(place.y))
        near = min(
            math.hypot((place.x - spot.x) * narrow, place.y - spot.y) * METRES_PER_DEGREE
            for spot in self.hot
        )
        return 1 + HEAT * math.exp(-((near / HOT_RADIUS_M) ** 2) / 2)

    def scene(self, kind: Kind) -> Scene:
        """Return a place that suits the category."""
        weights = self.weights[kind.place]
        if kind.place == "way":
            spot: Spot = self.dice.choices(self.stretches, cum_weights=weights)[0]
            return Scene(self._beside(spot.place), spot.label, f"{kind.name} · {spot.label}")
        house: House = self.dice.choices(self.houses, cum_weights=weights)[0]
        door = self.doors.get(house.label, house.shape.centroid)
        where = self.dice.choice(("旁", "旁", "门前", "楼下"))
        return Scene(self._beside(door), house.label, f"{kind.name} · {house.label}{where}")

    def _beside(self, place: Point) -> Point:
        step = 4.0 / METRES_PER_DEGREE
        east, north = self.dice.uniform(-step, step), self.dice.uniform(-step, step)
        return Point(round(place.x + east, 7), round(place.y + north, 7))


def _rows(
    stage: Stage, drawn: Sequence[tuple[Kind, Course]], scenes: Scenes, dice: Random
) -> Iterator[tuple[object, ...]]:
    serials: Counter[str] = Counter()
    clock = stage.dice("messages")
    for kind, course in drawn:
        day = f"{timezone.localtime(course.reported):%Y%m%d}"
        serials[day] += 1
        scene = scenes.scene(kind)
        dispatched = course.state not in {State.REPORTED, State.FILED}
        source = pick(dice, SOURCES)
        yield (
            stage.city.pk,
            f"{day}-{serials[day]:04d}",
            scene.title,
            kind.text,
            scene.place,
            scene.address,
            search_text(scene.title),
            stage.categories[kind.code],
            source,
            course.state,
            course.parked,
            dice.random() < URGENT_SHARE,
            stage.departments[kind.department] if kind.department and dispatched else None,
            course.reported,
            _said(course.reported, clock) if source == "wechat" else None,
            sum(clock.choices(*TYPED[source])) if source in TYPED else None,
            course.filed,
            course.soon,
            course.due,
            course.closed,
            course.verified,
            True if course.state == State.CLOSED else None,
            0,  # the database sets the light
        )


def _said(reported: datetime, clock: Random) -> datetime:
    """When it stood in the chat: somebody has to read it and put it down."""
    return reported - timedelta(minutes=min(600, round(clock.lognormvariate(2.0, 0.9)) + 1))
