"""One deed for several cases of the desk: what goes to somebody else is shown before it is done."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gridmap.actions.cases import Said, act
from gridmap.errors import Refusal
from gridmap.layers.authority import propose_departments
from gridmap.layers.incidents import Incident
from gridmap.layers.names import named
from gridmap.layers.postings import scope_of
from gridmap.layers.scope import Scope
from gridmap.layers.words_of_history import deed_word
from gridmap.pages.case import found_case, refused
from gridmap.pages.desk import desk
from gridmap.pages.desk_links import led_back, way_back
from gridmap.pages.desk_rows import TOGETHER, able

MOST_AT_ONCE = 100
SHOWN = 10  # refusals


@login_required
@require_POST
def together(request: HttpRequest) -> HttpResponse:
    """Do one deed with several cases; what is refused is said, the others are done.

    A dispatch cannot be taken back: it is first shown how many go to which department, and what
    is shown is what is done.
    """
    scope = scope_of(request.user.pk or 0)
    verb, back = request.POST.get("verb", ""), way_back(request)
    try:
        batch = UUID(request.POST.get("batch", ""))
    except ValueError as fault:
        raise Http404 from fault
    if verb not in TOGETHER:
        raise Http404
    slug = back.get("city", "")
    cases = [
        found_case(scope, number, slug) for number in request.POST.getlist("case")[:MOST_AT_ONCE]
    ]
    if verb == "dispatch" and cases and not request.POST.get("shown"):
        return _shown(request, scope, cases, back)
    why = request.POST.get("why", "").replace("\x00", "").strip()[:2000]
    done, left = 0, []
    for case in cases:
        once = uuid5(NAMESPACE_OID, f"{batch} {case.pk} {verb}")
        to = request.POST.get(f"to-{case.number}", "") if verb == "dispatch" else ""
        given = int(to) if to.isascii() and to.isdigit() and len(to) < 19 else None  # noqa: PLR2004
        said = Said(client_id=once, why=why, department=given)
        try:
            act(by=scope, incident=case.pk, verb=verb, said=said)
            done += 1
        except Refusal as refusal:
            left.append(f"{case.number}：{refused(refusal)}")
    word = deed_word(verb)
    messages.success(request, _("%(deed)s：%(n)s 件已办。") % {"deed": word, "n": done})
    if left:
        told = "；".join(left[:SHOWN])
        messages.error(request, _("没有办成：%(list)s") % {"list": told})
    return HttpResponseRedirect(led_back(scope, back))


def _shown(
    request: HttpRequest, scope: Scope, cases: list[Incident], back: QueryDict
) -> HttpResponse:
    """Answer with what would be dispatched where; nothing is written."""
    ready = [case for case in cases if able(scope, case, ["dispatch"])]
    matters = [(case.category, case.place) for case in ready]
    found = propose_departments(matters, timezone.now())
    by_department: defaultdict[int, list[Incident]] = defaultdict(list)
    departments: dict[int, Any] = {}
    nobody = []
    for case, proposal in zip(ready, found, strict=True):
        if proposal.department is None:
            nobody.append(case)
            continue
        departments[proposal.department.pk] = proposal.department
        by_department[proposal.department.pk].append(case)
    order = sorted(by_department, key=lambda pk: (departments[pk].rank, pk))
    context = {
        "here": "desk",
        "city": cases[0].city,
        "groups": [(pk, named(departments[pk]), by_department[pk]) for pk in order],
        "n": len(ready) - len(nobody),
        "nobody": nobody,
        "elsewhere": [case for case in cases if case not in ready],
        "batch": request.POST["batch"],
        "why": request.POST.get("why", ""),
        "back": back.urlencode(),
        "home": led_back(scope, back),
    }
    return desk(request, "cases_dispatch.html", scope, context)
