"""From the report to the closing, and the ways beside: who may do what when, and what follows."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from gridmap.actions.cases import Said, act
from gridmap.errors import BadValue, NotYours, OutOfScope, WrongState
from gridmap.layers.cases import Application, Assignment, Deadline, Step, Supervision
from gridmap.layers.incidents import Incident, Light
from gridmap.layers.journal import Entry
from gridmap.layers.people import Department
from tests.cases.conftest import Office


def steps(case: Incident) -> list[Step]:
    return list(Step.objects.filter(incident=case).order_by("number"))


def test_the_usual_way_leads_from_the_report_to_the_closing(office: Office) -> None:
    case = office.upto("closed")
    assert [(step.verb, step.state) for step in steps(case)] == [
        ("report", "reported"), ("verify", "reported"), ("file", "filed"),
        ("dispatch", "dispatched"), ("accept", "handling"), ("answer", "answered"),
        ("send", "inspecting"), ("inspect", "inspecting"), ("close", "closed"),
    ]  # fmt: skip
    assert (case.light, case.closed_at is not None, case.verified, case.inspected) == (
        Light.NONE, True, True, True,
    )  # fmt: skip
    verbs = Entry.objects.filter(subject_kind="incident", subject_id=case.pk).order_by("pk")
    assert [entry.verb for entry in verbs] == [step.verb for step in steps(case)]


def test_steps_follow_each_other_without_a_gap(office: Office) -> None:
    found = steps(office.upto("closed"))
    assert [step.ends for step in found[:-1]] == [step.begins for step in found[1:]]
    assert found[-1].ends is None
    assert all(step.own_minutes is not None for step in found[:-1])


def test_nothing_is_filed_unverified_or_closed_uninspected(office: Office) -> None:
    case = office.report()
    with pytest.raises(WrongState, match="核实"):
        office.act(case, "file", "duty")
    office.act(case, "verify", "cadre", finding=False, why="没有看到")
    with pytest.raises(WrongState, match="核实"):
        office.act(case, "file", "duty")
    office.act(case, "decline", "duty", why="没有看到")
    case.refresh_from_db()
    assert (case.state, case.light) == ("void", Light.NONE)
    other = office.upto("inspecting")
    with pytest.raises(WrongState, match="核查"):
        office.act(other, "close", "duty")
    office.act(other, "inspect", "cadre", finding=False, why="还在")
    with pytest.raises(WrongState, match="核查"):
        office.act(other, "close", "duty")


def test_who_may_not_is_refused_and_who_does_not_see_finds_nothing(office: Office) -> None:
    case = office.report()
    with pytest.raises(NotYours):
        office.act(case, "file", "cadre")
    for stranger in ("cadre_b", "planner"):
        with pytest.raises(OutOfScope):
            office.act(case, "verify", stranger, finding=True)
    sent = office.upto("dispatched")
    with pytest.raises(OutOfScope):
        office.act(sent, "accept", "urban")
    with pytest.raises(NotYours):
        office.act(sent, "accept", "duty")
    with pytest.raises(OutOfScope):
        act(by=office.eyes["duty"], incident=case.pk, verb="explode")


def test_what_is_needed_must_be_told(office: Office) -> None:
    case = office.report()
    for said in ({}, {"finding": False}):
        with pytest.raises(BadValue):
            office.act(case, "verify", "cadre", **said)
    handled = office.upto("handling")
    for verb, told in (
        ("answer", {}), ("ask_park", {}), ("ask_extension", {"why": "雨"}),
        ("ask_extension", {"why": "雨", "amount": 3, "unit": "week"}), ("reach", {"milestone": 9}),
    ):  # fmt: skip
        with pytest.raises(BadValue):
            office.act(handled, verb, "sanitation", **told)
    assert [step.verb for step in steps(handled)][-1] == "accept"


def test_settled_on_the_spot_is_inspected_by_somebody_else(office: Office) -> None:
    case = office.report()
    office.act(case, "settle", "worker", why="顺手清了")
    case.refresh_from_db()
    assert (case.state, case.self_handled, case.filed_at is not None) == ("answered", True, True)
    office.act(case, "send", "duty")
    with pytest.raises(NotYours, match="以外"):
        office.act(case, "inspect", "worker", finding=True)
    office.act(case, "inspect", "cadre", finding=True)
    assert office.act(case, "close", "duty").incident.state == "closed"
    assert not Deadline.objects.filter(incident=case, met_at=None).exists()


def test_rework_goes_to_the_same_department_and_redispatch_to_another(office: Office) -> None:
    case = office.upto("inspecting")
    office.act(case, "inspect", "cadre", finding=False, why="还在")
    assert Deadline.objects.filter(incident=case, met_at=None).exists()
    again = office.act(case, "rework", "duty", why="没有清完")
    assert (again.incident.state, again.step.department) == (
        "dispatched", Department.objects.get(code="sanitation"),
    )  # fmt: skip
    urban = Department.objects.get(code="urban")
    with pytest.raises(BadValue, match="返工"):
        office.act(case, "redispatch", "duty", department=again.incident.department_id, why="错")
    moved = office.act(case, "redispatch", "duty", department=urban.pk, why="派错了")
    assert (moved.incident.department, moved.step.detail["wrong_dispatch"]) == (urban, True)
    with pytest.raises(OutOfScope):
        office.act(case, "accept", "sanitation")
    lead = Assignment.objects.filter(incident=case, part="lead").order_by("pk")
    assert [(row.department.code, row.until is None) for row in lead] == [
        ("sanitation", False), ("urban", True),
    ]  # fmt: skip


def test_departments_that_help_see_the_case_and_answer_for_themselves(office: Office) -> None:
    case = office.upto("filed")
    urban = Department.objects.get(code="urban")
    office.act(case, "dispatch", "duty", helpers=(urban.pk,))
    assert Incident.objects.within(office.eyes["urban"]).filter(pk=case.pk).exists()
    with pytest.raises(NotYours):
        office.act(case, "accept", "urban")
    done = office.act(case, "contribute", "urban", why="已劝离摊贩")
    assert (done.incident.state, done.step.department) == ("dispatched", urban)
    with pytest.raises(NotYours):
        office.act(case, "contribute", "sanitation", why="不是协办")
    assert Assignment.objects.get(part="help").answer == "已劝离摊贩"


def test_the_reporter_opens_a_closed_case_again_within_the_days(office: Office) -> None:
    case = office.upto("closed")
    with pytest.raises(NotYours):
        office.act(case, "reopen", "cadre", why="又堆上了")
    office.act(case, "evaluate", "worker", satisfied=1)
    again = office.act(case, "reopen", "worker", why="又堆上了")
    found = again.incident
    assert (found.state, found.closed_at, found.light, found.satisfied) == (
        "filed", None, Light.OK, None,
    )  # fmt: skip
    for verb, who, said in (
        ("dispatch", "duty", {}), ("accept", "sanitation", {}),
        ("answer", "sanitation", {"why": "清"}),
        ("send", "duty", {}), ("inspect", "cadre", {"finding": True}), ("close", "duty", {}),
    ):  # fmt: skip
        office.act(case, verb, who, **said)
    Incident.objects.filter(pk=case.pk).update(closed_at=timezone.now() - timedelta(days=16))
    with pytest.raises(WrongState, match="15 天"):
        office.act(case, "reopen", "worker", why="又堆上了")


def asked(office: Office, case: Incident, verb: str, **said: object) -> int:
    office.act(case, verb, "sanitation", why="等配件", **said)
    return Application.objects.get(incident=case, kind=verb, decided_at=None).pk


def test_an_extension_is_asked_granted_by_another_and_counted(office: Office) -> None:
    case = office.upto("handling")
    before = case.due
    wish = asked(office, case, "ask_extension", amount=3, unit="hour")
    with pytest.raises(WrongState, match="没有批复"):
        asked(office, case, "ask_extension", amount=3, unit="hour")
    done = office.act(case, "extend", "duty", application=wish)
    assert before is not None
    assert done.incident.due == before + timedelta(hours=3)
    assert done.step.due == done.incident.due
    deadline = Deadline.objects.get(incident=case)
    assert deadline.explanation["extensions"] == [[3, "hour"]]
    with pytest.raises(WrongState, match="已经批复"):
        office.act(case, "extend", "duty", application=wish)


def test_nobody_grants_the_own_wish(office: Office) -> None:
    case = office.upto("handling")
    office.act(case, "ask_void", "duty", why="重复")
    wish = Application.objects.get(incident=case).pk
    with pytest.raises(NotYours, match="别人"):
        office.act(case, "void", "duty", application=wish)
    with pytest.raises(BadValue, match="这种申请"):
        office.act(case, "park", "leader", application=wish)
    assert office.act(case, "void", "leader", application=wish).incident.state == "void"


def test_what_is_denied_changes_nothing_but_is_kept(office: Office) -> None:
    case = office.upto("handling")
    wish = asked(office, case, "ask_return")
    done = office.act(case, "deny", "duty", application=wish, why="就是贵单位的")
    assert (done.incident.state, done.incident.returns) == ("handling", 0)
    found = Application.objects.get(pk=wish)
    assert (found.granted, found.answer) == (False, "就是贵单位的")


def test_a_parked_case_stands_still_and_goes_on_where_it_stopped(office: Office) -> None:
    case = office.upto("handling")
    wish = asked(office, case, "ask_park")
    parked = office.act(case, "park", "duty", application=wish).incident
    assert (parked.state, parked.parked, parked.light) == ("handling", True, Light.PARKED)
    for verb, said in (("answer", {"why": "清"}), ("ask_return", {"why": "不归我"})):
        with pytest.raises(WrongState, match="挂账"):
            office.act(case, verb, "sanitation", **said)
    before, stop = parked.due, steps(case)[-1].begins
    done = office.act(case, "resume", "sanitation", why="配件到了")
    assert before is not None
    assert done.incident.due == before + (done.step.begins - stop)
    assert (done.incident.parked, done.incident.light) == (False, Light.OK)
    shown = Deadline.objects.get(incident=case).explanation["pauses"]
    assert len(shown) == 1
    paused = [step for step in steps(case) if step.paused]
    assert [step.verb for step in paused] == ["park"]
    assert paused[0].own_minutes == 0


def test_a_returned_case_goes_to_the_dispatcher_and_counts(office: Office) -> None:
    case = office.upto("handling")
    wish = asked(office, case, "ask_return")
    done = office.act(case, "return", "duty", application=wish)
    assert (done.incident.state, done.incident.department, done.incident.returns) == (
        "filed", None, 1,
    )  # fmt: skip
    with pytest.raises(OutOfScope):
        office.act(case, "accept", "sanitation")
    urban = Department.objects.get(code="urban")
    assert office.act(case, "dispatch", "duty", department=urban.pk).step.detail["wrong_dispatch"]


def test_a_supervision_is_answered_once(office: Office) -> None:
    case = office.upto("handling")
    office.act(case, "supervise", "leader", why="群众反映强烈")
    pressed = Supervision.objects.get(incident=case)
    office.act(case, "reply", "sanitation", supervision=pressed.pk, why="今天办结")
    with pytest.raises(BadValue, match="督办"):
        office.act(case, "reply", "sanitation", supervision=pressed.pk, why="今天办结")
    pressed.refresh_from_db()
    assert (pressed.reply, pressed.replied_at is not None) == ("今天办结", True)


def test_a_deed_sent_twice_is_done_once_and_other_words_are_refused(office: Office) -> None:
    case = office.report()
    mark = uuid4()
    first = office.act(case, "verify", "cadre", finding=True, client_id=mark)
    second = office.act(case, "verify", "cadre", finding=True, client_id=mark)
    assert (first.new, second.new, len(steps(case))) == (True, False, 2)
    with pytest.raises(WrongState) as refusal:
        office.act(case, "verify", "cadre", finding=False, why="没有", client_id=mark)
    assert refusal.value.detail["reason"] == "ClientIdReused"


def test_lights_of_steps_are_turned_by_the_sweeper(office: Office) -> None:
    case = office.upto("handling")
    past = timezone.now() - timedelta(minutes=1)
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE layers_step DISABLE TRIGGER step_is_kept")
        cursor.execute("ALTER TABLE layers_deadline DISABLE TRIGGER deadline_lit")
        cursor.execute(
            "UPDATE layers_step SET soon_at = %s, due = %s WHERE incident_id = %s AND ends IS NULL",
            [past, past, case.pk],
        )
        cursor.execute(
            "UPDATE layers_deadline SET starts = %s, soon_at = %s, due = %s WHERE incident_id = %s",
            [past, past, past, case.pk],
        )
        connection.check_constraints()
        cursor.execute("ALTER TABLE layers_step ENABLE TRIGGER step_is_kept")
        cursor.execute("ALTER TABLE layers_deadline ENABLE TRIGGER deadline_lit")
        assert steps(case)[-1].light == Light.OK, "no clock is read by looking"
        cursor.execute("DELETE FROM layers_delta")
        cursor.execute("SELECT gridmap_sweep_cases()")
        cursor.execute("SELECT incidents FROM layers_delta")
        assert cursor.fetchall() == [([case.pk],)]
    assert steps(case)[-1].light == Light.LATE
    assert Deadline.objects.get(incident=case).light == Light.LATE


def test_said_is_compared_whole() -> None:
    assert len(Said().wish()) == len(Said.__dataclass_fields__) - 1
