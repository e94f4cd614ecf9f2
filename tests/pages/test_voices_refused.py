"""What a resident cannot say after the end, and how often: refused by name, and nothing is done."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.test import Client

from gridmap.actions.cases import Said, act
from gridmap.layers.cases import CaseReceipt
from gridmap.layers.scope import Scope
from gridmap.pages import resident_deeds
from tests.pages.voicing import (
    ask_again,
    finish,
    judgement,
    number,
    page,
    said,
    sent,
)


@pytest.mark.parametrize("deed", ["judge", "again"])
def test_what_has_not_ended_is_neither_judged_nor_opened_again(
    resident: Client, eyes: dict[str, Scope], deed: str
) -> None:
    address, case = sent(resident)
    text = page(resident, address)
    assert 'id="after"' not in text
    form = {"client_id": str(uuid4()), "satisfied": "3", "why": "快一点"}
    if deed == "judge":
        form["client_id"] = str(judgement(case))
    answer = resident.post(f"{address}/{deed}", form)
    said(answer, "已经办结的事才能", "没有送出", "快一点")
    act(by=eyes["worker"], incident=case.pk, verb="verify", said=Said(finding=False, why="没有"))
    act(by=eyes["duty"], incident=case.pk, verb="decline", said=Said(why="不属实"))
    assert 'id="after"' not in page(resident, address)
    form["client_id"] = str(judgement(case)) if deed == "judge" else str(uuid4())
    said(resident.post(f"{address}/{deed}", form), "已经办结的事才能")
    assert CaseReceipt.objects.filter(verb__in=["evaluate", "reopen"]).count() == 0


@pytest.mark.parametrize(
    ("deed", "wrong", "word"),
    [
        ("judge", {"satisfied": "9"}, "评价须是 1"),
        ("judge", {"satisfied": "很好"}, "表单不完整"),
        ("judge", {"satisfied": ""}, "表单不完整"),
        ("judge", {"client_id": "x"}, "表单不完整"),
        ("again", {"client_id": ""}, "表单不完整"),
        ("again", {"client_id": "0" * 40}, "表单不完整"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(
    resident: Client, eyes: dict[str, Scope], deed: str, wrong: dict[str, str], word: str
) -> None:
    address, case = sent(resident)
    finish(case, eyes)
    form = {"client_id": number(resident, address, deed), "satisfied": "3", "why": "没清"}
    said(resident.post(f"{address}/{deed}", {**form, **wrong}), word)
    case.refresh_from_db()
    assert (case.state, case.satisfied) == ("closed", None)


@pytest.mark.parametrize("deed", ["judge", "again"])
def test_a_strangers_secret_opens_nothing(
    resident: Client, eyes: dict[str, Scope], deed: str
) -> None:
    address, case = sent(resident)
    finish(case, eyes)
    form = {"client_id": number(resident, address, deed), "satisfied": "3", "why": "没清"}
    for secret in ("0" * 32, address[-32:].upper() + "0", "x", "%00"):
        assert resident.post(f"/report/{secret}/{deed}", form).status_code == 404
    assert resident.get(f"{address}/{deed}").status_code == 405
    assert resident.post(f"{address}/{deed}", form).status_code == 303, "the control"


@pytest.mark.parametrize("deed", ["judge", "again"])
def test_a_form_of_another_site_does_nothing(
    resident: Client, eyes: dict[str, Scope], deed: str
) -> None:
    address, case = sent(resident)
    finish(case, eyes)
    strict = Client(enforce_csrf_checks=True)
    form = {"client_id": number(resident, address, deed), "satisfied": "3", "why": "没清"}
    assert strict.post(f"{address}/{deed}", form).status_code == 403
    text = page(strict, address)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)
    assert token
    form["csrfmiddlewaretoken"] = token[1]
    assert strict.post(f"{address}/{deed}", form).status_code == 303, "the page's own form does"


def test_a_link_that_asks_too_often_waits_and_another_one_does_not(
    resident: Client, eyes: dict[str, Scope], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resident_deeds, "RATE", "2/hour")
    address, case = sent(resident)
    other, second = sent(resident, east=90)
    finish(case, eyes)
    finish(second, eyes)
    for _ in range(2):
        said(ask_again(resident, address, ""))
    said(ask_again(resident, address, "没清干净"), "分钟再试", "没清干净", status=429)
    assert ask_again(resident, other, "没清干净").status_code == 303
    case.refresh_from_db()
    assert case.state == "closed"
