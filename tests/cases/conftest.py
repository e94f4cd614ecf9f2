"""The toy town at work: who verifies, dispatches, handles and inspects; and the guard of steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django.contrib.auth.models import User
from django.db import connection

from gridmap.actions.cases import Done, Said, act
from gridmap.actions.incidents import Report, report_incident
from gridmap.layers.incidents import Category, Incident
from gridmap.layers.people import Department
from gridmap.layers.postings import Posting, Role, scope_of
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City
from tests import town as toy
from tests.conftest import FOLLOWED


def guard() -> None:
    """Switch on what refuses states set by hand."""
    with connection.cursor() as cursor:
        for table, trigger in FOLLOWED:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}")


@dataclass
class Office:
    """Everybody an incident needs, by name."""

    town: City
    eyes: dict[str, Scope]

    def report(self, east: float = 50, north: float = 50) -> Incident:
        """A new report of rubbish, by the worker in the own cell, else by the cadre."""
        by = "worker" if east < 100 else "cadre"  # where A-1 ends
        report = Report(place=toy.at(east, north), title="暴露垃圾", category="0102")
        return report_incident(by=self.eyes[by], report=report)[0]

    def act(self, case: Incident, verb: str, who: str, **said: object) -> Done:
        """One deed, as everybody does it."""
        return act(by=self.eyes[who], incident=case.pk, verb=verb, said=Said(**said))  # type: ignore[arg-type]

    def upto(self, state: str, east: float = 50, north: float = 50) -> Incident:
        """A new incident that went the usual way so far."""
        case = self.report(east, north)
        for verb, who, said, reached in USUAL:
            if case.state == state and state != "reported":
                break
            if state == "reported":
                return case
            case = self.act(case, verb, who, **said).incident
            assert reached in {None, case.state}
        assert case.state == state
        return case


USUAL: list[tuple[str, str, dict[str, object], str | None]] = [
    ("verify", "cadre", {"finding": True}, None),
    ("file", "duty", {}, "filed"),
    ("dispatch", "duty", {}, "dispatched"),
    ("accept", "sanitation", {}, "handling"),
    ("answer", "sanitation", {"why": "已清走"}, "answered"),
    ("send", "duty", {}, "inspecting"),
    ("inspect", "cadre", {"finding": True}, None),
    ("close", "duty", {}, "closed"),
]


def department(code: str, name: str) -> Department:
    return Department.objects.create(city=toy.city(), code=code, name=name, rank=9)


def posted_to(name: str, code: str) -> Scope:
    user = User.objects.create_user(name, password=f"{name}-secret-7")
    Posting.objects.create(
        user=user, role=Role.DEPARTMENT, city=toy.city(), valid=toy.ALWAYS,
        department=Department.objects.get(code=code),
    )  # fmt: skip
    return scope_of(user.pk)


def staffed(town: City) -> Office:
    """The office of a town."""
    department("urban", "城管")
    Category.objects.create(
        city=town, code="E4-01", name="占道经营", kind="event", limit_hours=24,
        department=Department.objects.get(code="urban"),
    )  # fmt: skip
    return Office(
        town,
        {
            "worker": toy.eyes("worker", role=Role.WORKER),
            "cadre": toy.eyes("cadre", "A"),
            "cadre_b": toy.eyes("cadre_b", "B"),
            "duty": toy.eyes("duty", role=Role.DISPATCHER),
            "leader": toy.eyes("leader", role=Role.LEADER),
            "sanitation": toy.eyes("sanitation", role=Role.DEPARTMENT),
            "urban": posted_to("urban", "urban"),
            "patrol": toy.eyes("patrol", role=Role.PATROL),
            "planner": toy.eyes("planner", role=Role.PLANNER),
        },
    )


@pytest.fixture
def office(town: City) -> Iterator[Office]:
    """Guarded, and checked at the end like at a commit."""
    found = staffed(town)
    connection.check_constraints()
    guard()
    yield found
    connection.check_constraints()


Deed = Callable[..., Done]
