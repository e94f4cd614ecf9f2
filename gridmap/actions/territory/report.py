"""What a load would do, or did, and which rows it refuses and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext_noop as _

from gridmap.geo.soundness import Problem

# Reasons for refusing a row; the doors translate them and fill in the detail.
REASONS: Mapping[str, str] = {
    "no_geometry": _("没有几何图形"),
    "wrong_type": _("几何类型不对"),
    "broken_geometry": _("几何图形已损坏"),
    "not_finite": _("坐标不是有限的数"),
    "outside_world": _("坐标不是经纬度（x %(x)s，y %(y)s）；请核对 --srid"),
    "too_many_vertices": _("顶点过多：%(vertices)s 个，最多 %(most)s 个"),
    "invalid_geometry": _("几何图形无效：%(reason)s"),
    "outside_city": _("超出本城市的服务范围"),
    "outside_parent": _("超出上级区域 %(parent)s 的范围 %(m2)s 平方米"),
    "no_parent": _("找不到上级区域 %(parent)s"),
    "overlap": _("与 %(other)s 重叠 %(m2)s 平方米"),
    "duplicate_code": _("代码 %(code)s 与第 %(other)s 行重复"),
    "code_elsewhere": _("代码 %(code)s 已被另一个城市使用"),
    "bad_code": _("代码 %(code)s 应为 %(digits)s 位数字，网格代码末三位不得为 000"),
    "missing_field": _("缺少 %(field)s"),
    "wrong_value": _("%(field)s 的值“%(value)s”不能用：应为 %(wanted)s"),
    "too_long": _("%(field)s 太长：%(length)s 个字，最多 %(most)s 个"),
    "bad_text": _("%(field)s 含有 NUL 字符"),
    "unknown_category": _("没有事件类别“%(value)s”；可加 --make-categories 新建"),
    "unknown_reference": _("找不到 %(field)s：%(value)s"),
    "unknown_object": _("没有代码、名称或地址是“%(value)s”的%(office)s对象"),
    "several_objects": _("有 %(n)s 处都叫“%(value)s”；请写代码"),
    "unknown_person": _("没有叫“%(value)s”的任职人；可加 --make-people 新建"),
    "several_people": _("有 %(n)s 位都叫“%(value)s”；请写转接电话来区分"),
    "bad_term": _("任期的结束 %(until)s 须晚于开始 %(since)s"),
    "bad_reason": _("代理须写原因，正式任期不写原因"),
    "term_overlap": _("与%(name)s的任期 %(since)s 至 %(until)s 重叠"),
    "term_overlap_row": _("与第 %(other)s 行的任期重叠"),
    "no_length": _("线没有长度，推不出路面"),
}
KEPT = 1_000  # problems in the stored report


@dataclass
class LoadReport:
    """Counts of one load, dry or committed.

    Attributes:
        read: rows in the file, after ``--where``.
        added, changed, unchanged: what became, or would become, of the rows that are sound.
        problems: the refused rows.
        mended: rows whose shape was invalid and was repaired, as was asked for.
        notes: what else is to be known, as msgids.
        failure: name of the database rule by which the whole load failed, "" if none.
        committed: whether it was done.
        seconds: how long reading excluded it took.
        made: names of things made along the way -> how many.
        load_id: the stored report, if committed.
    """

    layer: str
    read: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)
    mended: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    failure: str = ""
    committed: bool = False
    seconds: float = 0.0
    made: dict[str, int] = field(default_factory=dict)
    load_id: int | None = None

    @property
    def refused(self) -> int:
        """How many rows are refused."""
        return len({problem.row for problem in self.problems})

    def by_reason(self) -> dict[str, list[Problem]]:
        """The refused rows by reason, the commonest first."""
        groups: dict[str, list[Problem]] = defaultdict(list)
        for problem in self.problems:
            groups[problem.code].append(problem)
        return dict(sorted(groups.items(), key=lambda item: -len(item[1])))

    def counts(self) -> dict[str, object]:
        """The counts, for the journal and for programs."""
        return {
            "read": self.read,
            "added": self.added,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "refused": self.refused,
        }

    def stored_problems(self) -> list[dict[str, object]]:
        """The problems as the stored report holds them, in the language of the sources."""
        return [
            {
                "row": problem.row,
                "code": problem.code,
                "message": (REASONS[problem.code] % problem.detail).replace("\0", "␀"),
                "lng": problem.lng,
                "lat": problem.lat,
            }
            for problem in self.problems[:KEPT]
        ]
