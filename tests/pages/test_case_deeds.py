"""What is sent from the page of a case: nothing typed is lost, nothing is offered in vain."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gridmap.actions.cases import Said, act
from gridmap.layers.incidents import Incident
from gridmap.layers.people import Department
from gridmap.layers.photos import Photo
from gridmap.layers.postings import Role
from gridmap.layers.territory import City
from gridmap.layers.twins import Twin
from tests import town as toy
from tests.api.test_photos import jpeg
from tests.pages.test_desk import (
    do,
    duty,
    eyes,
    page,
    report,
    sanitation,
    sitting,
    store,
    verbs,
    worker,
)

__all__ = ["duty", "sanitation", "store", "worker"]


def sent(by: Client, case: Incident, tail: str, **values: Any) -> tuple[int, str]:
    """Send a form of the page and return the status and what is shown then."""
    form = {"client_id": str(uuid4()), **values}
    answer = by.post(f"/cases/{case.number}/{tail}", form, follow=True)
    return answer.status_code, answer.content.decode()


def form_of(text: str, verb: str) -> str:
    """The fold with the form of a deed."""
    parts = re.split(r'<details class="deed"', text)[1:]
    return next(part for part in parts if f"/do/{verb}" in part)


def handled(by: Client, town: City, *helpers: Department) -> Incident:
    """A case that the sanitation handles."""
    case = report(by)
    leader = toy.eyes("boss", role=Role.DISPATCHER)
    sanitation = toy.eyes("crew", role=Role.DEPARTMENT)
    ids = tuple(one.pk for one in helpers)
    act(by=eyes(by), incident=case.pk, verb="verify", said=Said(finding=True))
    act(by=leader, incident=case.pk, verb="file")
    act(by=leader, incident=case.pk, verb="dispatch", said=Said(helpers=ids))
    act(by=sanitation, incident=case.pk, verb="accept")
    case.refresh_from_db()
    return case


def test_a_refused_form_is_there_again_as_it_was_sent(duty: Client, worker: Client) -> None:
    case = report(worker)
    status, text = sent(worker, case, "do/verify", finding="0", why="")
    assert status == 422
    form = form_of(text, "verify")
    assert re.match(r" open", form)
    assert re.search(r'value="0" checked', form)
    assert re.search(r"<textarea[^>]*autofocus[^>]*aria-describedby=\"trouble\"", form)
    assert re.search(r'role="alert" id="trouble"[^>]*>须写明理由或说明', form)
    status, text = sent(duty, case, "do/decline", why="写了很多<b>话</b>", client_id="x")
    assert status == 422
    form = form_of(text, "decline")
    assert "写了很多&lt;b&gt;话" in form
    assert "表单不完整" in form
    assert Incident.objects.get(pk=case.pk).state == "reported"


def test_what_may_not_be_done_any_more_keeps_its_words(duty: Client, worker: Client) -> None:
    case = report(worker)
    do(worker, case, "verify", finding="1")
    do(duty, case, "file")
    status, text = sent(duty, case, "do/decline", why="这是重复的上报")
    assert status == 422
    assert "不能这样办" in text
    assert "这是重复的上报" in text


def test_the_address_of_a_deed_leads_to_its_case(duty: Client, worker: Client) -> None:
    case = report(worker)
    for tail in ("do/verify", "photo", "contact", "join", "letter"):
        answer = duty.get(f"/cases/{case.number}/{tail}")
        assert answer.headers["Location"] == f"/cases/{case.number}", tail
    assert Client().get(f"/cases/{case.number}/do/verify").status_code == 302
    assert duty.get("/cases/nothing/do/verify").status_code == 404


def test_only_what_can_succeed_is_offered(town: City, duty: Client, worker: Client) -> None:
    urban = Department.objects.create(city=town, code="urban", name="城管", rank=9)
    case = handled(worker, town, urban)
    crew = sitting("crew2", Role.DEPARTMENT)
    offered = verbs(page(crew, f"/cases/{case.number}"))
    assert {"answer", "ask_extension"} <= offered
    assert "contribute" not in offered  # it leads
    do(crew, case, "ask_extension", amount="1", unit="work_day", why="雨")
    offered = verbs(page(crew, f"/cases/{case.number}"))
    assert "ask_extension" not in offered
    assert "ask_park" in offered
    text = form_of(page(duty, f"/cases/{case.number}"), "redispatch")
    lead = text.partition("<select")[2].partition("</select>")[0]
    assert f'value="{case.department_id}"' not in lead  # it has the case already
    assert f'value="{urban.pk}"' in lead


def test_whoever_did_it_is_not_asked_to_inspect_it(duty: Client, worker: Client) -> None:
    case = report(worker)
    do(worker, case, "settle", why="顺手清了")
    do(duty, case, "send")
    assert "inspect" not in verbs(page(worker, f"/cases/{case.number}"))
    assert "inspect" in verbs(page(sitting("other", Role.WORKER), f"/cases/{case.number}"))


def test_an_unknown_number_is_told_beside_its_field(duty: Client, worker: Client) -> None:
    case = report(worker)
    status, text = sent(duty, case, "join", original="99")
    assert status == 422
    assert re.search(r'name="original"[^>]*value="99"[^>]*autofocus', text)
    assert "没有编号为 99 的事件" in text
    assert sent(duty, case, "join", original="")[0] == 422
    status, text = sent(duty, case, "join", original=case.number)
    assert status == 422
    assert "不能并到它自己" in text
    patrol = sitting("leader", Role.LEADER)
    assert sent(patrol, case, "join", original="99")[0] == 403


def test_what_is_near_and_of_a_kind_is_joined_with_one_button(duty: Client, worker: Client) -> None:
    first, far, case = report(worker, 50), report(worker, 50, 5), report(worker, 52)
    text = page(duty, f"/cases/{case.number}")
    buttons = re.findall(r'name="original" value="([^"]+)"', text)
    assert buttons[0] == first.number
    assert far.number in buttons
    assert case.number not in buttons
    assert "2 米" in text
    sent(duty, case, "join", original=buttons[0])
    assert Twin.objects.get(incident=case).original == first
    assert 'name="original" value=' not in page(duty, f"/cases/{case.number}")
    text = page(duty, f"/cases/{first.number}")
    assert case.number not in re.findall(r'name="original" value="([^"]+)"', text)
    leader = sitting("leader", Role.LEADER)
    assert 'name="original"' not in page(leader, f"/cases/{case.number}")


def test_what_is_near_costs_no_more_the_more_there_is(duty: Client, worker: Client) -> None:
    case = report(worker)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            page(duty, f"/cases/{case.number}")
        return len(seen)

    report(worker, 51)
    page(duty, f"/cases/{case.number}")
    one = queries()
    report(worker, 52)
    report(worker, 53)
    assert queries() == one


def picture(colour: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(f"{colour}.jpg", jpeg(colour), "image/jpeg")


def test_of_several_photos_all_are_kept_or_none(duty: Client, worker: Client) -> None:
    case = report(worker)
    bad = SimpleUploadedFile("b.jpg", b"no photo", "image/jpeg")
    status, text = sent(duty, case, "photo", photo=[picture("red"), bad])
    assert status == 422
    assert "第 2 张" in text
    assert "一张也没有加" in text
    assert Photo.objects.count() == 0
    assert "加了 2 张照片" in sent(duty, case, "photo", photo=[picture("red"), picture("blue")])[1]
    text = sent(duty, case, "photo", photo=[picture("red"), picture("green")])[1]
    assert "加了 1 张照片" in text
    assert "1 张已经在这件事里" in text
    text = sent(duty, case, "photo", photo=[picture("red")])[1]
    assert "加了" not in text
    assert "1 张已经在这件事里" in text
    assert Photo.objects.count() == 3
    assert sent(duty, case, "photo")[0] == 422


def test_an_answer_brings_its_photos_or_is_not_given(town: City, worker: Client) -> None:
    case = handled(worker, town)
    crew = sitting("crew2", Role.DEPARTMENT)
    assert 'name="photo"' in form_of(page(crew, f"/cases/{case.number}"), "answer")
    bad = SimpleUploadedFile("b.jpg", b"no photo", "image/jpeg")
    status, text = sent(crew, case, "do/answer", why="已清走", photo=[bad])
    case.refresh_from_db()
    assert (status, case.state, Photo.objects.count()) == (422, "handling", 0)
    assert "已清走" in form_of(text, "answer")
    sent(crew, case, "do/answer", why="已清走", photo=[picture("red")])
    case.refresh_from_db()
    assert (case.state, Photo.objects.count()) == ("answered", 1)


def hidden(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found, name
    return found[1].replace("&amp;", "&")


def test_a_deed_beside_the_list_leaves_the_desk_as_it_was(duty: Client, worker: Client) -> None:
    case = report(worker)
    chosen = f"light=ok&page=1&case={case.number}"
    text = page(duty, f"/desk?{chosen}&evil=1")
    back = hidden(form_of(text, "verify"), "back")
    assert parse_qs(back) == parse_qs(chosen)
    answer = duty.post(
        f"/cases/{case.number}/do/verify",
        {"client_id": str(uuid4()), "finding": "1", "back": back, "beside": "1"},
    )
    led = urlsplit(answer.headers["Location"])
    assert (led.netloc, led.path, parse_qs(led.query)) == ("", "/desk", parse_qs(chosen))
    status, text = sent(duty, case, "do/decline", why="", back=back, beside="1")
    assert status == 422
    assert 'class="rows"' in text, "the list stands beside the refused form"
    assert "须写明理由或说明" in form_of(text, "decline")


def test_the_page_of_a_case_leads_back_to_the_list_it_came_from(
    duty: Client, worker: Client
) -> None:
    case = report(worker)
    text = page(duty, f"/desk?light=ok&case={case.number}")
    whole = re.search(r'href="(/cases/[^"]+back=[^"]+)"', text)
    assert whole
    text = page(duty, whole[1].replace("&amp;", "&"))
    assert f'href="/desk?light=ok&amp;case={case.number}"' in text
    answer = duty.post(
        f"/cases/{case.number}/do/verify",
        {"client_id": str(uuid4()), "finding": "1", "back": hidden(text, "back")},
    )
    assert urlsplit(answer.headers["Location"]).path == f"/cases/{case.number}"
    assert f"case={case.number}" in page(duty, answer.headers["Location"])


@pytest.mark.parametrize("evil", ["//192.0.2.1/", "https://192.0.2.1/?light=ok", "case=nothing"])
def test_nobody_is_led_elsewhere_by_a_way_back(duty: Client, worker: Client, evil: str) -> None:
    case = report(worker)
    answer = duty.post(
        f"/cases/{case.number}/do/verify",
        {"client_id": str(uuid4()), "finding": "1", "back": evil, "beside": "1"},
    )
    assert answer.headers["Location"].split("?")[0] == "/desk"
    assert duty.get(answer.headers["Location"]).status_code == 200


def test_what_was_done_is_named_so_that_the_page_forgets_it(duty: Client, worker: Client) -> None:
    case = report(worker)
    text = page(worker, f"/cases/{case.number}")
    assert f'data-kept="{eyes(worker).user_id} toy/{case.number}/verify"' in text
    text = do(worker, case, "verify", finding="1")
    assert re.search(rf'class="hint done toy/{case.number}/verify success"', text)


def test_whoever_grants_time_sees_until_when_it_would_be(
    town: City, duty: Client, worker: Client
) -> None:
    case = handled(worker, town)
    before = f"{timezone.localtime(case.due):%Y-%m-%d %H:%M}"
    crew = sitting("crew2", Role.DEPARTMENT)
    do(crew, case, "ask_extension", amount="40", unit="work_day", why="等配件")
    form = form_of(page(duty, f"/cases/{case.number}"), "extend")
    told = re.search(r"现在 ([\d: -]+) 到期；同意后 ([\d: -]+) 到期", form)
    assert told
    do(duty, case, "extend", application=hidden(form, "application"))
    assert told.groups() == (before, f"{timezone.localtime(case.due):%Y-%m-%d %H:%M}")
