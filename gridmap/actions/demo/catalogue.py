"""Departments and categories of the demo.

The trees follow domain.md 3.7: components and events of city management, matters of the community.
Limits are hours from filing on the wall clock; they differ by city and are examples here.
"""

from __future__ import annotations

from typing import NamedTuple

from gridmap.actions.demo.stage import Stage
from gridmap.layers.checklists import CheckItem
from gridmap.layers.incidents import Category
from gridmap.layers.people import Department

DEPARTMENTS = {
    "police": ("公安", "Police"),
    "sanitation": ("环卫", "Sanitation"),
    "education": ("教育", "Education"),
    "culture": ("文化", "Culture"),
    "commerce": ("商务", "Commerce"),
    "tax": ("税务", "Tax"),
    "urban": ("城管", "Urban management"),
    "environment": ("环保", "Environmental protection"),
}

CLASSES = {
    "C1": ("component", "公用设施", "Public utilities"),
    "C2": ("component", "市容环境设施", "Street-scene facilities"),
    "C3": ("component", "园林绿化", "Green spaces"),
    "E1": ("event", "市容环境", "Street scene"),
    "E2": ("event", "宣传广告", "Posters and signs"),
    "E3": ("event", "施工管理", "Building works"),
    "E4": ("event", "街面秩序", "Street order"),
    "M1": ("matter", "矛盾纠纷", "Disputes"),
    "M2": ("matter", "安全隐患", "Hazards"),
    "M3": ("matter", "民生服务", "Services to residents"),
}


class Kind(NamedTuple):
    """One category at the end of a branch, and how the demo uses it.

    ``share`` says how often it happens beside the others; ``place`` where: at a house's door, on
    a stretch of street or lane, at a shop.
    """

    code: str
    name: str
    name_en: str
    department: str | None
    hours: int
    share: float
    place: str
    text: str


KINDS = (
    Kind("C1-01", "雨水井盖破损", "Broken storm drain cover", "urban", 36, 2, "way",
         "井盖有缺口，晚上走路容易踩空。"),
    Kind("C1-02", "污水井盖松动", "Loose sewer cover", "urban", 48, 2, "way",
         "车一过就响，边上的水泥也裂了。"),
    Kind("C1-03", "路灯不亮", "Street lamp out", "urban", 120, 4, "way", "连着两盏不亮。"),
    Kind("C2-01", "垃圾箱损坏", "Damaged bin", "sanitation", 120, 3, "way", "箱门掉了，合不上。"),
    Kind("C3-01", "行道树倒伏", "Leaning street tree", "urban", 48, 1, "way", "树枝搭到了电线上。"),
    Kind("E1-01", "暴露垃圾", "Exposed rubbish", "sanitation", 72, 9, "door",
         "袋装垃圾堆在墙边，没有进桶。"),
    Kind("E1-02", "乱堆物堆料", "Piled-up goods", "urban", 120, 12, "door",
         "旧家具和纸板堆在通道上。"),
    Kind("E1-03", "建筑垃圾", "Building rubble", "urban", 120, 5, "door", "装修后的砖块没有清走。"),
    Kind("E1-04", "道路不洁", "Dirty road", "sanitation", 48, 5, "way", "路面有泥浆，没有冲洗。"),
    Kind("E1-05", "污水外溢", "Overflowing sewage", "environment", 72, 3, "way",
         "检查井往外冒水。"),
    Kind("E1-06", "油烟扰民", "Cooking fumes", "environment", 240, 2, "shop",
         "排烟口正对居民窗户。"),
    Kind("E2-01", "非法小广告", "Illegal stickers", "urban", 120, 20, "door", "楼道口新贴了一片。"),
    Kind("E2-02", "破损店招", "Damaged shop sign", "culture", 240, 2, "shop", "店招一角松脱。"),
    Kind("E3-01", "工地扬尘", "Dust from works", "environment", 96, 2, "way", "出入口没有冲洗。"),
    Kind("E3-02", "私搭乱建", "Unauthorised building", "urban", 360, 3, "door",
         "屋顶在加盖铁皮棚。"),
    Kind("E4-01", "占道经营", "Trading on the road", "urban", 48, 6, "shop",
         "摊位摆到了人行道上。"),
    Kind("E4-02", "机动车乱停", "Illegal parking", "police", 48, 6, "way", "堵住了消防通道。"),
    Kind("M1-01", "邻里纠纷", "Quarrel between neighbours", None, 240, 3, "door",
         "为楼道堆放起了争执，双方愿意调解。"),
    Kind("M1-02", "噪声纠纷", "Dispute about noise", "police", 120, 3, "door", "夜间装修声响大。"),
    Kind("M2-01", "消防通道堵塞", "Blocked fire lane", "police", 72, 3, "door",
         "杂物占了半边通道。"),
    Kind("M2-02", "电线私拉", "Improvised wiring", "police", 72, 3, "door",
         "从窗口拉线给电动车充电。"),
    Kind("M2-03", "校园周边秩序", "Order around schools", "education", 96, 1, "way",
         "放学时段车辆拥堵。"),
    Kind("M2-04", "无证经营线索", "Unlicensed trade", "commerce", 240, 1, "shop",
         "门口没有公示证照。"),
    Kind("M3-01", "个体户办税咨询", "Tax enquiry of a shop", "tax", 240, 1, "shop",
         "想了解如何变更登记。"),
    Kind("M3-02", "独居老人探访", "Visit to a resident living alone", None, 120, 2, "door",
         "希望网格员每周上门一次。"),
)  # fmt: skip


# What to look at on a round, and where what is wrong is reported.
CHECKLIST = (
    ("消防通道、楼道没有堆物", "Fire lanes and stairs are clear", "M2-01"),
    ("井盖在位、不晃", "Manhole covers are in place and firm", "C1-01"),
    ("路灯、楼道灯会亮", "Street and stair lamps work", "C1-03"),
    ("没有飞线充电、私拉电线", "No improvised wiring or charging", "M2-02"),
    ("垃圾没有外溢，箱体完好", "Bins are whole and not overflowing", "C2-01"),
    ("墙面、树木没有要掉下来的", "Nothing loose on walls or trees", None),
    ("孤寡、重病的邻居敲门问一声", "A knock at the doors of those who live alone", None),
)


def load_catalogue(stage: Stage) -> None:
    """Write departments and categories."""
    stage.begin("categories")
    city = stage.city.pk
    stage.departments |= dict(
        zip(
            DEPARTMENTS,
            stage.write(
                Department,
                "city_id code name name_en rank",
                [
                    (city, code, name, name_en, rank)
                    for rank, (code, (name, name_en)) in enumerate(DEPARTMENTS.items(), start=1)
                ],
            ),
            strict=True,
        )
    )
    columns = "city_id parent_id code name name_en kind department_id limit_hours"
    classes = stage.write(
        Category,
        columns,
        [
            (city, None, code, name, name_en, kind, None, 72)
            for code, (kind, name, name_en) in CLASSES.items()
        ],
    )
    parents = dict(zip(CLASSES, classes, strict=True))
    rows = [
        (
            city,
            parents[kind.code[:2]],
            kind.code,
            kind.name,
            kind.name_en,
            CLASSES[kind.code[:2]][0],
            stage.departments[kind.department] if kind.department else None,
            kind.hours,
        )
        for kind in KINDS
    ]
    written = stage.write(Category, columns, rows)
    stage.categories |= dict(zip((kind.code for kind in KINDS), written, strict=True))
    lines = [
        (city, rank, text, text_en, stage.categories[code] if code else None)
        for rank, (text, text_en, code) in enumerate(CHECKLIST, start=1)
    ]
    stage.write(CheckItem, "city_id rank text text_en category_id", lines)
