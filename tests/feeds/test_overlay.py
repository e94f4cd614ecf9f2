"""The overlay feed: right at once, and each sees only what is his business."""

import json
import random
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.utils import timezone

from gridmap.layers.incidents import Category, Incident, State
from gridmap.layers.patrols import Visit
from gridmap.layers.people import Department
from gridmap.layers.places import Stretch
from gridmap.layers.postings import Posting, Role, scope_of
from gridmap.layers.rollup import Change
from gridmap.layers.scope import Scope
from tests import town as toy
from tests.feeds.asking import ask, bearing, run, tend


def overlay(eyes: Scope, extra: str = "") -> dict[str, Any]:
    reply = ask(f"/feeds/overlay?city=toy{extra}", bearing(eyes))
    assert reply.status == 200
    return dict(reply.json)


def figures(eyes: Scope, extra: str = "") -> dict[int, dict[str, int]]:
    """Values by cell and column."""
    answer = overlay(eyes, extra)
    return {row[0]: dict(zip(answer["columns"], row[1:], strict=True)) for row in answer["cells"]}


def truth() -> dict[int, list[int]]:
    """The figures counted anew from the tables."""
    rows = run("SELECT t.* FROM layers_city AS y, gridmap_true_stats(y.id) AS t")
    return {cell: [*counts[:4], *counts[4], *counts[5], *counts[6]] for cell, *counts in rows}


def test_a_town_computed_by_hand(leader: Scope) -> None:
    found = figures(leader)
    assert set(found) == {toy.cell(letter, n).pk for letter in "AB" for n in (1, 2)}
    first = found[toy.cell("A", 1).pk]
    assert first["l6"] == 2  # S1 and the left side of L1
    assert first["e6"] == 1
    assert (first["s_filled"], first["n_filled"], first["b_expiring"]) == (1, 1, 1)
    assert found[toy.cell("B", 1).pk]["n_substitute"] == 1
    assert found[toy.cell("B", 2).pk]["b_vacant"] == 1
    assert first["open"] == first["late"] == 0


def test_what_stands_before_the_cells(mayor: Scope) -> None:
    tend()
    answer = overlay(mayor)
    assert answer["edition"] == toy.city().edition_name
    assert answer["cursor"] == Change.objects.latest("pk").pk
    assert answer["at"].endswith("Z")
    assert [*answer["columns"][:5], len(answer["columns"])] == [
        "open", "soon", "late", "parked", "l0", 30,
    ]  # fmt: skip


def test_the_binary_form_says_the_same(leader: Scope) -> None:
    plain = overlay(leader)
    body = ask("/feeds/overlay?city=toy&format=bin", bearing(leader)).body
    length = int.from_bytes(body[:4], "little")
    head = json.loads(body[4 : 4 + length])
    assert (4 + length) % 4 == 0
    table = np.frombuffer(body, "<i4", offset=4 + length).reshape(-1, head["rows"]).T
    assert head["columns"] == plain["columns"]
    assert sorted(table.tolist()) == sorted(plain["cells"])
    stranger = Scope(999_999, ground=leader.ground)
    nobody = ask("/feeds/overlay?city=toy&format=bin", bearing(stranger))
    assert json.loads(nobody.body[4:])["rows"] == 0


@pytest.mark.parametrize("seed", [1, 2])
def test_the_feed_is_right_before_and_after_the_timekeeper_came(mayor: Scope, seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(30):
        choice = dice.randrange(6)
        some = Incident.objects.filter(pk__in=[i.pk for i in Incident.objects.order_by("?")[:2]])
        if choice < 2:
            toy.incident(dice.uniform(0, 400), dice.uniform(0, 100))
        elif choice == 2:
            some.update(parked=True)
        elif choice == 3:
            some.update(state=State.CLOSED, closed_at=timezone.now())
        elif choice == 4:
            Visit.objects.create(
                city=toy.city(), stretch=dice.choice(Stretch.objects.all()), at=timezone.now(),
                source="tap",
            )  # fmt: skip
        else:
            run(
                "UPDATE layers_chiefterm SET valid = tstzrange(lower(valid), now()) WHERE id = ("
                "SELECT id FROM layers_chiefterm WHERE valid @> now() ORDER BY random() LIMIT 1)"
            )
        if dice.random() < 0.2:
            tend()
        assert {row[0]: row[1:] for row in overlay(mayor)["cells"]} == truth()


def test_a_window_of_days_and_a_category_sift_the_incidents(mayor: Scope) -> None:
    long_ago = timezone.now() - timedelta(days=20)
    toy.incident(50, 50)
    toy.incident(50, 50, reported_at=long_ago, filed_at=long_ago)
    noise = toy.incident(50, 50, filed_at=None, state=State.REPORTED)
    other = Category.objects.create(
        city=toy.city(), code="0201", name="噪声", name_en="Noise", kind="event"
    )
    Incident.objects.filter(pk=noise.pk).update(category=other)
    cell = toy.cell("A", 1).pk
    today = timezone.localdate()
    assert figures(mayor)[cell]["open"] == 3
    assert figures(mayor, f"&since={today}")[cell]["open"] == 2
    assert figures(mayor, f"&until={today - timedelta(days=5)}")[cell]["open"] == 1
    assert figures(mayor, f"&category={other.pk}")[cell]["open"] == 1
    assert figures(mayor, f"&category={other.pk}&since={today}&until={today}")[cell]["open"] == 1
    assert figures(mayor, "&category=999999")[cell] == {**figures(mayor)[cell], "open": 0}


def test_a_cadre_of_one_community_sees_nothing_of_the_next(mayor: Scope) -> None:
    toy.incident(250, 50)
    cadre = toy.posted("wang", "A")
    own = {toy.cell("A", n).pk for n in (1, 2)}
    assert set(figures(scope_of(cadre.pk))) == own
    assert set(figures(scope_of(cadre.pk), f"&since={timezone.localdate()}")) == own
    # The control: the same caller, posted there too, sees it.
    Posting.objects.create(
        user=cadre, role=Role.CADRE, city=toy.city(), community=toy.community("B"), valid=toy.ALWAYS
    )
    wider = figures(scope_of(cadre.pk))
    assert wider[toy.cell("B", 1).pk]["open"] == 1


def test_a_department_sees_its_own_incidents_wherever_they_are(mayor: Scope) -> None:
    toy.incident(50, 50)
    theirs = toy.incident(250, 50)
    police = Department.objects.create(city=toy.city(), code="police", name="公安", rank=2)
    Incident.objects.filter(pk=theirs.pk).update(department=police)
    hers = Scope(0, ground=mayor.ground, departments=frozenset({police.pk}))
    found = figures(hers)
    assert set(found) == {toy.cell("B", 1).pk}
    assert {name: n for name, n in found[toy.cell("B", 1).pk].items() if n} == {"open": 1}
    assert set(figures(hers, f"&since={timezone.localdate()}")) == {toy.cell("B", 1).pk}


def test_a_department_counts_what_it_helps_with_once(mayor: Scope) -> None:
    before = timezone.now() - timedelta(hours=2)
    led, helped, _ = (
        toy.incident(east, 50, reported_at=before, filed_at=before) for east in (250, 350, 50)
    )
    police = Department.objects.create(city=toy.city(), code="police", name="公安", rank=2)
    Incident.objects.filter(pk=led.pk).update(department=police, helpers=[police.pk])
    Incident.objects.filter(pk=helped.pk).update(helpers=[police.pk])
    hers = Scope(0, ground=mayor.ground, departments=frozenset({police.pk}))
    both = {toy.cell("B", 1).pk: 1, toy.cell("B", 2).pk: 1}
    assert {cell: row["open"] for cell, row in figures(hers).items()} == both
    hour_ago = (timezone.now() - timedelta(hours=1)).isoformat(timespec="seconds")
    then = figures(hers, f"&as_of={hour_ago}")
    assert {cell: row["open"] for cell, row in then.items() if row["open"]} == both
    there = Scope(0, ground=mayor.ground, assigned=frozenset({(police.pk, toy.community("B").pk)}))
    assert {cell: row["open"] for cell, row in figures(there).items()} == both
    elsewhere = Scope(
        0, ground=mayor.ground, assigned=frozenset({(police.pk, toy.community("A").pk)})
    )
    assert figures(elsewhere) == {}
