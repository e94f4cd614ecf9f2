"""Terms of chiefs come from a sheet: a dry run first, each refused row with its reason."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import xlsxwriter
from django.core.management import call_command

from gridmap.layers.people import ChiefTerm, Person
from gridmap.layers.places import Building
from gridmap.layers.territory import City
from tests import town as toy
from tests.actions.loading import counts, load, reasons, rows_of
from tests.sandboxed import needs_sandbox


def sheet(**columns: list[object]) -> dict[str, object]:
    """Two terms: 何青禾 over building 2, 苏望舒 over building 4."""
    return {
        "职务": ["楼长", "building"],
        "代码": ["B2", "和平街 4 号"],
        "姓名": ["何青禾", "苏望舒"],
        "任期起": ["2025-01-01", "2025/03/01"],
        "任期至": ["2027-01-01", ""],
        **columns,
    }


def test_terms_are_written_and_the_same_sheet_again_changes_nothing(town: City) -> None:
    assert counts(load(town, "chiefs", rows_of(sheet()), commit=False)) == (2, 0, 0, 0)
    assert ChiefTerm.objects.count() == 5
    assert counts(load(town, "chiefs", rows_of(sheet()))) == (2, 0, 0, 0)
    term = ChiefTerm.objects.get(building__code="B2")
    assert (term.person.name, term.standing, term.reason) == ("何青禾", "acting", "")
    assert term.valid.lower == datetime(2024, 12, 31, 16, 0, tzinfo=UTC)
    assert ChiefTerm.objects.get(building__code="B4").valid.upper is None
    assert counts(load(town, "chiefs", rows_of(sheet()))) == (0, 0, 2, 0)


def test_every_office_and_a_substitute(town: City) -> None:
    columns = {
        "office": ["street", "巷长", "cell_head", "楼长"],
        "object": ["S1", "榕树巷", "350404001001001", "B1"],
        "person": ["周一禾"] * 4,
        "standing": ["代理", "substitute", "", "代理"],
        "reason": ["病休", "leave", "", "other"],
        "since": ["2026-01-01"] * 4,
        "until": ["2027-01-01"] * 4,
    }
    assert counts(load(town, "chiefs", rows_of(columns))) == (4, 0, 0, 0)
    assert ChiefTerm.objects.get(cell=toy.cell("A", 1), office="cell_head").standing == "acting"
    assert ChiefTerm.objects.filter(standing="substitute").count() == 4


@pytest.mark.parametrize(
    ("columns", "refused", "words"),
    [
        ({"代码": ["B2", "B77"]}, [(2, "unknown_object")], "“B77”的楼长"),
        ({"姓名": ["何青禾", "没有的人"]}, [(2, "unknown_person")], "没有叫“没有的人”"),
        ({"代码": ["B1", "B4"]}, [(1, "term_overlap")], "与苏望舒的任期 2024-01-01 至"),
        ({"代码": ["B2", "B2"]}, [(2, "term_overlap_row")], "第 1 行"),
        ({"任期至": ["2024-06-01", ""]}, [(1, "bad_term")], "2024-06-01 须晚于开始 2025-01-01"),
        ({"任期起": ["昨天", "2025-03-01"]}, [(1, "wrong_value")], "昨天"),
        ({"任期起": ["", "2025-03-01"]}, [(1, "missing_field")], "since"),
        ({"职务": ["国王", "楼长"]}, [(1, "wrong_value")], "国王"),
        ({"身份": ["代理", ""]}, [(1, "bad_reason")], "代理须写原因"),
        ({"代理原因": ["病休", ""]}, [(1, "bad_reason")], "正式任期不写原因"),
    ],
)
def test_a_refused_row_says_why_and_the_others_go_on(
    town: City, columns: dict[str, list[object]], refused: list[tuple[int, str]], words: str
) -> None:
    report = load(town, "chiefs", rows_of(sheet(**columns)))
    assert reasons(report) == refused
    assert report.added == 1
    assert words in str(report.stored_problems()[0]["message"])


def test_an_object_or_a_person_of_several_must_be_told_apart(town: City) -> None:
    Building.objects.filter(code="B4").update(address="榕树巷 1 号")
    report = load(town, "chiefs", rows_of(sheet(代码=["B2", "榕树巷 1 号"])))
    assert reasons(report) == [(2, "several_objects")]
    Person.objects.create(city=town, name="苏望舒", relay_phone="0598-9")
    report = load(town, "chiefs", rows_of(sheet(代码=["B3", "B4"])))
    assert reasons(report) == [(2, "several_people")]
    rows = rows_of(sheet(代码=["B3", "B4"], 转接电话=["", "0598-9"]))
    assert counts(load(town, "chiefs", rows)) == (1, 0, 1, 0)
    assert ChiefTerm.objects.get(building__code="B4").person.relay_phone == "0598-9"


def test_people_who_are_not_there_are_written_down_when_asked(town: City) -> None:
    rows = rows_of(sheet(姓名=["新来的", "新来的"], 转接电话=["0598-1", "0598-1"]))
    report = load(town, "chiefs", rows, make_people=True)
    assert (report.added, report.made) == (2, {"people": 1})
    assert Person.objects.get(name="新来的").relay_phone == "0598-1"
    assert counts(load(town, "chiefs", rows, make_people=True)) == (0, 0, 2, 0)


@needs_sandbox
def test_a_spreadsheet_goes_the_way_of_every_file(
    town: City, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "chiefs.xlsx"
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet()
    page.write_row(0, 0, ["职务", "代码", "姓名", "任期起"])
    page.write_row(1, 0, ["楼长", "B2", "何青禾", "2025-01-01"])
    page.write_row(2, 0, ["楼长", "B99", "何青禾", "2025-01-01"])
    book.close()
    call_command("load_layer", "chiefs", str(path), "--city=toy", "--commit")
    told = capsys.readouterr().out
    assert "第 3 行 没有代码、名称或地址是“B99”的楼长对象" in told
    assert ChiefTerm.objects.filter(building__code="B2").exists()
