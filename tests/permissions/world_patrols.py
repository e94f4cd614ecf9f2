"""What patrols leave and carry in every place: segments, shifts, and packs."""

from datetime import timedelta
from uuid import uuid5

from django.utils import timezone

from gridmap.layers.packs import BeatPack
from gridmap.layers.patrols import Visit
from gridmap.layers.places import Entrance
from gridmap.layers.shifts import Segment, Shift
from tests import town as toy
from tests.permissions.world import PLACES, World, canary, city_of, spot


def raise_patrols(world: World) -> None:
    """One of each for the team of every place."""
    now = timezone.now()
    for place in PLACES:
        team = int(world.at("teams", place))
        segment = Segment.objects.create(
            team_id=team, letter="A", name=canary(place, "segment"), began_at=now
        )
        segment.stretches.add(int(world.at("stretches", place)))
        shift = Shift.objects.create(
            team_id=team, starts=now + timedelta(days=1), ends=now + timedelta(days=1, hours=2),
            meeting=canary(place, "shift"),
        )  # fmt: skip
        world.note("shifts", place, shift.pk)
        door, _ = Entrance.objects.get_or_create(
            building_id=world.at("buildings", place), seq=1,
            defaults={"place": spot(place, 20, 70)},
        )  # fmt: skip
        world.note("entrances", place, door.pk)
        visit = Visit.objects.create(
            city=city_of(place), entrance=door, source="qr", at=now, note=canary(place, "visit")
        )
        world.note("visits", place, visit.pk)
        pack = BeatPack.objects.create(
            uid=uuid5(toy.NAMES, f"pack {place}"), city=city_of(place), team_id=team,
            community_id=world.at("communities", place), title=canary(place, "pack"),
            cells=[world.at("cells", place)], made_at=now, until=now + timedelta(days=7),
        )  # fmt: skip
        world.note("packs", place, str(pack.uid))
