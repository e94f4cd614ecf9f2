"""Deeds of the life cycle at the door: codes, bodies, retries, what one may do, and due times."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gridmap.layers.calendars import CalendarDay, WorkSlot
from gridmap.layers.cases import Step
from gridmap.layers.catalogue import Milestone, Standard
from gridmap.layers.incidents import Category
from gridmap.layers.postings import Role
from gridmap.layers.territory import City
from tests import town as toy

CHINA = ZoneInfo("Asia/Shanghai")


def signed_in(name: str, *letters: str, role: Role | None = None) -> Client:
    client = Client()
    client.force_login(toy.posted(name, *letters, role=role))
    return client


@pytest.fixture
def duty(town: City) -> Client:
    return signed_in("duty", role=Role.DISPATCHER)


def send(client: Client, case: int, verb: str, **body: object) -> Any:
    return client.post(f"/api/incidents/{case}/{verb}", body, content_type="application/json")


def reported() -> int:
    return toy.incident(50, 50, state="reported", filed_at=None).pk


def test_a_deed_answers_with_the_incident_and_its_step(duty: Client) -> None:
    case = reported()
    answer = send(duty, case, "verify", finding=True, why="有两袋")
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert body["done"] is True
    assert body["incident"]["properties"]["state"] == "reported"
    told = {key: body["step"][key] for key in ("verb", "state", "by", "role", "why", "number")}
    assert told == {
        "verb": "verify", "state": "reported", "by": "duty", "role": "dispatcher",
        "why": "有两袋", "number": 2,
    }  # fmt: skip
    filed = send(duty, case, "file").json()["incident"]["properties"]
    assert (filed["state"], filed["filed_at"] is not None) == ("filed", True)


def test_the_same_deed_again_is_200_and_other_words_are_409(duty: Client) -> None:
    case, mark = reported(), str(uuid4())
    codes = [
        send(duty, case, "verify", client_id=mark, **told).status_code
        for told in ({"finding": True}, {"finding": True}, {"finding": False, "why": "没有"})
    ]
    assert codes == [201, 200, 409]
    assert Step.objects.filter(incident=case).count() == 2


def test_refusals_have_their_codes(duty: Client) -> None:
    case = reported()
    assert send(duty, case, "explode").status_code == 404
    assert send(duty, 999_999, "verify", finding=True).status_code == 404
    assert send(duty, case, "verify", mood="good").status_code == 400
    assert send(duty, case, "verify").json()["code"] == "BadValue"
    wrong = send(duty, case, "close")
    assert (wrong.status_code, wrong.json()["detail"]["reason"]) == (409, "State")
    cadre = signed_in("cadre", "A")
    assert send(cadre, case, "file").status_code == 403
    other = signed_in("other", "B")
    assert send(other, case, "verify", finding=True).status_code == 404
    assert Step.objects.filter(incident=case).count() == 1


def test_the_steps_tell_what_the_caller_may_do_now(duty: Client) -> None:
    case = reported()
    found = duty.get(f"/api/incidents/{case}/steps").json()
    assert found["may"] == ["verify", "file", "decline", "settle"]
    assert [step["verb"] for step in found["steps"]] == ["report"]
    cadre = signed_in("cadre", "A").get(f"/api/incidents/{case}/steps").json()
    assert cadre["may"] == ["verify", "settle"]
    department = signed_in("department", role=Role.DEPARTMENT)
    assert department.get(f"/api/incidents/{case}/steps").json()["may"] == []
    planner = signed_in("planner", role=Role.PLANNER)
    assert planner.get(f"/api/incidents/{case}/steps").status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_steps(duty: Client) -> None:
    case = reported()
    with CaptureQueriesContext(connection) as few:
        duty.get(f"/api/incidents/{case}/steps")
    for _ in range(5):
        send(duty, case, "verify", finding=True)
    with CaptureQueriesContext(connection) as many:
        duty.get(f"/api/incidents/{case}/steps")
    assert len(many) <= len(few)


def by_calendar(town: City) -> Standard:
    for begins, ends in ((time(8), time(12)), (time(14, 30), time(17, 30))):
        WorkSlot.objects.create(
            city=town, season="冬令", begins=begins, ends=ends,
            valid=DateRange(toy.OPENED.date(), None),
        )  # fmt: skip
    for day in ("25", "26", "27"):
        CalendarDay.objects.create(
            city=town, day=f"2026-09-{day}", kind="holiday", name="中秋节", source="通知"
        )
    standard = Standard.objects.create(
        category=Category.objects.get(code="0102"), condition="一般", filing="有", closing="无",
        source="规范 2026", valid=toy.ALWAYS,
    )  # fmt: skip
    for number, (name, limit, unit) in enumerate(
        (("到场", 4, "work_hour"), ("清除", 1, "work_day")), start=1
    ):
        Milestone.objects.create(
            standard=standard, number=number, name=name, limit=limit, unit=unit
        )
    return standard


def test_a_limit_is_simulated_with_its_arithmetic_and_department(duty: Client) -> None:
    standard = by_calendar(toy.city())
    place = toy.at(50, 50)
    answer = duty.post(
        "/api/deadlines/simulate",
        {
            "category": Category.objects.get().pk, "start": "2026-09-24T16:00:00+08:00",
            "place": {"type": "Point", "coordinates": [place.x, place.y]},
        },
        content_type="application/json",
    )  # fmt: skip
    assert answer.status_code == 200, answer.content
    found = answer.json()
    first, second = found["milestones"]
    assert datetime.fromisoformat(first["due"]) == datetime(2026, 9, 28, 10, 30, tzinfo=CHINA)
    assert datetime.fromisoformat(second["due"]) == datetime(2026, 9, 28, 16, 0, tzinfo=CHINA)
    days = second["explanation"]["days"]
    assert [(day["day"], day["name"], day["minutes"]) for day in days] == [
        ("2026-09-24", "", 90.0), ("2026-09-25", "中秋节", 0), ("2026-09-26", "中秋节", 0),
        ("2026-09-27", "中秋节", 0), ("2026-09-28", "", 330.0),
    ]  # fmt: skip
    assert days[0]["slots"] == [["16:00", "17:30"]]
    assert second["explanation"]["rule"]["source"] == "规范 2026"
    assert second["explanation"]["warnings"] == []
    assert found["standards"][0]["id"] == standard.pk
    assert found["proposal"]["why"] == "暴露垃圾一般由环卫负责"
    assert found["here"]["may_report"]


def test_before_a_report_is_written_it_is_told_whether_one_may_report_there(town: City) -> None:
    chief = Client()
    chief.force_login(toy.posted("su", role=Role.CHIEF))  # of building 1
    kind = Category.objects.get().pk
    for east, told in (
        (50, {"address": "榕树巷 1 号", "may_report": True}),
        (350, {"address": "和平街 4 号", "may_report": False}),
    ):
        place = {"type": "Point", "coordinates": list(toy.at(east, 70).coords)}
        body = {"category": kind, "place": place}
        answer = chief.post("/api/deadlines/simulate", body, content_type="application/json")
        assert answer.json()["here"] == told


def test_a_year_without_a_calendar_is_a_visible_warning(duty: Client) -> None:
    by_calendar(toy.city())
    body = {"category": Category.objects.get().pk, "start": "2026-12-31T16:00:00+08:00"}
    answer = duty.post("/api/deadlines/simulate", body, content_type="application/json")
    (_, second) = answer.json()["milestones"]
    assert second["explanation"]["warnings"] == [{"code": "calendar_year_missing", "year": 2027}]


def test_the_deadline_of_a_case_explains_itself_and_urgent_ones_run_on_the_wall(
    duty: Client,
) -> None:
    by_calendar(toy.city())
    case = reported()
    address = f"/api/incidents/{case}/deadline"
    assert [one["name"] for one in duty.get(address).json()["milestones"]] == ["到场", "清除"]
    send(duty, case, "verify", finding=True)
    send(duty, case, "file", urgent=True)
    found = duty.get(address).json()
    first, second = found["milestones"]
    since, until = (datetime.fromisoformat(second[key]) for key in ("starts", "due"))
    assert (until - since).total_seconds() == 24 * 3600
    assert second["explanation"]["counted_in"] == "day"
    assert found["due"] == second["due"]
    assert first["light"] == "ok"


def test_a_standard_of_another_category_is_refused(duty: Client) -> None:
    case = reported()
    send(duty, case, "verify", finding=True)
    assert send(duty, case, "file", standard=999).status_code == 400
    body = {"category": Category.objects.get().pk, "standard": 999}
    answer = duty.post("/api/deadlines/simulate", body, content_type="application/json")
    assert answer.status_code == 400
    assert (
        duty.post(
            "/api/deadlines/simulate", {"category": 999}, content_type="application/json"
        ).status_code
        == 404
    )
