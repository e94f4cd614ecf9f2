"""Rows of terms of chiefs: no shapes, but somebody, something, and a time that is free."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from gridmap.actions.territory.draft import Draft
from gridmap.actions.territory.report import LoadReport
from gridmap.geo.pinyin import search_text
from gridmap.geo.rows import text
from gridmap.layers.people import COLUMNS, ChiefTerm, Person
from gridmap.layers.places import Building, Lane, Street
from gridmap.layers.territory import CellEdition, City

Names = Mapping[str, set[int]]
Key = tuple[str, int, str]  # office, object, standing


class Held(NamedTuple):
    """A time in which a seat is held, and by whom: in the register, or by another row."""

    valid: DateTimeTZRange
    person: int | str
    name: str
    row: int | None = None


def chiefs(draft: Draft) -> None:
    """Find out whom and what each row means; refuse what cannot be."""
    zone = ZoneInfo(draft.city.time_zone)
    offices = draft.column("office")
    standings = [text(value) or "acting" for value in draft.column("standing")]
    reasons = [text(value) for value in draft.column("reason")]
    names = {column: _names(draft.city, column) for column in set(COLUMNS.values())}
    people = _People(draft)
    objects: list[object] = [None] * len(draft.rows)
    persons: list[object] = [None] * len(draft.rows)
    for place in draft.good():
        if (standings[place] == "substitute") is not bool(reasons[place]):
            draft.refuse(place, "bad_reason")
            continue
        objects[place] = _object(draft, place, text(offices[place]), names)
        persons[place] = people.find(place)
        since, until = draft.column("since")[place], draft.column("until", None)[place]
        if isinstance(until, datetime) and isinstance(since, datetime) and until <= since:
            draft.refuse(place, "bad_term", since=_day(since, zone), until=_day(until, zone))
    draft.columns |= {"object": objects, "person": persons}
    draft.values |= {"standing": list[object](standings), "reason": list[object](reasons)}


def _names(city: City, column: str) -> Names:
    """Return the ids of what is known by a code, a name or an address."""
    found: dict[str, set[int]] = defaultdict(set)
    if column == "cell":
        editions = CellEdition.objects.current().filter(cell__community__subdistrict__city=city)
        for code, pk in editions.values_list("code", "cell_id"):
            found[code].add(pk)
    elif column == "building":
        houses = Building.objects.filter(city=city).values_list("code", "name", "address", "pk")
        for *known, pk in houses:
            for name in known:
                found[name].add(pk)
    else:
        ways = Lane.objects if column == "lane" else Street.objects
        for *known, pk in ways.filter(city=city).values_list("code", "name", "pk"):
            for name in known:
                found[name].add(pk)
    found.pop("", None)
    return found


def _object(draft: Draft, place: int, office: str, names: Mapping[str, Names]) -> int | None:
    value = text(draft.column("object")[place])
    found = names[COLUMNS[office]].get(value, set())
    if len(found) == 1:
        return next(iter(found))
    if found:
        draft.refuse(place, "several_objects", value=value, n=len(found))
    else:
        label = str(ChiefTerm.Office(office).label)
        draft.refuse(place, "unknown_object", value=value, office=label)
    return None


class _People:
    """Who is meant by a name and, where several bear it, a relay number."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._known: dict[str, list[tuple[int, str]]] = defaultdict(list)
        known = Person.objects.filter(city=draft.city)
        for pk, name, phone in known.values_list("pk", "name", "relay_phone"):
            self._known[name].append((pk, phone))

    def find(self, place: int) -> object:
        """Return the id, or name and number of somebody to be written down."""
        name = text(self._draft.column("person")[place])
        phone = text(self._draft.column("relay_phone")[place])
        same = self._known[name]
        if phone and (len(same) > 1 or self._draft.options.make_people):
            same = [one for one in same if one[1] == phone]
        if len(same) == 1:
            return same[0][0]
        if len(same) > 1:
            self._draft.refuse(place, "several_people", value=name, n=len(same))
        elif self._draft.options.make_people:
            return (name, phone)
        else:
            self._draft.refuse(place, "unknown_person", value=name)
        return None


def _day(moment: datetime | None, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d}" if moment else "…"


def merge_terms(report: LoadReport, draft: Draft) -> None:
    """Write the terms whose time is free; those that are there already are left as they are."""
    zone = ZoneInfo(draft.city.time_zone)
    held = _held(draft.city)
    new: list[tuple[int, Key, DateTimeTZRange]] = []
    for place in draft.good():
        office = text(draft.column("office")[place])
        key = (
            office,
            _whole(draft.columns["object"][place]),
            text(draft.column("standing")[place]),
        )
        since, until = draft.column("since")[place], draft.column("until", None)[place]
        valid = DateTimeTZRange(since, until)
        person = draft.columns["person"][place]
        known = person if isinstance(person, int) else repr(person)
        beside = [other for other in held[key] if _meet(other.valid, valid)]
        if any(other.valid == valid and other.person == known for other in beside):
            report.unchanged += 1
        elif beside:
            _refuse_beside(draft, place, beside[0], zone)
        else:
            row = int(draft.rows.numbers[place])
            held[key].append(Held(valid, known, text(draft.column("person")[place]), row))
            new.append((place, key, valid))
    people = _written(report, draft, [place for place, _key, _valid in new])
    ChiefTerm.objects.bulk_create(
        ChiefTerm(
            office=key[0],
            standing=key[2],
            reason=text(draft.column("reason")[place]),
            person_id=people[place],
            valid=valid,
            **{f"{COLUMNS[key[0]]}_id": key[1]},
        )
        for place, key, valid in new
    )
    report.added = len(new)


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def _held(city: City) -> dict[Key, list[Held]]:
    held: dict[Key, list[Held]] = defaultdict(list)
    terms = ChiefTerm.objects.filter(person__city=city).select_related("person")
    for term in terms.iterator():
        _column, pk = term.seat
        held[term.office, pk, term.standing].append(
            Held(term.valid, term.person_id, term.person.name)
        )
    return held


def _meet(one: DateTimeTZRange, other: DateTimeTZRange) -> bool:
    """Whether two times share a moment; each has a beginning, not each an end."""
    begins_before = other.upper is None or one.lower < other.upper
    return begins_before and (one.upper is None or other.lower < one.upper)


def _refuse_beside(draft: Draft, place: int, other: Held, zone: ZoneInfo) -> None:
    if other.row is not None:
        draft.refuse(place, "term_overlap_row", other=other.row)
        return
    since, until = _day(other.valid.lower, zone), _day(other.valid.upper, zone)
    draft.refuse(place, "term_overlap", name=other.name, since=since, until=until)


def _written(report: LoadReport, draft: Draft, places: list[int]) -> dict[int, int]:
    """Return the person of each row, having written down those who are new: each once."""
    wanted = {place: draft.columns["person"][place] for place in places}
    new = list(dict.fromkeys(who for who in wanted.values() if isinstance(who, tuple)))
    made = Person.objects.bulk_create(
        Person(city=draft.city, name=name, search=search_text(name), relay_phone=phone)
        for name, phone in new
    )
    if new:
        report.made["people"] = len(new)
    ids = {who: person.pk for who, person in zip(new, made, strict=True)}
    return {
        place: ids[who] if isinstance(who, tuple) else _whole(who) for place, who in wanted.items()
    }
