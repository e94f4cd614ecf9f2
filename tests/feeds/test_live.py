"""The live stream of a real server: what is written anywhere appears on open maps alone."""

import time
from collections.abc import Callable, Iterator

import pytest
from django.utils import timezone

from gridmap.feeds.app import Feeds
from gridmap.feeds.live import QUEUE
from gridmap.layers import ticket
from gridmap.layers.incidents import Incident, State
from gridmap.layers.people import Department
from gridmap.layers.places import Building
from gridmap.layers.postings import scope_of
from gridmap.layers.scope import Scope
from tests import town as toy
from tests.feeds.asking import Listener, Told, ask, bearing, run, served, tend

BY_PSQL = (
    "INSERT INTO layers_incident (city_id, number, title, text, place, address, search, "
    "category_id, source, state, parked, urgent, reported_at, filed_at) "
    "SELECT y.id, '{number}', 't', '', ST_PointOnSurface(e.geom), '', '', k.id, 'import', 'filed', "
    "false, false, now(), now() "
    "FROM layers_city y, layers_category k, layers_celledition e WHERE e.code = '{cell}'"
)
A1, B1 = "350404001001001", "350404001002001"


@pytest.fixture
def server(mayor: Scope) -> Iterator[tuple[int, Feeds]]:
    tend()
    with served() as running:
        yield running


@pytest.fixture
def port(server: tuple[int, Feeds]) -> int:
    return server[0]


def report(cell: str, number: str) -> int:
    """An incident written past the application, and folded by the timekeeper."""
    run(BY_PSQL.format(cell=cell, number=number))
    tend()
    return Incident.objects.get(number=number).pk


def saying(opens: dict[int, bool], sums: list[list[int]]) -> Callable[[Told], bool]:
    """Whether a stream's last words are these: open incidents, and how many there are by cell."""
    return lambda told: (told.opens(), [row[:2] for row in told.cells.values()]) == (opens, sums)


def test_an_incident_written_by_psql_appears_on_an_open_map(mayor: Scope, port: int) -> None:
    with Listener(port, "/feeds/live?city=toy", bearing(mayor)) as stream:
        assert stream.status == 200
        assert stream.reply.getheader("content-type") == "text/event-stream"
        pk = report(A1, "1")
        kind, cursor, data = stream.event()
        assert kind == "change"
        (incident,) = data["incidents"]
        assert (incident["id"], incident["light"], incident["open"]) == (pk, "ok", True)
        assert incident["cell"] == toy.cell("A", 1).pk
        place = Incident.objects.get().place
        assert (incident["lng"], incident["lat"]) == pytest.approx((place.x, place.y), abs=1e-7)
        fresh = ask("/feeds/overlay?city=toy", bearing(mayor)).json
        assert fresh["cursor"] == cursor
        assert [row for row in fresh["cells"] if row[0] == incident["cell"]] == data["cells"]

        Incident.objects.update(state=State.CLOSED, closed_at=timezone.now())
        tend()
        told = stream.until(lambda told: told.opens() == {pk: False})
        assert told.incidents[pk]["light"] is None
        Incident.objects.all().delete()
        report(A1, "2")
        assert stream.event()[0] == "change"


def test_values_and_changes_together_equal_a_fresh_load(mayor: Scope, port: int) -> None:
    start = ask("/feeds/overlay?city=toy", bearing(mayor)).json
    known = {row[0]: row for row in start["cells"]}
    address = f"/feeds/live?city=toy&cursor={start['cursor']}"
    with Listener(port, address, bearing(mayor)) as stream:
        for number in range(8):
            report((A1, B1)[number % 2], str(number))
            if number % 3 == 0:
                Incident.objects.filter(number=str(number)).update(parked=True)
                tend()
        cursor = 0
        last = ask("/feeds/overlay?city=toy", bearing(mayor)).json
        while cursor < last["cursor"]:
            kind, cursor, data = stream.event()
            assert kind == "change"
            known.update({row[0]: row for row in data["cells"]})
    assert sorted(known.values()) == sorted(last["cells"])


def test_a_map_that_was_away_is_told_what_it_missed(mayor: Scope, port: int) -> None:
    with Listener(port, "/feeds/live?city=toy", bearing(mayor)) as stream:
        report(A1, "1")
        _, seen, _ = stream.event()
    first, second = report(A1, "2"), report(B1, "3")
    for headers, address in (
        ({"last-event-id": str(seen)}, "/feeds/live?city=toy"),
        ({}, f"/feeds/live?city=toy&cursor={seen}"),
    ):
        with Listener(port, address, {**bearing(mayor), **headers}) as stream:
            # In one event or in two: the server may not have heard of the second when it is asked.
            last = ask("/feeds/overlay?city=toy", bearing(mayor)).json["cursor"]
            told: set[int] = set()
            cursor = seen
            while cursor < last:
                kind, cursor, data = stream.event()
                assert kind == "change"
                told |= {incident["id"] for incident in data["incidents"]}
            assert (told, cursor) == ({first, second}, last)


@pytest.mark.parametrize("cursor", [0, 10**12])
def test_a_map_that_was_away_too_long_starts_anew(mayor: Scope, port: int, cursor: int) -> None:
    report(A1, "1")
    run("UPDATE layers_change SET at = at - interval '2 hours'")
    run("SELECT gridmap_sweep()")
    tend()
    time.sleep(1.2)  # the server has read on
    with Listener(port, f"/feeds/live?city=toy&cursor={cursor}", bearing(mayor)) as stream:
        kind, at, data = stream.event()
        assert (kind, data) == ("reset", {})
        assert at == ask("/feeds/overlay?city=toy", bearing(mayor)).json["cursor"]


def test_a_new_edition_is_told(mayor: Scope, port: int) -> None:
    with Listener(port, "/feeds/live?city=toy", bearing(mayor)) as stream:
        Building.objects.filter(code="B1").update(name="新名")
        tend()
        told = {}
        while "edition" not in told:
            kind, _, data = stream.event()
            told[kind] = data
        assert told["edition"] == {"edition": toy.city().edition_name}


def test_more_than_can_be_named_is_a_new_start(mayor: Scope, port: int) -> None:
    with Listener(port, "/feeds/live?city=toy", bearing(mayor)) as stream:
        run(
            BY_PSQL.format(cell=A1, number="' || n || '").replace(
                "layers_celledition e WHERE",
                "layers_celledition e, generate_series(1, 501) n WHERE",
            )
        )
        tend()
        assert stream.event()[::2] == ("reset", {})


def test_each_map_hears_only_its_own_communities(mayor: Scope, port: int) -> None:
    narrow = bearing(toy.eyes("wang", "A"))
    wide = bearing(toy.eyes("zhao", "A", "B"))
    with (
        Listener(port, "/feeds/live?city=toy", narrow) as own,
        Listener(port, "/feeds/live?city=toy", wide) as both,
    ):
        run(BY_PSQL.format(cell=B1, number="hidden"))
        theirs = report(A1, "seen")
        hidden = Incident.objects.get(number="hidden").pk
        for stream, expected in ((own, {theirs}), (both, {theirs, hidden})):
            told = stream.until(lambda told: theirs in told.incidents)
            assert set(told.incidents) == expected
            assert toy.cell("A", 1).pk in told.cells
            assert (toy.cell("B", 1).pk in told.cells) is (stream is both)


def test_an_incident_that_leaves_a_community_leaves_its_maps(mayor: Scope, port: int) -> None:
    narrow = bearing(scope_of(toy.posted("wang", "A").pk))
    with Listener(port, "/feeds/live?city=toy", narrow) as stream:
        pk = report(A1, "1")
        other = report(A1, "2")
        stream.until(lambda told: set(told.incidents) == {pk, other})
        Incident.objects.filter(pk=pk).update(place=toy.at(250, 50))
        tend()
        moved = stream.until(lambda told: told.opens().get(pk) is False).incidents[pk]
        assert (moved["lng"], moved["cell"]) == (None, None)
        Incident.objects.filter(pk=pk).update(urgent=True)  # in B now: none of A's business
        Incident.objects.filter(pk=other).delete()
        tend()
        told = stream.until(lambda told: told.opens().get(other) is False)
        assert not any(told.opens().values())


def test_a_department_hears_of_its_own_incidents(mayor: Scope, port: int) -> None:
    department = toy.incident(50, 50).department_id
    assert department is not None
    tend()
    hers = Scope(0, ground=mayor.ground, departments=frozenset({department}))
    with Listener(port, "/feeds/live?city=toy", bearing(hers)) as stream:
        report(A1, "not hers")
        hidden = Incident.objects.get(number="not hers")
        Incident.objects.filter(pk=hidden.pk).update(urgent=True)
        theirs = toy.incident(250, 50)
        tend()
        seen: set[int] = set()
        while theirs.pk not in seen:
            _, _, data = stream.event()
            seen |= {i["id"] for i in data["incidents"]}
            for cell, open_ones, *rest in data["cells"]:
                assert open_ones == (1 if cell in {theirs.cell_id, toy.cell("A", 1).pk} else 0)
                assert not any(rest)
        assert hidden.pk not in seen


def test_a_department_hears_when_it_helps_and_when_no_more(mayor: Scope, port: int) -> None:
    case = toy.incident(50, 50)
    police = Department.objects.create(city=toy.city(), code="police", name="公安", rank=2)
    tend()
    hers = Scope(0, ground=mayor.ground, departments=frozenset({police.pk}))
    with Listener(port, "/feeds/live?city=toy", bearing(hers)) as stream:
        for helpers, still_open in (([police.pk], True), ([], False)):
            Incident.objects.filter(pk=case.pk).update(helpers=helpers)
            tend()
            stream.until(saying({case.pk: still_open}, [[toy.cell("A", 1).pk, int(still_open)]]))


def test_a_stream_ends_with_its_ticket(
    mayor: Scope, port: int, settings: pytest.FixtureRequest
) -> None:
    settings.TICKET_SECONDS = 2  # type: ignore[attr-defined]
    with Listener(port, "/feeds/live?city=toy", bearing(mayor)) as stream:
        assert stream.status == 200
        assert stream.event() == ("", 0, None)
    settings.TICKET_SECONDS = 600  # type: ignore[attr-defined]
    assert ticket.read(ticket.issue(mayor)).expires > time.time()


def test_maps_that_close_are_forgotten(mayor: Scope, server: tuple[int, Feeds]) -> None:
    port, feeds = server
    for _ in range(20):
        with Listener(port, "/feeds/live?city=toy", bearing(mayor)) as stream:
            assert stream.status == 200
    until = time.monotonic() + 10
    while feeds.hub._streams:
        assert time.monotonic() < until
        time.sleep(0.05)


def test_too_many_maps_are_asked_to_come_back(
    mayor: Scope, port: int, settings: pytest.FixtureRequest
) -> None:
    settings.FEED_STREAMS = 1  # type: ignore[attr-defined]
    with Listener(port, "/feeds/live?city=toy", bearing(mayor)) as first:
        assert first.status == 200
        with Listener(port, "/feeds/live?city=toy", bearing(mayor)) as second:
            assert second.status == 503
            assert second.reply.getheader("retry-after") == "2"


def test_a_map_that_does_not_read_is_let_go_with_a_reset(
    mayor: Scope, server: tuple[int, Feeds]
) -> None:
    port, feeds = server
    with Listener(port, "/feeds/live?city=toy", bearing(mayor)) as stream:
        until = time.monotonic() + 10
        while not feeds.hub._streams:
            assert time.monotonic() < until
            time.sleep(0.02)
        (slow,) = feeds.hub._streams
        for _ in range(QUEUE + 1):
            slow.put(b": x\n\n")  # nobody can read in between
        assert slow.lagging
        kind, _, data = stream.event()
        assert (kind, data) == ("reset", {})
        assert stream.event() == ("", 0, None)


def test_the_stream_outlives_a_lost_connection_to_the_database(mayor: Scope, port: int) -> None:
    with Listener(port, "/feeds/live?city=toy", bearing(mayor)) as stream:
        run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'gridmap feeds' AND datname = current_database()"
        )
        pk = report(A1, "1")
        _, _, data = stream.event()
        assert [i["id"] for i in data["incidents"]] == [pk]
        assert ask("/feeds/overlay?city=toy", bearing(mayor)).status == 200
