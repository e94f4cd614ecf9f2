"""The files of a demo town small enough to check by hand.

One subdistrict, two communities A and B side by side, two cells each, as in ``tests.town`` (metres
from its ORIGIN). In each cell stand ten buildings of 10 m by 10 m, in two rows of five::

    100 +---------------+
        |  6 7 8 9 10   |   70..80 m     S002 ===== 90..98 m, drawn as a polygon, in A-1 only
        | ---- lane --- |   50 m         L0001 through A-1 and A-2, L0002 through B-1 and B-2
        |  1 2 3 4 5    |   20..30 m
        | === street == |   5 m          S001 through all four
      0 +---------------+

Number 1 of each cell is a tower (two entrances), the others are houses (one): 11 entrances a cell.
Each building has 10 households and 25 residents. The lane and S001 have one stretch in each cell.
Community B was called 丙社区 before 2021; the codes then began with 350402. One party unit in each
community.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from django.contrib.gis.geos import GEOSGeometry

from tests import town as toy

Load = Callable[..., dict[str, int]]

CELLS = [(letter, number) for letter in "AB" for number in (1, 2)]
CODES = {"A": "350404001001", "B": "350404001002"}
Feature = tuple[dict[str, object], GEOSGeometry]


def former(code: str) -> str:
    """The code before the merger."""
    return "350402" + code[6:]


def west(letter: str, number: int) -> float:
    """Metres from ORIGIN to the western side of a cell."""
    return 200.0 * "AB".index(letter) + 100 * (number - 1)


def areas() -> dict[str, list[Feature]]:
    """Subdistrict, communities, cells and a piece of water."""
    office: dict[str, object] = {"code": "350404001", "name": "列东街道"}
    office |= {"former_code": "350402001", "former_name": "列东街道"}
    communities: list[Feature] = []
    for letter, name, before in (("A", "一路社区", "一路社区"), ("B", "乙社区", "丙社区")):
        code = CODES[letter]
        facts = {"code": code, "name": name, "subdistrict": "350404001"}
        facts |= {"former_code": former(code), "former_name": before}
        communities.append((dict(facts), toy.ring(west(letter, 1), 0, 200, 100)))
    cells: list[Feature] = []
    for letter, number in CELLS:
        code = f"{CODES[letter]}{number:03d}"
        facts = {"code": code, "name": f"第{'一二'[number - 1]}网格", "community": CODES[letter]}
        shape = toy.ring(west(letter, number), 0, 100, 100)
        cells.append(({**facts, "kind": "basic", "use": None}, shape))
    return {
        "subdistricts": [(office, toy.ring(0, 0, 400, 100))],
        "communities": communities,
        "cells": cells,
        "ground": [({"kind": "water"}, toy.ring(0, 100, 400, 40))],
    }


def ways() -> dict[str, list[Feature]]:
    """Streets, lanes and their stretches."""
    street = {"code": "S001", "name": "和平街", "width_m": 8.0, "interval_days": 7}
    arcade = {"code": "S002", "name": "步行街", "width_m": None, "interval_days": 7}
    lanes: list[Feature] = []
    stretches: list[Feature] = []
    for lane, letter, name in (("L0001", "A", "榕树巷"), ("L0002", "B", "石坎巷")):
        facts = {"code": lane, "name": name, "street": None, "community": CODES[letter]}
        line = toy.line((west(letter, 1), 50), (west(letter, 1) + 200, 50))
        lanes.append(({**facts, "width_m": 4.0, "interval_days": 3}, line))
    for index, (letter, number) in enumerate(CELLS):
        here = west(letter, number)
        lane = "L0001" if letter == "A" else "L0002"
        for serial, (key, code, north, days) in enumerate(
            (("street", "S001", 5, 7), ("lane", lane, 50, 3))
        ):
            anchor = toy.at(here + 50, north)
            facts2: dict[str, object] = {"code": f"T{2 * index + serial + 1:05d}", "seq": number}
            facts2 |= {"street": None, "lane": None, key: code, "side": "both"}
            facts2 |= {"from": "西口", "to": "尽头", "interval_days": days}
            facts2["anchor"] = [anchor.x, anchor.y]
            stretches.append((facts2, toy.line((here, north), (here + 100, north))))
    return {
        "streets": [
            (dict(street), toy.line((0, 5), (400, 5))),
            (dict(arcade), toy.ring(10, 90, 80, 8)),
        ],
        "lanes": lanes,
        "stretches": stretches,
    }


def buildings() -> Iterator[Feature]:
    """Forty of them."""
    for index, (letter, number) in enumerate(CELLS):
        for place in range(10):
            serial = 10 * (index % 2) + place + 1
            name = "榕树巷" if letter == "A" else "石坎巷"
            facts: dict[str, object] = {"code": f"{serial:05d}", "community": CODES[letter]}
            facts |= {"lane": "L0001" if letter == "A" else "L0002", "street": None}
            facts |= {"number": str(serial), "address": f"{name} {serial} 号", "name": ""}
            facts |= {"kind": "house" if place else "tower", "floors": 3}
            facts |= {"households": 10, "residents": 25}
            east, north = west(letter, number) + 5 + 20 * (place % 5), 20 + 50 * (place // 5)
            yield facts, toy.ring(east, north, 10, 10)


def write(folder: Path) -> Path:
    """Write the files into a folder and return it."""
    units: list[Feature] = [
        (
            {"code": f"P00{i}", "name": f"{kind}{i}", "kind": kind, "superior": "区委"},
            toy.at(200 * i + 50, 40),
        )
        for i, kind in enumerate(("机关", "企业"))
    ]
    layers = {**areas(), **ways(), "buildings": list(buildings()), "party_units": units}
    for name, features in layers.items():
        rows = [
            {"type": "Feature", "properties": facts, "geometry": json.loads(shape.geojson)}
            for facts, shape in features
        ]
        text = json.dumps({"type": "FeatureCollection", "features": rows}, ensure_ascii=False)
        (folder / f"{name}.geojson").write_text(text, encoding="utf-8")
    return folder
