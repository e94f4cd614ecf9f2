"""Two residents reported one matter: both are heard, about the one case that is worked on."""

from __future__ import annotations

from django.test import Client

from gridmap.actions.twins import link_twin
from gridmap.layers.cases import Step
from gridmap.layers.journal import Entry
from gridmap.layers.scope import Scope
from tests.pages.voicing import (
    ask_again,
    finish,
    judge,
    page,
    said,
    satisfaction,
    sent,
)


def test_both_reporters_of_one_matter_are_asked_and_the_lower_word_stays(
    resident: Client, eyes: dict[str, Scope]
) -> None:
    first, case = sent(resident)
    second, twin = sent(resident, east=52)
    link_twin(by=eyes["duty"], incident=twin.pk, original=case.pk)
    finish(case, eyes)
    assert judge(resident, first, 1).status_code == 303
    assert 'name="satisfied"' in page(resident, second), "the other one was not asked yet"
    assert judge(resident, second, 3).status_code == 303
    case.refresh_from_db()
    twin.refresh_from_db()
    assert (case.satisfied, twin.satisfied) == (1, None)
    for address in (first, second):
        assert "您的评价记下了" in page(resident, address)
    assert satisfaction(eyes) == (0, 1), "one case, whoever reported it"
    assert Step.objects.filter(incident=twin, verb="evaluate").count() == 0
    told = Entry.objects.get(verb="speak")
    assert (told.after["original"], told.after["verb"]) == (case.number, "evaluate")


def test_the_reporter_of_a_twin_has_the_original_opened_again(
    resident: Client, eyes: dict[str, Scope]
) -> None:
    first, case = sent(resident)
    second, twin = sent(resident, east=52)
    link_twin(by=eyes["duty"], incident=twin.pk, original=case.pk)
    finish(case, eyes)
    assert ask_again(resident, second, "后门还有一堆").status_code == 303
    case.refresh_from_db()
    twin.refresh_from_db()
    assert (case.state, twin.state) == ("filed", "void")
    assert Step.objects.get(verb="reopen").incident == case
    for address in (first, second):
        text = page(resident, address)
        assert "已经重新办理" in text
        assert "后门" not in text, "nobody reads the other one's words"
    said(ask_again(resident, first, "我也觉得没办好"), "已经办结的事才能请再办", "我也觉得没办好")


def test_the_closing_of_the_twin_itself_opens_no_door(
    resident: Client, eyes: dict[str, Scope]
) -> None:
    _, case = sent(resident)
    second, twin = sent(resident, east=52)
    finish(twin, eyes)
    assert 'name="satisfied"' in page(resident, second), "as long as it is a matter of its own"
    link_twin(by=eyes["duty"], incident=twin.pk, original=case.pk)
    assert 'id="after"' not in page(resident, second)
    said(ask_again(resident, second, "没清"), "已经办结的事才能请再办")
    twin.refresh_from_db()
    assert twin.state == "closed"
