"""The registration form and the drawing of a plan, as who reads plans gets them."""

from __future__ import annotations

import re

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse

from gridmap.layers.plans import Plan
from gridmap.layers.territory import City
from tests.pages.planning import SOON, do, page, workbook


@pytest.mark.parametrize("wanted", ["pdf", "drawing", "xlsx"])
def test_the_form_and_the_drawing_are_there_for_who_reads_plans(
    gu: Client, ma: Client, plan: Plan, wanted: str
) -> None:
    address = f"{reverse('plan-export', args=[plan.pk])}?as={wanted}"
    assert f"?as={wanted}" in page(ma, reverse("plan-impact", args=[plan.pk]))
    for client in (gu, ma):
        answer = client.get(address)
        assert answer.status_code == 200
        magic = b"PK" if wanted == "xlsx" else b"%PDF"
        assert answer.content.startswith(magic)


def words_of(client: Client, plan: Plan, wanted: str) -> tuple[str, list[int]]:
    content = client.get(f"{reverse('plan-export', args=[plan.pk])}?as={wanted}").content
    document = pypdfium2.PdfDocument(content)
    text = "\n".join(one.get_textpage().get_text_bounded() for one in document)
    width, height = document[0].get_size()
    return text, [round(side * 25.4 / 72) for side in (width, height)]


def test_the_form_says_what_the_books_need(gu: Client, plan: Plan) -> None:
    City.objects.update(approval="闽S〔2026〕1 号")
    do(gu, plan, "submit", seen="1", day=SOON)
    text, size = words_of(gu, plan, "pdf")
    assert size == [297, 210]
    for word in (
        "网格划分登记表", "甲社区", "350404001001001", "350404001001002", "范围有变", "陈木子",
        "公园", SOON, "编制：gu", "提交人：gu", "第 1 / 1 张", "闽S〔2026〕1 号", "演示数据",
    ):  # fmt: skip
        assert word in text
    assert re.search(r"甲 ?350404001001001 ?350404001001002 ?100 ?1 ?— ?0", text)


def test_the_drawing_is_one_sheet_of_a3_with_scale_and_number(gu: Client, plan: Plan) -> None:
    City.objects.update(approval="闽S〔2026〕1 号")
    text, size = words_of(gu, plan, "drawing")
    assert size == [420, 297]
    for word in ("新增界线", "取消界线", "001", "100 → 0", "北", "闽S〔2026〕1 号"):
        assert word in text, word
    # 200 m on 88 % of 298 mm: 1:762, and the next round one.
    assert re.search(r"1:1\s?000（A3）", text)
    assert f"350404001001-P{plan.pk}-2" in text


def test_the_workbook_has_the_columns_of_the_books(gu: Client, plan: Plan) -> None:
    content = gu.get(f"{reverse('plan-export', args=[plan.pk])}?as=xlsx").content
    cells, changes, units = workbook(content)
    assert cells[1][-5:] == ["用途", "负责人", "起", "止", "说明"]
    assert cells[2][1] == "350404001001001"
    assert "陈木子" in cells[2]
    assert cells[2][-1] == "范围有变"
    assert (changes[2][0], len(units)) == ("甲", 2 + 12)
