"""Who sees sums only cannot work a small one out, whatever tables are laid side by side.

Open on Monday: 3 in A-1, 25 in A-2, 14 in B-1, 12 in B-2; k is 10. So A-1 is small, and A-2 must be
hidden with it: community A shows 28.
"""

import re
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from gridmap.geo import small_numbers
from gridmap.layers import weekly
from gridmap.layers.city_settings import CitySetting
from gridmap.layers.incidents import Category, Incident
from gridmap.layers.postings import Posting, Role, scope_of
from gridmap.layers.scope import Scope
from tests import town as toy
from tests.attack import Attack
from tests.feeds.asking import Listener, ask, bearing, run, served, tend

OPEN = {("A", 1): 3, ("A", 2): 25, ("B", 1): 14, ("B", 2): 12}
EAST = {("A", 1): 30, ("A", 2): 130, ("B", 1): 230, ("B", 2): 330}


def monday() -> datetime:
    """00:00 of this week's Monday where the town is."""
    here = timezone.localtime()
    first = here - timedelta(days=here.weekday())
    return first.replace(hour=0, minute=0, second=0, microsecond=0)


@pytest.fixture
def planner(mayor: Scope) -> Scope:
    """The eyes of the planner of a town with incidents of two categories on three days."""
    noise = Category.objects.create(
        city=toy.city(), code="0201", name="噪声", name_en="Noise", kind="event"
    )
    for place, many in OPEN.items():
        for n in range(many):
            told = monday() - timedelta(days=1 + n % 3)
            made = toy.incident(EAST[place], 20, reported_at=told, filed_at=told)
            if n % 2:
                Incident.objects.filter(pk=made.pk).update(category=noise)
    tend()
    return toy.eyes("plan", role=Role.PLANNER)


def client_of(scope: Scope) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=scope.user_id or 0))
    return client


def overlay(scope: Scope, extra: str = "") -> dict[int, int | None]:
    """Open incidents by cell; None: not shown. The lights beside them are never shown."""
    answer = ask(f"/feeds/overlay?city=toy{extra}", bearing(scope)).json
    found = {}
    for pk, *row in answer["cells"]:
        values = dict(zip(answer["columns"], row, strict=True))
        assert {values.get(light, -1) for light in ("soon", "late", "parked")} == {-1}
        found[pk] = None if values["open"] == -1 else values["open"]
    return found


def cells() -> dict[int, tuple[str, int]]:
    return {toy.cell(letter, n).pk: (letter, n) for letter, n in OPEN}


def collected(scope: Scope) -> tuple[Attack, int]:
    """Everything this caller can get out of the doors, as equations; and how many tables it was."""
    client, attack = client_of(scope), Attack()
    days = [(monday() + timedelta(days=d)).date() for d in range(-3, 1)]
    kinds = list(Category.objects.values_list("pk", flat=True))
    tables = [
        cut_of(scope, attack, kinds, days),
        days_of(scope, attack, [*days, timezone.localdate()]),
        cards_of(client, attack, days[1]),
        figures_of(client, attack),
        counts_of(client, kinds),
        light_of(client, attack),
    ]
    return attack, sum(tables)


def cut_of(scope: Scope, attack: Attack, kinds: list[int], days: list[date]) -> int:
    """The overlay, whole, and cut by category and by day: each cell is the sum of its parts."""
    for pk, figure in overlay(scope).items():
        attack.published(("cell", pk), figure)
    cuts = {
        "kind": [f"&category={kind}" for kind in kinds],
        "day": [f"&since={day}&until={day}" for day in days],
        "until": [f"&until={days[1]}", f"&since={days[2]}"],
    }
    for name, asked in cuts.items():
        for extra in asked:
            for pk, figure in overlay(scope, extra).items():
                attack.published((name, pk, extra), figure, least=0)
        for pk in cells():
            attack.adds_up(("cell", pk), [(name, pk, extra) for extra in asked])
    return 1 + sum(len(asked) for asked in cuts.values())


def days_of(scope: Scope, attack: Attack, days: list[date]) -> int:
    """The overlay of days that follow one another: the same, but for what was told in between."""
    for day in set(days):
        for pk, figure in overlay(scope, f"&as_of={day}").items():
            attack.published(("as of", pk, day), figure, least=0)
    for before, after in pairwise(sorted(set(days))):
        for pk in cells():
            attack.adds_up(("as of", pk, after), [("as of", pk, before), ("told", pk, after)])
    return len(set(days))


def cards_of(client: Client, attack: Attack, day: date) -> int:
    """The card of each cell, of now and of a past day."""
    for pk in cells():
        card = client.get(f"/api/cells/{pk}/card").json()
        attack.published(("cell", pk), card["incidents"]["open"])
        assert {card["incidents"][n] for n in ("ok", "soon", "late", "parked", "total")} == {None}
        assert (card["incidents"]["top"], card["residents"]) == ([], None)
        then = client.get(f"/api/cells/{pk}/card?as_of={day}").json()
        attack.published(("as of", pk, day), then["incidents"]["open"], least=0)
    return 2 * len(cells())


def figures_of(client: Client, attack: Attack) -> int:
    """The published figures of every level, and how they add up."""
    told = client.get("/api/figures?city=toy").json()
    assert told["week"] == monday().date().isoformat()
    for level, name in (("cells", "cell"), ("communities", "community"), ("city", "city")):
        for pk, figure, _ in told[level]:
            attack.published((name, pk), figure)
    for pk, figure, _ in told["subdistricts"]:
        attack.published(("subdistrict", pk), figure)
    areas = {letter: toy.community(letter) for letter in "AB"}
    for letter, area in areas.items():
        attack.adds_up(("community", area.pk), [("cell", toy.cell(letter, n).pk) for n in (1, 2)])
    subdistrict = areas["A"].subdistrict_id
    attack.adds_up(("subdistrict", subdistrict), [("community", a.pk) for a in areas.values()])
    attack.adds_up(("city", toy.city().pk), [("subdistrict", subdistrict)])
    return 4


def counts_of(client: Client, kinds: list[int]) -> int:
    """Lists and histograms tell nothing at all, however they are cut."""
    tables = 0
    for extra in ("", *(f"&category={kind}" for kind in kinds), *(f"&cell={pk}" for pk in cells())):
        told = client.get(f"/api/incidents?city=toy&count=true{extra}").json()
        assert (told["features"], told["total"]) == ([], 0)
        assert client.get(f"/api/histogram?city=toy{extra}").json() == {"days": []}
        tables += 2
    return tables


def light_of(client: Client, attack: Attack) -> int:
    """The light map: its table of cells, the sum above it, and what the drawing says."""
    for letter in "AB":
        area = toy.community(letter)
        page = client.get(f"/light?community={area.pk}").content.decode()
        total = re.search(r"<p>\s*未结 (\d+) 件", page)
        attack.published(("community", area.pk), int(total[1]) if total else None)
        rows = re.findall(r"cell=(\d+).*?</td>\s*<td class=\"n(.*?)</td>", page, re.DOTALL)
        assert len(rows) == 2
        drawing = client.get(f"/light/map?community={area.pk}").content.decode()
        for pk, rest in rows:
            shown = re.search(r"\">\s*(\d+)$", rest)
            attack.published(("cell", int(pk)), int(shown[1]) if shown else None)
        for n in re.findall(r"未结 (\d+) 件", drawing):
            assert int(n) in attack.known.values()
    return 4


def worked_out(attack: Attack) -> dict[Any, int]:
    """The hidden figures that can only be one number."""
    bounds = {x: found for x, found in attack.bounds().items() if x not in attack.known}
    return {x: low for x, (low, high) in bounds.items() if low == high}


@pytest.fixture
def naive(monkeypatch: pytest.MonkeyPatch) -> None:
    """The positive control: the small ones are hidden, and nothing with them."""

    def shown(above: Any, values: Any, least: int) -> dict[Any, int | None]:
        every = small_numbers.sums(above, values)
        return {place: None if 0 < n < least else n for place, n in every.items()}

    monkeypatch.setattr(weekly, "_shown", shown)


def test_no_hidden_figure_can_be_worked_out_of_all_tables_together(planner: Scope) -> None:
    attack, tables = collected(planner)
    small = ("cell", toy.cell("A", 1).pk)
    assert tables >= 41  # 42, but on a Monday
    assert small in attack.unknown - attack.known.keys()
    assert attack.known["community", toy.community("A").pk] == 28
    assert attack.known["cell", toy.cell("B", 1).pk] == 14
    assert worked_out(attack) == {}
    low, high = attack.bounds()[small]
    assert low == 1
    assert high is not None
    assert high >= 10


def test_without_complements_the_same_attack_finds_the_small_one(
    planner: Scope, naive: None
) -> None:
    attack, _ = collected(planner)
    assert worked_out(attack)["cell", toy.cell("A", 1).pk] == 3


def test_a_filter_that_were_answered_would_be_subtracted(
    planner: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the filters: answered as the whole is, their differences show small ones."""
    day = (monday() - timedelta(days=1)).date()
    assert set(overlay(planner, f"&until={day}").values()) == {None}
    exact = dict.fromkeys(("", f"&until={day - timedelta(days=1)}"), 0)
    eyes = toy.eyes("mayor2")
    for extra in exact:
        answer = ask(f"/feeds/overlay?city=toy{extra}", bearing(eyes)).json
        exact[extra] = {row[0]: row[1] for row in answer["cells"]}[toy.cell("A", 1).pk]
    attack = Attack()
    for extra, figure in exact.items():
        attack.published(extra, figure)
    attack.adds_up("", [*(extra for extra in exact if extra), "the last day"])
    assert attack.bounds()["the last day"] == (1, 1)


def test_two_planners_together_know_no_more_than_one(planner: Scope) -> None:
    whole = overlay(planner)
    for letter in "AB":
        eyes = scope_of(area_planner(letter).pk)
        own = {toy.cell(letter, n).pk for n in (1, 2)}
        assert overlay(eyes) == {pk: whole[pk] for pk in own}
        told = client_of(eyes).get("/api/figures?city=toy").json()
        assert {row[0] for row in told["cells"]} == own
        assert [row[0] for row in told["communities"]] == [toy.community(letter).pk]
        assert told["subdistricts"] == told["city"] == []


def area_planner(letter: str) -> User:
    user = User.objects.create_user(f"plan-{letter}")
    Posting.objects.create(
        user=user, role=Role.PLANNER, city=toy.city(), community=toy.community(letter),
        valid=toy.ALWAYS,
    )  # fmt: skip
    return user


def test_an_own_area_is_seen_as_it_is_besides(planner: Scope) -> None:
    user = area_planner("A")
    Posting.objects.create(
        user=user, role=Role.CADRE, city=toy.city(), community=toy.community("A"), valid=toy.ALWAYS
    )
    both = scope_of(user.pk)
    answer = ask("/feeds/overlay?city=toy", bearing(both)).json
    assert {row[0]: row[1] for row in answer["cells"]} == {
        toy.cell("A", 1).pk: 3, toy.cell("A", 2).pk: 25,
    }  # fmt: skip
    card = client_of(both).get(f"/api/cells/{toy.cell('A', 1).pk}/card").json()
    assert (card["incidents"]["open"], card["residents"]) == (3, 250)


def test_the_week_stands_whatever_happens_in_it(planner: Scope) -> None:
    before = overlay(planner)
    for _ in range(20):
        toy.incident(30, 20)
    tend()
    assert overlay(planner) == before
    mayors = ask("/feeds/overlay?city=toy", bearing(toy.eyes("mayor2"))).json["cells"]
    assert {row[0]: row[1] for row in mayors}[toy.cell("A", 1).pk] == 23


def test_an_open_map_is_not_told_that_something_happened_in_a_cell(planner: Scope) -> None:
    with served() as (port, _):
        cursor = ask("/feeds/overlay?city=toy", bearing(planner)).json["cursor"]
        address = f"/feeds/live?city=toy&cursor={cursor}"
        with Listener(port, address, bearing(planner)) as stream:
            # The first change of all tells nothing but to read anew.
            toy.incident(30, 20)
            tend()
            assert stream.event()[0] == "reset"
            toy.incident(30, 20)
            tend()
            # A chief leaves B-2: that is told, with what is published of its incidents.
            seen = {row[0]: row[1:] for row in ask(
                "/feeds/overlay?city=toy", bearing(planner)
            ).json["cells"]}  # fmt: skip
            leave_building_one()
            tend()
            kind, _, data = stream.event()
            assert kind == "change"
            assert [row[0] for row in data["cells"]] == [toy.cell("A", 1).pk]
            assert data["cells"][0][1:5] == [-1, -1, -1, -1]
            assert data["cells"][0][5:] != seen[toy.cell("A", 1).pk][4:]
            assert data["incidents"] == []


def leave_building_one() -> None:
    run(
        "UPDATE layers_chiefterm SET valid = tstzrange(lower(valid), now())"
        " WHERE office = 'building'"
    )


def test_a_larger_k_holds_at_once_and_a_smaller_one_from_monday(planner: Scope) -> None:
    city = toy.city()
    week = (monday(), None)
    CitySetting.objects.create(
        city=city, name="small_number", value="13", valid=(timezone.now(), None)
    )
    assert overlay(planner)[toy.cell("B", 2).pk] is None
    CitySetting.objects.all().delete()
    CitySetting.objects.create(
        city=city, name="small_number", value="13",
        valid=(week[0] - timedelta(days=9), timezone.now() - timedelta(seconds=1)),
    )  # fmt: skip
    CitySetting.objects.create(
        city=city, name="small_number", value="2", valid=(timezone.now(), None)
    )
    assert overlay(planner)[toy.cell("B", 2).pk] is None
