"""Who answers at a place, an address or a building, at any moment: the whole ladder in one query.

Which building, lane, street, cell and community a place belongs to is decided in one function of
the database (``gridmap_answering``, layers/sql/0010_ladder.sql), which the feed of look-ups uses as
well; reports are put into their cell by the same ``gridmap_cell_at``.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from django.contrib.gis.geos import Point
from django.db import connection
from django.db.models import Q

from gridmap.errors import BadValue, NoSuchPlace, OutOfScope
from gridmap.layers.places import Building
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City

SPACE = re.compile(r"\s+")
MOST_ALIKE = 500  # buildings whose names hold the words of an address
MOST_NAMED = 5  # buildings named in a refusal of an address that fits several


def of_building(building: Building, *, at: datetime) -> dict[str, Any]:
    """Return who answers at a building, from its own chief up to the subdistrict (one query).

    ``rungs``: each with ``standing`` (``filled``, ``substitute``, ``expiring``, ``vacant``; an
    office of government is ``office``), its ``holders``, a substitute before whom he or she stands
    in for, and for a vacancy ``vacant_since`` and the office above that stands in.
    """
    found = _ladder([building.city_id, building.pk, None, None, at])
    if found is None:  # a building always has its own rung
        raise OutOfScope("没有找到，或不在您的范围内")
    return found


def of_place(city: City, place: Point, *, at: datetime) -> dict[str, Any]:
    """Return who answers at a place, as `of_building` does (one query).

    Raises:
        NoSuchPlace: no cell of the city lay there at that moment.
    """
    found = _ladder([city.pk, None, place.x, place.y, at])
    if found is None:
        raise NoSuchPlace("这里不在任何网格内。")
    return found


def _ladder(values: list[int | float | datetime | None]) -> dict[str, Any] | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT gridmap_ladder(%s, %s, %s, %s, %s)::text", values)
        (found,) = cursor.fetchone()
    return None if found is None else json.loads(found)


def _close(name: str) -> str:
    return SPACE.sub("", name)


def building_called(scope: Scope, city: City, address: str) -> Building:
    """Return the building with this address, name, alias or code; spaces do not matter.

    Raises:
        OutOfScope: there is none.
        BadValue: it fits several; ``detail`` names some, lowest code first.
    """
    wanted = _close(address)
    mine = Building.objects.within(scope).filter(city=city).order_by("code")
    if coded := mine.filter(code=address).first():
        return coded
    # The words, without the spaces people put between them, are looked for by their trigrams.
    words = re.findall(r"\d+|[^\s\d]+", address.lower())
    alike = mine.filter(*(Q(search__contains=word) for word in words))
    fitting = [
        row
        for row in alike[:MOST_ALIKE]
        if wanted in map(_close, (row.address, row.name, *row.aliases))
    ]
    if not fitting:
        raise OutOfScope("没有这个地址的楼栋，或不在您的范围内")
    if len(fitting) > 1:
        named = [{"id": row.pk, "code": row.code, "name": str(row)} for row in fitting[:MOST_NAMED]]
        raise BadValue(
            "有 %(n)s 栋楼是“%(address)s”；请改用 building 指明哪一栋",
            n=len(fitting),
            address=address,
            buildings=named,
        )
    return fitting[0]
