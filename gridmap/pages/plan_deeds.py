"""What the forms of the plans' pages do: hand in, decide, publish, take back, say, fork, import."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.gis.geos import Point
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from gridmap.actions import beginnings, plans, publications
from gridmap.actions.imports import import_division
from gridmap.actions.plans import Remark, Wish, rights
from gridmap.errors import BadValue, Refusal
from gridmap.geo.uploads import read_upload
from gridmap.layers.plans import Plan
from gridmap.layers.postings import scope_of
from gridmap.layers.publications import Publication
from gridmap.layers.scope import Scope
from gridmap.pages.chiefs import number
from gridmap.pages.desk import desk
from gridmap.pages.plan_frame import editor_of, frame_of, opened
from gridmap.pages.plan_picture import UNITS, place_on
from gridmap.pages.refusals import turn_away


class Form:
    """What was typed."""

    def __init__(self, typed: QueryDict) -> None:
        self.typed = typed

    def text(self, name: str, most: int) -> str:
        """Return a text, not longer than said."""
        found = str(self.typed.get(name, "")).strip().replace("\0", "")
        if len(found) > most:
            raise BadValue("最多 %(most)s 个字", most=most)
        return found

    def needed(self, name: str, most: int, wanting: str) -> str:
        """Return a text that must not be empty; ``wanting`` is said when it is."""
        found = self.text(name, most)
        if not found:
            raise BadValue(wanting)
        return found

    def seq(self) -> int:
        """Return the step of the plan that was looked at."""
        return number(self.typed.get("seq"), 0) or 0

    def day(self) -> date:
        """Return the day on which it takes effect."""
        try:
            found = parse_date(str(self.typed.get("day", "")))
        except ValueError:
            found = None
        if found is None:
            raise BadValue("日期应写成 2026-11-26")
        return found

    def seen(self) -> None:
        """Let nobody decide on what they did not say they had looked at."""
        if self.typed.get("seen") != "1":
            raise BadValue("请先看过变化和受影响名单，再勾选")

    def place(self, by: Scope, plan: int) -> Point | None:
        """Return the place of the map a comment is pinned to."""
        x, y = (number(self.typed.get(name), 0, UNITS * 10) for name in ("x", "y"))
        found = Plan.objects.within(by).select_related("community__subdistrict__city").get(pk=plan)
        return None if x is None or y is None else place_on(found.community, x, y)


def _submit(by: Scope, plan: int, form: Form) -> object:
    form.seen()
    return publications.submit(by=by, plan=plan, expect_seq=form.seq(), effective_from=form.day())


def _approve(by: Scope, plan: int, form: Form) -> object:
    form.seen()
    return publications.approve(
        by=by, plan=plan, expect_seq=form.seq(), note=form.text("note", 400)
    )


def _send_back(by: Scope, plan: int, form: Form) -> object:
    note = form.needed("note", 400, "退回须写明理由")
    return publications.send_back(by=by, plan=plan, note=note)


def _publish(by: Scope, plan: int, form: Form) -> object:
    form.seen()
    return publications.publish(by=by, plan=plan, expect_seq=form.seq(), effective_from=form.day())


def _excuse(by: Scope, plan: int, form: Form) -> object:
    fields = {"reason": form.needed("reason", 400, "请写明理由")}
    cell = number(form.typed.get("cell")) or 0
    wish = Wish(id=uuid4(), kind="edit", cells=(cell,), fields=fields)
    return plans.apply_ops(by=by, plan=plan, base_seq=form.seq(), ops=[wish])


def _comment(by: Scope, plan: int, form: Form) -> object:
    remark = Remark(
        text=form.text("text", 2000),
        place=form.place(by, plan),
        no=number(form.typed.get("cell")),
        answers=number(form.typed.get("answers")),
    )
    return plans.comment(by=by, plan=plan, remark=remark)


def _settle(by: Scope, plan: int, form: Form) -> object:
    return plans.settle_comment(by=by, plan=plan, comment=number(form.typed.get("comment")) or 0)


Deed = Callable[[Scope, int, Form], object]
DEEDS: dict[str, Deed] = {
    "submit": _submit,
    "approve": _approve,
    "return": _send_back,
    "publish": _publish,
    "excuse": _excuse,
    "comment": _comment,
    "settle": _settle,
}
DONE = {
    "submit": gettext_lazy("已送审。街道批准前，草案不能再改。"),
    "approve": gettext_lazy("已批准。定好生效日就可以发布。"),
    "return": gettext_lazy("已退回，草案可以再改。"),
    "publish": gettext_lazy("已发布。生效日 00:00 起用新网格；此前一切照旧。"),
    "excuse": gettext_lazy("理由已写进草案。"),
    "comment": gettext_lazy("批注已写下。"),
    "settle": gettext_lazy("已了结。"),
}


@require_POST
@login_required
def do(request: HttpRequest, pk: int) -> HttpResponse:
    """Do what a form of a plan's page asks, and go back to it."""
    scope = scope_of(request.user.pk or 0)
    plan = opened(scope, pk)
    deed = request.POST.get("deed", "")
    talk = deed in {"comment", "settle"}
    back = reverse("plan-compare" if talk else "plan-impact", args=[plan.pk])
    try:
        if deed not in DEEDS:
            raise BadValue("没有这个动作")
        DEEDS[deed](scope, plan.pk, Form(request.POST))
    except Refusal as refusal:
        turn_away(refusal)
        messages.error(request, _(refusal.message) % refusal.detail, extra_tags="bad")
    else:
        messages.success(request, str(DONE[deed]), extra_tags="ok")
    if talk:
        query = QueryDict(request.POST.get("back", "")[:1000], mutable=True)
        query["tab"] = "comments"
        return HttpResponseRedirect(f"{back}?{query.urlencode()}")
    return HttpResponseRedirect(back)


@require_POST
@login_required
def fork(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on with a plan in a draft of its own; where its units are old ones, on the new ones."""
    scope = scope_of(request.user.pk or 0)
    plan = opened(scope, pk)
    title = request.POST.get("title", "") or _("%(title)s（分叉）") % {"title": plan.title[:110]}
    try:
        if plan.fabric.current:
            made = plans.fork(by=scope, plan=plan.pk, seq=None, title=title)
        else:
            made = beginnings.carry_draft(by=scope, plan=plan.pk, title=title)
    except Refusal as refusal:
        turn_away(refusal)
        messages.error(request, _(refusal.message) % refusal.detail, extra_tags="bad")
        return HttpResponseRedirect(reverse("plans"))
    if made.match:
        return HttpResponseRedirect(reverse("plan-files", args=[made.pk]))
    return HttpResponseRedirect(editor_of(made) or reverse("plan-compare", args=[made.pk]))


@require_POST
@login_required
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a publication back before its day."""
    return _again(request, pk, back=False)


@require_POST
@login_required
def revert(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring back the division that a publication replaced."""
    return _again(request, pk, back=True)


def _again(request: HttpRequest, pk: int, *, back: bool) -> HttpResponse:
    scope, form = scope_of(request.user.pk or 0), Form(request.POST)
    pk = min(pk, 2**63 - 1)
    try:
        if back:
            made = publications.revert(by=scope, publication=pk, effective_from=form.day())
            messages.success(request, _("上一版网格将在生效日 00:00 恢复。"), extra_tags="ok")
        else:
            made = publications.withdraw(by=scope, publication=pk)
            messages.success(request, _("发布已撤回，一切照旧。"), extra_tags="ok")
    except Refusal as refusal:
        turn_away(refusal)
        messages.error(request, _(refusal.message) % refusal.detail, extra_tags="bad")
        found = Publication.objects.within(scope).filter(pk=pk).first()
        return HttpResponseRedirect(_records(found))
    return HttpResponseRedirect(_records(made))


def _records(found: Publication | None) -> str:
    about = f"&community={found.community_id}" if found else ""
    return f"{reverse('plans')}?show=publications{about}"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def files_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Lay a division from a file into a draft, and tell what of it did not fit."""
    scope = scope_of(request.user.pk or 0)
    plan = opened(scope, pk)
    context = {**frame_of(plan, scope), "report": plan.match, "carried": bool(plan.match)}
    status = 200
    if request.method == "POST":
        context |= {"report": {}, "carried": False}
        try:
            context["report"] = _laid(request, scope, plan)
            context["done"] = True
        except Refusal as refusal:
            turn_away(refusal)
            status = 422
            context["error"] = _(refusal.message) % refusal.detail
            context["report"] = refusal.detail.get("report", {})
    return desk(request, "plan_files.html", scope, context, status=status)


def _laid(request: HttpRequest, scope: Scope, plan: Plan) -> dict[str, object]:
    rights.check(scope, "draft", plan.community)  # before the file is read
    upload = request.FILES.get("file")
    name, size = (str(upload.name), upload.size or 0) if upload else ("", 0)
    rows = read_upload(name, size, upload.chunks() if upload else ())
    outcome, match = import_division(by=scope, plan=plan.pk, rows=rows, client_id=uuid4())
    told = match.told()
    told["left"] = len(outcome.conflicts)
    return told
