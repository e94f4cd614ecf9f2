"""Whose is it: cases returned twice or beside a duty border, the ruling, and the next case."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.contrib.gis.geos import MultiPolygon
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client
from django.utils import timezone

from gridmap.actions.rulings import Verdict, end_ruling, rule
from gridmap.errors import BadGeometry, BadValue, NotYours, OutOfScope, WrongState
from gridmap.layers.authority import propose_department
from gridmap.layers.cases import Application, Step
from gridmap.layers.catalogue import Authority
from gridmap.layers.incidents import Category, Incident
from gridmap.layers.people import Department
from gridmap.layers.rulings import JointTask, Ruling
from tests import town as toy
from tests.cases.conftest import Office


def urban() -> Department:
    return Department.objects.get(code="urban")


def sanitation() -> Department:
    return Department.objects.get(code="sanitation")


def rubbish() -> Category:
    return Category.objects.get(code="0102")


def split_matrix() -> None:
    """Rubbish is the sanitation's in community A, the urban management's in B."""
    for letter, department in (("A", sanitation()), ("B", urban())):
        Authority.objects.create(
            category=rubbish(), community=toy.community(letter), department=department,
            source="三定方案", valid=toy.ALWAYS,
        )  # fmt: skip


def give_back(office: Office, case: Incident, who: str) -> Incident:
    office.act(case, "ask_return", who, why="不归我管")
    wish = Application.objects.get(incident=case, decided_at=None).pk
    return office.act(case, "return", "duty", application=wish).incident


def verdict(east: float = 50, **told: object) -> Verdict:
    ground = MultiPolygon(toy.ring(east - 15, 35, 30, 30), srid=4326)
    given: dict[str, object] = {"geom": ground, "department": urban().pk, "why": "红线图现场核对"}
    return Verdict(**{**given, **told})  # type: ignore[arg-type]


def returned_twice(office: Office) -> Incident:
    case = give_back(office, office.upto("dispatched"), "sanitation")
    assert not JointTask.objects.exists(), "once, and far from every border, is no dispute"
    office.act(case, "dispatch", "duty", department=urban().pk)
    return give_back(office, case, "urban")


def test_a_case_returned_twice_opens_a_joint_task_with_both_departments(office: Office) -> None:
    case = returned_twice(office)
    task = JointTask.objects.get(incident=case)
    assert (task.cause, task.settled_at) == ("returned", None)
    assert {row.code for row in task.departments.all()} == {"sanitation", "urban"}
    assert list(task.communities.all()) == [toy.community("A")]


def test_the_ruling_dispatches_the_case_and_the_next_one_is_never_returned(office: Office) -> None:
    case = returned_twice(office)
    task = JointTask.objects.get(incident=case)
    ruling, new = rule(by=office.eyes["duty"], task=task.pk, verdict=verdict())
    case.refresh_from_db()
    assert (new, case.state, case.department) == (True, "dispatched", urban())
    task.refresh_from_db()
    assert (task.ruling, task.settled_at) == (ruling, ruling.valid.lower)

    second = office.report(55, 55)
    office.act(second, "verify", "cadre", finding=True)
    done = office.act(second, "file", "duty")
    assert (done.incident.state, done.incident.department) == ("dispatched", urban())
    assert done.step.detail["ruling"] == ruling.pk
    office.act(second, "accept", "urban")
    assert office.act(second, "answer", "urban", why="已清").incident.returns == 0
    assert not JointTask.objects.filter(incident=second).exists()

    elsewhere = office.upto("dispatched", 150, 50)
    assert elsewhere.department == sanitation()


def test_ruled_ground_goes_to_nobody_else(office: Office) -> None:
    task = JointTask.objects.get(incident=returned_twice(office))
    ruling, _ = rule(by=office.eyes["duty"], task=task.pk, verdict=verdict())
    second = office.report(55, 55)
    office.act(second, "verify", "cadre", finding=True)
    office.act(second, "file", "duty")
    with pytest.raises(WrongState, match="已确权"):
        office.act(second, "redispatch", "duty", department=sanitation().pk, why="试试")
    end_ruling(by=office.eyes["duty"], ruling=ruling.pk, why="道路已移交")
    moved = office.act(second, "redispatch", "duty", department=sanitation().pk, why="已移交")
    assert moved.incident.department == sanitation()
    assert Ruling.objects.as_of(timezone.now()).count() == 0


def test_a_case_beside_a_duty_border_opens_a_joint_task_when_dispatched(office: Office) -> None:
    split_matrix()
    far = office.upto("dispatched", 150, 50)
    assert not JointTask.objects.filter(incident=far).exists()
    near = office.upto("dispatched", 193, 50)  # 7 m from the border of A and B
    task = JointTask.objects.get(incident=near)
    assert task.cause == "border"
    assert {row.code for row in task.departments.all()} == {"sanitation", "urban"}
    assert {row.name for row in task.communities.all()} == {"甲社区", "乙社区"}
    assert Step.objects.get(incident=near, ends=None).detail["joint_task"] == task.pk


def test_a_border_within_one_department_is_no_dispute(office: Office) -> None:
    assert not JointTask.objects.filter(incident=office.upto("dispatched", 193, 50)).exists()


def test_the_proposal_tells_its_reason_and_prefers_the_narrower(office: Office) -> None:
    now = timezone.now()
    place = toy.at(50, 50)
    usual = propose_department(rubbish(), place, now)
    assert (usual.department, usual.words) == (sanitation(), "暴露垃圾一般由环卫负责")
    Authority.objects.create(
        category=rubbish(), department=urban(), source="三定方案", valid=toy.ALWAYS
    )
    everywhere = propose_department(rubbish(), place, now)
    assert everywhere.words == "权责清单：全市的暴露垃圾由城管负责（三定方案）"
    split_matrix()
    here = propose_department(rubbish(), place, now)
    assert here.words == "权责清单：甲社区的暴露垃圾由环卫负责（三定方案）"
    before = propose_department(rubbish(), place, toy.OPENED.replace(year=2020))
    assert before.words == "暴露垃圾一般由环卫负责", "what was not in force then says nothing"


def test_a_kind_without_its_own_row_follows_its_class(office: Office) -> None:
    group = Category.objects.create(city=office.town, code="01", name="市容环境", kind="event")
    kind = Category.objects.create(
        city=office.town, code="0109", name="乱泼污水", kind="event", parent=group
    )
    assert propose_department(kind, toy.at(50, 50), timezone.now()).department is None
    Authority.objects.create(
        category=group, department=urban(), source="三定方案",
        valid=DateTimeTZRange(toy.OPENED, None),
    )  # fmt: skip
    assert propose_department(kind, toy.at(50, 50), timezone.now()).department == urban()


def test_a_ruling_needs_the_place_a_reason_a_department_and_free_ground(office: Office) -> None:
    task = JointTask.objects.get(incident=returned_twice(office)).pk
    duty = office.eyes["duty"]
    with pytest.raises(BadGeometry, match="地点"):
        rule(by=duty, task=task, verdict=verdict(150))
    with pytest.raises(BadValue):
        rule(by=duty, task=task, verdict=verdict(why=" "))
    with pytest.raises(BadValue, match="部门"):
        rule(by=duty, task=task, verdict=verdict(department=99))
    with pytest.raises(NotYours):
        rule(by=office.eyes["cadre"], task=task, verdict=verdict())
    with pytest.raises(OutOfScope):
        rule(by=office.eyes["cadre_b"], task=task, verdict=verdict())
    Ruling.objects.create(
        city=office.town, category=rubbish(), department=sanitation(), why="早先",
        geom=toy.box(60, 30, 30, 30), valid=toy.ALWAYS,
    )  # fmt: skip
    with pytest.raises(WrongState, match="环卫"):
        rule(by=duty, task=task, verdict=verdict())
    assert Ruling.objects.count() == 1


def test_a_ruling_sent_twice_is_made_once(office: Office) -> None:
    task = JointTask.objects.get(incident=returned_twice(office)).pk
    told = verdict(client_id=toy.NAMES)
    first, second = (rule(by=office.eyes["duty"], task=task, verdict=told) for _ in range(2))
    assert (first[0], first[1], second[1]) == (second[0], True, False)


def test_the_api_shows_tasks_rulings_and_what_was_returned(office: Office) -> None:
    task = JointTask.objects.get(incident=returned_twice(office)).pk
    client = Client()
    client.force_login(User.objects.get(username="duty"))
    (listed,) = client.get("/api/joint-tasks?city=toy&open=true").json()["results"]
    assert {row["name"] for row in listed["departments"]} == {"环卫", "城管"}
    ring = [list(corner) for corner in toy.ring(35, 35, 30, 30).coords[0]]
    body = {
        "geom": {"type": "Polygon", "coordinates": [ring]}, "department": urban().pk,
        "why": "红线图", "client_id": str(toy.NAMES),
    }  # fmt: skip
    address = f"/api/joint-tasks/{task}/rule"
    codes = [
        client.post(address, body, content_type="application/json").status_code for _ in range(2)
    ]
    assert codes == [201, 200]
    (shown,) = client.get("/api/rulings?city=toy").json()["features"]
    assert shown["properties"]["department_name"] == "城管"
    (point,) = client.get("/api/no-mans-land?city=toy").json()["features"]
    assert point["properties"]["returns"] == 2
    ended = client.post(
        f"/api/rulings/{shown['id']}/end", {"why": "移交"}, content_type="application/json"
    )
    assert ended.status_code == 200
    assert client.get("/api/rulings?city=toy").json()["features"] == []
