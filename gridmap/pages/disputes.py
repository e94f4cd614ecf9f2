"""Whose ground it is (确权): the joint tasks that wait, the rulings in force, and making one."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gridmap.actions.rulings import Verdict, end_ruling, rule
from gridmap.errors import BadGeometry, BadValue, Refusal
from gridmap.layers.desk import departments_in
from gridmap.layers.grounds import candidates, degrees, drawn
from gridmap.layers.postings import scope_of
from gridmap.layers.rulings import JointTask, Ruling
from gridmap.layers.scope import Scope
from gridmap.pages.case import refused
from gridmap.pages.chiefs import city_asked, number
from gridmap.pages.desk import desk
from gridmap.pages.dispute_map import corners, dispute_map
from gridmap.pages.rail import must_stop
from gridmap.pages.refusals import turn_away

CAUSES = {"returned": gettext_lazy("两次回退"), "border": gettext_lazy("临近责任边界")}
GROUNDS = {
    "around": gettext_lazy("地点周围 30 米"),
    "wide": gettext_lazy("地点周围 60 米"),
    "building": gettext_lazy("这栋楼"),
    "border": gettext_lazy("附近这段责任边界"),
    "cell": gettext_lazy("整个网格"),
}
BY_HAND = "drawn"
MOST = 200


@login_required
@never_cache
@require_safe
def disputes_page(request: HttpRequest) -> HttpResponse:
    """The joint tasks without a ruling, and the rulings in force."""
    scope = _on_desk(request)
    city = city_asked(request, scope)
    tasks = JointTask.objects.within(scope).open().filter(incident__city=city)
    rulings = Ruling.objects.within(scope).filter(city=city, valid__endswith=None)
    context = {
        "here": "desk",
        "city": city,
        "tasks": [
            {"task": task, "cause": CAUSES[task.cause]}
            for task in tasks.select_related(
                "incident__category", "incident__community"
            ).prefetch_related("departments", "communities")[:MOST]
        ],
        "rulings": rulings.select_related("category", "department")[:MOST],
        "may_end": "rule" in _may(scope),
    }
    return desk(request, "disputes.html", scope, context)


def _on_desk(request: HttpRequest) -> Scope:
    scope = scope_of(request.user.pk or 0)
    must_stop(scope, "desk")
    return scope


def _may(scope: Scope) -> set[str]:
    return {"rule"} if scope.roles & {"leader", "dispatcher"} else set()


def _task(scope: Scope, pk: int) -> JointTask:
    rows = JointTask.objects.within(scope).filter(pk=pk)
    found = rows.select_related(
        "incident__city", "incident__category__parent", "incident__community",
        "incident__building", "ruling__department", "ruling__category",
    ).first()  # fmt: skip
    if found is None:
        raise Http404(_("没有找到，或不在您的范围内"))
    return found


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def dispute_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One joint task: both duty areas on the map; whoever may, rules."""
    scope = _on_desk(request)
    task = _task(scope, pk)
    if request.method == "POST":
        if task.settled_at is not None and scope.may_at("rule", task.incident.spot):
            return HttpResponseRedirect(reverse("dispute", args=[pk]))  # sent twice, or too late
        try:
            ruling, _new = rule(by=scope, task=pk, verdict=_verdict(task, request.POST))
        except Refusal as refusal:
            turn_away(refusal)
            messages.error(request, refused(refusal))
            return _shown(request, scope, _task(scope, pk), status=422)
        told = {"department": ruling.department.name}
        messages.success(request, _("已确权给%(department)s；等着派遣的这件已一并派出。") % told)
        return HttpResponseRedirect(reverse("dispute", args=[pk]))
    return _shown(request, scope, task)


def _shown(
    request: HttpRequest, scope: Scope, task: JointTask, *, status: int = 200
) -> HttpResponse:
    case, given = task.incident, request.POST
    open_ = task.settled_at is None
    may_rule = open_ and scope.may_at("rule", case.spot)
    grounds = candidates(case) if may_rule else {}
    first = list(task.departments.all())
    others = [row for row in departments_in(scope, case.city_id) if row not in first]
    context: dict[str, Any] = {
        "here": "desk",
        "city": case.city,
        "task": task,
        "case": case,
        "cause": CAUSES[task.cause],
        "map": dispute_map(scope, task, grounds),
        "may_rule": may_rule,
        "grounds": [
            (name, word, name == given.get("ground", "around"))
            for name, word in GROUNDS.items() if name in grounds
        ],
        "by_hand": given.get("ground") == BY_HAND or (may_rule and not grounds),
        "departments": [*first, *others],
        "given": given,
        "chosen": number(given.get("department")),
        "client_id": given.get("client_id") or str(uuid4()),
    }  # fmt: skip
    return desk(request, "dispute.html", scope, context, status=status)


def _verdict(task: JointTask, given: QueryDict) -> Verdict:
    """Return what the form says.

    Raises:
        BadValue: it was not filled in as it was given.
        BadGeometry: the ground is none.
    """
    case, name = task.incident, given.get("ground", "")
    try:
        client_id = UUID(given.get("client_id", ""))
        points = corners(case, given.get("drawn", "")) if name == BY_HAND else []
    except ValueError as fault:
        raise BadValue("表单不完整，请重新打开再填一次") from fault
    if name == BY_HAND:
        shape = drawn(points)
    else:
        known = candidates(case)
        if name not in known:
            raise BadGeometry("请选一个范围，或在图上画", reason="none")
        shape = known[name]
    return Verdict(
        geom=degrees(case.city, shape),
        department=number(given.get("department")) or 0,
        why=given.get("why", "").replace("\x00", "").strip()[:2000],
        whole_class=bool(given.get("whole_class")),
        client_id=client_id,
    )


@login_required
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a ruling; what it decided so far stays."""
    scope = scope_of(request.user.pk or 0)
    why = request.POST.get("why", "").replace("\x00", "").strip()[:2000]
    try:
        ended = end_ruling(by=scope, ruling=pk, why=why)
    except Refusal as refusal:
        turn_away(refusal)
        messages.error(request, refused(refusal))
        return HttpResponseRedirect(reverse("disputes"))
    messages.success(request, _("这条确权已结束；以前按它派的不变。"))
    return HttpResponseRedirect(f"{reverse('disputes')}?city={ended.city.slug}")
