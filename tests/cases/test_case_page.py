"""The page of a case tells what was found, what holds now, whose it is, and why a light burns."""

import re
from datetime import timedelta
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone, translation
from django.utils.html import strip_tags

from gridmap.actions.incidents import Report
from gridmap.actions.letters import send_letter
from gridmap.errors import WrongState
from gridmap.layers.cases import Deadline, Step
from gridmap.layers.catalogue import StepLimit
from gridmap.layers.incidents import Incident
from gridmap.layers.postings import resident_scope
from gridmap.layers.rulings import JointTask
from gridmap.layers.territory import City
from gridmap.pages.case_times import strips
from gridmap.pages.resident_words import progress
from tests import town as toy
from tests.cases.conftest import Office

pytestmark = pytest.mark.django_db


def sat(office: Office, who: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=office.eyes[who].user_id or 0))
    return client


def plain(office: Office, address: str, who: str = "duty", language: str = "zh-hans") -> str:
    answer = sat(office, who).get(address, headers={"accept-language": language})
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", strip_tags(answer.content.decode().split("<main", 1)[1]))


def told(office: Office, case: Incident, who: str = "duty", language: str = "zh-hans") -> str:
    return plain(office, f"/cases/{case.number}", who, language)


def course(text: str) -> str:
    return re.split("经过|Course", text)[-1]


def buttons(office: Office, case: Incident) -> set[str]:
    english = {"accept-language": "en"}
    page = sat(office, "duty").get(f"/cases/{case.number}", headers=english).content.decode()
    return set(re.findall(r'<summary class="button[^>]*>(.*?)</summary>', page))


def step_limits(office: Office, **limits: int) -> None:
    for state, hours in limits.items():
        StepLimit.objects.create(
            city=office.town, state=state, limit=hours, unit="hour", valid=toy.ALWAYS
        )


def used(case: Incident, hours: int) -> list[str]:
    """Hours used of each limit as the page tells them so many hours from now."""
    course = list(Step.objects.filter(incident=case).order_by("number"))
    then = timezone.now() + timedelta(hours=hours)
    with patch("gridmap.pages.deadline_strip.timezone.now", lambda: then):
        return [row.used for row in strips(case, course, Deadline.objects.filter(incident=case))]


def test_what_was_found_stands_in_the_course_and_in_the_head(office: Office) -> None:
    case = office.report()
    office.act(case, "verify", "worker", finding=True)
    office.act(case, "verify", "cadre", finding=False, why="去看过")
    text = told(office, case)
    assert "核实：属实" in course(text)
    assert "核实：不属实" in course(text)
    assert "已核实：不属实" in text.split("经过")[0]
    english = told(office, case, language="en")
    assert "Verify: As reported" in english
    assert "Verify: Not as reported" in english
    assert "Verified: not as reported" in english


def test_whether_it_was_found_done_is_told_too(office: Office) -> None:
    case = office.upto("inspecting")
    office.act(case, "inspect", "cadre", finding=False, why="去看过")
    text = told(office, case)
    assert "核查：没办好" in course(text)
    assert "已核查：没办好" in text.split("经过")[0]
    office.act(case, "inspect", "cadre", finding=True)
    assert "已核查：办好了" in told(office, case).split("经过")[0]


def test_time_stops_being_used_when_it_was_done(office: Office) -> None:
    case = office.upto("handling")
    assert used(case, 30) == ["30.0"]
    row = Deadline.objects.get(incident=case)
    Deadline.objects.filter(pk=row.pk).update(met_at=row.starts + timedelta(hours=5))
    assert used(case, 30) == ["5.0"]


def test_a_parked_case_uses_no_time_and_does_not_say_that_it_is_due(office: Office) -> None:
    case = office.upto("handling")
    asked = office.act(case, "ask_park", "sanitation", why="等材料").step.detail["application"]
    case = office.act(case, "park", "duty", application=asked).incident
    since = Step.objects.filter(incident=case, paused=True).earliest("number").begins
    text = told(office, case)
    assert f"自 {timezone.localtime(since):%m-%d %H:%M} 暂停" in text
    assert "恢复后往后顺延" in text
    assert case.due is not None
    assert f"{timezone.localtime(case.due):%m-%d %H:%M} 到期 已用" not in text
    assert used(case, 30) == ["0.0"]


def test_a_red_light_after_all_was_done_in_time_is_explained(office: Office) -> None:
    case = office.upto("inspecting")
    text = told(office, case)
    assert "处置按时完成；整件的时间走到结案为止，现在是“核查”。" in text
    assert "按时完成" not in told(office, office.upto("handling", 60))


def test_the_limit_of_the_present_step_is_explained_with_its_light(office: Office) -> None:
    step_limits(office, reported=2, answered=1)
    case = office.report()
    step = Step.objects.get(incident=case, ends=None)
    assert step.due is not None
    text = told(office, case)
    assert f"{timezone.localtime(step.due):%m-%d %H:%M} 到期" in text
    assert "这一步的时限" in text
    assert "2 小时" in text
    assert "这一步 正常" in text
    case = office.upto("answered", 60)
    text = told(office, case)
    assert "整件 正常" in text
    assert "1 小时" in text


def test_the_due_time_of_the_desk_is_explained_on_the_page_before_filing_too(
    office: Office,
) -> None:
    case = office.report()
    assert case.due is not None
    text = told(office, case)
    due = f"{timezone.localtime(case.due):%m-%d %H:%M}"
    assert due in plain(office, "/desk")
    assert f"{due} 到期" in text
    assert "还没立案，先从上报算起" in text


def test_a_department_is_proposed_before_the_dispatch_and_has_only_its_own_steps(
    office: Office,
) -> None:
    case = office.report()
    office.act(case, "verify", "worker", finding=True)
    name = case.department.name if case.department else ""
    assert name
    text = told(office, case)
    assert f"拟派 {name}" in text
    assert name not in course(text)
    assert f"拟派 {name}" in plain(office, "/desk")
    case = office.upto("answered", 60)
    text = told(office, case)
    assert "拟派" not in text
    assert course(text).count(name) == 3, "given to it, taken by it, answered by it"


def test_in_english_a_deed_is_bidden_and_a_state_is_told(office: Office) -> None:
    case = office.report()
    office.act(case, "verify", "cadre", finding=True)
    bidden = buttons(office, case)
    assert {"File", "Decline to file"} <= bidden
    office.act(case, "file", "duty")
    assert "Dispatch" in buttons(office, case)
    text = told(office, case, language="en")
    assert "File" in course(text)
    assert "Filed" not in course(text)


def test_usual_names_of_the_catalogue_are_english_in_english(office: Office) -> None:
    case = office.upto("handling")
    row = Deadline.objects.get(incident=case)
    row.explanation["rule"]["condition"] = "积水结冰"
    row.save(update_fields=["explanation"])
    text = told(office, case, language="en")
    assert row.name == "处置"
    assert "handling" in text
    assert "standing water turning to ice" in text
    assert "处置" not in text


def test_a_refusal_names_the_state_in_the_readers_language(office: Office) -> None:
    case = office.report()
    with translation.override("en"), pytest.raises(WrongState) as refusal:
        office.act(case, "send", "duty")
    assert refusal.value.detail["state"] == "Reported"


def test_hours_that_touch_are_one_and_another_year_is_named(office: Office) -> None:
    case = office.upto("handling")
    row = Deadline.objects.get(incident=case)
    slots = [["08:00", "10:44"], ["10:44", "12:00"], ["14:30", "17:30"]]
    row.explanation["days"] = [
        {"day": day, "kind": "weekday", "name": "", "minutes": 420, "slots": slots}
        for day in ("2031-01-22", "2031-01-23")
    ]
    row.due = row.due.replace(year=2031)
    row.save(update_fields=["explanation", "due"])
    drawn = sat(office, "duty").get(f"/cases/{case.number}").content.decode()
    assert re.findall(r'text-anchor="end">([^<]+)<', drawn) == ["2031-01-23"], "it is not cut"
    text = told(office, case)
    assert "08:00–12:00 14:30–17:30" in text
    assert "10:44" not in text
    assert "2031-01-22 周三" in text
    assert f"{timezone.localtime(row.due):%Y-%m-%d %H:%M} 到期" in text


@pytest.mark.parametrize(("late", "said"), [(1.2, "超 1 分钟"), (150, "超 2.5 小时")])
def test_the_desk_tells_the_last_minutes_as_minutes(late: float, said: str, office: Office) -> None:
    case = office.report()
    due = timezone.now() - timedelta(minutes=late)
    Incident.objects.filter(pk=case.pk).update(soon_at=due, due=due)
    assert said in plain(office, "/desk")


def test_a_resident_is_told_when_it_was_handled_and_inspected(office: Office) -> None:
    case = office.upto("closed")
    answered, inspected = (
        Step.objects.get(incident=case, verb=verb).begins for verb in ("answer", "inspect")
    )
    steps = progress(case)
    assert [step.state for step in steps] == ["done"] * 5
    assert [step.at for step in steps[2:4]] == [answered, inspected]


def test_the_desk_opens_a_case_while_another_one_waits_for_a_ruling(office: Office) -> None:
    waiting, case = office.upto("filed"), office.report(60)
    JointTask.objects.create(incident=waiting, cause="returned", opened_at=timezone.now())
    assert "等待确权" not in plain(office, f"/desk?case={case.number}")
    assert "联合会勘：等待确权" in plain(office, f"/desk?case={waiting.number}")


def test_whether_a_residents_report_was_let_is_told_in_english_too(office: Office) -> None:
    City.objects.update(public_card=True)
    told_by = Report(place=toy.at(50, 50), title="", category="0102", client_id=uuid4())
    letter, _, _ = send_letter(by=resident_scope(), report=told_by)
    text = told(office, letter.incident, language="en")
    assert "report waiting" in text
    assert "（" not in text
