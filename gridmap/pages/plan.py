"""The planner's editor: the page around the map on which a draft is drawn."""

from typing import cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from gridmap.layers.plans import Plan, Status
from gridmap.layers.postings import scope_of
from gridmap.layers.scope import Scope
from gridmap.layers.territory import Community
from gridmap.pages.desk import desk
from gridmap.pages.modules import modules
from gridmap.pages.ticket import attach
from gridmap.pages.views import MAPLIBRE


def _link(path: str) -> str:
    """The address of a page beside this one, empty where there is none."""
    try:
        resolve(path)
    except Resolver404:
        return ""
    return path


def _boot(plan: Plan, scope: Scope, user: User) -> dict[str, object]:
    """What the page's scripts start from."""
    city = plan.community.subdistrict.city
    drafting = scope.may("draft", city.pk, plan.community_id)
    return {
        "plan": plan.pk,
        "fabric": plan.fabric_id,
        "community": plan.community_id,
        "others": list(
            Community.objects.within(scope)
            .filter(subdistrict__city=city)
            .exclude(pk=plan.community_id)
            .values_list("pk", flat=True)
        ),
        "bbox": plan.community.geom.extent,
        "me": user.get_username(),
        "drafting": drafting and plan.status == Status.DRAFT,
        "city": {
            "slug": city.slug,
            "edition": city.edition_name,
            "demo": city.demo,
            "approval": city.approval,
            "zone": city.time_zone,
        },
        "raster": bool(settings.TIANDITU_KEY),
        "links": {
            "list": _link("/plans"),
            "compare": _link(f"/plans/{plan.pk}/compare"),
            "impact": _link(f"/plans/{plan.pk}/impact"),
        },
    }


@never_cache
@require_safe
@ensure_csrf_cookie
@login_required
def plan_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The page on which a plan is drawn, or looked at by who may only read it."""
    user = cast("User", request.user)
    scope = scope_of(user.pk)
    plan = (
        Plan.objects.within(scope)
        .select_related("community__subdistrict__city")
        .filter(pk=pk)
        .first()
    )
    if plan is None:
        raise Http404(_("没有这个草案，或不在您的范围内"))
    boot = _boot(plan, scope, user)
    context = {
        "here": "plans",
        "plan": plan,
        "city": plan.community.subdistrict.city,
        "boot": boot,
        "library": MAPLIBRE,
        "modules": modules("gridmap/pages/plan.js"),
        "language": translation.get_language(),
    }
    response = desk(request, "plan.html", scope, context)
    attach(response, scope)
    return response
