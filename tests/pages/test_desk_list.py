"""The list of the desk: what waits for whom, several at once, the time left, as a file."""

import re
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gridmap.layers.cases import Deadline
from gridmap.layers.incidents import Category, Incident
from gridmap.layers.postings import Role, scope_of
from gridmap.layers.territory import City
from gridmap.pages import desk_file
from gridmap.pages.time_left import Remaining
from tests import town as toy
from tests.pages.test_desk import chips, duty, eyes, page, report, rows, sanitation, sitting, worker

__all__ = ["duty", "sanitation", "worker"]  # fixtures of the neighbour

WAITING: dict[str, dict[str, Any]] = {
    "verify": {"state": "reported"},
    "file": {"state": "reported", "verified": True},
    "dispatch": {"state": "filed"},
    "accept": {"state": "dispatched"},
    "send": {"state": "answered"},
    "inspect": {"state": "inspecting"},
    "close": {"state": "inspecting", "inspected": True},
}


@pytest.fixture
def one_of_each(town: City) -> dict[str, Incident]:
    return {verb: toy.incident(50, 50, **how) for verb, how in WAITING.items()}


def line(text: str, case: Incident) -> str:
    found = re.search(rf'(?s)<li data-number="{case.number}".*?</li>', text)
    assert found
    return found[0]


def test_the_chips_say_what_waits_for_whom(
    duty: Client, sanitation: Client, worker: Client, one_of_each: dict[str, Incident]
) -> None:
    words = {"待核实", "待立案", "待派遣", "待接办", "待派核查", "待核查", "待结案"}
    for client, waits in (
        (duty, words - {"待接办"}), (worker, {"待核实", "待核查"}), (sanitation, {"待接办"}),
        (sitting("leader", Role.LEADER), set()),
    ):  # fmt: skip
        found = chips(page(client, "/desk"))
        assert {word: found[word] for word in words & set(found)} == dict.fromkeys(waits, 1)
    for verb, case in one_of_each.items():
        seen = [] if verb == "accept" else [case.number]
        assert rows(page(duty, f"/desk?wait={verb}")) == seen, verb
    assert rows(page(duty, "/desk?wait=file&light=late")) == [one_of_each["file"].number]
    assert len(rows(page(duty, "/desk?wait=fly"))) == len(one_of_each)


def test_what_lies_outside_the_posts_area_waits_for_somebody_else(town: City) -> None:
    here, there = (toy.incident(east, 50, state="reported") for east in (50, 350))
    cadre = sitting("cadre_a", None, "A")
    assert chips(page(cadre, "/desk"))["待核实"] == 1
    assert rows(page(cadre, "/desk?wait=verify")) == [here.number]
    assert there.number not in page(cadre, "/desk?wait=verify")


def test_all_counts_are_one_query(duty: Client, one_of_each: dict[str, Incident]) -> None:
    with CaptureQueriesContext(connection) as seen:
        page(duty, "/desk")
    counting = [q["sql"] for q in seen if "COUNT(" in q["sql"] and '"layers_incident"' in q["sql"]]
    assert len([sql for sql in counting if "FILTER" in sql]) == 1


def test_a_report_that_was_looked_at_looks_different(
    duty: Client, one_of_each: dict[str, Incident]
) -> None:
    untrue = toy.incident(50, 50, state="reported", verified=False)
    text = page(duty, "/desk")
    for case, kind, word in (
        (one_of_each["verify"], "unseen", "待核实"), (one_of_each["file"], "seen", "已核实"),
        (untrue, "seen", "核实不属实"), (one_of_each["inspect"], "unseen", "待核查"),
        (one_of_each["close"], "seen", "核查通过"),
    ):  # fmt: skip
        assert f'<span class="found {kind}">{word}</span>' in line(text, case)
    assert 'class="found' not in line(text, one_of_each["dispatch"])


def test_a_row_says_what_can_be_done_with_it(
    duty: Client, one_of_each: dict[str, Incident]
) -> None:
    text = page(duty, "/desk")
    for verb, deeds in (
        ("verify", ""), ("file", "file"), ("dispatch", "dispatch supervise"),
        ("inspect", "supervise"), ("close", "close supervise"),
    ):  # fmt: skip
        assert f'data-able="{deeds}"' in line(text, one_of_each[verb]), verb
    assert re.search(r'value="file" selected>立案（可办 1 / 7）', text)
    assert re.search(r'value="supervise" >督办（可办 5 / 7）', text)


def test_many_are_dispatched_only_after_it_was_shown_where_they_go(
    duty: Client, one_of_each: dict[str, Incident]
) -> None:
    ready, not_yet = one_of_each["dispatch"], one_of_each["verify"]
    nobody = Category.objects.create(city=toy.city(), code="0999", name="无主", kind="event")
    lost = toy.incident(50, 50, state="filed", category=nobody, department=None)
    numbers = [ready.number, not_yet.number, lost.number]
    form: dict[str, Any] = {"verb": "dispatch", "batch": str(uuid4()), "case": numbers}
    shown = duty.post("/desk/together", form)
    text = shown.content.decode()
    assert shown.status_code == 200
    for words in ("将派遣 1 件", "没有可派的部门", "现在不能派遣", ready.number, lost.number):
        assert words in text
    assert set(Incident.objects.values_list("state", flat=True)) == {
        how["state"] for how in WAITING.values()
    }, "nothing is written"
    to = dict(re.findall(r'name="(to-[^"]+)" value="(\d+)"', text))
    assert to == {f"to-{ready.number}": str(ready.category.department_id)}
    sent = re.findall(r'name="case" value="([^"]+)"', text)
    assert sent == [ready.number]


def test_what_was_shown_is_what_is_dispatched(duty: Client, worker: Client) -> None:
    case = report(worker)
    for client, verb, told in ((worker, "verify", {"finding": "1"}), (duty, "file", {})):
        client.post(f"/cases/{case.number}/do/{verb}", {"client_id": str(uuid4()), **told})
    form = {"verb": "dispatch", "batch": str(uuid4()), "case": [case.number]}
    text = duty.post("/desk/together", form).content.decode()
    to = dict(re.findall(r'name="(to-[^"]+)" value="(\d+)"', text))
    done = duty.post("/desk/together", {**form, **to, "shown": "1"}, follow=True)
    assert "派遣：1 件已办" in done.content.decode()
    case.refresh_from_db()
    assert (case.state, str(case.department_id)) == ("dispatched", to[f"to-{case.number}"])


def test_the_list_leaves_as_a_sheet_without_words_and_contacts(
    duty: Client, worker: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = report(worker, text="住户张三", phone="13800000426", reporter_name="张先生")
    report(worker, 60)
    toy.incident(50, 50, state="closed", light=0, closed_at=timezone.now())

    def sheet(client: Client, query: str = "") -> list[tuple[Any, ...]]:
        answer = client.get(f"/desk/cases.xlsx{query}")
        assert answer.status_code == 200
        assert re.search(r'filename="toy-cases-\d{8}-\d{4}\.xlsx"', answer["Content-Disposition"])
        return list(openpyxl.load_workbook(BytesIO(answer.content)).worksheets[0].values)

    lines = sheet(duty)
    assert lines[2][0] == "编号"
    assert len(lines) == 3 + 2
    said = str(lines)
    assert "138" not in said.replace(first.number, "")
    assert "张" not in said
    assert [row[0] for row in sheet(duty, f"?q={first.number}")[3:]] == [first.number]
    assert len(sheet(duty, "?light=ended")) == 3 + 1
    assert len(sheet(sitting("cadre_b", None, "B"))) == 3, "scope first"
    monkeypatch.setattr(desk_file, "MOST_ROWS", 1)
    short = sheet(duty)
    assert "共 2 件，只导出前 1 件" in short[0][0]
    assert len(short) == 3 + 1
    assert sitting("planner", Role.PLANNER).get("/desk/cases.xlsx").status_code == 404
    assert duty.get("/desk/cases.xlsx?city=elsewhere").status_code == 404


def test_who_asks_again_is_answered_in_full_only_when_something_changed(
    duty: Client, one_of_each: dict[str, Incident]
) -> None:
    tag = duty.get("/desk")["ETag"]

    def again() -> Any:
        return duty.get("/desk", headers={"if-none-match": tag, "x-untouched": "1"})

    with CaptureQueriesContext(connection) as seen:
        answer = again()
    assert (answer.status_code, answer.content) == (304, b"")
    assert len(seen) <= 9
    Incident.objects.filter(pk=one_of_each["verify"].pk).update(verified=True)
    changed = again()
    assert (changed.status_code, changed["ETag"] == tag) == (200, False)
    english = duty.get("/desk", headers={"if-none-match": tag, "accept-language": "en"})
    assert english.status_code == 200


MONDAY = datetime(2026, 10, 12, tzinfo=ZoneInfo("Asia/Shanghai"))  # no holiday near it


@pytest.mark.parametrize(
    ("now", "due", "unit", "said"),
    [
        (8, 11.5, "work_hour", "还剩 3.5 工作时"),
        (16.5, 24 + 9, "work_hour", "还剩 2.0 工作时"),
        (16.5, 24 + 9, "hour", "还剩 16.5 小时"),
        (24 + 9, 16.5, "work_hour", "超 2.0 工作时"),
        (8, 72 + 12, "work_day", "还剩 3.6 工作日"),
        (20, 17.5, "work_hour", "刚超期"),
        (11.02, 11, "work_hour", "超 1 工作分钟"),
        (11.005, 11, "hour", "刚超期"),
        (11, 11.25, "hour", "还剩 15 分钟"),
        (11, 11.005, "hour", "还剩不到 1 分钟"),
        (0, 96, "hour", "还剩 4 天"),
        (16.5, 24 + 9, None, "还剩 16.5 小时"),
    ],
)
def test_the_time_left_is_told_as_its_rule_counts_it(
    town: City, monkeypatch: pytest.MonkeyPatch, now: float, due: float, unit: str, said: str
) -> None:
    until = MONDAY + timedelta(hours=due)
    start = min(until, MONDAY) - timedelta(days=1)
    times = {"soon_at": start, "due": until}
    case = toy.incident(50, 50, **times, reported_at=start, filed_at=start)
    if unit is not None:
        Deadline.objects.create(
            incident=case, number=1, name="处置", limit=1, unit="work_hour", starts=start,
            explanation={"counted_in": unit}, **times,
        )  # fmt: skip
    monkeypatch.setattr(timezone, "now", lambda: MONDAY + timedelta(hours=now))
    scope = scope_of(toy.posted("reader", role=Role.LEADER).pk)
    assert Remaining(scope, town, [case]).told(case) == said


def test_the_time_left_asks_as_often_for_many_as_for_one(duty: Client, worker: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            page(duty, "/desk")
        return len(seen)

    def filed(east: float) -> None:
        case = report(worker, east)
        Incident.objects.filter(pk=case.pk).update(verified=True)
        told = {"client_id": str(uuid4())}
        duty.post(f"/cases/{case.number}/do/file", told)

    filed(50)
    Deadline.objects.update(explanation={"counted_in": "work_hour"})
    page(duty, "/desk")
    one = queries()
    for step in range(4):
        filed(51 + step)
    assert eyes(duty)
    assert queries() == one
