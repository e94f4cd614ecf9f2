"""What people call a place."""

from gridmap.layers.places import Building, Lane, Street
from gridmap.layers.scope import Scope, Spot


def address_of(scope: Scope, spot: Spot) -> str:
    """Return the address of the building at a spot, else the name of the lane or street there.

    At most three queries; empty where nothing of these is near, or the caller may not know it.
    """
    building = Building.objects.within(scope).filter(pk=spot.building or 0).first()
    if building is not None:
        return building.address or building.name
    for rows, pk in ((Lane.objects, spot.lane), (Street.objects, spot.street)):
        if row := rows.within(scope).filter(pk=pk or 0).first():
            return row.name
    return ""
