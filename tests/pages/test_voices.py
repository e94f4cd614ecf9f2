"""After the end a resident says how it was, once, and has it done again while there is time."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from gridmap.actions.cases import Said
from gridmap.actions.voices import speak
from gridmap.errors import OutOfScope
from gridmap.layers.cases import Step
from gridmap.layers.city_settings import CitySetting
from gridmap.layers.incidents import Incident, Light
from gridmap.layers.journal import Entry
from gridmap.layers.letters import Letter
from gridmap.layers.postings import Role, resident_scope
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City
from tests import town as toy
from tests.pages.voicing import (
    DAY,
    ask_again,
    deeds,
    finish,
    judge,
    number,
    page,
    said,
    satisfaction,
    sent,
)


@pytest.mark.parametrize(
    ("word", "figure", "part"), [(3, (1, 1), ""), (2, (0, 1), ""), (1, (0, 1), "#why")]
)
def test_a_resident_says_how_it_was_and_is_not_asked_again(
    resident: Client, eyes: dict[str, Scope], word: int, figure: tuple[int, int], part: str
) -> None:
    address, case = sent(resident)
    finish(case, eyes)
    assert satisfaction(eyes) == (0, 0)
    text = page(resident, address)
    assert re.findall(r'name="satisfied" value="(\d)">([^<]+)<', text) == [
        ("3", "满意"), ("2", "一般"), ("1", "不满意"),
    ]  # fmt: skip
    answer = judge(resident, address, word)
    assert (answer.status_code, answer["Location"]) == (303, f"{address}{part}")
    case.refresh_from_db()
    assert (case.state, case.satisfied) == ("closed", word)
    text = page(resident, address)
    assert "您的评价记下了" in text
    assert 'name="satisfied"' not in text
    assert satisfaction(eyes) == figure
    step = Step.objects.get(verb="evaluate")
    assert (step.role, step.by, step.detail["satisfied"]) == ("reporter", None, word)


def test_judging_twice_is_judging_once(resident: Client, eyes: dict[str, Scope]) -> None:
    address, case = sent(resident)
    finish(case, eyes)
    shown = number(resident, address, "judge")
    assert shown == number(resident, address, "judge"), "two windows bear the same number"
    for _ in range(2):
        assert judge(resident, address, 3, shown).status_code == 303
    said(judge(resident, address, 1, shown), "这次办理您已经评价过了")
    case.refresh_from_db()
    assert (case.satisfied, deeds("evaluate")) == (3, 1)
    assert Entry.objects.filter(verb="evaluate").count() == 1


def test_each_end_is_asked_about_anew_and_an_old_page_says_nothing_of_the_new_one(
    resident: Client, eyes: dict[str, Scope]
) -> None:
    address, case = sent(resident)
    finish(case, eyes)
    first, made_up = number(resident, address, "judge"), str(uuid4())
    said(judge(resident, address, 3, made_up), "这件事又有了变化")
    assert judge(resident, address, 1, first).status_code == 303
    assert ask_again(resident, address, "还在原处").status_code == 303
    finish(case, eyes)
    assert judge(resident, address, 1, first).status_code == 303, "what was said stays said"
    case.refresh_from_db()
    assert (case.satisfied, deeds("evaluate")) == (None, 1)
    second = number(resident, address, "judge")
    assert second != first
    assert judge(resident, address, 3, second).status_code == 303
    case.refresh_from_db()
    assert (case.satisfied, deeds("evaluate")) == (3, 2)


def test_a_page_of_an_earlier_end_that_was_never_judged_is_refused(
    resident: Client, eyes: dict[str, Scope]
) -> None:
    address, case = sent(resident)
    finish(case, eyes)
    first = number(resident, address, "judge")
    ask_again(resident, address, "还在原处")
    finish(case, eyes)
    said(judge(resident, address, 3, first), "这件事又有了变化")
    assert deeds("evaluate") == 0


def test_what_is_not_done_is_opened_again_with_the_reason_once(
    resident: Client, eyes: dict[str, Scope]
) -> None:
    address, case = sent(resident, phone="138 0000 0426", name="张先生")
    finish(case, eyes)
    shown = number(resident, address, "again")
    for _ in range(2):
        answer = ask_again(resident, address, " 还在原处 ", shown)
        assert (answer.status_code, answer["Location"]) == (303, address)
    said(ask_again(resident, address, "别的话", shown), "这一页已经用过一次", "别的话")
    case.refresh_from_db()
    assert (case.state, case.closed_at, case.light) == ("filed", None, Light.OK)
    step = Step.objects.get(verb="reopen")
    assert (step.why, step.role, step.by) == ("还在原处", "reporter", None)
    assert Entry.objects.filter(verb="reopen").count() == 1
    text = page(resident, address)
    assert "上报人反映没办好，已经重新办理" in text
    assert not re.search("还在原处|0426|张先生", text), "whoever gets the link reads no words"
    assert "办得怎么样" not in text
    desk = Client()
    desk.force_login(toy.posted("watch", role=Role.DISPATCHER))
    assert "还在原处" in page(desk, f"/cases/{case.number}")


def test_the_desk_reads_how_satisfied_the_reporter_is(
    resident: Client, eyes: dict[str, Scope]
) -> None:
    address, case = sent(resident)
    finish(case, eyes)
    judge(resident, address, 2)
    desk = Client()
    desk.force_login(toy.posted("watch", role=Role.DISPATCHER))
    assert "<p>一般</p>" in page(desk, f"/cases/{case.number}")
    desk.cookies["django_language"] = "en"
    assert "<p>So-so</p>" in page(desk, f"/cases/{case.number}")


@pytest.mark.parametrize("why", ["", "  ", "\x00"])
def test_without_a_reason_nothing_is_opened(
    resident: Client, eyes: dict[str, Scope], why: str
) -> None:
    address, case = sent(resident)
    finish(case, eyes)
    said(ask_again(resident, address, why), "请写一写哪里没办好")
    case.refresh_from_db()
    assert case.state == "closed"


def test_a_reason_that_is_too_long_is_refused_whole_and_stays_in_the_form(
    resident: Client, eyes: dict[str, Scope]
) -> None:
    address, case = sent(resident)
    finish(case, eyes)
    answer = ask_again(resident, address, "长" * 501)
    said(answer, "最多写 500 个字", "长" * 501, "填的内容还在", "<details open>")
    assert ask_again(resident, address, "长" * 500).status_code == 303


def test_until_when_it_can_be_opened_again_is_told_and_after_it_how_to_report_anew(
    resident: Client, eyes: dict[str, Scope]
) -> None:
    address, case = sent(resident)
    CitySetting.objects.create(city=toy.city(), name="reopen_days", value="3", valid=toy.ALWAYS)
    closed = finish(case, eyes).closed_at
    assert closed
    until = timezone.localtime(closed + 3 * DAY)
    assert f"{until:%Y-%m-%d %H:%M} 以前可以" in page(resident, address)
    Incident.objects.filter(pk=case.pk).update(closed_at=timezone.now() - 3 * DAY)
    text = page(resident, address)
    assert 'name="why"' not in text
    assert "结案已过 3 天" in text
    anew = re.search(r'href="(/report\?lng=[^"]+)"', text)
    assert anew
    assert "暴露垃圾" in page(resident, anew[1].replace("&amp;", "&")), "the form of that place"
    said(ask_again(resident, address, "还在原处"), "结案已超过 3 天", "还在原处")
    case.refresh_from_db()
    assert case.state == "closed"
    assert judge(resident, address, 1).status_code == 303, "a word is heard whenever it comes"


def test_where_no_reports_are_taken_any_more_none_is_offered(
    resident: Client, eyes: dict[str, Scope]
) -> None:
    address, case = sent(resident)
    finish(case, eyes)
    Incident.objects.filter(pk=case.pk).update(closed_at=timezone.now() - 90 * DAY)
    City.objects.update(public_card=False)
    text = page(resident, address)
    assert "结案已过 15 天" in text
    assert 'href="/report' not in text.partition("<main>")[2]


def test_in_english_everything_is_english(resident: Client, eyes: dict[str, Scope]) -> None:
    address, case = sent(resident)
    finish(case, eyes)
    text = page(resident, f"{address}?lang=en")
    for words in (
        "How was it done?",
        "So-so",
        "Not satisfied",
        "Have it done again",
        "possible until",
    ):
        assert words in text
    form = {"client_id": str(uuid4()), "why": ""}
    said(resident.post(f"{address}/again?lang=en", form), "Please write what was not done")
    answer = resident.post(f"{address}/again?lang=en", {**form, "why": "still there"})
    assert answer["Location"] == f"{address}?lang=en"
    assert "it is being worked on again" in page(resident, answer["Location"])


def test_only_the_two_words_of_a_reporter_are_heard(
    resident: Client, eyes: dict[str, Scope]
) -> None:
    _, case = sent(resident)
    letter = Letter.objects.get(incident=case)
    for verb in ("close", "dance"):
        with pytest.raises(OutOfScope):
            speak(by=resident_scope(), letter=letter, verb=verb, said=Said())


def test_the_journal_bears_no_secret_and_no_person(
    resident: Client, eyes: dict[str, Scope]
) -> None:
    address, case = sent(resident, phone="138 0000 0426", name="张先生")
    finish(case, eyes)
    judge(resident, address, 1)
    ask_again(resident, address, "还在原处")
    rows = Entry.objects.filter(verb__in=["evaluate", "reopen"])
    assert rows.count() == 2
    for row in rows:
        told = f"{row.before} {row.after} {row.why}"
        assert row.actor_id is None
        assert not re.search(f"{address[-32:]}|0426|张先生", told)


def test_the_page_of_figures_counts_it_and_opens_the_case(
    resident: Client, eyes: dict[str, Scope], leader: Client
) -> None:
    for east, word in ((20, 3), (90, 1)):
        address, case = sent(resident, east)
        finish(case, eyes)
        judge(resident, address, word)
    day = timezone.localdate()
    span = f"city=toy&since={day}&until={day}"
    text = page(leader, f"/figures?{span}&rate=satisfied&by=community&side=rest")
    assert "满意率" in text
    assert "最近一次评价在本期内的案件" in text
    assert case.number in text.partition('id="cases"')[2], "who was not satisfied is in the rest"
    asked = {"case": str(case.pk), "rate": "satisfied", "why": "不是同一件事"}
    desk = Client()
    desk.force_login(toy.posted("watch", role=Role.DISPATCHER))
    assert desk.post("/figures/contest", asked).status_code == 302
    assert case.contests.get().rate == "satisfied"
