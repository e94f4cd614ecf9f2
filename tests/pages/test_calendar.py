"""The calendar in the administration and on the desk: a missing year is seen before it hurts."""

from __future__ import annotations

from datetime import date
from unittest.mock import patch

import pytest
from django.test import Client

from gridmap.geo.official_days import NamedDay
from gridmap.layers.calendars import CalendarDay
from gridmap.layers.catalogue import Milestone, Standard
from gridmap.layers.postings import Role
from gridmap.layers.territory import City
from tests import town as toy

LIST = "/admin/layers/calendarday/"
NEXT = [NamedDay(date(2027, 1, 1), "holiday", "元旦"), NamedDay(date(2027, 1, 2), "rest", "休息")]


@pytest.fixture
def admin(town: City) -> Client:
    return signed_in("admin", Role.ADMIN)


def signed_in(name: str, role: Role) -> Client:
    client = Client()
    client.force_login(toy.posted(name, role=role))
    return client


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def asked(year: int | None) -> object:
    """Which year is missing today."""
    return patch("gridmap.pages.admin.calendar.year_without_days", return_value=year)


def known(days: list[NamedDay]) -> tuple[object, object]:
    return (
        patch("gridmap.pages.admin.calendar.official_days", return_value=days),
        patch("gridmap.actions.calendars.official_days", return_value=days),
    )


def test_a_missing_year_is_loaded_by_a_button(admin: Client, town: City) -> None:
    here, there = known(NEXT)
    with asked(2027), here, there:  # type: ignore[attr-defined]
        text = page(admin, LIST)
        assert "还没有 2027 年的放假安排" in text
        assert "载入 2027 年" in text
        form = {"city": town.pk, "year": "2027"}
        answer = admin.post(f"{LIST}seed/", form, follow=True)
        assert "2027 年：加了 2 天" in answer.content.decode()
    assert CalendarDay.objects.count() == 2
    with asked(None):  # type: ignore[attr-defined]
        assert "放假安排" not in page(admin, LIST)


def test_where_the_days_are_not_known_there_is_no_button(admin: Client, town: City) -> None:
    here, there = known([])
    with asked(2027), here, there:  # type: ignore[attr-defined]
        text = page(admin, LIST)
        assert "逐日填写" in text
        assert "载入 2027 年" not in text
        form = {"city": town.pk, "year": "2027"}
        answer = admin.post(f"{LIST}seed/", form, follow=True)
        assert "还没有 2027 年的放假安排：请按" in answer.content.decode()
    assert CalendarDay.objects.count() == 0


@pytest.mark.parametrize(
    "form",
    [{"city": "999999", "year": "2027"}, {"city": "x", "year": "2027"}, {"year": "2027"}, {}],
    ids=["no such city", "no number", "no city", "nothing"],
)
def test_another_city_is_not_there(admin: Client, form: dict[str, str]) -> None:
    with asked(2027):  # type: ignore[attr-defined]
        admin.post(f"{LIST}seed/", form)
    assert CalendarDay.objects.count() == 0


def test_another_year_than_the_missing_one_is_refused(admin: Client, town: City) -> None:
    with asked(2027):  # type: ignore[attr-defined]
        answer = admin.post(f"{LIST}seed/", {"city": town.pk, "year": "2025"}, follow=True)
    assert "已经有了，或还不到" in answer.content.decode()
    assert CalendarDay.objects.count() == 0


def test_the_desk_of_those_who_answer_for_limits_says_it(town: City) -> None:
    with patch("gridmap.pages.cases.year_without_days", return_value=2027):
        for name, role, told in (
            ("lead", Role.LEADER, True), ("duty", Role.DISPATCHER, True),
            ("worker", Role.WORKER, False),
        ):  # fmt: skip
            assert ("2027 年的放假安排" in page(signed_in(name, role), "/desk")) is told, name


def test_before_filing_it_is_said_what_is_guessed(town: City) -> None:
    case = toy.incident(50, 50, state="reported", filed_at=None, verified=True)
    case.category.limit_hours = 8
    case.category.save()
    from_step = page(signed_in("duty", Role.DISPATCHER), f"/cases/{case.number}")
    assert "按周一至周五暂算" not in from_step, "hours by the wall clock need no calendar"
    limited(case.category_id)
    assert "按周一至周五暂算" in page(signed_in("duty2", Role.DISPATCHER), f"/cases/{case.number}")


def limited(category: int) -> None:
    standard = Standard.objects.create(
        category_id=category, condition="一般", filing="有", closing="无", source="规范",
        valid=toy.ALWAYS,
    )  # fmt: skip
    Milestone.objects.create(standard=standard, name="清除", limit=4, unit="work_hour")
