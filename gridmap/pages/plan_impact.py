"""The impact statement: who and what a plan moves, as it is handed in and decided upon."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from gridmap.layers import plan_guard, plan_states
from gridmap.layers.changes import IN_FORCE, Pair, change_map, marked, other_side
from gridmap.layers.plans import Plan
from gridmap.layers.postings import scope_of
from gridmap.layers.publications import Publication
from gridmap.layers.scope import Scope
from gridmap.layers.statements import statement
from gridmap.layers.territory import City
from gridmap.pages.chiefs import OFFICES
from gridmap.pages.desk import desk
from gridmap.pages.plan_frame import frame_of, numbered, opened, sides, since, views_of
from gridmap.pages.plan_picture import plan_map, signed

MOST_ROWS = 200  # behind one figure on the page; all of them stand in the registration form


@never_cache
@require_safe
@login_required
def impact_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The impact statement, for whoever hands in and for whoever decides."""
    scope = scope_of(request.user.pk or 0)
    plan = opened(scope, pk)
    told = statement(plan)
    singly = plan_guard.sees_singly(scope, plan.community)
    if not singly:
        told = plan_guard.statement(told)
    pair = Pair(
        plan.community, plan.fabric, other_side(plan, IN_FORCE, Plan.objects.within(scope))[0],
        plan_states.head_of(plan),
    )  # fmt: skip
    found = pair.compared()
    codes = {fields["uid"]: fields["code"] for fields in pair.before.cells.values()}
    codes |= {cell["uid"]: cell["code"] for cell in told["cells"]}
    rows, marks = marked(found, told["transfers"], codes)
    comments = numbered(plan)
    city = plan.community.subdistrict.city
    total = sum(cell["households"] for cell in told["cells"])
    last = Publication.objects.within(scope).filter(plan=plan).order_by("-at").first()
    context = {
        **frame_of(plan, scope),
        **views_of(request, sides(_("现行"))),
        "map": plan_map(change_map(pair, found, marks), city, comments),
        "told": told,
        "rows": rows,
        "share": f"{100 * told['figures']['households_moved'] / total:.1f}%" if total else "—",
        "consequences": consequences(told, codes),
        "singly": singly,
        "exceptions": [exception(fault, told, plan) for fault in told["faults"]],
        "must": sum(fault["must"] for fault in told["faults"]),
        "since": since(plan),
        "day": plan.wanted_from or _first_of_next_month(city),
        "tomorrow": _today(city).fromordinal(_today(city).toordinal() + 1),
        "own": _own(plan, scope),
        "publication": last,
        "running": last is not None and last.starts <= timezone.now(),
        "unsettled": sum(one.settled_by_id is None for _n, one in comments),
        "said": len(comments),
    }
    return desk(request, "plan_impact.html", scope, context)


def _today(city: City) -> date:
    return timezone.localdate(timezone=ZoneInfo(city.time_zone))


def _first_of_next_month(city: City) -> date:
    today = _today(city)
    return date(today.year + today.month // 12, today.month % 12 + 1, 1)


def _own(plan: Plan, scope: Scope) -> bool:
    """Whether the caller had a hand in the plan: then somebody else must approve it."""
    hands = {plan.owner_id, plan.submitted_by_id, None}
    return scope.user_id in hands or plan.ops.filter(author_id=scope.user_id).exists()


def consequences(told: dict[str, Any], codes: dict[str, str]) -> list[dict[str, Any]]:
    """Return the six rows of what will happen, each with the list behind it."""
    lists, counts = told["lists"], told["counts"]

    def moved(row: dict[str, Any]) -> str:
        one, two = (codes.get(row.get(side) or "", "")[-3:] for side in ("source", "target"))
        return f"{one} → {two}" if one or two else ""

    chiefs = [
        (row["name"], str(OFFICES[row["office"]]), _chief_note(row, moved(row)))
        for row in lists["chiefs"]
    ]
    homes = [(row["label"], moved(row), _("%(n)s 户") % {"n": row["households"]}) for row in
             lists["buildings"]]  # fmt: skip
    signs = {"cell": _("网格牌"), "building": _("楼栋牌"), "lane": _("巷牌")}
    rows = [
        ("ladder", _("三长与网格员"), _chiefs(lists["chiefs"]), _("%(n)s 人"),
         chiefs),
        ("flag", _("未结事件"), _("随地点转到新网格，时限照原来的走，不重新起算"), _("%(n)s 件"),
         [(row["label"], moved(row), "") for row in lists["incidents"]]),
        ("walk", _("巡查区"), _teams(lists), _("%(n)s 片"),
         [(row["name"], _("片区有改动"), "") for row in lists["teams"]]
         + [(row["label"], moved(row), _("巷段")) for row in lists["stretches"]]),
        ("star", _("党组织"), _("单位随地点换网格，大党委归属不变"), _("%(n)s 家"),
         [(row["label"], moved(row), "") for row in lists["party_units"]]),
        ("print", _("公示牌"), _sign_kinds(lists["signs"], signs), _("%(n)s 张"),
         [(row["label"], signs[row["kind"]], f"№ {row['serial']}") for row in lists["signs"]]),
        ("people", _("需要告知"), _("换网格的楼栋张贴公告；名单按楼栋列出"), _("%(n)s 户"), homes),
    ]  # fmt: skip
    sizes = [counts[kind] for kind in ("chiefs", "incidents", "teams", "party_units", "signs")]
    return [
        {
            "icon": icon,
            "title": title,
            "about": about,
            "count": word % {"n": "—" if size is None else size},
            "rows": listed[:MOST_ROWS],
            "more": len(listed) - MOST_ROWS if len(listed) > MOST_ROWS else 0,
        }
        for (icon, title, about, word, listed), size in zip(
            rows, [*sizes, counts["people"]], strict=True
        )
    ]


def _chiefs(found: list[dict[str, Any]]) -> str:
    if not found:
        return _("没有人的范围有变")
    counted = Counter(row["office"] for row in found)
    parts = [f"{word} {counted[office]}" for office, word in OFFICES.items() if counted[office]]
    return _("%(who)s；任期照旧，无人失去任期") % {"who": " · ".join(parts)}


def _chief_note(row: dict[str, Any], moved: str) -> str:
    return signed(row["households_change"]) if row["cell"] else moved


def _teams(lists: dict[str, list[Any]]) -> str:
    n = len(lists["stretches"])
    return _("%(n)s 段巷换网格；没走的间隔照样累计") % {"n": n} if n else _("没走的间隔照样累计")


def _sign_kinds(found: list[dict[str, Any]], words: dict[str, str]) -> str:
    counted = Counter(row["kind"] for row in found)
    return " · ".join(f"{words[kind]} {counted[kind]}" for kind in words if counted[kind])


def exception(fault: dict[str, Any], told: dict[str, Any], plan: Plan) -> dict[str, Any]:
    """Return a fault in words: what is so, and why it may stay."""
    codes = {cell["no"]: cell["code"][-3:] for cell in told["cells"]}
    names = {"code": codes.get(fault["no"], str(fault["no"])), "n": fault["households"]}
    over = fault["households"] - plan.highest
    words = {
        "unassigned": _("%(units)s 块地还没有归入网格") % {"units": len(fault["units"])},
        "empty": _("%(code)s 里没有地块") % names,
        "apart": _("%(code)s 分成了 %(parts)s 片") % {**names, "parts": fault["parts"]},
        "under": _("%(code)s 为 %(n)s 户，不到下限 %(limit)s 户") % {**names, "limit": plan.lowest},
        "over": _("%(code)s 为 %(n)s 户，超上限 %(over)s 户") % {**names, "over": over},
        "slender": _("%(code)s 形状太散（紧凑度 %(pp)s）") % {**names, "pp": fault["pp"]},
        "lane_cut": _("%(lane)s被分到两个网格，巷长要面对两位网格员") % {"lane": fault["lane"]},
    }
    return {
        "must": fault["must"],
        "text": words[fault["code"]],
        "reason": fault["reason"],
        "no": fault["no"],
        "excusable": fault["code"] in {"under", "over"},
        "code": fault["code"],
    }
