"""Whose eyes look: everybody's own, and those of the same roles posted somewhere else."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.test import Client

from gridmap.layers.postings import AREAS, Posting, Role
from tests import town as toy
from tests.permissions.world import World, city_of

OWN, BESIDE, AWAY = "own", "beside", "away"
# Where a role is posted that is not to see A: B where it is posted to less than a city, C where to
# a subdistrict. An auditor and an administrator are posted to whole cities only.
NEXT = {
    "leader": "C", "dispatcher": "C", "cadre": "B", "worker": "B", "chief": "B", "patrol": "B",
    "planner": "B", "department": "B",
}  # fmt: skip
BEARERS = {"worker": "cell_worker person", "chief": "building person"}


@dataclass(frozen=True)
class Eyes:
    """One who looks.

    Attributes:
        name: of the account.
        role: as the table names it; anonymous and unposted are none of the roles.
        where: own (A, or a whole that holds it), beside (elsewhere in the same city), away (in
            the other city).
    """

    name: str
    role: str
    where: str = OWN


def everybody() -> list[Eyes]:
    """Every role in every place where it can be posted, and those who have no posting."""
    return [
        Eyes("anonymous", "anonymous"),
        Eyes("unposted", "unposted"),
        *(Eyes(role, role) for role in Role.values),
        *(Eyes(f"{role}@{place}", role, BESIDE) for role, place in NEXT.items()),
        *(Eyes(f"{role}@X", role, AWAY) for role in Role.values),
    ]


def raise_eyes(world: World) -> None:
    """An account for each of them but the one that has none."""
    for eyes in everybody():
        if eyes.role == "anonymous":
            continue
        user = User.objects.create_user(eyes.name)
        world.eyes[eyes.name] = user.pk
        if eyes.role != "unposted":
            place = eyes.name.partition("@")[2] or "A"
            Posting.objects.create(
                user=user, role=eyes.role, city=city_of(place), valid=toy.ALWAYS,
                **_area(world, eyes, place),
            )  # fmt: skip


def _area(world: World, eyes: Eyes, place: str) -> dict[str, int | str]:
    """What a posting of this role names; what it may leave out only where it is beside."""
    needed, possible = AREAS[eyes.role]
    columns = {
        "subdistrict": "subdistricts", "community": "communities", "department": "departments",
        "team": "teams", "person": BEARERS.get(eyes.role, ""),
    }  # fmt: skip
    named = list(needed)
    if eyes.where == BESIDE and eyes.role in {"leader", "planner"}:
        named += ["subdistrict" if place == "C" else "community"]
    assert set(named) <= {*needed, *possible}
    return {f"{column}_id": world.at(columns[column], place) for column in named}


def browser(world: World, eyes: Eyes) -> Client:
    """A browser in which they are signed in, if they are anybody."""
    client = Client(raise_request_exception=False)
    if eyes.name in world.eyes:
        client.force_login(User.objects.get(pk=world.eyes[eyes.name]))
    return client
