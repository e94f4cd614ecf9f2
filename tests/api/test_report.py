"""Reporting an incident: what is accepted, what follows from it, and what is refused and why."""

import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from gridmap.layers.incidents import Incident
from gridmap.layers.journal import Entry
from gridmap.layers.postings import Role
from gridmap.layers.rollup import CellStat
from gridmap.layers.territory import City
from tests import town as toy

ADDRESS = "/api/incidents"


def told(east: float = 50, north: float = 50, **more: object) -> dict[str, Any]:
    """A report of a place so many metres from ORIGIN."""
    place = toy.at(east, north)
    return {
        "place": {"type": "Point", "coordinates": [place.x, place.y]},
        "title": "暴露垃圾", "category": "0102", **more,
    }  # fmt: skip


def send(client: Client, body: object) -> Any:
    """POST a body as JSON."""
    return client.post(ADDRESS, body, content_type="application/json")


def test_a_report_becomes_an_incident_whose_rest_is_found(wang: Client) -> None:
    answer = send(wang, told(text="巷口两袋", address="榕树巷 1 号旁", source="chief"))
    assert answer.status_code == 201, answer.content
    said = answer.json()["properties"]
    made = Incident.objects.get()
    assert made.number == f"{timezone.localtime():%Y%m%d}-0001"
    assert made.cell == toy.cell("A", 1)
    assert made.state == "reported"
    assert made.department is not None
    assert made.department.code == "sanitation"
    assert made.due == made.reported_at + timedelta(hours=48)
    assert made.soon_at == made.reported_at + timedelta(hours=48) * 0.8
    assert (said["number"], said["light"], said["open"]) == (made.number, "ok", True)
    assert said["cell"] == made.cell_id
    assert "baolulaji" in made.search
    assert wang.get(f"{ADDRESS}/{made.pk}").json() == answer.json()


@pytest.mark.parametrize(
    ("role", "source"),
    [
        (None, "office"),
        (Role.DISPATCHER, "office"),
        (Role.WORKER, "worker"),
        (Role.CHIEF, "chief"),
        (Role.PATROL, "patrol"),
    ],
)
def test_how_it_reached_us_follows_from_who_reports(
    town: City, role: Role | None, source: str
) -> None:
    client = Client()
    client.force_login(toy.posted("reporter", role=role))
    body = told(50, 70, client_id=str(uuid4()))
    answers = [send(client, body) for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 200], answers[0].content
    assert Incident.objects.get().source == source


def test_who_wants_to_be_answered_is_a_resident(wang: Client) -> None:
    send(wang, told(contact={"name": "张女士", "phone": "13800000426"}))
    assert Incident.objects.get().source == "resident"


@pytest.mark.parametrize(
    ("east", "north", "address"),
    [(50, 70, "榕树巷 1 号"), (98, 20, "榕树巷"), (30, 4, "和平街")],
)
def test_a_place_is_called_as_people_call_it(
    wang: Client, east: float, north: float, address: str
) -> None:
    send(wang, told(east, north))
    made = Incident.objects.get()
    assert made.address == address
    assert address in made.search


def test_a_report_is_in_the_journal_and_in_the_numbers_of_its_cell(wang: Client) -> None:
    send(wang, told())
    made = Incident.objects.get()
    entry = Entry.objects.get(verb="report")
    assert entry.actor == User.objects.get(username="wang")
    assert (entry.subject_id, entry.cell_id) == (made.pk, made.cell_id)
    assert entry.after == {"number": made.number, "state": "reported"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT gridmap_compact()")
    assert CellStat.objects.get(cell=made.cell_id).open == 1


def test_numbers_go_on_through_the_day(wang: Client) -> None:
    numbers = [send(wang, told()).json()["properties"]["number"][-4:] for _ in range(3)]
    assert numbers == ["0001", "0002", "0003"]


def test_a_retry_makes_no_second_incident(wang: Client) -> None:
    body = told(client_id=str(uuid4()))
    first, second = send(wang, body), send(wang, body)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert Incident.objects.count() == Entry.objects.filter(verb="report").count() == 1


def test_the_same_client_id_with_other_words_is_refused(wang: Client, leader: Client) -> None:
    body = told(client_id=str(uuid4()))
    send(wang, body)
    for client, other in (
        (wang, {**body, "title": "别的"}),
        (wang, {**told(51), "client_id": body["client_id"]}),
        (leader, body),
    ):
        answer = send(client, other)
        assert answer.status_code == 409
        assert answer.json()["detail"]["reason"] == "ClientIdReused"
    assert Incident.objects.count() == 1


@pytest.mark.parametrize(
    ("east", "status", "reason"),
    [(50, 201, None), (250, 404, None), (999, 400, "outside")],
    ids=["own community", "the next community", "outside the city"],
)
def test_where_a_report_is_accepted(
    wang: Client, east: float, status: int, reason: str | None
) -> None:
    answer = send(wang, told(east))
    assert answer.status_code == status, answer.content
    detail = answer.json().get("detail", {})
    assert detail.get("reason") == reason
    if reason:
        assert detail["lng"] == pytest.approx(toy.at(east, 50).x)
    assert Incident.objects.count() == (status == 201)


def test_a_city_may_be_named_but_only_ones_own(wang: Client) -> None:
    assert send(wang, told(city="toy")).status_code == 201
    assert send(wang, told(city="elsewhere")).status_code == 404


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"category": "9999"}, "9999"),
        ({"category": ""}, "category"),
        ({"title": ""}, "title"),
        ({"title": "长" * 121}, "title"),
        ({"title": None}, "title"),
        ({"title": ["a"]}, "title"),
        ({"title": "a\x00b"}, "NUL"),
        ({"source": "import"}, "source"),
        ({"client_id": "1"}, "client_id"),
        ({"text": "x" * 4001}, "text"),
        ({"cell": 1}, "cell"),
        ({"place": None}, "place"),
    ],
)
def test_what_is_wrong_is_named(wang: Client, change: dict[str, object], word: str) -> None:
    answer = send(wang, {**told(), **change})
    assert answer.status_code == 400, answer.content
    assert word in answer.json()["message"]
    assert not Incident.objects.exists()


@pytest.mark.parametrize("left_out", ["place", "title", "category"])
def test_what_is_missing_is_named(wang: Client, left_out: str) -> None:
    body = told()
    body.pop(left_out)
    answer = send(wang, body)
    assert answer.status_code == 400
    assert left_out in answer.json()["message"]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"null", b"1", b'"x"', b"{", b"\xff", b"{}", b'{"place":NaN}',
        b"[" * 100_000, b'{"a":' * 2_000 + b"1" + b"}" * 2_000, b'{"title":"\\ud800"}',
    ],
)  # fmt: skip
def test_a_body_that_is_no_object_is_refused(wang: Client, body: bytes) -> None:
    answer = wang.post(ADDRESS, body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["code"] == "BadValue"


def test_a_body_of_another_kind_is_refused(wang: Client) -> None:
    assert wang.post(ADDRESS, {"title": "x"}).status_code == 415


def test_whoever_is_not_signed_in_cannot_report(town: City) -> None:
    assert send(Client(), told()).status_code == 401


def test_without_the_csrf_token_nothing_is_written(town: City) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(toy.posted("li", "A"))
    assert send(client, told()).status_code == 403
    assert not Incident.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_reports_at_the_same_moment_get_numbers_of_their_own() -> None:
    toy.build()
    user = toy.posted("wang", "A")
    same = str(uuid4())
    answers: list[int] = []

    def report(client_id: str | None) -> None:
        client = Client()
        client.force_login(user)
        body = {**told(), **({"client_id": client_id} if client_id else {})}
        answers.append(send(client, body).status_code)
        connections.close_all()

    wishes = [same, same, same, None, None, None]
    threads = [threading.Thread(target=report, args=(wish,)) for wish in wishes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 200, 201, 201, 201, 201]
    assert sorted(Incident.objects.values_list("number", flat=True)) == [
        f"{timezone.localtime():%Y%m%d}-{serial:04d}" for serial in range(1, 5)
    ]
