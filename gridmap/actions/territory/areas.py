"""Rows of subdistricts, communities, cells and ground."""

from __future__ import annotations

from gridmap.actions.territory.draft import Draft, of_city, take_over
from gridmap.actions.territory.values import Column
from gridmap.geo.rows import text
from gridmap.layers.territory import City, Community, Subdistrict


def complete(code: str, parent: str, digits: int) -> str:
    """A short code behind that of its parent: 7 in 350404001 is 350404001007."""
    width = digits - len(parent)
    return parent + code.zfill(width) if parent and len(code) <= width else code


def _digits(draft: Draft, codes: Column, digits: int) -> None:
    for place in draft.good():
        code = text(codes[place])
        cell = digits == 15  # noqa: PLR2004 - the digits of a cell's code
        whole = code.isascii() and code.isdigit() and len(code) == digits
        if not whole or (cell and code.endswith("000")):
            draft.refuse(place, "bad_code", code=code, digits=digits)


def subdistricts(draft: Draft) -> None:
    draft.values["code"] = [
        complete(text(code), draft.city.code, 9) for code in draft.column("code")
    ]
    _digits(draft, draft.values["code"], 9)
    take_over(draft)
    draft.columns["city_id"] = [draft.city.pk] * len(draft.rows)


def made_code(city: City) -> str:
    """The code of the one subdistrict that is made for a city which has none."""
    return f"{city.code}001"


def communities(draft: Draft) -> None:
    known = dict(Subdistrict.objects.filter(city=draft.city).values_list("code", "pk"))
    codes, parents = draft.column("code"), draft.column("subdistrict")
    only = next(iter(known)) if len(known) == 1 else "" if known else made_code(draft.city)
    ids: Column = [None] * len(codes)
    for place in draft.good():
        code = text(codes[place])
        own = text(parents[place])
        own = complete(own, draft.city.code, 9) if own else ""
        parent = own or (code[:9] if len(code) == 12 else only)  # noqa: PLR2004 - a community's code
        codes[place] = complete(code, parent, 12)
        ids[place] = known.get(parent)
        if parent not in known and not (parent == made_code(draft.city) and not known):
            draft.refuse(place, "no_parent", parent=parent)
    draft.values["code"] = codes
    _digits(draft, codes, 12)
    take_over(draft)
    draft.columns["subdistrict_id"] = ids
    draft.given.append("subdistrict_id")


def cells(draft: Draft) -> None:
    mine = Community.objects.filter(subdistrict__city=draft.city)
    known = dict(mine.values_list("code", "pk"))
    codes, parents = draft.column("code"), draft.column("community")
    ids: Column = [None] * len(codes)
    for place in draft.good():
        code = text(codes[place])
        parent = text(parents[place]) or code[:12]
        codes[place] = complete(code, parent, 15)
        ids[place] = known.get(parent)
        if parent not in known:
            draft.refuse(place, "no_parent", parent=parent)
    draft.values["code"] = codes
    _digits(draft, codes, 15)
    take_over(draft)
    draft.columns["kind"] = [kind or "basic" for kind in draft.columns["kind"]]
    draft.columns["community_id"] = ids


def ground(draft: Draft) -> None:
    take_over(draft)
    of_city(draft)
    # Ground bears no code: it is known by what it is and where it lies.
    draft.key, draft.given = ["city_id", "kind", "name", "geom"], []
