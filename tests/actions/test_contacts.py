"""A contact lives in one case, is opened with a reason that is kept, and leaves no trace."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from gridmap.actions.contacts import erase_contacts, open_contact
from gridmap.actions.incidents import Report, report_incident
from gridmap.errors import BadValue, NotYours, OutOfScope
from gridmap.layers.contacts import Contact
from gridmap.layers.incidents import Incident, State
from gridmap.layers.journal import Entry
from gridmap.layers.people import Department
from gridmap.layers.postings import Posting, Role, operator_scope, scope_of
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City
from tests import town as toy

PHONE, NAME = "13987650426", "钱莱典"
WHY = "回访核实井盖位置"


@pytest.fixture
def case(town: City) -> Incident:
    """An incident in A-1 whose reporter left a number."""
    report = Report(
        place=toy.at(50, 50), title="井盖破损", category="0102", phone=PHONE, reporter_name=NAME
    )
    return report_incident(by=toy.eyes("wang", role=Role.WORKER), report=report)[0]


def signed_in(name: str, *letters: str, role: Role) -> Client:
    client = Client()
    client.force_login(toy.posted(name, *letters, role=role))
    return client


def address(case: Incident) -> str:
    return f"/api/incidents/{case.pk}/contact"


def traces(canary: str) -> list[str]:
    """The tables of a full dump in which a text stands."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace ="
                       " 'public'::regnamespace ORDER BY relname")  # fmt: skip
        tables = [name for (name,) in cursor.fetchall()]
        found = []
        for table in tables:
            cursor.execute(
                f'SELECT count(*) FROM "{table}" AS x WHERE x::text LIKE %s', [f"%{canary}%"]
            )
            if cursor.fetchone() != (0,):
                found.append(table)
    assert len(tables) > 40
    return found


def test_a_contact_is_kept_in_one_table_alone(case: Incident) -> None:
    open_contact(by=toy.eyes("zhou", "A"), incident=case.pk, why=WHY)
    assert traces(PHONE) == traces(NAME) == ["layers_contact"]


def test_when_the_case_is_over_nothing_remains(case: Incident, settings: Any) -> None:
    open_contact(by=toy.eyes("zhou", "A"), incident=case.pk, why=WHY)
    ended = timezone.now() - timedelta(days=settings.CONTACT_DAYS, minutes=1)
    Incident.objects.update(state=State.CLOSED, closed_at=ended)
    assert erase_contacts(by=operator_scope()) == 1
    assert traces(PHONE) == traces(NAME) == []
    entry = Entry.objects.latest("pk")
    assert (entry.verb, entry.after, entry.city_id) == (
        "erase_contacts",
        {"erased": 1},
        case.city_id,
    )
    assert erase_contacts(by=operator_scope()) == 0


@pytest.mark.parametrize(("days", "state"), [(29, State.CLOSED), (31, State.HANDLING)])
def test_a_contact_stays_while_it_may_be_needed(case: Incident, days: int, state: State) -> None:
    ended = timezone.now() - timedelta(days=days) if state == State.CLOSED else None
    Incident.objects.update(state=state, closed_at=ended)
    assert erase_contacts(by=operator_scope()) == 0


def test_it_is_shown_masked(case: Incident) -> None:
    shown = signed_in("zhou", "A", role=Role.CADRE).get(address(case))
    assert shown.json() == {"name": "钱••", "phone": "139••••0426", "may_open": True}
    assert Contact(phone="12345").masked_phone == "••••45"


def test_opening_it_is_one_row_of_the_read_log(case: Incident) -> None:
    zhou = signed_in("zhou", "A", role=Role.CADRE)
    for _ in range(3):
        answer = zhou.post(address(case), {"why": WHY}, content_type="application/json")
        assert answer.json() == {"name": NAME, "phone": PHONE}
    opened = Entry.objects.filter(verb="open_contact", subject_id=case.pk)
    assert opened.count() == 3
    entry = opened.latest("pk")
    assert (entry.why, entry.community_id, entry.before, entry.after) == (
        WHY, toy.community("A").pk, {}, {},
    )  # fmt: skip
    mine = zhou.get("/api/history?mine=true&verb=open_contact").json()["results"]
    assert [line["why"] for line in mine] == [WHY] * 3
    auditor = signed_in("shen", role=Role.AUDITOR)
    about = auditor.get(f"/api/history?kind=incident&id={case.pk}&verb=open_contact").json()
    assert [line["who"] for line in about["results"]] == ["社区干部 zhou"] * 3
    assert len(auditor.get("/api/history?actor=zhou&verb=open_contact").json()["results"]) == 3


@pytest.mark.parametrize("why", ["", "   ", "看看", "嗯 嗯"])
def test_without_a_reason_it_stays_closed_and_nothing_is_written(case: Incident, why: str) -> None:
    with pytest.raises(BadValue):
        open_contact(by=toy.eyes("zhou", "A"), incident=case.pk, why=why)
    assert not Entry.objects.filter(verb="open_contact").exists()


@pytest.mark.parametrize(
    ("role", "letters", "status"),
    [
        (Role.CADRE, ["A"], 200),
        (Role.DISPATCHER, [], 200),
        (Role.WORKER, [], 200),
        (Role.LEADER, [], 403),
        (Role.AUDITOR, [], 404),
        (Role.PATROL, [], 403),
        (Role.CADRE, ["B"], 404),
    ],
)
def test_who_may_open_it(case: Incident, role: Role, letters: list[str], status: int) -> None:
    client = signed_in("somebody", *letters, role=role)
    answer = client.post(address(case), {"why": WHY}, content_type="application/json")
    assert answer.status_code == status
    assert (PHONE in answer.content.decode()) == (status == 200)
    assert Entry.objects.filter(verb="open_contact").exists() == (status == 200)


def department_eyes(department: Department | None = None) -> Scope:
    user = User.objects.create_user(f"clerk{User.objects.count()}")
    department = department or Department.objects.create(
        city=toy.city(), code="order", name="城管", rank=2
    )
    Posting.objects.create(
        user=user, role=Role.DEPARTMENT, city=toy.city(), department=department, valid=toy.ALWAYS
    )
    return scope_of(user.pk)


def test_a_department_opens_contacts_of_its_own_cases_only(case: Incident) -> None:
    own = department_eyes(department=Department.objects.get(code="sanitation"))
    assert open_contact(by=own, incident=case.pk, why=WHY).phone == PHONE
    with pytest.raises(OutOfScope):
        open_contact(by=department_eyes(), incident=case.pk, why=WHY)


def test_a_second_post_that_only_reads_opens_nothing_of_another_department(case: Incident) -> None:
    clerk = department_eyes()
    Posting.objects.create(
        user_id=clerk.user_id or 0, role=Role.LEADER, city=toy.city(), valid=toy.ALWAYS
    )
    with pytest.raises(NotYours):
        open_contact(by=scope_of(clerk.user_id or 0), incident=case.pk, why=WHY)


def test_what_is_no_number_is_refused_at_the_door_and_by_the_database(case: Incident) -> None:
    worker = signed_in("chen", role=Role.WORKER)
    body = {
        "place": {"type": "Point", "coordinates": list(toy.at(50, 50).coords)},
        "title": "x", "category": "0102", "contact": {"name": "钱", "phone": "请来电"},
    }  # fmt: skip
    told = Incident.objects.count()
    answer = worker.post("/api/incidents", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "BadValue")
    assert Incident.objects.count() == told
    body["contact"] = {"name": "钱", "phone": "0598-8223344"}
    assert worker.post("/api/incidents", body, content_type="application/json").status_code == 201
    assert Contact.objects.latest("pk").phone == "0598-8223344"
    with pytest.raises(IntegrityError, match="contact_phone_form"), transaction.atomic():
        Contact.objects.filter(incident=case).update(phone="no number")


def test_no_list_detail_feed_or_history_shows_it(case: Incident) -> None:
    leader = signed_in("leader", role=Role.LEADER)
    open_contact(by=toy.eyes("zhou", "A"), incident=case.pk, why=WHY)
    for path in ("/api/incidents", f"/api/incidents/{case.pk}", "/api/history", "/history",
                 f"/api/search?city=toy&q={PHONE}", "/history/file/csv"):  # fmt: skip
        answer = leader.get(path)
        assert answer.status_code == 200, path
        said = b"".join(answer) if answer.streaming else answer.content
        assert PHONE.encode() not in said.replace(f"q={PHONE}".encode(), b""), path
        assert NAME.encode() not in said, path
