"""Every route, every pair of eyes, every method: what answers agrees with docs/permissions.md.

The requests are made from the routes themselves and the table's rows; what goes with them stands in
tests/permissions/bodies.py. Whoever a row names gets the route's own answer, everybody else is
refused, and what is refused writes nothing. Nothing of what a request does stays.
"""

import os
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import pytest
from django.apps import apps

from gridmap.layers.incidents import IncidentQuerySet
from gridmap.layers.scope import Scope
from tests.permissions.asking import FIGURES, Answer, Asker
from tests.permissions.bodies import Sent, sent_to
from tests.permissions.eyes import BESIDE, OWN, Eyes, everybody
from tests.permissions.routes import (
    ADMIN,
    ANYWHERE,
    IN_AREA,
    METHODS,
    Row,
    admin_routes,
    routes,
    rows,
    where,
)
from tests.sandboxed import needs_sandbox

ADMIN_ROW = f"{ADMIN}{{rest}}"
ELSEWHERE = {"/sign-in", "/admin/", "/account/password"}  # where pages of the administration lead
ROWS = rows()
ONLY = tuple(os.environ.get("GRIDMAP_ROUTE", "/").split())  # while a part is worked on


def row_of(route: str, method: str, table: list[Row] = ROWS) -> Row | None:
    """The row that names a method of a route."""
    return next((row for row in table if row.route == route and method in row.methods), None)


def is_for(row: Row, eyes: Eyes, place: str) -> bool:
    """Whether a row is for these eyes, as to things of place A.

    Args:
        row: of the table.
        eyes: who asks.
        place: where a posting must hold, of the table below it.
    """
    if eyes.role not in row.who:
        return False
    if place == ANYWHERE or eyes.where == OWN or "unposted" in row.who:
        return True
    return eyes.where == BESIDE and place != IN_AREA


@dataclass(frozen=True)
class Cell:
    """One cell of the matrix."""

    route: str
    method: str
    eyes: Eyes
    row: Row | None
    place: str

    def fault(self, answer: Answer, sent: Sent) -> str:
        """What is wrong with an answer; empty if nothing is."""
        if answer.status >= 500:
            return f"{answer.status} is a fault of ours"
        if self.row is not None and is_for(self.row, self.eyes, self.place):
            good = answer.status < 400 or answer.status == sent.also
            if good and not answer.to_sign_in:
                return ""
            return f"{answer.status}, though the row is for them"
        if not self.refused(answer):
            return f"{answer.status}, though no row is for them"
        return f"refused by {answer.status}, but it wrote to the journal" if answer.wrote else ""

    def refused(self, answer: Answer) -> bool:
        """Whether this is a refusal of these eyes: what is for nobody is refused anyhow."""
        if self.eyes.role == "anonymous":
            asks_who = answer.status == 401 or answer.to_sign_in
            return asks_who or (self.for_nobody and answer.status in {403, 404, 405})
        return answer.status in ({403, 404, 405} if self.for_nobody else {403, 404})

    @property
    def for_nobody(self) -> bool:
        """Whether no row gives this method to anybody."""
        return self.row is None or not self.row.who


def cells(which: list[str]) -> Iterator[Cell]:
    for route in which:
        for method in METHODS:
            row = row_of(route, method)
            place = where(route, method)
            yield from (Cell(route, method, eyes, row, place) for eyes in everybody())


def reading(route: str) -> str:
    """The method whose address and query are used for those that nobody may use."""
    return next((m for m in ("GET", "POST") if row_of(route, m)), "GET")


def faults(asker: Asker, matrix: Iterator[Cell]) -> list[str]:
    """What is wrong: a line for each route, method and fault, with whose eyes met it."""
    found = defaultdict[str, list[str]](list)
    examples: dict[str, str] = {}
    for cell in matrix:
        sent = sent_to(cell.route, cell.method, reading(cell.route))
        answer = asker.route(cell.eyes, cell.method, cell.route, sent)
        for form in sent.others:
            if not cell.refused(answer):
                break
            answer = asker.route(cell.eyes, cell.method, cell.route, replace(sent, form=form))
        if fault := cell.fault(answer, sent):
            line = f"{cell.method} {cell.route}: {fault}"
            found[line].append(cell.eyes.name)
            examples[line] = answer.body[:200].decode(errors="replace")
    return [f"{line} ({', '.join(who)}): {examples[line]}" for line, who in found.items()]


@needs_sandbox
@pytest.mark.timeout(1_200)
def test_every_answer_is_the_one_the_table_gives(asker: Asker) -> None:
    every = [route for route in routes() if route.startswith(ONLY)]
    before = asker.asked
    found = faults(asker, cells(every))
    size = f"{len(every)} routes x {len(everybody())} eyes x {len(METHODS)} methods"
    FIGURES.append(f"matrix: {size} = {asker.asked - before} requests, {len(found)} wrong")
    assert found == [], "\n".join(["", *found])


def test_the_administration_is_for_administrators_alone(asker: Asker) -> None:
    """Everybody else is turned away whatever is there; what it refuses to administrators is 403."""
    row = next(row for row in ROWS if row.route == ADMIN_ROW)
    wrong, before = [], asker.asked
    whose = [eyes for eyes in everybody() if eyes.where == OWN or eyes.name == "admin@X"]
    for route in admin_routes():
        place = re.sub(r"\(\?P|\)|\.\*", "", route)
        for eyes, method in product(whose, METHODS):
            page = re.sub(r"\{\w+\}", _first(place), place)
            answer = asker.ask(eyes, method, page, Sent(form={}))
            led_away = answer.to_sign_in or answer.headers.get("Location") in ELSEWHERE
            let_in = answer.status < 400 and not led_away
            did = let_in or answer.wrote
            if answer.status >= 500 or (did and not is_for(row, eyes, ANYWHERE)):
                wrong.append(f"{method} {page} as {eyes.name}: {answer.status}")
    size = f"{len(admin_routes())} routes x {len(whose)} eyes x {len(METHODS)} methods"
    FIGURES.append(f"administration: {size} = {asker.asked - before} requests, {len(wrong)} wrong")
    assert wrong == [], "\n".join(["", *wrong])
    admin = next(eyes for eyes in everybody() if eyes.name == "admin")
    for page in ("", "layers/department/", "layers/posting/", "auth/user/", "layers/city/"):
        assert asker.ask(admin, "GET", f"{ADMIN}{page}", Sent()).status == 200


def _first(place: str) -> str:
    """The id of a row of the table that a page of the administration keeps."""
    app, _, model = place.removeprefix(ADMIN).partition("/")
    known = (app, model.partition("/")[0]) if app in {"auth", "layers"} else ("auth", "user")
    found = apps.get_model(*known)._default_manager.order_by("pk") if known[1] else None
    return str(found[0].pk) if found else "1"


def test_with_the_check_of_a_right_taken_out_the_matrix_is_red(
    asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: whoever finds a thing may do everything to it."""
    monkeypatch.setattr(Scope, "may_at", lambda *_, **__: True)
    found = faults(asker, cells(["/api/chief-terms/{pk}/relieve", "/api/plans/{pk}/approve"]))
    told = [line.partition(")")[0] for line in found]
    assert told == [
        "POST /api/chief-terms/{pk}/relieve: 200, though no row is for them (worker",
        "POST /api/plans/{pk}/approve: 409, though no row is for them (planner",
    ]


def test_with_the_area_taken_out_the_matrix_is_red(
    asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: every incident is everybody's who is posted anywhere."""
    monkeypatch.setattr(IncidentQuerySet, "within", lambda rows, _scope: rows)
    found = faults(asker, cells(["/api/incidents/{pk}"]))
    (line,) = [line for line in found if line.startswith("GET") and "200, though" in line]
    for name in ("unposted", "planner", "cadre@B", "leader@C", "leader@X"):
        assert name in line
