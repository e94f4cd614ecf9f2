"""Every verb, in every state of a case, by everybody: the answers are those of docs/api.md."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client

from gridmap.actions.cases import VERBS
from gridmap.layers.incidents import Incident
from gridmap.layers.life_cycle import MOVES
from gridmap.layers.postings import Role, scope_of
from tests import town as toy
from tests.cases.conftest import USUAL, Office

DOCS = Path(__file__).parents[2] / "docs" / "api.md"
STATES = ("reported", "filed", "dispatched", "handling", "answered", "inspecting", "closed")
# What some verbs need besides a state: somebody's wish, or a clock that stands still.
BESIDES = {"granted", "not granted", "parked"}
DEPARTMENT = {"the department": "department", "a department that helps": "department"}


@dataclass(frozen=True)
class Told:
    """A row of the table: from which states, and whose eyes."""

    starts: frozenset[str]
    roles: frozenset[str]
    reporter: bool
    not_twice: bool  # not by who did the work, or asked


def _states(text: str) -> frozenset[str]:
    if text in BESIDES:
        return frozenset()
    left = text.partition(" → ")[0]
    if " … " in left:
        first, last = (STATES.index(word) for word in left.split(" … "))
        return frozenset(STATES[first : last + 1])
    return frozenset(left.split(", "))


def table() -> dict[str, Told]:
    """The verbs as docs/api.md tells them."""
    text = DOCS.read_text("utf-8").partition("| verb | from → to | who | what it needs |")[2]
    found: dict[str, Told] = {}
    for verbs, ways, who, _needs in re.findall(
        r"^\| (`[^|]*) \| ([^|]*) \| ([^|]*) \| ([^|]*)\|$", text.partition("\n\n")[0], re.MULTILINE
    ):
        named, _, apart = who.partition("; ")
        words = [DEPARTMENT.get(word, word) for word in named.split(", ")]
        roles = frozenset(words) - {"the reporter"}
        told = Told(_states(ways), roles, "the reporter" in words, bool(apart))
        found |= dict.fromkeys(re.findall(r"`(\w+)`", verbs), told)
    return found


def test_the_table_of_the_documents_is_the_one_the_program_goes_by() -> None:
    told = table()
    assert set(told) == set(MOVES) - {"report"}
    for verb, row in told.items():
        assert row.roles == MOVES[verb].roles - {"resident"} - {"admin"}, verb
        assert row.starts in {frozenset(), frozenset(MOVES[verb].starts)}, verb


@pytest.fixture
def everybody(office: Office) -> dict[str, Client]:
    """A browser for each role, and for two who work elsewhere."""
    for role in (Role.AUDITOR, Role.ADMIN):
        office.eyes[str(role)] = toy.eyes(str(role), role=role)
    found: dict[str, Client] = {}
    for name in office.eyes:
        found[name] = Client()
        found[name].force_login(User.objects.get(username=name))
    return found


def along(office: Office) -> Iterator[Incident]:
    """One case, once in every state of the usual way."""
    case = office.report()
    yield case
    for verb, who, said, reached in USUAL:
        case = office.act(case, verb, who, **said).incident
        if reached is not None:
            yield case


def expected(verb: str, told: Told, name: str, case: Incident) -> set[int]:
    """What an answer to a bare verb may be, without anything of what it needs."""
    if verb not in VERBS:  # two cases are joined on the page of one, not here
        return {404}
    user = User.objects.get(username=name)
    scope = scope_of(user.pk)
    if not Incident.objects.within(scope).filter(pk=case.pk).exists():
        return {404}
    may = bool(told.roles & scope.roles) or (told.reporter and case.reporter_id == user.pk)
    if not may:
        return {403}
    if told.starts and case.state not in told.starts:
        return {409}
    # It gets as far as what is missing, or what must have happened before.
    reached = {200, 201, 400, 409}
    own = "department" in told.roles and scope.roles == {"department"}
    return reached | ({403} if told.not_twice or own else set())


def test_every_verb_in_every_state_by_everybody(
    office: Office, everybody: dict[str, Client]
) -> None:
    rows, asked, wrong, went = table(), 0, [], 0
    for case in along(office):
        for verb, told in rows.items():
            for name, client in everybody.items():
                with transaction.atomic():
                    answer = client.post(
                        f"/api/incidents/{case.pk}/{verb}", {}, content_type="application/json"
                    )
                    transaction.set_rollback(True)
                asked += 1
                went += answer.status_code < 300
                if answer.status_code not in expected(verb, told, name, case):
                    wrong.append(f"{verb} in {case.state} by {name}: {answer.status_code}")
    assert wrong == [], "\n".join(["", *wrong])
    assert asked == len(STATES) * len(rows) * len(everybody)
    assert went > 0, "a deed that needs nothing was done"
    assert not connection.needs_rollback
