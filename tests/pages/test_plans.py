"""Pages of plans: the list, comparing, the impact statement and what is decided on it, files."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from gridmap.actions import plans, publications
from gridmap.actions.beginnings import _begin
from gridmap.actions.plans import Wish
from gridmap.layers.jobs import Job
from gridmap.layers.plans import Comment, Plan, Status
from gridmap.layers.postings import Role
from gridmap.layers.publications import Publication
from tests import quilt
from tests import town as toy
from tests.pages.planning import SOON, do, page, scope, workbook
from tests.sandboxed import needs_sandbox


def test_the_list_tells_status_faults_and_who(gu: Client, ma: Client, plan: Plan) -> None:
    for client in (gu, ma):
        text = page(client, reverse("plans"))
        for word in ("一起改", "甲社区", "草案", "提醒", "gu"):
            assert word in text
    assert "新草案" in page(gu, "/plans")
    assert "新草案" not in page(ma, "/plans")
    assert "一起改" not in page(gu, "/plans?status=approved")
    assert "没有这样的草案" in page(gu, f"/plans?community={toy.community('B').pk}")


def test_an_empty_list_says_what_to_do(gu: Client, ma: Client) -> None:
    assert "从现行网格开第一个" in page(gu, "/plans")
    assert "规划员开了草案" in page(ma, "/plans")
    assert "还没有发布过" in page(ma, "/plans?show=publications")


def test_the_list_asks_as_often_for_many_plans_as_for_few(
    gu: Client, plan: Plan, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """What a draft's faults cost is its head and its lanes, once each."""
    for _ in range(3):
        page(gu, "/plans")
    with django_assert_num_queries(16) as few:
        page(gu, "/plans")
    for number in range(3):
        plans.fork(by=scope(gu), plan=plan.pk, seq=None, title=f"分叉 {number}")
    Plan.objects.exclude(pk=plan.pk).update(status=Status.DROPPED)
    with django_assert_num_queries(len(few.captured_queries)):
        page(gu, "/plans")


@pytest.mark.parametrize(
    "role", [Role.CADRE, Role.DISPATCHER, Role.WORKER, Role.DEPARTMENT, Role.AUDITOR]
)
def test_who_does_not_plan_finds_no_page(plan: Plan, role: Role) -> None:
    letters = ("A",) if role is Role.CADRE else ()
    client = Client()
    client.force_login(toy.posted("xu", *letters, role=role))
    for name in ("plan-compare", "plan-impact", "plan-files", "plan-compare-file"):
        assert client.get(reverse(name, args=[plan.pk])).status_code == 404
    assert client.get("/plans").status_code == 404
    assert client.post(reverse("plan-do", args=[plan.pk])).status_code == 404
    assert 'href="/plans"' not in page(client, "/history") if role is Role.CADRE else True


def test_a_new_draft_opens_at_once_where_the_units_are_known(gu: Client, plan: Plan) -> None:
    body = {"community": toy.community("A").pk, "title": "第二稿"}
    answer = gu.post("/plans/new", body)
    made = Plan.objects.get(title="第二稿")
    assert answer.headers["Location"] == reverse("plan", args=[made.pk])
    assert "两边一样" in page(gu, reverse("plan-compare", args=[made.pk]))


def test_where_the_units_are_unknown_the_worker_is_asked(gu: Client) -> None:
    answer = gu.post("/plans/new", {"community": toy.community("A").pk, "title": "第一稿"})
    job = Job.objects.get()
    assert answer.headers["Location"] == reverse("plan-job", args=[job.pk])
    waiting = page(gu, answer.headers["Location"])
    assert "0%" in waiting
    assert gu.get(answer.headers["Location"]).headers["Refresh"] == "2"
    assert "看进度" in page(gu, "/plans")
    _begin(job=job.pk)
    made = Plan.objects.get()
    there = gu.get(reverse("plan-job", args=[job.pk]))
    assert there.headers["Location"] == reverse("plan", args=[made.pk])


def test_what_is_being_begun_can_be_stopped(gu: Client, ma: Client) -> None:
    gu.post("/plans/new", {"community": toy.community("A").pk, "title": "第一稿"})
    job = Job.objects.get()
    ma.post(reverse("plan-job-cancel", args=[job.pk]))
    job.refresh_from_db()
    assert job.state == Job.State.WAITING  # a leader does not plan
    gu.post(reverse("plan-job-cancel", args=[job.pk]))
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED
    assert "没有开草案" in page(gu, reverse("plan-job", args=[job.pk]))


def test_a_comparison_shows_blocks_matrix_and_cells(gu: Client, ma: Client, plan: Plan) -> None:
    text = page(ma, reverse("plan-compare", args=[plan.pk]))
    assert text.count('class="patch in-diff"') == 1
    assert re.search(r'data-mark="甲"', text)
    row = re.search(r'<tr data-mark="甲">.*?</tr>', text, re.DOTALL)
    assert row is not None
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", row[0])
    assert cells[:5] == ["001", "002", "100", "1", "0"]
    matrix = text[text.index('id="matrix"') :]
    assert re.search(r"001</th>\s*<td class=\"n\">100</td>\s*<td class=\"n strong\">100", matrix)
    assert "66.7%" in text  # of 300 households 200 stay
    assert "一年事件" in text[text.index('class="segments"') :]
    # Who plans sees sums, and how many incidents moved is none.
    text = page(gu, reverse("plan-compare", args=[plan.pk]) + "?measure=incidents")
    assert "一年事件" not in text[text.index('class="segments"') :]
    row = re.search(r'<tr data-mark="甲">.*?</tr>', text, re.DOTALL)
    assert row is not None
    assert re.findall(r"<td[^>]*>([^<]*)</td>", row[0])[:5] == ["001", "002", "100", "1", "—"]


def test_a_comparison_of_plans_with_other_numbers_of_cells(gu: Client, plan: Plan) -> None:
    other = plans.open_draft(by=scope(gu), community=plan.community_id, title="三格")
    wish = Wish(id=uuid4(), kind="split", units=("La2d", "La2e", "La2f", "BB2"))
    with pytest.raises(Exception, match="地块"):
        plans.apply_ops(by=scope(gu), plan=other.pk, base_seq=0, ops=[wish])
    wish = Wish(id=uuid4(), kind="split", units=("BB2", "La2f"))
    plans.apply_ops(by=scope(gu), plan=other.pk, base_seq=0, ops=[wish])
    text = page(gu, f"{reverse('plan-compare', args=[other.pk])}?against={plan.pk}")
    assert re.search(r">2 → 3</dd>", text)
    assert "新设" in text
    assert page(gu, f"{reverse('plan-compare', args=[other.pk])}?against=start&view=both")
    for bad in ("0", "x", "999999999999999999999", str(plan.pk + 99)):
        page(gu, f"{reverse('plan-compare', args=[plan.pk])}?against={bad}", 404)


def test_the_table_is_sorted_by_any_column(gu: Client, plan: Plan) -> None:
    wish = Wish(id=uuid4(), kind="paint", units=("La2a",), to=1)
    plans.apply_ops(by=scope(gu), plan=plan.pk, base_seq=2, ops=[wish])

    def order(sort: str) -> list[str]:
        text = page(gu, f"{reverse('plan-compare', args=[plan.pk])}?sort={sort}")
        return re.findall(r'<tr data-mark="(.)">', text)

    assert order("mark") == order("-households") == order("from") == ["甲", "乙"]
    assert order("-mark") == order("households") == order("-from") == ["乙", "甲"]
    assert order("; DROP") == ["甲", "乙"]


def test_the_comparison_as_a_workbook_holds_numbers_and_no_formula(gu: Client, plan: Plan) -> None:
    answer = gu.get(reverse("plan-compare-file", args=[plan.pk]))
    changes, households, *_ = workbook(answer.content)
    assert changes[1][:5] == ["甲", "001", "002", 100, 1]
    assert households[1] == ["001", 100, 100]


def test_comments_are_pinned_answered_and_settled(gu: Client, ma: Client, plan: Plan) -> None:
    assert do(ma, plan, "comment", text="这里为什么划过去", x="3000", y="3000") == "批注已写下。"
    said = Comment.objects.get()
    middle = plan.community.geom.centroid
    assert said.place is not None
    assert said.place.distance(middle) < 1e-6  # the middle of the picture is that of the community
    assert do(gu, plan, "comment", text="楼栋门朝这边", answers=said.pk) == "批注已写下。"
    text = page(gu, reverse("plan-compare", args=[plan.pk]) + "?tab=comments")
    assert text.index("这里为什么划过去") < text.index("楼栋门朝这边")
    assert f'href="#comment-{said.pk}"' in text
    assert do(gu, plan, "settle", comment=said.pk) == "已了结。"
    assert do(gu, plan, "comment", text=" ") == "批注须有 1 到 2000 个字"
    gone = {"deed": "settle", "comment": said.pk + 99}
    assert gu.post(reverse("plan-do", args=[plan.pk]), gone).status_code == 404


def test_every_step_stands_in_the_log(gu: Client, plan: Plan) -> None:
    plans.undo(by=scope(gu), plan=plan.pk, client_id=uuid4())
    text = page(gu, reverse("plan-compare", args=[plan.pk]) + "?tab=log")
    for word in ("刷块", "改网格", "撤销", "已撤销", "3 个地块"):
        assert word in text


def test_a_plan_goes_its_whole_way_on_the_page(gu: Client, ma: Client, plan: Plan) -> None:
    assert do(gu, plan, "submit", day=SOON) == "请先看过变化和受影响名单，再勾选"
    assert do(gu, plan, "submit", seen="1", day="明天") == "日期应写成 2026-11-26"
    assert "批准生效" not in page(ma, reverse("plan-impact", args=[plan.pk]))
    assert do(gu, plan, "submit", seen="1", day=SOON).startswith("已送审")
    assert plan.wanted_from is not None
    assert SOON in page(ma, reverse("plan-impact", args=[plan.pk]))
    assert do(ma, plan, "return", note="") == "退回须写明理由"
    assert do(ma, plan, "return", note="边界沿巷走").startswith("已退回")
    assert "边界沿巷走" in page(gu, reverse("plan-impact", args=[plan.pk]))
    assert do(gu, plan, "submit", seen="1", day=SOON).startswith("已送审")
    theirs = {"deed": "approve", "seen": "1", "seq": plan.head_seq}
    assert gu.post(reverse("plan-do", args=[plan.pk]), theirs).status_code == 403
    assert do(ma, plan, "approve", seen="1", note="同意").startswith("已批准")
    assert do(ma, plan, "publish", seen="1", day=SOON).startswith("已发布")
    assert plan.status == Status.PUBLISHED
    made = Publication.objects.get()
    assert "待生效" in page(ma, "/plans?show=publications")
    assert "撤回发布" not in page(gu, "/plans?show=publications")
    gu.post(reverse("publication-withdraw", args=[made.pk]))
    assert Publication.objects.filter(withdrawn_at=None).exists()
    ma.post(reverse("publication-withdraw", args=[made.pk]))
    assert not Publication.objects.filter(withdrawn_at=None).exists()
    assert "已撤回" in page(ma, "/plans?show=publications")


def test_the_statement_says_what_moves_and_opens_its_lists(
    gu: Client, ma: Client, plan: Plan
) -> None:
    made = toy.incident(50, 70)
    planners = page(gu, reverse("plan-impact", args=[plan.pk]))
    assert "— 件" in planners
    assert made.number not in planners
    text = page(ma, reverse("plan-impact", args=[plan.pk]))
    sums = re.findall(r'<dd class="number">([^<]+)</dd>', text)
    assert sums == ["100", "1", "2 / 2", "0"]
    rows = dict(re.findall(
        r'<span class="what">([^<]+)</span>.*?<b class="number">([^<]+)</b>', text, re.DOTALL
    ))  # fmt: skip
    assert rows["未结事件"] == "1 件"
    assert made.number in text
    assert rows["需要告知"] == "100 户"
    assert rows["巡查区"] == "2 片"  # of one team
    assert "榕树巷 1 号" in text
    assert "001 为 0 户，不到下限 1 户" in text
    assert "理由：公园" in text


def test_a_fault_is_excused_on_the_page_or_stops_the_plan(gu: Client, plan: Plan) -> None:
    Plan.objects.filter(pk=plan.pk).update(highest=299)
    text = page(gu, reverse("plan-impact", args=[plan.pk]))
    assert "1 处必改" in text
    assert "disabled" in text
    assert do(gu, plan, "submit", seen="1", day=SOON) == "还有 1 处必改"
    assert do(gu, plan, "excuse", cell=2, reason="") == "请写明理由"
    assert do(gu, plan, "excuse", cell=2, reason="一个小区").startswith("理由已写进")
    assert "2 项例外" in page(gu, reverse("plan-impact", args=[plan.pk]))
    assert do(gu, plan, "submit", seen="1", day=SOON).startswith("已送审")
    assert do(gu, plan, "juggle") == "没有这个动作"


def test_what_somebody_else_changed_meanwhile_is_not_decided_upon(gu: Client, plan: Plan) -> None:
    seq = plan.head_seq
    wish = Wish(id=uuid4(), kind="paint", units=("La1a",), to=2)
    plans.apply_ops(by=scope(gu), plan=plan.pk, base_seq=seq, ops=[wish])
    plan.head_seq = seq
    assert do(gu, plan, "submit", seen="1", day=SOON) == "草案已改到第 3 步，请先看过"


def test_an_old_division_comes_back_by_its_form(gu: Client, ma: Client, plan: Plan) -> None:
    do(gu, plan, "submit", seen="1", day=SOON)
    do(ma, plan, "approve", seen="1")
    do(ma, plan, "publish", seen="1", day=SOON)
    made = Publication.objects.get()
    back = reverse("publication-revert", args=[made.pk])
    answer = ma.post(back, {"day": SOON}, follow=True)
    assert "这个社区已有待生效的调整" in answer.content.decode()
    publications.withdraw(by=scope(ma), publication=made.pk)
    answer = ma.post(back, {"day": ""}, follow=True)
    assert "日期应写成" in answer.content.decode()


def test_a_fork_goes_on_and_an_old_draft_is_carried(gu: Client, plan: Plan) -> None:
    answer = gu.post(reverse("plan-fork", args=[plan.pk]))
    fork = Plan.objects.get(parent=plan)
    assert fork.title == "一起改（分叉）"
    assert answer.headers["Location"] == reverse("plan", args=[fork.pk])
    quilt.lay("A")  # newer units, from which no lineage leads back: names count
    assert "转到新底图" in page(gu, "/plans")
    answer = gu.post(reverse("plan-fork", args=[plan.pk]))
    carried = Plan.objects.get(carried_from=plan)
    assert answer.headers["Location"] == reverse("plan-files", args=[carried.pk])
    assert "12 个地块按编号对上" in page(gu, answer.headers["Location"])


def upload(client: Client, plan: Plan, text: str, name: str = "cells.csv") -> tuple[int, str]:
    file = SimpleUploadedFile(name, text.encode())
    answer = client.post(reverse("plan-files", args=[plan.pk]), {"file": file})
    return answer.status_code, answer.content.decode()


@needs_sandbox
def test_a_file_is_laid_in_and_every_mismatch_told(gu: Client, ma: Client, plan: Plan) -> None:
    status, text = upload(gu, plan, "unit,cell\nLa1a,第二网格\nLa1b,350404001001002\nNOPE,2\n")
    assert status == 200
    assert "2 个地块归入网格" in text
    assert "NOPE" in text
    status, text = upload(gu, plan, "x,y\n1,2\n")
    assert status == 422
    assert "文件须有其中一列" in text
    assert upload(gu, plan, "x", "virus.exe")[0] == 422
    assert gu.post(reverse("plan-files", args=[plan.pk])).status_code == 422
    assert upload(ma, plan, "unit,cell\nLa1a,001\n")[0] == 403  # a leader does not draw


@pytest.mark.parametrize("name", ["virus.exe", "cells.csv"])
def test_who_may_not_lay_a_file_in_is_told_before_it_is_read(
    ma: Client, plan: Plan, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for door in ("gridmap.pages.plan_deeds", "gridmap.api.plan_files"):
        monkeypatch.setattr(f"{door}.read_upload", lambda *_file: pytest.fail("it was read"))
    assert upload(ma, plan, "x", name)[0] == 403
    file, once = SimpleUploadedFile(name, b"x"), str(uuid4())
    answer = ma.post(f"/api/plans/{plan.pk}/import", {"file": file, "id": once})
    assert answer.status_code == 403
