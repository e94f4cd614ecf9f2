"""What the records tell of a past moment; the sums themselves are in layers/sql/0021_as_of.sql."""

from datetime import datetime

from django.db.models import Q

from gridmap.layers.query import rows
from gridmap.layers.territory import CellEdition

SUBJECTS = frozenset({"incidents", "coverage", "chiefs"})
KNOWN = "SELECT unnest(gridmap_known_at(%(city)s, %(when)s)) AS subject"


def sections_unknown(edition: CellEdition, when: datetime) -> set[str]:
    """Return the sections of a cell's card that nothing tells of at a past moment.

    Party units are kept without dates. What lies in a cell is found by its present ground, so that
    of a cell whose ground has changed since only incidents can be told, which have a place.
    """
    city = edition.cell.community.subdistrict.city_id
    told = {row["subject"] for row in rows(KNOWN, {"city": city, "when": when})}
    unknown = {"party_units", *(SUBJECTS - told)}
    stands = CellEdition.objects.current().filter(cell_id=edition.cell_id)
    if not stands.filter(Q(pk=edition.pk) | Q(geom__equals=edition.geom)).exists():
        unknown |= {"coverage", "chiefs", "places"}
    return unknown
