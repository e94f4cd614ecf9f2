"""What follows from the place is not asked; what is asked is counted, and never by person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from gridmap.actions.incidents import ASKED, Report, report_incident
from gridmap.actions.letters import send_letter
from gridmap.api.incidents import ReportIn
from gridmap.layers.burden import typed_by_source, weekly, withheld
from gridmap.layers.city_settings import CitySetting
from gridmap.layers.facts import Period
from gridmap.layers.incidents import Incident
from gridmap.layers.people import ChiefTerm, Person
from gridmap.layers.postings import Role, resident_scope
from gridmap.layers.territory import City
from gridmap.pages.figures_burden import COMPULSORY
from tests import town as toy
from tests.cases.conftest import Office
from tests.pages.planning import signed_in

NOW = timezone.now
WHY = "A form has grown a compulsory field: write down in docs/decisions why people must type it."
WEEK = timedelta(days=7)


def period() -> Period:
    return Period(NOW() - 2 * WEEK, NOW() + timedelta(minutes=1))


def told(office: Office, source: str = "worker", **more: object) -> Incident:
    values: dict[str, object] = {"title": "路灯不亮", "category": "0102", "source": source, **more}
    report = Report(place=toy.at(50, 50), **values)  # type: ignore[arg-type]
    return report_incident(by=office.eyes["worker"], report=report)[0]


def test_no_door_asks_for_more_than_is_written_down() -> None:
    asked = {name for name, field in ReportIn().fields.items() if field.required}
    assert asked == set(COMPULSORY["登记事件（地图）"]), WHY
    assert all(len(names) <= 3 for names in COMPULSORY.values()), WHY


@pytest.mark.parametrize("left_out", [None, *COMPULSORY["登记事件（地图）"]])
def test_a_street_lamp_is_reported_with_three_things(office: Office, left_out: str | None) -> None:
    client = Client()
    client.login(username="worker", password="worker-secret-7")
    place = toy.at(50, 50)
    body: dict[str, object] = {
        "place": {"type": "Point", "coordinates": [place.x, place.y]},
        "category": "0102", "title": "路灯不亮",
    }  # fmt: skip
    if left_out is not None:
        del body[left_out]
    answer = client.post("/api/incidents", body, content_type="application/json")
    assert answer.status_code == (400 if left_out else 201)
    if left_out is None:
        made = Incident.objects.get()
        assert made.typed == 3
        assert made.cell_id == toy.cell("A", 1).pk
        assert made.department is not None
        assert made.due is not None


def test_a_resident_chooses_a_kind_at_a_sign_and_types_nothing(office: Office) -> None:
    City.objects.update(public_card=True)
    report = Report(
        place=toy.at(50, 50), title="", category="0102", address="榕树巷 1 号",
        client_id=UUID(int=7), derived=frozenset({"place", "address"}),
    )  # fmt: skip
    send_letter(by=resident_scope(), report=report)
    case = Incident.objects.get()
    assert (case.typed, bool(case.title)) == (1, True)


def test_what_the_form_has_filled_in_is_not_typed(office: Office) -> None:
    every: dict[str, Any] = {
        "text": "灯坏了三天", "address": "榕树巷 1 号", "phone": "13800001234",
        "reporter_name": "王", "said_at": NOW() - timedelta(minutes=3),
    }  # fmt: skip
    assert told(office, **every).typed == len(ASKED)
    assert told(office, derived=frozenset(ASKED), **every).typed == 0
    assert told(office, derived=frozenset({"title", "phone"})).typed == 2, "no phone, none typed"


def test_things_typed_are_told_by_source_and_what_is_not_known_is_left_out(office: Office) -> None:
    told(office)
    told(office, text="两盏")
    told(office, "wechat", derived=frozenset({"place", "category", "title"}))
    toy.incident(50, 50, source="worker")  # as a file brings it
    found = typed_by_source(office.eyes["leader"], office.town, period())
    worker, chat = found
    assert (worker.source, worker.total, worker.cases, worker.mean, worker.unknown) == (
        "worker", 7, 2, 3.5, 1,
    )  # fmt: skip
    assert worker.most == [0, 0, 1, 1, 0]
    assert (chat.source, chat.mean, chat.most) == ("wechat", 0.0, [1, 0, 0, 0, 0])


def join(number: int) -> None:
    """Beside 陈木子, who serves A-1 all the time, so many serve A-2 for half a day each."""
    since = NOW() - 2 * WEEK
    for n in range(number):
        begins = since + n * timedelta(hours=12)
        ChiefTerm.objects.create(
            person=Person.objects.create(city=toy.city(), name=f"网格员{n}号"),
            office="cell_worker", cell=toy.cell("A", 2), standing="acting",
            valid=DateTimeTZRange(begins, begins + timedelta(hours=12)),
        )  # fmt: skip


def test_reports_a_worker_and_week_are_told_where_enough_work(office: Office) -> None:
    join(10)
    for _ in range(5):
        told(office)
    a, b, together = weekly(office.eyes["leader"], office.town, period())
    assert (a.name, a.reports, a.workers) == ("甲社区", 5, 11)
    assert a.weeks == pytest.approx((10 * 0.5 + 14) / 7, abs=0.01)
    assert a.each == 1.8
    assert (b.reports, b.workers, b.each) == (0, 0, None)
    assert together.each == 1.8


def test_where_few_work_there_is_no_figure(office: Office) -> None:
    join(8)
    told(office)
    a, b, together = weekly(office.eyes["leader"], office.town, period())
    assert (a.workers, a.reports, a.weeks, a.each) == (9, None, None, None)
    assert (b.each, together.reports, together.weeks, together.each) == (None, None, None, None)
    CitySetting.objects.create(city=office.town, name="small_number", value="9", valid=toy.ALWAYS)
    assert weekly(office.eyes["leader"], office.town, period())[0].each is not None


def test_one_worker_of_two_cells_is_one_and_serves_once(office: Office) -> None:
    before = weekly(office.eyes["leader"], office.town, period())
    ChiefTerm.objects.create(
        person=Person.objects.get(name="陈木子"), office="cell_worker", cell=toy.cell("A", 2),
        standing="acting", valid=DateTimeTZRange(NOW() - WEEK, None),
    )  # fmt: skip
    CitySetting.objects.create(city=office.town, name="small_number", value="1", valid=toy.ALWAYS)
    a, *_ = weekly(office.eyes["leader"], office.town, period())
    assert (before[0].workers, a.workers) == (1, 1)
    assert a.weeks == pytest.approx(2, abs=0.01)


@pytest.mark.parametrize(
    ("workers", "together", "kept"),
    [
        ({1: 4, 2: 12, 3: 30}, 46, {1, 2}),  # the one alone would be the sum less the others
        ({1: 4, 2: 5, 3: 30}, 39, {1, 2, 3}),  # nine are still too few
        ({1: 0, 2: 30}, 30, set()),
        ({1: 9}, 9, {1, None}),
        ({1: 5, 2: 5}, 5, {1, 2, None}),  # the same five in both
    ],
)
def test_what_is_hidden_is_not_found_by_subtraction(
    workers: dict[int | None, int], together: int, kept: set[int | None]
) -> None:
    assert withheld(workers, together, 10) == kept


def test_who_serves_in_two_communities_is_one_of_all(office: Office) -> None:
    ChiefTerm.objects.create(
        person=Person.objects.get(name="陈木子"), office="cell_worker", cell=toy.cell("B", 2),
        standing="acting", valid=DateTimeTZRange(NOW() - 2 * WEEK, None),
    )  # fmt: skip
    CitySetting.objects.create(city=office.town, name="small_number", value="1", valid=toy.ALWAYS)
    a, b, together = weekly(office.eyes["leader"], office.town, period())
    assert (a.workers, b.workers, together.workers) == (1, 1, 1)
    assert together.weeks == pytest.approx(2, abs=0.01)


def test_days_to_come_are_no_days_in_office(office: Office) -> None:
    CitySetting.objects.create(city=office.town, name="small_number", value="1", valid=toy.ALWAYS)
    ahead = Period(NOW() - 2 * WEEK, NOW() + 8 * WEEK)
    assert weekly(office.eyes["leader"], office.town, ahead)[0].weeks == pytest.approx(2, abs=0.01)


def test_counted_are_reports_of_workers_whatever_way_they_came(office: Office) -> None:
    CitySetting.objects.create(city=office.town, name="small_number", value="1", valid=toy.ALWAYS)
    told(office, "wechat")
    report = Report(place=toy.at(50, 50), title="路灯不亮", category="0102")
    report_incident(by=office.eyes["duty"], report=report)
    assert weekly(office.eyes["leader"], office.town, period())[0].reports == 1


def test_a_resident_is_asked_for_place_and_kind_alone(office: Office) -> None:
    City.objects.update(public_card=True)
    place = toy.at(50, 50)
    form = {"lng": str(place.x), "lat": str(place.y), "category": "0102", "client_id": str(uuid4())}
    assert set(COMPULSORY["居民上报"]) == {"place", "category"}
    assert Client().post("/report", form).status_code == 303, WHY
    assert Incident.objects.get().typed == 2


def signed_in_at(name: str, letter: str) -> Client:
    client = Client()
    client.force_login(toy.posted(name, letter))
    return client


def test_the_page_names_no_person_and_counts_the_own_area(office: Office) -> None:
    join(10)
    told(office)
    toy.incident(250, 50, source="worker", typed=5)
    leader = signed_in("boss", Role.LEADER).get("/figures/burden").content.decode()
    assert "网格员0号" not in leader
    today = f"{timezone.localtime(NOW()):%Y-%m-%d}"
    before = f"{timezone.localtime(NOW() - 2 * WEEK):%Y-%m-%d}"
    span = f"since={before}&until={today}"
    everywhere = signed_in("boss2", Role.LEADER).get(f"/figures/burden?{span}").content.decode()
    mine = signed_in_at("carol", "A").get(f"/figures/burden?{span}").content.decode()
    assert ("8 / 2" in everywhere, "3 / 1" in mine) == (True, True)
    assert ("乙社区" in everywhere, "乙社区" in mine) == (True, False)


def test_the_page_asks_as_much_of_the_database_whatever_happened(
    office: Office, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in("boss", Role.LEADER)
    for _ in range(12):
        told(office)
    with django_assert_max_num_queries(14):
        assert client.get("/figures/burden").status_code == 200
