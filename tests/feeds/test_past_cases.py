"""The past of cases: afterwards a moment is told as it was told to the same eyes at that moment."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from gridmap.actions.incidents import Report, report_incident
from gridmap.feeds.app import Feeds
from gridmap.layers.incidents import Incident
from gridmap.layers.people import Department
from gridmap.layers.postings import Posting, Role, scope_of
from gridmap.layers.scope import Scope
from tests import town as toy
from tests.cases.conftest import Office, department, guard, staffed
from tests.clocks import database_clock, stopped
from tests.conftest import FOLLOWED
from tests.feeds.asking import bearing, run, through

LIGHTS = ("open", "soon", "late", "parked")
START = datetime(2025, 3, 3, tzinfo=UTC)  # a Monday
WHO = {
    "leader": {"role": Role.LEADER},
    "cadre of one community": {"role": Role.CADRE, "community": "A"},
    "department of the city": {"role": Role.DEPARTMENT, "department": "sanitation"},
    "another department of the city": {"role": Role.DEPARTMENT, "department": "urban"},
    "department of one community": {
        "role": Role.DEPARTMENT, "department": "urban", "community": "A",
    },
    "department of the other community": {
        "role": Role.DEPARTMENT, "department": "urban", "community": "B",
    },
    "department that helps": {"role": Role.DEPARTMENT, "department": "parks", "community": "A"},
    "worker": {"role": Role.WORKER},
    "chief of a building": {"role": Role.CHIEF},
    "team": {"role": Role.PATROL},
}  # fmt: skip


@dataclass
class Looker:
    """Somebody with one posting, signed in."""

    eyes: Scope
    client: Client
    ticket: dict[str, str]


def looker(name: str, role: Role, **areas: str) -> Looker:
    """One more; areas by letter and code."""
    if role in {Role.DEPARTMENT, Role.CADRE}:
        user = User.objects.create_user(name)
        held: dict[str, Any] = {}
        if "community" in areas:
            held["community"] = toy.community(areas["community"])
        if "department" in areas:
            held["department"] = Department.objects.get(code=areas["department"])
        Posting.objects.create(user=user, role=role, city=toy.city(), valid=toy.ALWAYS, **held)
    else:
        user = toy.posted(name, role=role)
    client = Client()
    client.force_login(user)
    eyes = scope_of(user.pk)
    return Looker(eyes, client, bearing(eyes))


@dataclass
class Story:
    """Cases that go their ways by the hour, and what everybody is told between the deeds."""

    office: Office
    lookers: dict[str, Looker]
    hour: int = 0
    cases: dict[int, Incident] = field(default_factory=dict)
    told: dict[datetime, dict[str, Any]] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return START + timedelta(hours=self.hour)

    def do(self, number: int, verb: str, who: str, said: dict[str, Any]) -> None:
        """Let somebody do something at the hour; departments are told by code."""
        codes = {row.code: row.pk for row in Department.objects.all()}
        told = {"why": "须如此", **said}
        if verb in {"extend", "park", "return", "void"}:  # answers what was asked for last
            told["application"] = self.cases[number].applications.latest("pk").pk
        if "department" in told:
            told["department"] = codes[told["department"]]
        if "helpers" in told:
            told["helpers"] = tuple(codes[code] for code in told["helpers"])
        with stopped(self.now):
            if verb == "report":
                report = Report(place=toy.at(*said["at"]), title="暴露垃圾", category="0102")
                self.cases[number] = report_incident(by=self.office.eyes[who], report=report)[0]
            else:
                self.office.act(self.cases[number], verb, who, **told)

    def look(self) -> None:
        """Let half an hour pass, with the clock's own work, and note what everybody is told."""
        moment = self.now + timedelta(minutes=30)
        with stopped(moment):
            run("SELECT gridmap_sweep(), gridmap_sweep_cases()")
            run("SELECT gridmap_compact()")
            self.told[moment] = told(self.lookers)
        self.hour += 1


def told(lookers: Mapping[str, Looker], when: datetime | None = None) -> dict[str, Any]:
    """What each is told of the cases of the town: by the overlay, a list and a card."""
    moment = f"&as_of={when:%Y-%m-%dT%H:%M:%SZ}" if when else ""
    past = {"as_of": when.isoformat()} if when else {}
    card = f"/api/cells/{toy.cell('A', 1).pk}/card"

    async def overlays() -> list[Any]:
        door = Feeds()
        try:
            return [
                (await through(door, f"/feeds/overlay?city=toy{moment}", one.ticket, "GET")).json
                for one in lookers.values()
            ]
        finally:
            await door.close()

    found = {}
    for (who, one), overlay in zip(lookers.items(), asyncio.run(overlays()), strict=True):
        columns = overlay["columns"]
        lights = [columns.index(light) for light in LIGHTS if light in columns]
        found[who] = {
            "overlay": {row[0]: [row[1 + at] for at in lights] for row in overlay["cells"]},
            "list": one.client.get("/api/incidents", {"city": "toy", **past}).json()["features"],
            "card": one.client.get(card, past).json().get("incidents"),
        }
    return found


@pytest.fixture
def story(farewell: None, transactional_db: None, settings: Settings) -> Iterator[Story]:
    """The office of the toy town on a stopped clock, with everybody who looks."""
    settings.IDLE_SECONDS, settings.SESSION_COOKIE_AGE = 0, 90 * 86_400  # the clock jumps
    office = staffed(toy.build())
    department("parks", "园林")
    lookers = {who: looker(f"l{n}", **areas) for n, (who, areas) in enumerate(WHO.items())}  # type: ignore[arg-type]
    office.eyes["parks"] = lookers["department that helps"].eyes
    guard()
    with database_clock():
        yield Story(office, lookers)
    for table, trigger in FOLLOWED:
        run(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")


# Who does what with which case, one deed an hour; a number alone: so many hours pass.
Deed = tuple[int, str, str, dict[str, object]]
LIFE: list[Deed | int] = [
    (1, "report", "worker", {"at": (50, 70)}),  # in building 1
    (1, "verify", "worker", {"finding": True}),
    (1, "file", "duty", {"urgent": True}),
    (1, "dispatch", "duty", {"helpers": ["parks"]}),
    (1, "accept", "sanitation", {}),
    (1, "contribute", "parks", {"why": "已修剪"}),
    (1, "ask_return", "sanitation", {}),
    (1, "return", "duty", {}),
    (2, "report", "cadre_b", {"at": (350, 20)}),
    (1, "dispatch", "duty", {"department": "urban"}),
    (1, "accept", "urban", {}),
    (1, "ask_extension", "urban", {"amount": 6, "unit": "hour"}),
    (1, "extend", "duty", {}),
    (1, "ask_park", "urban", {}),
    (1, "park", "duty", {}),
    60,
    (1, "resume", "duty", {}),
    (1, "answer", "urban", {"why": "已清走"}),
    (2, "verify", "cadre_b", {"finding": False}),
    (2, "decline", "duty", {}),
    (1, "send", "duty", {}),
    (1, "inspect", "cadre", {"finding": True}),
    (1, "close", "duty", {}),
    (1, "evaluate", "worker", {"satisfied": 1}),
    (1, "reopen", "worker", {"why": "又有了"}),
    (3, "report", "cadre", {"at": (150, 20)}),
    (1, "dispatch", "duty", {}),
    (3, "verify", "cadre", {"finding": True}),
    (3, "file", "duty", {}),
    (3, "dispatch", "duty", {"department": "urban", "helpers": ["parks"]}),
    (3, "redispatch", "duty", {"department": "parks"}),
    40,
    30,
    (1, "ask_void", "sanitation", {}),
    (1, "void", "duty", {}),
    30,
]


def lived(story: Story) -> None:
    """One case goes from hand to hand and is opened again, one is declined, one goes on."""
    for deed in LIFE:
        if isinstance(deed, int):
            story.hour += deed
        else:
            story.do(*deed)
        story.look()


def test_a_moment_is_told_afterwards_as_it_was_told_then(story: Story) -> None:
    lived(story)
    still_open = set(Incident.objects.exclude(light=0).values_list("pk", flat=True))
    for moment, then in story.told.items():
        for who, now in told(story.lookers, moment).items():
            before = then[who]
            if who == "team":
                # One by one a team sees what is open on its beat, and is open today as well.
                before["list"] = [one for one in before["list"] if one["id"] in still_open]
                del before["card"], now["card"]
            assert now == before, (who, (moment - START) / timedelta(hours=1))
    rows = [one for look in story.told.values() for one in look["leader"]["list"]]
    assert {one["properties"]["light"] for one in rows} == {"ok", "soon", "late", "parked", None}
    for who in WHO:
        seen = {str(look[who]["overlay"]) for look in story.told.values()}
        changes = len(seen) > 1
        assert changes == (who != "department of the other community"), "there is what to compare"


ONE_CASE: list[Deed] = [
    (1, "report", "worker", {"at": (50, 50)}),
    (1, "verify", "cadre", {"finding": True}),
    (1, "file", "duty", {}),
    (1, "dispatch", "duty", {}),
    (1, "ask_return", "sanitation", {}),
    (1, "return", "duty", {}),
    (1, "dispatch", "duty", {"department": "urban"}),
    (1, "accept", "urban", {}),
    (1, "answer", "urban", {}),
    (1, "send", "duty", {}),
    (1, "inspect", "cadre", {"finding": True}),
    (1, "close", "duty", {}),
]


def test_who_had_a_case_counts_it_for_that_time_and_no_other(story: Story) -> None:
    for deed in ONE_CASE:
        story.do(*deed)
        story.hour += 1
    cell = toy.cell("A", 1).pk
    departments = {who: one for who, one in story.lookers.items() if "department" in who}
    sanitation = {"department of the city"}
    urban_ones = {"another department of the city", "department of one community"}
    # By hour: state, the name of whose it is, and by whom it is counted.
    expected: list[tuple[float, str, str | None, set[str]]] = [
        (0.5, "reported", "环卫", sanitation),  # proposed with the report
        (2.5, "filed", "环卫", sanitation),
        (3.5, "dispatched", "环卫", sanitation),
        (4.5, "dispatched", "环卫", sanitation),
        (5.5, "filed", None, set()),
        (6.5, "dispatched", "城管", urban_ones),
        (7.5, "handling", "城管", urban_ones),
        (10.5, "inspecting", "城管", urban_ones),
        (11.5, "closed", "城管", set()),
    ]
    leader = {"leader": story.lookers["leader"]}
    for hours, state, name, counted in expected:
        moment = START + timedelta(hours=hours)
        stood = told(leader, moment)["leader"]["list"][0]["properties"]
        assert (stood["state"], stood["department_name"]) == (state, name)
        assert stood["light"] == (None if state == "closed" else "ok")
        assert (stood["closed_at"] is None) == (state != "closed")
        found = told(departments, moment)
        assert {who for who, one in found.items() if one["overlay"].get(cell)} == counted
        whose = urban_ones if state == "closed" else counted  # a closed one is listed, not counted
        assert {who for who, one in found.items() if one["list"]} == whose
