"""Names of places in both scripts: the English ones are worked out whenever they are read."""

import re
from typing import Any

from django.db.models import QuerySet
from django.utils import translation

from gridmap.geo.pinyin import english
from gridmap.layers.people import Team
from gridmap.layers.places import Building, Lane, PartyUnit, Street
from gridmap.layers.scope import Scope
from gridmap.layers.territory import CellEdition, City, Community, Ground, Subdistrict

# Of names with a number only what stands before it: 明珠花园 of 明珠花园 5 幢.
STEM = re.compile(r"(.+?)\s*[0-9].*", re.DOTALL)
# A name or address with a number, as static/gridmap/names.js has it.
NUMBERED = re.compile(r"(?P<stem>.*?)\s*(?P<number>[0-9]+)\s*(?P<unit>号楼|号|幢|栋|座)")
MOST = 20_000  # names of one kind; beyond, what is not told stays Chinese


def named(row: Any) -> str:
    """Return the name of a category, a department or a city in the reader's language.

    Args:
        row: what has a ``name`` and a ``name_en``, which may be empty; without one there is none.
    """
    if not row:
        return ""
    return str((translation.get_language() == "en" and row.name_en) or row.name)


def place_name(name: str | None) -> str:
    """Return the name of a place in the reader's language; empty of none.

    A numbered one is read as on the map (static/gridmap/names.js): 榕树巷 12 号 is No. 12 Rongshu
    Xiang, 明珠花园 5 幢 is Mingzhu Huayuan, Bldg 5.
    """
    if not name or translation.get_language() != "en":
        return name or ""
    found = NUMBERED.fullmatch(name)
    if found is None:
        return english(name)
    stem, number, unit = english(found["stem"]), found["number"], found["unit"]
    if unit == "号":
        return f"No. {number} {stem}".strip()
    return f"{stem}, Bldg {number}" if stem else f"Bldg {number}"


def english_names(scope: Scope, city: City) -> dict[str, str]:
    """Return the English of every name of a place in a city, by the Chinese one."""
    sources: tuple[tuple[QuerySet[Any], str], ...] = (
        (Subdistrict.objects.within(scope).filter(city=city), "name"),
        (Community.objects.within(scope).filter(subdistrict__city=city), "name"),
        (
            CellEdition.objects.within(scope).filter(cell__community__subdistrict__city=city),
            "name",
        ),
        (Street.objects.within(scope).filter(city=city), "name"),
        (Lane.objects.within(scope).filter(city=city), "name"),
        (Ground.objects.within(scope).filter(city=city), "name"),
        (Building.objects.within(scope).filter(city=city), "name"),
        (PartyUnit.objects.within(scope).filter(city=city), "name"),
        (PartyUnit.objects.within(scope).filter(city=city), "superior"),
        (Team.objects.within(scope).filter(city=city), "name"),
    )
    names = {city.name}
    for rows, column in sources:
        told = rows.order_by().values_list(column, flat=True).distinct()[:MOST]
        names |= {STEM.sub(r"\1", name) for name in told}
    spelled = {name: english(name) for name in sorted(names)}
    if city.name_en:
        spelled[city.name] = city.name_en
    return {name: word for name, word in spelled.items() if word != name}
