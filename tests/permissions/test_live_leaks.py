"""Nobody hears what is not theirs: something happens in every place while everybody listens.

What each of them hears is compared with a table written by hand: neither an incident nor a cell of
another place, nor one too few. The control borrows the eyes of nobody's scope.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pytest_django import Settings

from gridmap.feeds.app import Feeds
from gridmap.layers.incidents import Incident
from gridmap.layers.patrols import Visit
from gridmap.layers.places import Building, Stretch
from gridmap.layers.postings import scope_of
from gridmap.layers.scope import Scope
from tests.feeds.asking import Listener, bearing, run, served, tend
from tests.permissions.asking import FIGURES
from tests.permissions.raising import raise_world
from tests.permissions.world import PLACES, World, ids, seen_in

# Whose incidents each of them hears of, and whose cells: the places by their letters.
HEARS = {
    "leader": ("ABC", "ABC"),
    "dispatcher": ("AB", "AB"),
    "cadre": ("A", "A"),
    "worker": ("A", "A"),
    "chief": ("A", "A"),
    "patrol": ("A", "A"),
    "department": ("A", "A"),
    "planner": ("", "ABC"),  # sums, when a stretch is walked
    "auditor": ("", ""),
    "admin": ("", ""),
    "unposted": None,  # no map at all
    "cadre@B": ("B", "B"),
    "department@B": ("BC", "BC"),
    "leader@C": ("C", "C"),
    "leader@X": ("X", "X"),
}


@dataclass
class Heard:
    """What came to one pair of eyes."""

    incidents: set[int] = field(default_factory=set)
    cells: set[int] = field(default_factory=set)
    words: str = ""

    def places(self, world: World) -> tuple[str, str]:
        """The letters of the places of whose incidents and whose cells they heard."""

        def letters(kind: str, ids: set[int]) -> str:
            return "".join(place for place in PLACES if world.at(kind, place) in ids)

        return letters("incidents", self.incidents), letters("cells", self.cells)


@pytest.fixture
def world(transactional_db: None, tmp_path: Path, settings: Settings) -> World:
    """The four places for one test, which changes them."""
    settings.MEDIA_ROOT = tmp_path
    return raise_world()


@pytest.fixture
def server(world: World) -> Iterator[tuple[int, Feeds]]:
    """A real server over the four places."""
    with served() as running:
        yield running


def happen(world: World) -> None:
    """In every place an incident becomes urgent and is parked, and then a stretch is walked.

    After the first change those who see sums only are told to read again: what they knew of the
    cells before is not known.
    """
    for place in PLACES:
        case = Incident.objects.filter(pk=world.at("incidents", place))
        case.update(urgent=True, parked=True)
    tend()


def walk(world: World) -> None:
    """In every place the stretch is walked anew."""
    for place in PLACES:
        stretch = Stretch.objects.get(pk=world.at("stretches", place))
        Visit.objects.filter(stretch=stretch).delete()
    tend()


def told(door: Feeds) -> None:
    """Wait until the server has told all that has happened."""
    last, until = run("SELECT max(id) FROM layers_change")[0][0], time.monotonic() + 20
    while (door.hub.last or 0) < last:
        assert time.monotonic() < until, "the server does not hear the database"
        time.sleep(0.05)


def heard(stream: Listener) -> Heard:
    """Everything up to the new edition, which everybody in a city is told of."""
    found, kind = Heard(), ""
    while kind != "edition":
        kind, _, data = stream.event()
        assert kind in {"change", "reset", "edition"}, f"a stream says {kind!r}"
        found.words += str(data)
        found.incidents |= {row["id"] for row in data.get("incidents") or ()}
        found.cells |= {row[0] for row in data.get("cells") or ()}
    return found


def listened(world: World, server: tuple[int, Feeds]) -> dict[str, Heard | None]:
    """What everybody hears while something happens in every place."""
    port, door = server
    with ExitStack() as open_maps:
        streams = {}
        for name in HEARS:
            city = "other" if name.endswith("X") else "toy"
            bearer = bearing(scope_of(world.eyes[name]))
            address = f"/feeds/live?city={city}"
            streams[name] = open_maps.enter_context(Listener(port, address, bearer))
        for deed in (happen, walk):
            deed(world)
            told(door)
        # A new edition of each city's picture is told to all: by it every stream ends.
        Building.objects.filter(pk__in=ids(world.things["vacant"])).update(name="新名")
        tend()
        return {
            name: heard(stream) if stream.status == 200 else None
            for name, stream in streams.items()
        }  # fmt: skip


def test_everybody_hears_of_their_own_places_and_of_no_other(
    world: World, server: tuple[int, Feeds]
) -> None:
    found = listened(world, server)
    assert {name: one and one.places(world) for name, one in found.items()} == HEARS
    words = {name: seen_in(one.words) for name, one in found.items() if one}
    assert not any(words.values()), words
    FIGURES.append(f"leaks: {len(HEARS)} open maps heard 4 places change, 0 leaks")


def test_with_the_area_taken_out_a_cadre_hears_of_other_places(
    world: World, server: tuple[int, Feeds], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: everything is everybody's business."""
    monkeypatch.setattr(Scope, "sees", lambda *_view, **_open: True)
    found = listened(world, server)["cadre"]
    assert found is not None
    assert set(found.places(world)[0]) > {"A"}
