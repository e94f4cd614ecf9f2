"""Whatever is added outside somebody's scope moves no number, list or word of theirs.

Canaries find words that leak; a count leaks without a word. So everything is read, much is added
elsewhere, and everything is read again: the answers are the same to the byte, but for what each
answer has of its own (tokens, the moment of reading).
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from gridmap.layers import journal
from gridmap.layers.assessments import Contest
from gridmap.layers.contacts import Contact
from gridmap.layers.incidents import Incident, IncidentQuerySet, State
from gridmap.layers.patrols import Visit
from gridmap.layers.scope import Scope
from gridmap.layers.signs import Printing, Sign
from gridmap.layers.territory import Cell
from tests.feeds.asking import tend
from tests.permissions.asking import FIGURES, Asker, asking
from tests.permissions.eyes import everybody
from tests.permissions.opening import opened
from tests.permissions.raising import raise_world
from tests.permissions.test_leaks import addresses
from tests.permissions.world import World, city_of, spot

ELSEWHERE = "C"  # another subdistrict of the city; none of these is posted there
EYES = ("cadre@B", "worker", "department", "planner@B")
OWN_TO_EACH = re.compile(
    r"nonce(?:=|-)[\"']?[\w+/=-]+|csrfmiddlewaretoken\" value=\"\w+|\"cursor\":\s*\d+"
    r"|(?:client_id|batch)\" value=\"[\w-]+|X-CSRFTOKEN\"\] = \"\w+|_[0-9a-f]{32}"
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|\+\d\d:\d\d)?|\b\d\d:\d\d(?::\d\d)?\b"
)
FRESH = "/account/second-factor"  # a new secret whenever it is read
Read = dict[tuple[str, str], tuple[int, str]]


@pytest.fixture
def asker(transactional_db: None, tmp_path: Path, settings: Settings) -> Iterator[Asker]:
    """Everybody at every door of four places that this test may change."""
    settings.MEDIA_ROOT = tmp_path
    with asking(raise_world()) as everyone:
        yield everyone


def read(asker: Asker, name: str) -> Read:
    """Everything that these eyes can read, without what every answer has of its own."""
    eyes = next(eyes for eyes in everybody() if eyes.name == name)
    found: Read = {}
    for where, sent in addresses(asker.world):
        if where == FRESH:
            continue
        answer = asker.ask(eyes, "GET", where, sent)
        words = opened(answer.body, answer.headers.get("content-type", ""))
        found[where, str(sorted(sent.query.items()))] = (
            answer.status,
            OWN_TO_EACH.sub("…", words),
        )
    return found


def add(world: World) -> None:
    """In the other place: cases with a contact and a contest, a visit, signs, what was done."""
    city, now = city_of(ELSEWHERE), timezone.now()
    for n in range(3):
        case = Incident.objects.create(
            city=city, number=f"N{n}", category_id=world.at("categories", ELSEWHERE),
            department_id=world.at("departments", ELSEWHERE), place=spot(ELSEWHERE, 60 + n, 70),
            title="新的", source="worker", state=State.FILED, reported_at=now, filed_at=now,
            soon_at=now, due=now,
        )  # fmt: skip
        Contact.objects.create(incident=case, name="新的", phone="13900009999")
        Contest.objects.create(incident=case, rate="rework", why="新的", asked_at=now)
        where = (city.pk, int(world.at("communities", ELSEWHERE)), case.cell_id)
        journal.record(by=Scope(user_id=None), verb="report", subject=case, where=where)
    Visit.objects.create(
        city=city, stretch_id=world.at("stretches", ELSEWHERE), source="tap", at=now, note="新的"
    )
    printing = Printing.objects.create(city=city, at=now)
    cell = Cell.objects.get(pk=world.at("cells", ELSEWHERE))
    Sign.objects.create(
        city=city, serial=99, printing=printing, cell=cell, at_cell=cell,
        at_community=cell.community, shows={"name": "新的"},
    )  # fmt: skip
    tend()


def moved(before: Read, after: Read) -> list[str]:
    """The addresses whose answers differ."""
    assert before.keys() == after.keys()
    return [
        f"{where} {query}" for (where, query), told in before.items() if after[where, query] != told
    ]


@pytest.mark.timeout(1_200)
def test_what_is_added_elsewhere_moves_nothing(asker: Asker) -> None:
    before = {name: read(asker, name) for name in EYES}
    add(asker.world)
    found = {name: moved(before[name], read(asker, name)) for name in EYES}
    count = sum(map(len, before.values()))
    FIGURES.append(f"counts: {count} answers to {len(EYES)} eyes, before and after: {found}")
    assert not any(found.values()), found


def test_with_the_area_taken_out_what_is_added_moves_much(
    asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: every incident is everybody's."""
    monkeypatch.setattr(IncidentQuerySet, "within", lambda rows, _scope: rows)
    before = read(asker, "cadre@B")
    add(asker.world)
    found = moved(before, read(asker, "cadre@B"))
    assert any(line.startswith("/api/incidents") for line in found), found
    assert any(line.startswith("/desk") for line in found), found
