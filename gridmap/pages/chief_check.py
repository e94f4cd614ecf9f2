"""The nightly check of the roster: the last runs, and every finding of one of them."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from gridmap.layers.checks import ChiefCheck
from gridmap.layers.people import COLUMNS
from gridmap.layers.postings import scope_of
from gridmap.layers.territory import City
from gridmap.layers.words_of_history import CHECKS
from gridmap.pages.chiefs import OFFICES, city_asked, number
from gridmap.pages.desk import desk
from gridmap.pages.rail import must_stop

RUNS = 30  # shown


def _finding(found: dict[str, Any]) -> dict[str, Any]:
    office = found["office"]
    href = reverse("chief", args=[office, found["id"]]) if office in COLUMNS else ""
    if office == "cell":
        href = f"{reverse('map')}?overlay=chiefs&cell={found['id']}"
    if found["rule"] == "ladder_is_whole":
        href = f"{reverse('map')}?overlay=chiefs&building={found['id']}"
    return {
        **found,
        "rule": _(CHECKS.get(found["rule"], found["rule"])),
        "office": OFFICES.get(office, _("网格")),
        "href": href,
    }


def _run(check: ChiefCheck, city: City) -> dict[str, Any]:
    return {
        "id": check.pk,
        "at": f"{check.at.astimezone(ZoneInfo(city.time_zone)):%Y-%m-%d %H:%M}",
        "broken": check.broken,
        "posts": sum(row["posts"] for row in check.counts.get("posts", {}).values()),
        "vacant": sum(row["vacant"] for row in check.counts.get("posts", {}).values()),
    }


@never_cache
@require_safe
@login_required
def check_page(request: HttpRequest) -> HttpResponse:
    """The last runs, and the rules and findings of the one chosen, the newest if none is."""
    scope = scope_of(request.user.pk or 0)
    must_stop(scope, "chiefs")
    city = city_asked(request, scope)
    checks = ChiefCheck.objects.within(scope).filter(city=city)
    runs = list(checks.order_by("-at")[:RUNS])
    chosen = runs[0] if runs else None
    if asked := request.GET.get("run"):
        chosen = checks.filter(pk=number(asked) or 0).first()
        if chosen is None:
            raise Http404(_("没有这次核对，或不在您的范围内"))
    context = {
        "here": "chiefs",
        "city": city,
        "whole": city.pk in scope.cities,
        "runs": [_run(run, city) for run in runs],
        "chosen": chosen and _run(chosen, city),
        "rules": [
            (_(word), chosen.counts.get("rules", {}).get(rule, 0)) for rule, word in CHECKS.items()
        ]
        if chosen
        else [],
        "findings": [_finding(found) for found in chosen.findings] if chosen else [],
    }
    return desk(request, "chief_check.html", scope, context)
