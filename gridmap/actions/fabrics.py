"""The units of a community are worked out. One function, one intention, one transaction."""

from __future__ import annotations

from django.db import transaction

from gridmap.actions.plans import weaving
from gridmap.errors import OutOfScope
from gridmap.layers import journal
from gridmap.layers.fabrics import Fabric
from gridmap.layers.scope import Scope
from gridmap.layers.territory import Community


@transaction.atomic
def build_fabric(*, by: Scope, community: int) -> Fabric:
    """Work out the units of a community from its streets, lanes, water and buildings.

    Where nothing changed since the newest fabric was built, that one is returned. Units keep their
    names; what became of the others stands in the new fabric's lineage. Drafts stay on the fabric
    they were begun on.

    Raises:
        OutOfScope: there is no such community for the caller.
        NotYours: they do not plan there.
        BadGeometry: what stands in the tables cannot be tiled.
    """
    place = (
        Community.objects.within(by)
        .select_related("subdistrict__city")
        .select_for_update(of=("self",))
        .filter(pk=community)
        .first()
    )
    if place is None:
        raise OutOfScope("没有这个社区，或不在您的范围内")
    city = place.subdistrict.city_id
    by.must("draft", city, place.pk)
    fabric = weaving.weave(place, by.user_id)
    after = {"community": place.code, "version": fabric.version, "units": fabric.size}
    journal.record(
        by=by,
        verb="build_fabric",
        subject=fabric,
        where=(city, place.pk, None),
        change=({}, after),
    )
    return fabric
