"""What the deeds of a case write into the journal is read in words, in both languages."""

from __future__ import annotations

import re

import pytest
from django.utils import translation

from gridmap.actions.cases import VERBS as DEEDS
from gridmap.actions.rulings import Verdict, rule
from gridmap.actions.twins import link_twin, unlink_twin
from gridmap.layers.cases import Application
from gridmap.layers.catalogue import Milestone, Standard
from gridmap.layers.incidents import Category, Incident
from gridmap.layers.journal import Entry
from gridmap.layers.people import Department
from gridmap.layers.rulings import JointTask
from gridmap.layers.telling import Line, lines
from gridmap.layers.words_of_history import FIELDS, UNSAID
from tests import town as toy
from tests.cases.conftest import Office

HAN = re.compile("[\u4e00-\u9fff]")


def told(verb: str) -> Line:
    """The last line about a deed."""
    return lines([Entry.objects.filter(verb=verb).latest("pk")], hide=False)[0]


def changes(verb: str) -> dict[str, tuple[str, str]]:
    return {one.name: (one.before, one.after) for one in told(verb).changes}


def asked(office: Office, case: Incident, kind: str, verb: str, who: str = "duty") -> None:
    """Ask for something, and grant it or not."""
    extra = {"amount": 2, "unit": "work_day"} if kind == "ask_extension" else {}
    office.act(case, kind, "sanitation", why="等配件", **extra)
    wish = Application.objects.get(incident=case, decided_at=None)
    office.act(case, verb, who, application=wish.pk, why="已核")


def do_everything(office: Office) -> None:
    """Every deed of the life cycle at least once."""
    by_two_limits()
    urban = Department.objects.get(code="urban").pk
    case = office.upto("filed")
    office.act(case, "dispatch", "duty", helpers=(urban,))
    asked(office, case, "ask_return", "return")
    office.act(case, "dispatch", "duty", helpers=(urban,))
    at_the_department(office, case)
    to_the_end(office, case)
    in_dispute(office, case, urban)
    without_being_done(office, urban)
    twin = office.report(east=150)
    link_twin(by=office.eyes["duty"], incident=twin.pk, original=case.pk)
    unlink_twin(by=office.eyes["duty"], incident=twin.pk)


def by_two_limits() -> None:
    standard = Standard.objects.create(
        category=Category.objects.get(code="0102"), condition="一般", filing="有", closing="无",
        source="规范", valid=toy.ALWAYS,
    )  # fmt: skip
    for number, name in enumerate(("制止", "清除"), 1):
        Milestone.objects.create(
            standard=standard, number=number, name=name, limit=4 * number, unit="work_hour"
        )


def at_the_department(office: Office, case: Incident) -> None:
    office.act(case, "accept", "sanitation")
    office.act(case, "contribute", "urban", why="已劝离")
    office.act(case, "reach", "sanitation", milestone=1)
    asked(office, case, "ask_extension", "extend")
    asked(office, case, "ask_park", "park")
    office.act(case, "resume", "sanitation", why="配件到了")
    office.act(case, "supervise", "leader", why="请尽快")
    pressed = case.supervisions.get()
    office.act(case, "reply", "sanitation", supervision=pressed.pk, why="今天办")


def to_the_end(office: Office, case: Incident) -> None:
    office.act(case, "answer", "sanitation", why="已清走")
    office.act(case, "send", "duty")
    office.act(case, "inspect", "cadre", finding=False, why="还有一堆")
    office.act(case, "rework", "duty", why="再清")
    office.act(case, "accept", "sanitation")
    office.act(case, "answer", "sanitation", why="已清走")
    office.act(case, "send", "duty")
    office.act(case, "inspect", "cadre", finding=True)
    office.act(case, "close", "duty")
    office.act(case, "evaluate", "duty", satisfied=3)
    office.act(case, "reopen", "duty", why="又有了")


def in_dispute(office: Office, case: Incident, urban: int) -> None:
    office.act(case, "dispatch", "duty")
    asked(office, case, "ask_return", "return")
    task = JointTask.objects.get(incident=case)
    verdict = Verdict(geom=toy.box(10, 10, 80, 80), department=urban, why="现场会勘")
    rule(by=office.eyes["duty"], task=task.pk, verdict=verdict)


def without_being_done(office: Office, urban: int) -> None:
    other = office.upto("dispatched", east=150)
    office.act(other, "redispatch", "duty", department=urban, why="派错了")
    office.act(other, "ask_void", "cadre", why="重复")
    wish = Application.objects.get(incident=other, decided_at=None)
    office.act(other, "deny", "duty", application=wish.pk, why="不重复")
    office.act(other, "ask_void", "cadre", why="重复")
    wish = Application.objects.get(incident=other, decided_at=None)
    office.act(other, "void", "duty", application=wish.pk)
    office.act(office.report(east=150), "decline", "duty", why="查无此事")
    office.act(office.report(east=150), "settle", "cadre", why="顺手捡了")


def test_every_key_that_a_deed_of_a_case_writes_has_its_word_in_both_languages(
    office: Office,
) -> None:
    do_everything(office)
    entries = list(Entry.objects.filter(subject_kind__in=["incident", "ruling"]))
    assert {entry.verb for entry in entries} >= set(DEEDS), "a deed was not done"
    about = [entry for entry in entries if entry.subject_kind == "incident"]
    keys = {key for entry in about for key in (*entry.before, *entry.after)} - UNSAID
    assert keys <= set(FIELDS)
    with translation.override("en"):
        for line in lines(about, hide=False):
            for one in line.changes:
                assert not HAN.search(one.name), (line.verb, one)
                assert "%(" not in one.after, (line.verb, one)
                assert not re.fullmatch("[a-z]+_[a-z_]+", one.after), (line.verb, one)


def test_what_was_found_asked_and_judged_is_told_in_words(office: Office) -> None:
    do_everything(office)
    assert changes("verify")["结果"] == ("", "属实")
    assert changes("inspect")["结果"] == ("", "办好了")
    assert changes("evaluate") == {"满意程度": ("", "满意")}
    assert changes("ask_park") == {}, "the verb says it, a number says nothing"
    assert changes("park") == {"类型": ("", "申请挂账")}
    assert changes("extend")["计时单位"] == ("", "工作日")
    assert changes("link_twin")["状态"] == ("信息收集", "作废")


def test_a_proposal_is_told_with_its_reason_and_what_did_not_change_is_left_out(
    office: Office,
) -> None:
    case = office.upto("dispatched")
    found = changes("dispatch")
    assert found["建议部门"] == ("", "环卫")
    assert found["建议的依据"] == ("", "暴露垃圾一般由环卫负责")
    assert "部门" not in found, "it was of that department from the report on"
    office.act(case, "accept", "sanitation")
    assert set(changes("accept")) == {"状态"}, "the department is the same"


@pytest.mark.parametrize("fields", [None, {}, {"category": "垃圾"}])
def test_a_reason_of_which_a_field_is_missing_is_told_as_it_is(
    town: object, fields: object
) -> None:
    after = {"reason": "%(category)s一般由%(department)s负责", "fields": fields}
    entry = Entry(verb="dispatch", subject_kind="incident", before={}, after=after)
    ((change,),) = [line.changes for line in lines([entry], hide=False)]
    assert change.after == after["reason"]
