"""What a ticket holds, and that it stays small enough for a cookie."""

from datetime import timedelta
from random import Random

from django.utils import timezone

from gridmap.layers import ticket
from gridmap.layers.scope import Area, Scope
from gridmap.layers.territory import City


def test_a_ticket_gives_back_what_was_put_into_it(town: City) -> None:
    area = Area(*(frozenset({n, 10 * n + 7}) for n in range(1, 7)))
    sight = Scope(
        None,
        frozenset({town.pk}),
        area,
        counted=Area(cities=frozenset({town.pk})),
        beats=frozenset({3, 99}),
        departments=frozenset({5}),
        assigned=frozenset({(5, 7), (6, 8)}),
    )
    given = Scope(
        7,
        sight.ground,
        area,
        sight.counted,
        sight.beats,
        sight.departments,
        sight.assigned,
        seal=4,
    )
    read = ticket.read(ticket.issue(given))
    assert (read.user_id, read.seal, read.cities) == (7, 4, {"toy": town.pk})
    assert read.sight == sight


def test_a_thousand_buildings_fit_into_a_cookie(town: City) -> None:
    dice = Random(7)
    buildings = frozenset(dice.sample(range(2_000_000, 2_050_000), 1_000))
    scope = Scope(7, frozenset({town.pk}), Area(buildings=buildings))
    token = ticket.issue(scope)
    assert len(token) < ticket.LONGEST
    assert ticket.read(token).sight.area.buildings == buildings


def test_a_ticket_ends_with_the_first_posting_it_was_made_from(town: City) -> None:
    soon = timezone.now() + timedelta(seconds=30)
    held = ticket.read(ticket.issue(Scope(7, frozenset({town.pk}), until=soon)))
    assert held.expires == int(soon.timestamp())
    free = ticket.read(ticket.issue(Scope(7, frozenset({town.pk}))))
    assert free.expires > held.expires
