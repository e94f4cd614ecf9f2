"""The map of a past moment: what stood then, and what nobody can know of it."""

from datetime import datetime, timedelta
from typing import Any

import mapbox_vector_tile
import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from gridmap.layers.incidents import Incident, State
from gridmap.layers.patrols import Visit
from gridmap.layers.places import Stretch
from gridmap.layers.postings import Role
from gridmap.layers.scope import Scope
from gridmap.layers.territory import CellEdition
from tests import town as toy
from tests.feeds.asking import Reply, ask, bearing
from tests.feeds.test_tiles import address_at

ZOOM = 16


def overlay(eyes: Scope, when: datetime | str | None, extra: str = "") -> Reply:
    text = when.isoformat(timespec="seconds") if isinstance(when, datetime) else when or ""
    return ask(f"/feeds/overlay?city=toy&as_of={text}{extra}", bearing(eyes))


def figures(eyes: Scope, when: datetime | str | None, extra: str = "") -> dict[int, dict[str, int]]:
    """Values by cell and column."""
    answer = overlay(eyes, when, extra).json
    return {row[0]: dict(zip(answer["columns"], row[1:], strict=True)) for row in answer["cells"]}


def ago(**parts: int) -> datetime:
    return timezone.now() - timedelta(**parts)


def history() -> None:
    """An incident that was overdue and is closed, and a lane walked ten days ago and today."""
    toy.incident(
        30, 30, state=State.CLOSED, reported_at=ago(days=9), filed_at=ago(days=8),
        soon_at=ago(days=6), due=ago(days=4), closed_at=ago(days=2),
    )  # fmt: skip
    ridge = Stretch.objects.get(code="L2-1")
    for days in (10, 0):
        at = ago(days=days, minutes=5)
        Visit.objects.create(city=toy.city(), stretch=ridge, at=at, source="tap")


def redrawn() -> None:
    """An hour ago A-1 swallowed A-2, which ended."""
    first, second = toy.cell("A", 1), toy.cell("A", 2)
    CellEdition.objects.filter(cell__in=(first, second)).update(
        valid=DateTimeTZRange(toy.OPENED, ago(hours=1))
    )
    CellEdition.objects.create(
        cell=first, code="350404001001001", name="第一网格", geom=toy.box(0, 0, 200, 100),
        valid=DateTimeTZRange(ago(hours=1), None),
    )  # fmt: skip
    # Whatever hangs on a cell follows it, as when the timekeeper sweeps.
    for incident in Incident.objects.all():
        incident.save()


@pytest.mark.parametrize(
    ("days", "stands"),
    [
        (10, (0, 0, 0)),
        (9, (1, 0, 0)),
        (7, (1, 0, 0)),
        (5, (1, 1, 0)),
        (3, (1, 0, 1)),
        (1, (0, 0, 0)),
    ],
    ids=["not reported", "reported", "in time", "soon", "late", "closed"],
)
def test_an_incident_stands_as_it_stood(
    mayor: Scope, days: int, stands: tuple[int, int, int]
) -> None:
    history()
    toy.incident(250, 30, reported_at=ago(days=40), filed_at=ago(days=40))
    then = figures(mayor, ago(days=days) + timedelta(minutes=1))[toy.cell("A", 1).pk]
    assert (then["open"], then["soon"], then["late"]) == stands
    assert then["parked"] == 0


def test_coverage_and_chiefs_are_those_of_the_day(mayor: Scope) -> None:
    history()
    lane, first = toy.cell("B", 1).pk, toy.cell("A", 1).pk
    assert figures(mayor, ago(days=9))[lane]["l1"] == 1  # walked the day before
    assert figures(mayor, ago(days=6))[lane]["l5"] == 1  # every three days, it should be
    assert figures(mayor, None)[lane]["l0"] == 1
    # The term of building 1 ends in ten days: 30 days before that it was not yet expiring.
    assert figures(mayor, ago(days=9))[first]["b_expiring"] == 1
    long_ago = figures(mayor, ago(days=100))[first]
    assert long_ago["b_filled"] == 1
    assert "l0" not in long_ago, "nobody was out yet: that is not known, and not nought"


def test_of_a_time_before_all_records_only_the_cells_are_known(mayor: Scope) -> None:
    answer = overlay(mayor, "2024-06-01").json
    assert answer["columns"][0] == "s_filled", "terms reach back, incidents and visits do not"
    assert answer["as_of"] == "2024-05-31T16:00:00Z", "the day begins at the city's midnight"
    toy.city()
    assert overlay(mayor, "2023-06-01").json["cells"] == []
    binary = overlay(mayor, "2024-06-01", "&format=bin")
    assert (binary.status, len(answer["cells"])) == (200, 4)


def test_the_past_of_now_is_the_present(mayor: Scope) -> None:
    history()
    for east, due in ((20, -5), (120, 30), (220, 2), (350, 60)):
        toy.incident(
            east, 30, reported_at=ago(hours=90), filed_at=ago(hours=90),
            soon_at=ago(hours=8), due=timezone.now() + timedelta(hours=due),
        )  # fmt: skip
    then, now = figures(mayor, ago(seconds=1)), figures(mayor, None)
    for cell, values in now.items():
        assert then[cell] == values


def test_what_lay_in_a_cell_that_ended_is_counted_there(mayor: Scope) -> None:
    toy.incident(150, 30, reported_at=ago(days=2), filed_at=ago(days=2))
    before = figures(mayor, ago(hours=2))
    first, second = toy.cell("A", 1).pk, toy.cell("A", 2).pk
    redrawn()
    assert figures(mayor, ago(hours=2)) == before
    assert before[second]["open"] == 1
    now = figures(mayor, None)
    assert second not in now
    assert now[first]["open"] == 1


def cells_of(reply: Reply) -> dict[int, Any]:
    tile = mapbox_vector_tile.decode(reply.body, default_options={"y_coord_down": True})
    return {feature["id"]: feature["geometry"] for feature in tile["cells"]["features"]}


def test_a_tile_of_the_past_shows_the_cells_of_then_and_is_not_kept_for_ever(mayor: Scope) -> None:
    x, y = address_at(ZOOM, toy.at(100, 50))

    def tile(query: str = "") -> Reply:
        name = toy.city().edition_name
        return ask(f"/feeds/tiles/{name}/{ZOOM}/{x}/{y}.mvt{query}", bearing(mayor))

    before, second = cells_of(tile()), toy.cell("A", 2).pk
    redrawn()
    assert second not in cells_of(tile())
    past = tile(f"?as_of={ago(hours=2).strftime('%Y-%m-%dT%H:%M:%SZ')}")
    assert cells_of(past) == before
    assert past.headers["cache-control"] == "private, max-age=60"
    assert "immutable" in tile().headers["cache-control"]


def test_each_sees_the_past_of_the_own_area_only(mayor: Scope) -> None:
    history()
    eyes = toy.eyes("wang", "A")
    assert set(figures(eyes, ago(days=3))) == {toy.cell("A", 1).pk, toy.cell("A", 2).pk}
    assert set(figures(mayor, ago(days=3))) > set(figures(eyes, ago(days=3)))


@pytest.mark.parametrize(
    "when",
    ["2026-13-01", "gestern", "2026-W05-6", "2999-01-01", "1066-10-14", "2026-01-01T00:00"],
)
@pytest.mark.parametrize("path", ["/feeds/overlay?city=toy", "/feeds/tiles/{edition}/3/6/3.mvt?x"])
def test_a_moment_that_is_none_or_still_to_come_is_refused(
    leader: Scope, when: str, path: str
) -> None:
    address = path.format(edition=toy.city().edition_name)
    reply = ask(f"{address}&as_of={when}", bearing(leader))
    assert (reply.status, reply.json["code"]) == (400, "BadValue")


@pytest.mark.parametrize(("role", "cells"), [(Role.WORKER, (1,)), (Role.PATROL, (1, 2))])
def test_whoever_has_cells_sees_them_as_they_stood(
    mayor: Scope, role: Role, cells: tuple[int, ...]
) -> None:
    history()
    toy.incident(250, 20, reported_at=ago(days=9), filed_at=ago(days=9))
    eyes = toy.eyes("somebody", role=role)
    then = figures(eyes, ago(days=3))
    assert set(then) == {toy.cell("A", n).pk for n in cells}
    first = then[toy.cell("A", 1).pk]
    assert (first["open"], first["soon"], first["late"]) == (1, 0, 1)
    assert (first["l6"], first["b_expiring"] + first["b_filled"]) == (2, 1)
    # The control: the leader sees B-1 too.
    assert figures(mayor, ago(days=3))[toy.cell("B", 1).pk]["open"] == 1
