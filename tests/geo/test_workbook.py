"""Spreadsheets carry what was said, as it was said, and can be read at a glance."""

import io
from typing import Any

import openpyxl
import pytest

from gridmap.geo.workbook import LONGEST, WIDEST, Sheet, workbook

HEADS = ("名称", "户数")


def opened(*sheets: Sheet) -> Any:
    return openpyxl.load_workbook(io.BytesIO(workbook(*sheets)))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "http://a.invalid", "001"])
def test_a_text_stays_a_text_whatever_it_begins_with(text: str) -> None:
    cell = opened(Sheet("表", HEADS, [(text, 1)])).active["A2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


def test_a_number_is_a_number_and_what_is_not_told_is_empty() -> None:
    page = opened(Sheet("表", HEADS, [("榕树巷", 320), ("石坎巷", None)])).active
    assert [cell.value for cell in page["B"]] == ["户数", 320, None]


def test_heads_stay_in_sight_and_can_be_filtered() -> None:
    page = opened(Sheet("表", HEADS, [("榕树巷", 320)], beside=1)).active
    assert (page.freeze_panes, page.auto_filter.ref) == ("B2", "A1:B2")


def test_a_form_has_its_title_above_and_lies_across_the_paper() -> None:
    page = opened(Sheet("表", HEADS, [("榕树巷", 320)], title="划分登记表")).active
    assert (page["A1"].value, page["A3"].value, page["A4"].value) == (
        "划分登记表",
        "名称",
        "榕树巷",
    )
    assert page.page_setup.orientation == "landscape"
    assert page.print_title_rows == "$3:$3"


def test_a_column_is_as_wide_as_its_chinese_and_no_wider_than_the_screen() -> None:
    page = opened(Sheet("表", HEADS, [("一二三四五六七八九十", 1), ("长" * 400, 2)])).active
    short = opened(Sheet("表", HEADS, [("一二三四五六七八九十", 1)])).active
    assert 22 <= short.column_dimensions["A"].width < 23
    assert WIDEST <= page.column_dimensions["A"].width < WIDEST + 1


def test_a_text_too_long_for_a_cell_is_cut_and_the_file_still_opens() -> None:
    assert len(opened(Sheet("表", HEADS, [("长" * 40_000, 1)])).active["A2"].value) == LONGEST


def test_an_empty_table_is_a_file_with_its_heads() -> None:
    page = opened(Sheet("表", HEADS, [])).active
    assert [cell.value for cell in page[1]] == list(HEADS)


def test_several_sheets_stand_in_the_order_they_were_given() -> None:
    assert opened(Sheet("一", HEADS, []), Sheet("二", HEADS, [])).sheetnames == ["一", "二"]
