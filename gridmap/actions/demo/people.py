"""The demo's chiefs: who answers for each street, lane, building and cell, and who did before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import groupby
from random import Random
from typing import NamedTuple

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from gridmap.actions.demo.names import dealt, invented, relay_phone
from gridmap.actions.demo.stage import House, Stage
from gridmap.geo.pinyin import search_text
from gridmap.layers.people import ChiefTerm, Person
from gridmap.layers.territory import Cell

# Shares of the objects of one office that are vacant, led by a substitute, or whose chief's term
# ends within 30 days; the rest is filled.
SHARES = (0.06, 0.04, 0.05)
FILLED, VACANT, SUBSTITUTED, EXPIRING = 0, 1, 2, 3
TERM_DAYS = (730, 1095)
REMEMBERED = 0.4  # share of the objects whose chief before is known
ABSENT = 0.5  # of the substitutes: how many stand in for a chief who is only away

# Office, person, standing, why somebody stands in, valid.
Term = tuple[str, int, str, str, DateTimeTZRange]


class Register:
    """Invents people one by one and remembers them until they are written."""

    def __init__(self, stage: Stage) -> None:
        self.names = invented(stage.dice("names"))
        self.taken: list[str] = []

    def person(self) -> int:
        """Return the number of a new person, counted from 0."""
        self.taken.append(next(self.names))
        return len(self.taken) - 1

    def write(self, stage: Stage) -> list[int]:
        """Write everybody and return the ids by number."""
        rows = [
            (stage.city.pk, name, search_text(name), relay_phone(number))
            for number, name in enumerate(self.taken)
        ]
        return stage.write(Person, "city_id name search relay_phone", rows)


class Beat(NamedTuple):
    """Objects of one office that one person answers for."""

    office: str
    objects: tuple[int, ...]


def load_chiefs(stage: Stage) -> None:
    """Write the people who bear an office, and their terms."""
    stage.begin("chiefs")
    dice, register = stage.dice("chiefs"), Register(stage)
    calendar = Calendar(stage.now, dice)
    planned: list[tuple[Beat, list[Term]]] = []
    for office in ("street", "lane", "building"):
        beats = list(_beats(stage, office, dice))
        for beat, standing in zip(beats, dealt(dice, len(beats), SHARES), strict=True):
            planned.append((beat, list(_terms(office, standing, register, calendar))))
    for cell in Cell.objects.filter(community__in=stage.communities.values()).order_by("pk"):
        for office in ("cell_head", "cell_worker"):
            valid = calendar.running()
            terms = [(office, register.person(), "acting", "", valid)]
            planned.append((Beat(office, (cell.pk,)), terms))
    people = register.write(stage)
    stage.write(
        ChiefTerm,
        "office street_id lane_id building_id cell_id person_id standing reason valid",
        [
            (office, *_object(office, thing), people[person], standing, reason, valid)
            for beat, terms in planned
            for office, person, standing, reason, valid in terms
            for thing in beat.objects
        ],
    )


def _object(office: str, thing: int) -> tuple[int | None, ...]:
    """Return the four columns of which one names the object."""
    column = {"street": 0, "lane": 1, "building": 2}.get(office, 3)
    return tuple(thing if column == i else None for i in range(4))


def _beats(stage: Stage, office: str, dice: Random) -> Iterator[Beat]:
    if office != "building":
        for way in stage.ways.values():
            if way.office == office:
                yield Beat(office, (way.id,))
        return
    # Neighbours along a lane share a chief (楼长片): small houses many, big ones few.
    for _, row in groupby(sorted(stage.houses, key=_along), key=_row):
        left = list(row)
        while left:
            size = dice.randint(4, 8) if left[0].kind == "house" else dice.randint(1, 3)
            yield Beat(office, tuple(house.id for house in left[:size]))
            left = left[size:]


def _row(house: House) -> tuple[str, int]:
    return (house.way.code if house.way else "", house.community or 0)


def _along(house: House) -> tuple[tuple[str, int], bool, int]:
    number = int(house.number) if house.number.isdecimal() else 0
    return (_row(house), number % 2 == 0, number)


class Calendar:
    """Terms run from midnight to midnight, local time."""

    def __init__(self, now: datetime, dice: Random) -> None:
        self.now = now
        self.dice = dice

    def day(self, offset: int) -> datetime:
        """Return the beginning of the day so many days from today."""
        today = timezone.localdate(self.now) + timedelta(days=offset)
        return timezone.make_aware(datetime.combine(today, time.min))

    def running(self) -> DateTimeTZRange:
        """Return a term that runs and does not end within the next 30 days."""
        days = self.dice.choice(TERM_DAYS)
        begun = self.dice.randint(60, days - 40)
        return DateTimeTZRange(self.day(-begun), self.day(days - begun))

    def expiring(self) -> DateTimeTZRange:
        """Return a term that ends within the next 30 days."""
        left = self.dice.randint(2, 29)
        return DateTimeTZRange(self.day(left - self.dice.choice(TERM_DAYS)), self.day(left))

    def over(self, ended: int) -> DateTimeTZRange:
        """Return a term that ended so many days ago."""
        return DateTimeTZRange(self.day(-ended - self.dice.choice(TERM_DAYS)), self.day(-ended))

    def before(self, valid: DateTimeTZRange) -> DateTimeTZRange:
        """Return the term that ended when ``valid`` began."""
        begun: datetime = valid.lower
        return DateTimeTZRange(begun - timedelta(days=self.dice.choice(TERM_DAYS)), begun)


def _terms(office: str, standing: int, register: Register, calendar: Calendar) -> Iterator[Term]:
    dice = calendar.dice
    if standing == VACANT:
        yield office, register.person(), "acting", "", calendar.over(dice.randint(10, 200))
        return
    if standing == SUBSTITUTED:
        since = dice.randint(5, 60)
        away = dice.random() < ABSENT
        acting = calendar.running() if away else calendar.over(since)
        yield office, register.person(), "acting", "", acting
        standing_in = DateTimeTZRange(calendar.day(-since), calendar.day(120 - since))
        reason = "leave" if away else "vacancy"
        yield office, register.person(), "substitute", reason, standing_in
        return
    valid = calendar.expiring() if standing == EXPIRING else calendar.running()
    yield office, register.person(), "acting", "", valid
    if dice.random() < REMEMBERED:
        yield office, register.person(), "acting", "", calendar.before(valid)
