"""What a group reads: in its language, within its bytes, and no name becomes markup."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from gridmap.layers.channels import language_of
from gridmap.layers.deliveries import Delivery
from gridmap.layers.incidents import Incident
from gridmap.layers.territory import City
from gridmap.layers.wording import MOST, cut, harmless, said, subject
from gridmap.settings import channels
from tests.cases.conftest import Office
from tests.notices.carrying import BODY
from tests.notices.conftest import tell

SITE = "https://grid.example"
LINK = f"{SITE}/cases/20261126-0001?city=toy"
FULL = BODY | {"place": "明珠花园 5 幢", "light": 3, "word": "督办", "language": "zh-hans"}
ENGLISH = FULL | {
    "language": "en", "word": "Supervised", "category": "Exposed waste", "department": "Sanitation",
    "place": "Mingzhu Huayuan Bldg 5", "community": "Jia Community",
}  # fmt: skip
ROBOT = {"name": "group", "url": "https://robot.example/send?key=k"}
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(autouse=True)
def site(settings: Any) -> None:
    settings.PUBLIC_URL = f"{SITE}/"


def test_a_group_reads_what_where_whose_until_when_and_a_way_back() -> None:
    assert said(FULL, "markdown").splitlines() == [
        '**督办 · 暴露垃圾** <font color="warning">超期</font>',
        "> 地点：明珠花园 5 幢 · 甲社区",
        "> 部门：环卫",
        "> 期限：11-26 18:00",
        f"[打开 20261126-0001]({LINK})",
    ]
    assert said(FULL, "text").splitlines() == [
        "督办 · 暴露垃圾 · 超期", "地点：明珠花园 5 幢 · 甲社区", "部门：环卫",
        "期限：11-26 18:00", "20261126-0001", LINK,
    ]  # fmt: skip


def test_an_english_group_reads_english() -> None:
    assert said(ENGLISH, "markdown").splitlines() == [
        '**Supervised · Exposed waste** <font color="warning">Overdue</font>',
        "> Place: Mingzhu Huayuan Bldg 5 · Jia Community",
        "> Department: Sanitation",
        "> Due: 11-26 18:00",
        f"[Open 20261126-0001]({LINK})",
    ]
    assert not HAN.search(said(ENGLISH, "text"))


def test_the_light_is_not_said_twice_and_not_of_what_is_over() -> None:
    assert "<font" not in said(FULL | {"word": "超期"}, "markdown")
    assert "<font" not in said(FULL | {"light": 0}, "markdown")
    for light, word, colour in (
        (1, "正常", "info"),
        (2, "临期", "warning"),
        (4, "挂账", "comment"),
    ):
        told = said(FULL | {"light": light}, "markdown")
        assert f'<font color="{colour}">{word}</font>' in told


def test_without_an_address_of_the_site_the_number_stands_alone(settings: Any) -> None:
    settings.PUBLIC_URL = ""
    for form in MOST:
        assert said(FULL, form).splitlines()[-1] == "20261126-0001"


@pytest.mark.parametrize(
    "name",
    ["**大楼**", "[x](y)", "[领奖](https://evil.example)", "`rm`", "<@all>", "<font color='info'>",
     "# 号楼", "a\n> b", "_x_", "~~x~~", "\\*", "https://evil.example", "&lt;@all&gt;", "@all"],
)  # fmt: skip
@pytest.mark.parametrize("field", ["category", "place", "community", "department"])
def test_no_name_becomes_markup_a_link_a_mention_or_a_line(name: str, field: str) -> None:
    plain, told = said(FULL, "markdown"), said(FULL | {field: name}, "markdown")
    assert len(told.splitlines()) == len(plain.splitlines())
    for sign in "*[]<>`#~_\\@&":
        assert told.count(sign) == plain.count(sign), f"{sign} came in with the name"
    assert told.count("://") == plain.count("://")
    assert harmless(name) in told


def test_a_harmless_name_is_as_it_was() -> None:
    for name in ("明珠花园 5 幢（东）", "No. 12, Rongshu Xiang (east)", "1-2 号·乙"):
        assert harmless(name) == name


@pytest.mark.parametrize("form", ["markdown", "text"])
@pytest.mark.parametrize("fill", ["巷", "😀", "é", "a", "*"])
def test_however_long_names_are_it_fits_and_leads_back(form: str, fill: str) -> None:
    for length in (1, 100, 600, 601, 602, 3_000):
        long = dict.fromkeys(("category", "place", "community", "department"), fill * length)
        told = said(FULL | long, form)
        assert len(told.encode()) <= MOST[form]
        assert told.endswith(f"({LINK})" if form == "markdown" else LINK)
        assert "\ufffd" not in told
        assert told.count("**") == (2 if form == "markdown" else 0), "what was opened is closed"
    assert "…" in told


@pytest.mark.parametrize("most", range(4, 30))
def test_a_text_is_cut_between_characters(most: int) -> None:
    text = "a巷é😀" * 6
    found = cut(text, most)
    assert len(found.encode()) <= most
    assert found[-1] == "…"
    assert text.startswith(found[:-1])
    assert cut(text, len(text.encode())) == text


def test_a_message_of_an_older_version_is_still_read() -> None:
    told = said(BODY, "markdown")
    assert told.startswith("**超期 · 暴露垃圾**")
    assert "> 地点：甲社区" in told


def test_each_channel_is_told_in_its_own_language_or_that_of_its_city(
    office: Office, settings: Any
) -> None:
    settings.ROBOTS = [ROBOT, {**ROBOT, "name": "abroad", "language": "en"}]
    case = office.report()
    tell()
    bodies = dict(Delivery.objects.values_list("target", "body"))
    assert (bodies["group"]["language"], bodies["abroad"]["language"]) == ("zh-hans", "en")
    assert bodies["group"]["community"] == "甲社区"
    assert bodies["abroad"]["community"] == "Jia Community"
    assert bodies["abroad"]["category"] == case.category.name_en
    assert not HAN.search(said(bodies["abroad"], "markdown"))
    City.objects.update(language="en")
    city = City.objects.get()
    assert language_of(ROBOT, city) == "en"
    assert language_of({**ROBOT, "language": "zh-hans"}, city) == "zh-hans"


def test_the_place_is_that_of_the_registers_never_what_somebody_typed(
    office: Office, settings: Any
) -> None:
    settings.ROBOTS = [ROBOT]
    case = office.report(50, 70)
    Incident.objects.filter(pk=case.pk).update(title="canary-title", address="canary-address")
    tell()
    (row,) = Delivery.objects.all()
    case.refresh_from_db()
    assert case.building is not None
    assert row.body["place"] == case.building.address
    assert row.body["light"] == case.light
    assert row.body["path"] == f"/cases/{case.number}?city=toy"
    assert "canary" not in said(row.body, "markdown")


def test_a_mail_is_written_in_the_language_of_its_city() -> None:
    day = {"day": "2026-11-26", "language": "en", "told": [ENGLISH, ENGLISH]}
    assert subject(day) == "2026-11-26: 2 notices"
    assert not HAN.search(said(day))
    assert subject(FULL) == "督办 20261126-0001"


@pytest.mark.parametrize(
    "wrong", [{"language": "fr"}, {"language": 7}, {"format": "html"}, {"format": None}]
)
def test_a_language_or_a_form_that_there_is_not_stops_the_start(wrong: dict[str, object]) -> None:
    with pytest.raises(RuntimeError, match=r"settings\.md"):
        channels(json.dumps([ROBOT | wrong]), "name", "url")
