"""What the forms of the page of figures do: contest a case, answer, keep the period's figures."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gridmap.actions.evaluation import contest, decide_contest, keep_evaluation
from gridmap.errors import BadValue, OutOfScope, Refusal
from gridmap.layers.postings import scope_of
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City
from gridmap.pages.chiefs import number
from gridmap.pages.figures_view import KEPT, WRONG, days_of, period_of
from gridmap.pages.refusals import turn_away

MOST = 2000


def _text(request: HttpRequest, name: str) -> str:
    found = request.POST.get(name, "").replace("\0", "").strip()
    if len(found) > MOST:
        raise BadValue("最多 %(most)s 个字", most=MOST)
    return found


def _back(request: HttpRequest) -> str:
    """Return the address the form stood at: only what the page itself reads of it."""
    query = QueryDict(request.POST.get("back", "")[:2000])
    kept = QueryDict(mutable=True)
    kept.update({name: query[name] for name in KEPT if query.get(name)})
    return f"{reverse('period-figures')}?{kept.urlencode()}"


def _done(request: HttpRequest, deed: Callable[[Scope], str], where: str) -> HttpResponse:
    try:
        words = deed(scope_of(request.user.pk or 0))
    except Refusal as refusal:
        turn_away(refusal)
        words = _(refusal.message)
        messages.error(request, words % refusal.detail if refusal.detail else words, "bad")
    else:
        messages.success(request, words, "ok")
    return HttpResponseRedirect(_back(request) + where)


@require_POST
@login_required
def contest_case(request: HttpRequest) -> HttpResponse:
    """Hold that a case should not count in a rate."""

    def deed(by: Scope) -> str:
        rate, case = request.POST.get("rate", ""), number(request.POST.get("case")) or 0
        contest(by=by, incident=case, rate=rate, why=_text(request, "why"))
        return _("异议已提出，答复前照旧计入。")

    return _done(request, deed, "#cases")


@require_POST
@login_required
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a contest."""

    def deed(by: Scope) -> str:
        upheld = {"1": True, "0": False}.get(request.POST.get("upheld", ""))
        if upheld is None:
            raise BadValue("请选成立或不成立")
        answer = _text(request, "answer")
        decide_contest(by=by, contest=min(pk, 2**63 - 1), upheld=upheld, answer=answer)
        if upheld:
            return _("异议成立：这件不再计入，原来的数仍在。")
        return _("异议不成立，照旧计入。")

    return _done(request, deed, "#contests")


@require_POST
@login_required
def keep(request: HttpRequest) -> HttpResponse:
    """Compute the figures of the period and keep them beside those kept before."""

    def deed(by: Scope) -> str:
        slug = request.POST.get("city", "")[:32]
        city = City.objects.within(by).filter(slug=slug).first()
        if city is None:
            raise OutOfScope(WRONG)
        since, until = days_of(request.POST, ZoneInfo(city.time_zone))
        period = period_of(since, until, ZoneInfo(city.time_zone))
        keep_evaluation(by=by, city=city, period=period)
        return _("本期结果已保存，以前保存的不变。")

    return _done(request, deed, "#kept")
