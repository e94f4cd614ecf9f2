"""The desk and the page of a case: what each sees there, and may do from there."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from gridmap.actions.cases import Said, act
from gridmap.actions.incidents import Report, report_incident
from gridmap.actions.letters import send_letter
from gridmap.layers.contacts import Contact
from gridmap.layers.desk import SavedFilter
from gridmap.layers.incidents import Incident
from gridmap.layers.journal import Entry
from gridmap.layers.letters import Letter
from gridmap.layers.photos import Photo
from gridmap.layers.postings import Role, resident_scope, scope_of
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City
from gridmap.layers.twins import Twin
from gridmap.pages.deadline_strip import length
from gridmap.pages.overview import overview
from tests import town as toy
from tests.api.test_photos import jpeg


@pytest.fixture(autouse=True)
def store(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def sitting(name: str, role: Role | None, *letters: str) -> Client:
    client = Client()
    client.force_login(toy.posted(name, *letters, role=role))
    client.scope = scope_of(client.session["_auth_user_id"])  # type: ignore[attr-defined]
    return client


@pytest.fixture
def duty(town: City) -> Client:
    return sitting("duty", Role.DISPATCHER)


@pytest.fixture
def sanitation(town: City) -> Client:
    return sitting("sanitation", Role.DEPARTMENT)


@pytest.fixture
def worker(town: City) -> Client:
    return sitting("worker", Role.WORKER)


def eyes(client: Client) -> Scope:
    found: Scope = client.scope  # type: ignore[attr-defined]
    return found


def report(by: Client, east: float = 50, north: float = 50, **more: Any) -> Incident:
    told = Report(place=toy.at(east, north), title="暴露垃圾", category="0102", **more)
    return report_incident(by=eyes(by), report=told)[0]


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def verbs(text: str) -> set[str]:
    return set(re.findall(r'action="/cases/[^"/]+/do/(\w+)"', text))


def do(client: Client, case: Incident, verb: str, **values: Any) -> str:
    form = {"client_id": str(uuid4()), **values}
    answer = client.post(f"/cases/{case.number}/do/{verb}", form, follow=True)
    case.refresh_from_db()
    return str(answer.content.decode())


def test_three_roles_bring_a_case_from_the_report_to_its_end(
    duty: Client, sanitation: Client, worker: Client
) -> None:
    case = report(worker)
    assert verbs(page(worker, f"/cases/{case.number}")) == {"verify", "settle"}
    do(worker, case, "verify", finding="1")
    do(duty, case, "file", filing="1")
    department = case.department_id
    do(duty, case, "dispatch", department=str(department))
    assert case.state == "dispatched"
    assert "accept" in verbs(page(sanitation, f"/cases/{case.number}"))
    do(sanitation, case, "accept")
    do(sanitation, case, "ask_return", why="不是我们的路段")
    text = page(duty, f"/cases/{case.number}")
    assert "不是我们的路段" in text
    assert {"return", "deny"} <= verbs(text)
    asked = re.search(r'name="application" value="(\d+)"', text)
    assert asked
    do(duty, case, "deny", application=asked[1], why="在您的责任区内")
    do(sanitation, case, "answer", why="已清走")
    do(duty, case, "send")
    do(worker, case, "inspect", finding="1")
    done = do(duty, case, "close")
    assert case.state == "closed"
    for word in ("立案", "派遣", "申请回退", "不同意申请", "反馈", "核查", "结案", "已清走"):
        assert word in done


def test_a_refused_deed_says_why_and_changes_nothing(duty: Client, worker: Client) -> None:
    case = report(worker)
    text = do(duty, case, "decline", why="")
    assert "须写明理由或说明" in text
    assert case.state == "reported"
    assert "表单不完整" in do(duty, case, "decline", why="空", client_id="x")
    assert (
        worker.post(f"/cases/{case.number}/do/fly", {"client_id": str(uuid4())}).status_code == 404
    )


def test_a_form_sent_twice_is_one_deed(duty: Client, worker: Client) -> None:
    case = report(worker)
    form = {"client_id": str(uuid4()), "finding": "1"}
    for _ in range(2):
        worker.post(f"/cases/{case.number}/do/verify", form)
    assert Entry.objects.filter(verb="verify").count() == 1


def test_the_deadline_shows_its_sum_and_its_rule(duty: Client, worker: Client) -> None:
    case = report(worker)
    act(by=eyes(worker), incident=case.pk, verb="verify", said=Said(finding=True))
    act(by=eyes(duty), incident=case.pk, verb="file", said=Said())
    text = page(duty, f"/cases/{case.number}")
    assert "时限怎么算的" in text
    total = re.search(r'class="n">([0-9.]+) 小时', text)
    assert total
    hours = [float(n) for n in re.findall(r'<td class="n">([0-9.]+)</td>', text)]
    assert sum(hours) == pytest.approx(float(total[1]), abs=0.3)
    assert float(total[1]) == 48


@pytest.mark.parametrize(
    ("number", "unit", "said"),
    [
        (1, "work_day", "1 working day"),
        (5, "work_day", "5 working days"),
        (2, "day", "2 calendar days"),
        (30, "minute", "30 min"),
    ],
)
def test_a_limit_reads_in_english_as_many_or_one(number: int, unit: str, said: str) -> None:
    with translation.override("en"):
        assert length(number, unit) == said


def test_a_case_of_another_area_is_not_there(town: City, worker: Client) -> None:
    other = toy.incident(350, 50)
    chen = sitting("chen", None, "B")
    assert chen.get(f"/cases/{other.number}").status_code == 200
    assert worker.get(f"/cases/{other.number}").status_code == 404
    assert worker.get("/cases/nothing").status_code == 404
    for tail in ("do/verify", "photo", "contact", "letter", "join"):
        assert worker.post(f"/cases/{other.number}/{tail}").status_code == 404
    assert Client().get(f"/cases/{other.number}").status_code == 302


def test_a_number_is_masked_until_it_is_opened_with_a_reason(duty: Client, worker: Client) -> None:
    case = report(worker, phone="13800000426", reporter_name="张先生")
    text = page(duty, f"/cases/{case.number}")
    assert "138••••0426" in text
    assert "13800000426" not in text
    refused = duty.post(f"/cases/{case.number}/contact", {"why": ""}, follow=True)
    assert "13800000426" not in refused.content.decode()
    opened = duty.post(f"/cases/{case.number}/contact", {"why": "回电问位置"}, follow=True)
    assert "13800000426" in opened.content.decode()
    assert Entry.objects.get(verb="open_contact").why == "回电问位置"
    leader = sitting("leader", Role.LEADER)
    assert "查看" not in re.sub(r"(?s)<nav.*?</nav>", "", page(leader, f"/cases/{case.number}"))
    assert Contact.objects.count() == 1


def test_photos_letters_and_twins_have_their_place(duty: Client, worker: Client) -> None:
    City.objects.update(public_card=True)
    told = Report(place=toy.at(50, 50), title="", category="0102", client_id=uuid4())
    letter, _, _ = send_letter(by=resident_scope(), report=told)
    case, other = letter.incident, report(worker)
    photo = SimpleUploadedFile("a.jpg", jpeg(), "image/jpeg")
    duty.post(f"/cases/{case.number}/photo", {"photo": photo})
    kept = Photo.objects.get()
    assert f"/photos/{kept.uid}.small.jpg" in page(duty, f"/cases/{case.number}")
    duty.post(f"/cases/{case.number}/photo/{kept.uid}/remove")
    assert Photo.objects.count() == 0
    duty.post(f"/cases/{case.number}/letter", {"show": "1"})
    assert Letter.objects.get().state == "shown"
    duty.post(f"/cases/{other.number}/join", {"original": case.number})
    assert Twin.objects.get().original == case
    assert case.number in page(duty, f"/cases/{other.number}")
    duty.post(f"/cases/{other.number}/join", {"original": ""})
    assert Twin.objects.count() == 0


def rows(text: str) -> list[str]:
    return re.findall(r'data-page="/cases/([^"]+)"', text)


def chips(text: str) -> dict[str, int]:
    found = re.findall(r"([\u4e00-\u9fff]+) <b class=\"number\" data-count-of[^>]*>(\d+)</b>", text)
    return {word: int(n) for word, n in found}


def test_the_list_counts_by_light_and_is_narrowed_by_the_address(duty: Client) -> None:
    past = timezone.now() - timedelta(hours=1)
    late = toy.incident(50, 50, soon_at=past, due=past, title="迟了的")
    with connection.cursor() as cursor:
        cursor.execute("SELECT gridmap_sweep()")
    fresh = toy.incident(250, 50, title="新的", source="resident")
    toy.incident(50, 60, state="closed", light=0, closed_at="2030-01-01T00:00:00Z")
    text = page(duty, "/desk")
    assert rows(text) == [late.number, fresh.number]
    assert list(chips(text).items())[:6] == [
        ("未结", 2), ("超期", 1), ("临期", 0), ("正常", 1), ("挂账", 0), ("已结束", 1),
    ]  # fmt: skip
    community = toy.community("B").pk
    for query, found in (
        ("light=late", [late]), (f"community={community}", [fresh]), ("source=resident", [fresh]),
        (f"q={late.number}", [late]), ("q=nothing", []), ("state=filed", [late, fresh]),
        ("department=999", []), ("category=x", [late, fresh]), ("page=9", []),
    ):  # fmt: skip
        assert rows(page(duty, f"/desk?{query}")) == [case.number for case in found], query
    assert len(rows(page(duty, "/desk?light=ended"))) == 1


def test_each_sees_the_own_cases_only_and_some_have_no_desk(
    town: City, sanitation: Client, worker: Client
) -> None:
    here, there = toy.incident(50, 50), toy.incident(350, 50, department=None)
    assert rows(page(worker, "/desk")) == [here.number]
    assert rows(page(sanitation, "/desk")) == [here.number]
    assert set(rows(page(sitting("leader", Role.LEADER), "/desk"))) == {here.number, there.number}
    for role in (Role.PLANNER, Role.AUDITOR, Role.PATROL, Role.CHIEF, Role.ADMIN):
        assert sitting(f"x{role}", role).get("/desk").status_code == 404
    assert worker.get(f"/desk?case={there.number}").status_code == 404
    assert worker.get("/desk?city=elsewhere").status_code == 404


def test_several_are_done_at_once_and_what_is_refused_is_said(duty: Client, worker: Client) -> None:
    ready, unseen = report(worker), report(worker, 60)
    act(by=eyes(worker), incident=ready.pk, verb="verify", said=Said(finding=True))
    form = {"verb": "file", "case": [ready.number, unseen.number], "batch": str(uuid4())}
    text = duty.post("/desk/together", form, follow=True).content.decode()
    assert "立案：1 件已办" in text
    assert unseen.number in re.search(r"没有办成：[^<]+", text)[0]  # type: ignore[index]
    ready.refresh_from_db()
    unseen.refresh_from_db()
    assert (ready.state, unseen.state) == ("filed", "reported")
    duty.post("/desk/together", form)
    assert Entry.objects.filter(verb="file").count() == 1
    assert duty.post("/desk/together", {**form, "verb": "void"}).status_code == 404


def test_a_filter_is_kept_under_a_name_and_forgotten(duty: Client, worker: Client) -> None:
    duty.post("/desk/saved", {"name": "超期的", "query": "light=late&evil=1"})
    saved = SavedFilter.objects.get()
    assert saved.query == "light=late"
    assert "超期的" in page(duty, "/desk")
    assert "超期的" not in page(worker, "/desk")
    worker.post("/desk/saved", {"forget": str(saved.pk)})
    assert SavedFilter.objects.count() == 1
    duty.post("/desk/saved", {"name": "", "query": ""})
    duty.post("/desk/saved", {"forget": str(saved.pk)})
    assert SavedFilter.objects.count() == 0


def test_the_number_of_queries_does_not_grow_with_the_list(duty: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            page(duty, "/desk")
        return len(seen)

    toy.incident(50, 50)
    page(duty, "/desk")
    one = queries()
    for step in range(5):
        toy.incident(51 + step, 50)
    assert queries() == one


def test_what_people_write_is_text_and_never_markup(duty: Client, worker: Client) -> None:
    evil = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>"
    case = report(worker, text=evil, address=evil[:100])
    Incident.objects.filter(pk=case.pk).update(title=evil)
    act(by=eyes(duty), incident=case.pk, verb="verify", said=Said(finding=False, why=evil))
    for address in ("/desk", f"/desk?case={case.number}", f"/cases/{case.number}"):
        text = page(duty, address)
        assert "onerror" in text, "it is told"
        assert "<img src=x" not in text
        assert "<script>alert" not in text


def test_a_reader_of_english_is_told_in_english(duty: Client, worker: Client) -> None:
    case = report(worker)
    do(worker, case, "verify", finding="1")
    do(duty, case, "file")
    for address in (f"/cases/{case.number}", "/disputes"):
        text = duty.get(address, headers={"accept-language": "en"}).content.decode()
        assert re.search(r'lang="en"[^>]*>EN</button>', text), address
    text = duty.get(f"/cases/{case.number}", headers={"accept-language": "en"}).content.decode()
    words = re.findall(r"<summary class=\"button[^>]*>(.*?)</summary>", text)
    assert words
    assert [word for word in words if word != word[:1].upper() + word[1:]] == []


def test_only_what_is_parked_can_be_resumed(duty: Client, worker: Client) -> None:
    case = report(worker)
    do(worker, case, "verify", finding="1")
    do(duty, case, "file")
    do(duty, case, "dispatch")
    assert "resume" not in verbs(page(duty, f"/cases/{case.number}"))
    Incident.objects.filter(pk=case.pk).update(parked=True)
    assert "resume" in verbs(page(duty, f"/cases/{case.number}"))


@pytest.mark.parametrize(
    ("places", "form"),
    [([(10, 50), (390, 50)], 1.8), ([(50, 5), (50, 95)], 0.8), ([(50, 50)], 1)],
    ids=["side by side", "one above the other", "one alone"],
)
def test_the_map_has_the_form_of_the_ground_it_shows(
    town: City, places: list[tuple[float, float]], form: float
) -> None:
    for east, north in places:
        toy.incident(east, north)
    drawn = overview(town, Incident.objects.all())
    assert drawn is not None
    assert drawn.width / drawn.height == pytest.approx(form, rel=0.02)
    assert all(0 < mark.x < drawn.width and 0 < mark.y < drawn.height for mark in drawn.marks)


def test_a_list_that_is_narrowed_to_nothing_says_how_to_widen_it(duty: Client) -> None:
    text = page(duty, "/desk?q=没有这样的标题")
    empty = re.search(r'<li class="empty">(.*?)</li>', text, re.DOTALL)
    assert empty
    assert "没有这样的事件" in empty[1]
    assert 'href="/desk"' in empty[1]


def test_a_joined_case_is_marked_and_listed_with_its_original(duty: Client, worker: Client) -> None:
    case, other = report(worker), report(worker)
    duty.post(f"/cases/{other.number}/join", {"original": case.number})
    assert rows(page(duty, "/desk")) == [case.number]
    assert "+1 同一件" in page(duty, "/desk")
    assert f"并到 {case.number}" in page(duty, "/desk?light=ended")
    assert "只办那一件" in page(duty, f"/cases/{other.number}")
    assert other.number in page(duty, f"/cases/{case.number}")
    duty.post(f"/cases/{other.number}/join", {"original": ""})
    assert set(rows(page(duty, "/desk"))) == {case.number, other.number}
    assert "同一件</span>" not in page(duty, "/desk")
