"""What the tests of a resident's voice share: to send, to finish, to judge, to ask again."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.test import Client
from django.utils import timezone

from gridmap.actions.cases import Said, act
from gridmap.layers import evaluation
from gridmap.layers.cases import Step
from gridmap.layers.facts import Period, facts_of
from gridmap.layers.incidents import Incident
from gridmap.layers.letters import Letter
from gridmap.layers.outcomes import judgement_of, matter_of
from gridmap.layers.scope import Scope
from tests import town as toy

DAY = timedelta(days=1)


def sent(client: Client, east: float = 50, **more: str) -> tuple[str, Incident]:
    """A report; the address of its page, and the case."""
    place = toy.at(east, 70)
    form = {
        "client_id": str(uuid4()), "lng": f"{place.x:.7f}", "lat": f"{place.y:.7f}",
        "category": "0102", **more,
    }  # fmt: skip
    answer = client.post("/report", form)
    assert answer.status_code == 303
    return answer["Location"].partition("?")[0], Incident.objects.latest("pk")


def finish(case: Incident, eyes: dict[str, Scope]) -> Incident:
    """Bring a case to its end, the usual way, from wherever it is."""
    case.refresh_from_db()
    begin = ("worker", "verify", Said(finding=True)), ("duty", "file", Said())
    for who, verb, told in (
        *(begin if case.state == "reported" else ()),
        ("duty", "dispatch", Said(department=case.department_id)), ("office", "accept", Said()),
        ("office", "answer", Said(why="清了")), ("duty", "send", Said()),
        ("worker", "inspect", Said(finding=True)), ("duty", "close", Said()),
    ):  # fmt: skip
        act(by=eyes[who], incident=case.pk, verb=verb, said=told)
    case.refresh_from_db()
    return case


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def number(client: Client, address: str, deed: str) -> str:
    """The number that a form of the page bears."""
    found = re.search(
        rf'action="[^"]+/{deed}[^"]*">.*?name="client_id" value="([^"]+)"',
        page(client, address), re.DOTALL,
    )  # fmt: skip
    assert found, f"the page offers {deed}"
    return found[1]


def judge(client: Client, address: str, word: int | str, given: str = "") -> Any:
    client_id = given or number(client, address, "judge")
    return client.post(f"{address}/judge", {"client_id": client_id, "satisfied": str(word)})


def ask_again(client: Client, address: str, why: str, given: str = "", **more: Any) -> Any:
    client_id = given or str(uuid4())
    return client.post(f"{address}/again", {"client_id": client_id, "why": why}, **more)


def said(answer: Any, *words: str, status: int = 400) -> None:
    assert answer.status_code == status, answer.content.decode()
    for word in words:
        assert word in answer.content.decode()


def deeds(verb: str) -> int:
    return Step.objects.filter(verb=verb).count()


def satisfaction(eyes: dict[str, Scope]) -> tuple[int, int]:
    period = Period(timezone.now() - DAY, timezone.now() + DAY)
    facts = facts_of(eyes["leader"], toy.city(), period)
    found = evaluation.figures_of(facts, period, {})["satisfied"]
    return len(found.part), len(found.whole)


def judgement(case: Incident) -> UUID:
    """The number that a form about the last end of a case would bear."""
    letter = Letter.objects.get(incident=case)
    return judgement_of(letter, matter_of(letter))
