"""Four places full of canaries, and the eyes that look at them.

    A   community A of the toy town (tests/town.py), in which everybody's own eyes work
    B   community B, beside it, in the same subdistrict
    C   a community of another subdistrict of the toy town
    X   another city

Whatever is written about a place carries its canary: ``canary("B", "incident")`` stands in every
text of B's incident. Things are known by the collection in whose addresses their ids stand, or by
a word of their own, and by their place: ``things["incidents"]["A"]``.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid5

from django.contrib.gis.geos import Point
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from gridmap.layers import journal
from gridmap.layers.checks import ChiefCheck
from gridmap.layers.contacts import Contact
from gridmap.layers.handovers import Handover
from gridmap.layers.incidents import Category, Incident, State
from gridmap.layers.lines import CommunityLine, DutyPoint
from gridmap.layers.loads import Load
from gridmap.layers.patrols import Visit
from gridmap.layers.people import ChiefTerm, Department, Person, Team, TeamArea
from gridmap.layers.places import Building, Entrance, Headcount, Lane, PartyUnit, Street, Stretch
from gridmap.layers.scope import Scope
from gridmap.layers.signs import Printing, Sign
from gridmap.layers.territory import (
    Cell,
    CellEdition,
    City,
    Community,
    Ground,
    PlaceCode,
    Subdistrict,
)
from tests import town as toy

FAR = 5_000  # metres east of the toy town: the other city
PLACES = "ABCX"
Things = defaultdict[str, dict[str, int | str]]
# Where the south-west corner of a place's first cell lies, in metres from the origin of the town.
CORNERS = {"A": (0, 0), "B": (200, 0), "C": (0, 100), "X": (FAR, 0)}
SEEN = re.compile(r"(?i)canary0([abcx])0([a-z]+)0")
PHONES = {place: f"1390555000{n}" for n, place in enumerate(PLACES)}  # of those who reported


def canary(place: str, kind: str) -> str:
    """The word that stands in every text of this kind about a place."""
    return f"canary0{place.lower()}0{kind}0"


def seen_in(text: str) -> set[tuple[str, str]]:
    """Every (place, kind) whose canary stands in a text."""
    found = {(place.upper(), kind.lower()) for place, kind in SEEN.findall(text)}
    return found | {(place, "phone") for place, phone in PHONES.items() if phone in text}


@dataclass
class World:
    """What stands in the four places, by kind and place."""

    things: Things = field(default_factory=lambda: defaultdict(dict))
    eyes: dict[str, int] = field(default_factory=dict)  # ids of users, by their names in eyes.py

    def note(self, kind: str, place: str, thing: int | str) -> None:
        self.things[kind][place] = thing

    def at(self, kind: str, place: str = "A") -> int | str:
        """The id of a thing; an unknown kind says what to add."""
        if place not in self.things.get(kind, {}):
            raise LookupError(
                f"tests/permissions/world.py raises no {kind!r} in place {place}: "
                f"raise one and note() it"
            )
        return self.things[kind][place]


def spot(place: str, east: float = 50, north: float = 70) -> Point:
    """A point in a place; as it stands in the middle of its first building."""
    corner = CORNERS[place]
    return toy.at(corner[0] + east, corner[1] + north)


def raise_ground() -> World:
    """The toy town, a second subdistrict of it, and the other city."""
    toy.build()
    City.objects.filter(slug="toy").update(public_card=True)
    world = World()
    _area(world, toy.city(), "C", "350404002")
    other = City.objects.create(
        slug="other", code="350403", name=canary("X", "ground"), metric_srid=toy.SRID,
        bounds=toy.box(FAR - 100, -100, 900, 900),
    )  # fmt: skip
    _area(world, other, "X", "350403001")
    for place in "AB":
        community = toy.community(place)
        world.note("communities", place, community.pk)
        world.note("subdistricts", place, community.subdistrict_id)
        world.note("cells", place, toy.cell(place, 1).pk)
        world.note("buildings", place, Building.objects.get(code="B1" if place == "A" else "B3").pk)
        world.note("vacant", place, Building.objects.get(code="B2" if place == "A" else "B4").pk)
        world.note("lanes", place, Lane.objects.get(code="L1" if place == "A" else "L2").pk)
        world.note("streets", place, Street.objects.get(code="S1").pk)
    for place in "CX":
        _ways(world, place)
    for place in PLACES:
        _more_ground(world, place)
        world.note("cities", place, "other" if place == "X" else "toy")
    return world


def _area(world: World, city: City, place: str, code: str) -> None:
    """A subdistrict with one community that is one cell."""
    east, north = CORNERS[place]
    name, shape = canary(place, "ground"), toy.box(east, north, 400, 100)
    office = Subdistrict.objects.create(city=city, code=code, name=name, geom=shape)
    PlaceCode.objects.create(subdistrict=office, code=code, name=name, valid=toy.ALWAYS)
    code = f"{code}001"
    area = Community.objects.create(
        subdistrict=office, code=code, name=name, search=name, geom=shape
    )
    PlaceCode.objects.create(community=area, code=code, name=name, valid=toy.ALWAYS)
    cell = Cell.objects.create(uid=uuid5(toy.NAMES, code), community=area)
    CellEdition.objects.create(
        cell=cell, code=f"{code}001", name=name, geom=shape, valid=toy.ALWAYS
    )
    world.note("subdistricts", place, office.pk)
    world.note("communities", place, area.pk)
    world.note("cells", place, cell.pk)


def city_of(place: str) -> City:
    return City.objects.get(slug="other" if place == "X" else "toy")


def _ways(world: World, place: str) -> None:
    """A street, a lane and two buildings of a place that has none."""
    east, north = CORNERS[place]
    name, city = canary(place, "ground"), city_of(place)
    called = {"city": city, "name": name, "search": name}
    path = toy.way((east, north + 10), (east + 99, north + 10))
    ribbon = toy.box(east, north + 5, 99, 10)
    street = Street.objects.create(**called, code=f"S{place}", centreline=path, polygon=ribbon)
    lane = Lane.objects.create(
        **called, code=f"L{place}", centreline=path, polygon=ribbon, street=street,
        community_id=world.at("communities", place),
    )  # fmt: skip
    world.note("streets", place, street.pk)
    world.note("lanes", place, lane.pk)
    for kind, offset in (("buildings", 40), ("vacant", 80)):
        house = Building.objects.create(
            **called, code=f"H{place}{offset}", address=name, lane=lane,
            geom=toy.box(east + offset, north + 60, 20, 20),
        )  # fmt: skip
        Entrance.objects.create(building=house, place=toy.at(east + offset + 10, north + 60))
        Headcount.objects.create(
            building=house, counted_on=timezone.localdate(), source="census", households=30,
            residents=90,
        )  # fmt: skip
        world.note(kind, place, house.pk)


def _more_ground(world: World, place: str) -> None:
    """What stands on the ground of every place: water, a party unit, a stretch, a duty point."""
    east, north = CORNERS[place]
    name, city = canary(place, "ground"), city_of(place)
    water = Ground.objects.create(
        city=city, kind="water", name=name, geom=toy.box(east + 1, north + 1, 3, 3)
    )
    unit = PartyUnit.objects.create(
        city=city, code=f"P{place}", name=name, search=name, kind="organ", place=spot(place, 30, 30)
    )
    path = toy.line((east, north + 50), (east + 90, north + 50))
    stretch = Stretch.objects.create(
        city=city, code=f"T{place}", lane_id=world.at("lanes", place), start=name,
        anchor=spot(place, 50, 50), centreline=path,
    )  # fmt: skip
    duty = DutyPoint.objects.create(
        city=city, code=f"D{place}", name=name, place=spot(place, 20, 20), valid=toy.ALWAYS
    )
    line = CommunityLine.objects.create(
        community_id=world.at("communities", place), phone="0598-1234567",
        hours=canary(place, "line"), valid=toy.ALWAYS,
    )  # fmt: skip
    for kind, thing in (
        ("ground", water), ("party-units", unit), ("stretches", stretch), ("duty-points", duty),
        ("community-lines", line),
    ):  # fmt: skip
        world.note(kind, place, thing.pk)
    Visit.objects.create(
        city=city, stretch=stretch, source="tap", at=timezone.now(), note=canary(place, "visit")
    )


def raise_people(world: World) -> None:
    """Who bears which office where, and the teams."""
    for place in PLACES:
        name, city = canary(place, "chief"), city_of(place)
        world.note("teams", place, _team(world, place).pk)
        for office, kind in (("building", "buildings"), ("cell_worker", "cells")):
            column = "cell" if kind == "cells" else office
            seat = {"office": office, f"{column}_id": world.at(kind, place)}
            term = ChiefTerm.objects.filter(**seat, standing="acting").first()
            if term is None:
                person = Person.objects.create(
                    city=city, name=f"{name}{office}"[:40], search=name, relay_phone="0598-7654321"
                )
                term = ChiefTerm.objects.create(person=person, valid=toy.ALWAYS, **seat)
            world.note(f"{office} person", place, term.person_id)
            world.note("chief-terms" if office == "building" else office, place, term.pk)
        _handover(world, place)
    stand_in = ChiefTerm.objects.create(
        office="lane", lane_id=world.at("lanes"), standing="substitute", reason="leave",
        person=Person.objects.get(name="周一禾"), valid=toy.ALWAYS,
    )  # fmt: skip
    world.note("substitution", "A", stand_in.pk)


def _team(world: World, place: str) -> Team:
    name = canary(place, "team")
    team = Team.objects.create(
        city=city_of(place), community_id=world.at("communities", place), name=name, search=name,
        kind="patrol",
    )  # fmt: skip
    TeamArea.objects.create(team=team, cell_id=world.at("cells", place), valid=toy.ALWAYS)
    return team


def _handover(world: World, place: str) -> None:
    """The office over the place's building, handed over once; what was open names an incident."""
    after = ChiefTerm.objects.get(pk=world.at("chief-terms", place))
    person = Person.objects.create(
        city=city_of(place), name=canary(place, "chief"), search=canary(place, "chief")
    )
    earlier = DateTimeTZRange(toy.OPENED - timedelta(days=30), toy.OPENED)
    before = ChiefTerm.objects.create(
        office="building", building_id=after.building_id, person=person, valid=earlier
    )
    matter = {"kind": "incident", "id": 1, "number": "1", "name": canary(place, "incident"),
              "light": "ok", "due": None}  # fmt: skip
    made = Handover.objects.create(
        before=before, after=after, at=toy.OPENED, note=canary(place, "handover"), matters=[matter]
    )
    world.note("handovers", place, made.pk)


def raise_work(world: World) -> None:
    """Incidents with contacts, signs, loads, checks and the journal's entries of every place."""
    police = Department.objects.create(city=toy.city(), code="police", name="公安", rank=2)
    abroad = Department.objects.create(city=city_of("X"), code="x", name=canary("X", "ground"))
    sanitation = Department.objects.get(city=toy.city(), code="sanitation")
    of_place = {"A": sanitation, "B": police, "C": police, "X": abroad}
    for place in PLACES:
        world.note("departments", place, of_place[place].pk)
        _incident(world, place, of_place[place])
        _signs(world, place)
        _records(world, place)


def _incident(world: World, place: str, department: Department) -> None:
    """At the door of the place's building, not closed, with a contact."""
    name, city = canary(place, "incident"), city_of(place)
    category = Category.objects.filter(city=city).first() or Category.objects.create(
        city=city, code="9", name=canary(place, "ground"), kind="event", department=department
    )
    now = timezone.now()
    made = Incident.objects.create(
        city=city, number=f"{now:%Y%m%d}-{place}", category=category, department=department,
        place=spot(place), title=name, text=name, address=name, search=name, source="worker",
        state=State.FILED, reported_at=now, filed_at=now, soon_at=now + timedelta(hours=38),
        due=now + timedelta(hours=48),
    )  # fmt: skip
    Contact.objects.create(incident=made, name=canary(place, "contact"), phone=PHONES[place])
    world.note("incidents", place, made.pk)
    world.note("categories", place, category.pk)
    world.note("numbers", place, made.number)


def _signs(world: World, place: str) -> None:
    """A sheet that waits to be hung, on a print list of its own."""
    printing = Printing.objects.create(city=city_of(place), at=timezone.now())
    world.note("printings", place, printing.pk)
    cell = Cell.objects.get(pk=world.at("cells", place))
    sign = Sign.objects.create(
        city=city_of(place), serial=PLACES.index(place) + 1, printing=printing, cell=cell,
        at_cell=cell, at_community=cell.community, shows={"name": canary(place, "sign")},
    )  # fmt: skip
    world.note("signs", place, sign.pk)


def _records(world: World, place: str) -> None:
    """A load and a check of the whole city, and an entry of the journal."""
    name, city = canary(place, "load"), city_of(place)
    load = Load.objects.create(
        city=city, layer="buildings", file_name=f"{name}.geojson", sha256="0", seconds=1, read=1,
        added=1, changed=0, unchanged=0, refused=0,
    )  # fmt: skip
    finding = {"rule": "one_holder", "office": "building", "id": world.at("buildings", place),
               "title": canary(place, "check")}  # fmt: skip
    check = ChiefCheck.objects.create(
        city=city, at=timezone.now(), day=timezone.localdate(), findings=[finding],
        counts={"rules": {"one_holder": 1}, "posts": {}},
    )  # fmt: skip
    world.note("loads", place, load.pk)
    world.note("checks", place, check.pk)
    journal.record(
        by=Scope(user_id=None), verb="report", subject=Incident.objects.get(
            pk=world.at("incidents", place)
        ),
        where=(city.pk, int(world.at("communities", place)), int(world.at("cells", place))),
        change=({}, {"title": canary(place, "journal")}), why=canary(place, "journal"),
    )  # fmt: skip


def ids(things: Mapping[str, int | str]) -> list[int | str]:
    """The ids of a kind in every place, each once."""
    return list(dict.fromkeys(things.values()))
