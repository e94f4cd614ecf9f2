"""Visits told by phones: many at a time, each once, however often they are sent."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from gridmap.layers.patrols import StretchSeen, Visit
from gridmap.layers.places import Building, Stretch
from gridmap.layers.postings import Role
from gridmap.layers.territory import City
from tests import town as toy


@pytest.fixture
def patrol(town: City) -> Client:
    """Signed in as the patrol of community A."""
    client = Client()
    client.force_login(toy.posted("patrol", role=Role.PATROL))
    return client


def seen(code: str = "L1-1", **more: object) -> dict[str, Any]:
    stretch = Stretch.objects.filter(code=code).order_by("side")[0]
    at = (timezone.now() - timedelta(minutes=5)).isoformat()
    return {"client_id": str(uuid4()), "at": at, "source": "tap", "stretch": stretch.pk, **more}


def told(client: Client, *visits: dict[str, Any], status: int = 200) -> list[dict[str, Any]]:
    answer = client.post("/api/visits", {"visits": list(visits)}, "application/json")
    assert answer.status_code == status, answer.content
    return list(answer.json().get("results", []))


def test_a_visit_is_noted_and_the_place_is_fresh(patrol: Client) -> None:
    visit = seen()
    assert told(patrol, visit) == [{"client_id": visit["client_id"], "state": "new"}]
    kept = Visit.objects.get()
    assert (kept.source, kept.note, str(kept.client_id)) == ("tap", "", visit["client_id"])
    assert kept.team is not None
    assert StretchSeen.objects.get(stretch_id=visit["stretch"]).at == kept.at


def test_sent_again_it_changes_nothing(patrol: Client) -> None:
    visits = [seen(), seen("L1-1", note="灯不亮")]
    assert [one["state"] for one in told(patrol, *visits)] == ["new", "new"]
    assert [one["state"] for one in told(patrol, *visits, *visits)] == ["known"] * 4
    assert Visit.objects.count() == 2


def test_without_keys_of_their_own_the_same_walk_would_count_twice(patrol: Client) -> None:
    # The control of the test above.
    for _ in range(2):
        told(patrol, seen())
    assert Visit.objects.count() == 2


def test_the_same_key_with_another_body_is_refused_by_itself(patrol: Client) -> None:
    visit = seen()
    told(patrol, visit)
    results = told(patrol, {**visit, "note": "别的"}, seen())
    assert [one["state"] for one in results] == ["refused", "new"]
    assert results[0]["code"] == "ClientIdReused"
    assert results[0]["message"]
    assert Visit.objects.count() == 2


def test_one_that_is_refused_does_not_hold_up_the_others(patrol: Client) -> None:
    far = seen("L2-1")  # of community B
    old = seen(at=(timezone.now() - timedelta(days=400)).isoformat())
    both = seen(entrance=Building.objects.get(code="B1").entrances.get().pk)
    good = seen()
    states = [one["state"] for one in told(patrol, far, old, both, good)]
    assert states == ["refused", "refused", "refused", "new"]
    assert str(Visit.objects.get().client_id) == good["client_id"]


def test_absent_and_anothers_place_look_the_same(patrol: Client) -> None:
    away, absent = told(patrol, seen("L2-1"), seen(stretch=999_999))
    assert (away["code"], away["message"]) == (absent["code"], absent["message"])


def test_a_clock_that_runs_ahead_is_not_believed(patrol: Client) -> None:
    told(patrol, seen(at=(timezone.now() + timedelta(days=3)).isoformat()))
    assert Visit.objects.get().at <= timezone.now()


def test_a_visit_that_was_taken_back_stays_so_when_it_is_sent_again(patrol: Client) -> None:
    visit = seen()
    told(patrol, visit)
    pk = Visit.objects.get().pk
    answer = patrol.post(f"/api/visits/{pk}/withdraw", {"why": "走错了"}, "application/json")
    assert answer.status_code == 204, answer.content
    assert [one["state"] for one in told(patrol, visit, seen())] == ["known", "new"]
    assert Visit.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [{}, {"visits": []}, {"visits": "x"}, {"visits": [{}]}, {"visits": [{"client_id": "x"}]}],
)
def test_what_is_no_visit_is_refused(patrol: Client, body: dict[str, Any]) -> None:
    assert patrol.post("/api/visits", body, "application/json").status_code == 400
    assert Visit.objects.count() == 0


def test_who_may_not_note_visits_is_told_so_one_by_one(town: City) -> None:
    planner = Client()
    planner.force_login(toy.posted("planner", role=Role.PLANNER))
    assert [one["state"] for one in told(planner, seen())] == ["refused"]
    assert Client().post("/api/visits", {}, "application/json").status_code == 401


def test_the_beat_is_for_whoever_has_one_and_tells_no_reporter(patrol: Client) -> None:
    toy.incident(50, 50, title="路灯不亮")
    toy.incident(250, 50, title="别处的事")
    answer = patrol.get("/beat/data")
    assert answer.status_code == 200
    text = json.dumps(answer.json(), ensure_ascii=False)
    assert "路灯不亮" in text
    assert "别处的事" not in text
    assert "reporter" not in text
    assert Client().get("/beat/data").status_code == 401


def test_what_the_worker_keeps_belongs_to_nobody(patrol: Client) -> None:
    script = Client().get("/beat/worker.js").content.decode()
    assert "self.KEPT" in script
    assert "/beat/data" not in script.partition("KEPT")[2].partition("\n")[0]
    assert Client().get("/beat/manifest").json()["start_url"].startswith("/beat")
