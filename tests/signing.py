"""Signs of the toy town, by the names of its drawing; what the tests of signs share."""

from __future__ import annotations

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from gridmap.actions import lines, signs
from gridmap.actions.signs import Thing
from gridmap.layers.people import ChiefTerm, Person
from gridmap.layers.places import Building, Lane
from gridmap.layers.scope import Scope
from gridmap.layers.signs import Sign, Wanted, ledger
from gridmap.layers.territory import CellEdition
from tests import town as toy

EVERYTHING = {"A-1", "L1", "L2", "B1", "B2", "B3", "B4"}


def things(*names: str) -> list[Thing]:
    """Cells, lanes and buildings as the town's drawing names them."""
    found = []
    for name in names:
        if "-" in name:
            found.append(Thing("cell", toy.cell(name[0], int(name[2])).pk))
        elif name.startswith("L"):
            found.append(Thing("lane", Lane.objects.get(code=name).pk))
        else:
            found.append(Thing("building", Building.objects.get(code=name).pk))
    return found


def name_of(sign: Sign) -> str:
    if sign.cell_id is not None:
        edition = CellEdition.objects.filter(cell=sign.cell_id).order_by("valid")[0]
        return f"{'AB'[int(edition.code[11]) - 1]}-{int(edition.code[12:])}"
    thing = sign.lane or sign.building
    return thing.code if thing else ""


def hang_everything(leader: Scope) -> None:
    """Give both communities a line, and hang a sign at everything the drawing names."""
    for letter in "AB":
        lines.set_line(
            by=leader, community=toy.community(letter).pk, phone=f"0598-000000{ord(letter) % 8}"
        )
    signs.print_signs(by=leader, city=toy.city(), things=things(*sorted(EVERYTHING)))
    signs.hang_signs(by=leader, ids=list(Sign.objects.values_list("pk", flat=True)))
    assert stale(leader) == set()


def stale(by: Scope, **wanted: int | str) -> set[str]:
    """Names of the things whose sign must be replaced."""
    asked = Wanted(city=toy.city(), state="stale", **wanted)  # type: ignore[arg-type]
    rows = ledger(by, asked, now=timezone.now())
    return {name_of(sign) for sign in Sign.objects.filter(pk__in=[row["id"] for row in rows])}


def succeed(name: str, **seat: object) -> None:
    """End the term that runs and begin another person's."""
    now = timezone.now()
    for term in ChiefTerm.objects.filter(**seat, standing="acting", valid__contains=now):
        term.valid = DateTimeTZRange(term.valid.lower, now)
        term.save(update_fields=["valid"])
    person = Person.objects.create(city=toy.city(), name=name)
    ChiefTerm.objects.create(person=person, valid=DateTimeTZRange(now, None), **seat)
