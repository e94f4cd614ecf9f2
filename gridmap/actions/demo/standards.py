"""The demo's calendar, hours, standards with their limits, and the authority matrix.

The limits named in domain.md 3.7 are those of real cities; the others are examples. The year to
come has no calendar yet, as in earnest: due times that cross into it say so.
"""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import NamedTuple

from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange
from django.utils import timezone

from gridmap.actions.demo.catalogue import KINDS
from gridmap.actions.demo.stage import Stage
from gridmap.geo.official_days import official_days, source
from gridmap.layers.calendars import CalendarDay, WorkSlot
from gridmap.layers.catalogue import Authority, Milestone, Standard, StepLimit
from gridmap.layers.city_settings import CitySetting
from gridmap.layers.territory import Subdistrict

RULE = "城市管理立案、处置与结案规范（演示）"
MATRIX = "部门权责清单（演示）"
SINCE = timedelta(days=800)
HOURS = (time(8), time(12)), (time(14, 30), time(17, 30))
SUMMER = (time(8), time(12)), (time(15), time(18))
SUMMER_MONTHS = (6, 10)  # from 1 June to the end of September
STEP_LIMITS = {
    "reported": (120, "work_minute"), "filed": (60, "work_minute"), "dispatched": (4, "work_hour"),
    "answered": (60, "work_minute"), "inspecting": (120, "work_minute"),
}  # fmt: skip
DAYS_OF_HOURS = {36: 2, 48: 2, 72: 3, 96: 4, 120: 5, 240: 10, 360: 15}
USUAL = "一般"
CLOSE_TARGET = "90"  # percent closed in time


class Rule(NamedTuple):
    """One filing condition: when it is filed, when it is closed, and its milestones."""

    condition: str
    filing: str
    closing: str
    milestones: tuple[tuple[str, int, str], ...]
    not_before: time | None = None


RULES: dict[str, tuple[Rule, ...]] = {
    "E3-02": (
        Rule(USUAL, "未经批准搭建的建筑物、构筑物", "拆除并清运完毕",
             (("责令停工", 4, "work_hour"), ("立案处罚", 7, "work_day"),
              ("拆除", 20, "work_day"))),
    ),
    "E1-01": (Rule(USUAL, "公共区域有暴露的生活垃圾", "清除干净", (("清除", 4, "work_hour"),)),),
    "E1-03": (
        Rule(USUAL, "零星建筑垃圾、渣土", "清除干净", (("清除", 4, "work_hour"),)),
        Rule("堆量较大", "须用车辆清运的建筑垃圾、渣土", "清运完毕", (("清运", 2, "work_day"),)),
    ),
    "E1-04": (
        Rule(USUAL, "路面有泥浆、积尘、遗撒", "冲洗干净", (("保洁", 2, "work_hour"),), time(8)),
        Rule("积水结冰", "积水、结冰影响通行", "恢复通行", (("排除", 4, "work_hour"),)),
    ),
    "C3-01": (
        Rule(USUAL, "行道树倒伏、断枝、缺株", "扶正或清理、补植", (("养护", 5, "work_day"),)),
    ),
    "C1-01": (
        Rule("可当场修复", "井盖破损、缺失，危及行人", "井盖完好", (("修复", 6, "hour"),)),
        Rule("不能立即修复", "须更换构件，已设围挡", "井盖完好", (("修复", 36, "hour"),)),
    ),
}  # fmt: skip


def rules_of(code: str, name: str, hours: int) -> tuple[Rule, ...]:
    """Return the rules of a category of the demo."""
    days = DAYS_OF_HOURS[hours]
    usual = Rule(USUAL, f"发现{name}，地点和责任明确", "问题已消除", (("处置", days, "work_day"),))
    return RULES.get(code, (usual,))


def load_standards(stage: Stage) -> None:
    """Write the calendar, the standards and the matrix."""
    stage.begin("standards")
    city, year = stage.city.pk, timezone.localtime(stage.now).year
    stage.write(
        CalendarDay,
        "city_id day kind name source",
        [
            (city, row.day, row.kind, row.name, source())
            for one in range(year - 2, year + 1)
            for row in official_days(one)
        ],
    )
    stage.write(WorkSlot, "city_id season begins ends valid", _slots(city, year))
    valid = DateTimeTZRange(stage.now - SINCE, None)
    stage.write(
        StepLimit,
        "city_id state limit unit valid",
        [(city, state, limit, unit, valid) for state, (limit, unit) in STEP_LIMITS.items()],
    )
    _write_standards(stage, valid)
    _write_matrix(stage, valid)
    _write_target(stage, valid)


def _slots(city: int, year: int) -> list[tuple[object, ...]]:
    begins, ends = SUMMER_MONTHS
    found: list[tuple[object, ...]] = []
    for one in range(year - 2, year + 2):
        spring = DateRange(date(one - 1, ends, 1), date(one, begins, 1))
        summer = DateRange(date(one, begins, 1), date(one, ends, 1))
        found += [(city, "冬令", a, b, spring) for a, b in HOURS]
        found += [(city, "夏令", a, b, summer) for a, b in SUMMER]
    return found


def _write_standards(stage: Stage, valid: DateTimeTZRange) -> None:
    rules = [(kind, rule) for kind in KINDS for rule in rules_of(kind.code, kind.name, kind.hours)]
    written = stage.write(
        Standard,
        "category_id condition place_class filing closing source valid",
        [
            (stage.categories[kind.code], rule.condition, "any", rule.filing, rule.closing, RULE,
             valid)
            for kind, rule in rules
        ],
    )  # fmt: skip
    stage.write(
        Milestone,
        "standard_id number name limit unit not_before",
        [
            (standard, number, name, limit, unit, rule.not_before)
            for standard, (_, rule) in zip(written, rules, strict=True)
            for number, (name, limit, unit) in enumerate(rule.milestones, start=1)
        ],
    )


def _write_matrix(stage: Stage, valid: DateTimeTZRange) -> None:
    """Write whose each category is, and one subdistrict that has it otherwise."""
    rows: list[tuple[object, ...]] = [
        (stage.categories[kind.code], None, stage.departments[kind.department], MATRIX, valid)
        for kind in KINDS
        if kind.department
    ]
    subdistricts = Subdistrict.objects.filter(city=stage.city).order_by("code")
    if len(subdistricts) > 1:
        rows.append(
            (stage.categories["E1-03"], subdistricts[len(subdistricts) - 1].pk,
             stage.departments["sanitation"], f"{MATRIX}：渣土委托清运", valid)
        )  # fmt: skip
    stage.write(Authority, "category_id subdistrict_id department_id source valid", rows)


def _write_target(stage: Stage, valid: DateTimeTZRange) -> None:
    target = (stage.city.pk, CitySetting.Name.CLOSE_TARGET.value, CLOSE_TARGET, valid)
    stage.write(CitySetting, "city_id name value valid", [target])
