"""Whose eyes are looking: the value every read begins with."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Scope:
    """What one caller may see, resolved once at the door and handed down.

    The ground (areas, streets, buildings) of a city is open to whoever works anywhere in it;
    what happens on the ground (incidents, visits, chiefs) only inside the caller's own area.

    Attributes:
        user_id: the signed-in user; None for a command of the operator.
        ground: ids of the cities whose ground may be seen.
        cities: ids of the cities of which everything may be seen.
        communities: ids of single communities of which everything may be seen.
        departments: ids of departments whose incidents may be seen anywhere in ``ground``.
        roles: names of the roles held (`gridmap.layers.people.Role`).
    """

    user_id: int | None
    ground: frozenset[int] = field(default_factory=frozenset)
    cities: frozenset[int] = field(default_factory=frozenset)
    communities: frozenset[int] = field(default_factory=frozenset)
    departments: frozenset[int] = field(default_factory=frozenset)
    roles: frozenset[str] = field(default_factory=frozenset)

    def covers(self, city_id: int, community_id: int | None) -> bool:
        """Return whether what happens in this community is the caller's business."""
        return city_id in self.cities or community_id in self.communities
