"""Twelve months of the demo's incidents, about four hundred of them open."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from django.utils import timezone
from shapely import Point

from gridmap.actions.demo.catalogue import KINDS, Kind
from gridmap.actions.demo.names import pick
from gridmap.actions.demo.stage import House, Spot, Stage
from gridmap.geo.pinyin import search_text
from gridmap.layers.incidents import Incident, State

DAYS = 365
ENDED = 5600
OPEN = 400
HOUSES_PER_INCIDENT = 2  # a small demo has fewer: one for so many buildings

# The open ones: late, soon, parked, only reported; the rest is filed and has time.
OPEN_SHARES = {"late": 0.07, "soon": 0.2, "parked": 0.1, "reported": 0.06, "ok": 0.57}
VOID_SHARE = 0.04
URGENT_SHARE = 0.05
LATE_SHARE = 0.12  # of the ended ones: closed after their limit
SOON_FROM = 0.8  # share of the limit after which the light turns (domain.md 3.6)

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
STEPS = {State.FILED: 2, State.DISPATCHED: 3, State.HANDLING: 5, State.ANSWERED: 1,
         State.INSPECTING: 1}  # fmt: skip

COLUMNS = (
    "city_id number title text place address search category_id source state parked urgent"
    " department_id reported_at filed_at soon_at due closed_at light"
)


class Course(NamedTuple):
    """When an incident went which way."""

    state: str
    reported: datetime
    filed: datetime | None = None
    due: datetime | None = None
    closed: datetime | None = None
    parked: bool = False


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
    drawn = [
        (kind, _ended(stage.now, kind, dice)) for kind in _kinds(dice, max(1, round(ENDED * scale)))
    ]
    lights = _lights(max(len(OPEN_SHARES), round(OPEN * scale)))
    drawn += [
        (kind, _open(stage.now, kind, light, dice))
        for kind, light in zip(_kinds(dice, len(lights)), lights, strict=True)
    ]
    drawn.sort(key=lambda pair: pair[1].reported)
    scenes = Scenes(stage, dice)
    stage.write(Incident, COLUMNS, _rows(stage, drawn, scenes, dice))


def _kinds(dice: Random, count: int) -> Sequence[Kind]:
    return dice.choices(KINDS, weights=[kind.share for kind in KINDS], k=count)


def _lights(count: int) -> list[str]:
    """Deal the lights of the open ones by exact shares, one of each at least."""
    lights = [
        light for light, share in OPEN_SHARES.items() for _ in range(max(1, round(count * share)))
    ]
    return (lights + ["ok"] * count)[:count]


def _ended(now: datetime, kind: Kind, dice: Random) -> Course:
    """An incident that was closed or found void before now."""
    while True:
        reported = _moment(now, dice)
        filed = reported + timedelta(minutes=dice.randint(4, 90))
        limit = timedelta(hours=kind.hours)
        share = 1 + dice.expovariate(2.5) if dice.random() < LATE_SHARE else dice.betavariate(2, 3)
        closed = filed + limit * max(0.02, share)
        if closed < now - timedelta(minutes=5):
            break
    if dice.random() < VOID_SHARE:
        return Course(State.VOID, reported, closed=filed)
    return Course(State.CLOSED, reported, filed, filed + limit, closed)


def _moment(now: datetime, dice: Random) -> datetime:
    """A moment of the last twelve months, at an hour at which people report."""
    day = timezone.localtime(now) - timedelta(days=int(DAYS * dice.random() ** GROWTH))
    hour = dice.choices(range(24), weights=HOURS)[0]
    moment = day.replace(hour=hour, minute=dice.randint(0, 59), second=dice.randint(0, 59))
    return min(moment, now - timedelta(minutes=dice.randint(10, 90)))


def _open(now: datetime, kind: Kind, light: str, dice: Random) -> Course:
    """An incident that is open now and stands as ``light`` says."""
    limit = timedelta(hours=kind.hours)
    if light == "reported":
        return Course(State.REPORTED, now - timedelta(minutes=dice.randint(6, 300)))
    bounds = {"late": (1.02, 1.9), "soon": (0.82, 0.97), "ok": (0.03, 0.74)}.get(light, (0.3, 3.0))
    tries = (now - limit * dice.uniform(*bounds) for _ in range(24))
    filed = next((when for when in tries if dice.random() < _plausible(when)), None)
    filed = filed or now - limit * dice.uniform(*bounds)
    state = dice.choices(list(STEPS), weights=list(STEPS.values()))[0]
    reported = filed - timedelta(minutes=dice.randint(4, 90))
    return Course(state, reported, filed, filed + limit, parked=light == "parked")


def _plausible(moment: datetime) -> float:
    return HOURS[timezone.localtime(moment).hour] / max(HOURS)


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
    for kind, course in drawn:
        day = f"{timezone.localtime(course.reported):%Y%m%d}"
        serials[day] += 1
        scene = scenes.scene(kind)
        soon = None
        if course.filed and course.due:
            soon = course.filed + (course.due - course.filed) * SOON_FROM
        dispatched = course.state not in {State.REPORTED, State.FILED}
        yield (
            stage.city.pk,
            f"{day}-{serials[day]:04d}",
            scene.title,
            kind.text,
            scene.place,
            scene.address,
            search_text(scene.title),
            stage.categories[kind.code],
            pick(dice, SOURCES),
            course.state,
            course.parked,
            dice.random() < URGENT_SHARE,
            stage.departments[kind.department] if kind.department and dispatched else None,
            course.reported,
            course.filed,
            soon,
            course.due,
            course.closed,
            0,  # the database sets the light
        )
