"""The map page and the words it speaks."""

from typing import cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from gridmap.layers.chronicle import may_read
from gridmap.layers.postings import Role, scope_of
from gridmap.layers.rights import RIGHTS
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City, Community
from gridmap.pages.bell import bell
from gridmap.pages.modules import modules
from gridmap.pages.rail import rail
from gridmap.pages.ticket import attach

# The browser's map library, as script/setup lays it under static/; package.json names the version.
MAPLIBRE = "vendor/maplibre-gl-6.17.0"


Own = list[tuple[int, int, str]]  # community, subdistrict, slug of the city


def _own(scope: Scope) -> Own:
    """The communities in which something is the caller's business."""
    rows = Community.objects.within(scope).own(scope).order_by("code")
    return list(rows.values_list("pk", "subdistrict_id", "subdistrict__city__slug"))


def _cities(scope: Scope, own: Own) -> list[dict[str, object]]:
    """The cities the caller works in with their areas and categories, in four queries."""
    mine = {community for community, _subdistrict, _city in own}
    english = translation.get_language() == "en"
    cities = City.objects.within(scope).prefetch_related("subdistricts__communities", "categories")
    return [
        {
            "slug": city.slug,
            "name": (city.name_en if english else "") or city.name,
            "formerName": city.former_name,
            "demo": city.demo,
            "edition": city.edition_name,
            "bbox": city.bounds.extent,
            "approval": city.approval,
            "zone": city.time_zone,
            "whole": city.pk in scope.figures.cities,
            "subdistricts": [
                {
                    "id": subdistrict.pk,
                    "name": subdistrict.name,
                    "communities": [
                        {
                            "id": community.pk,
                            "name": community.name,
                            "own": community.pk in mine,
                        }
                        for community in subdistrict.communities.all()
                    ],
                }
                for subdistrict in city.subdistricts.all()
            ],
            "categories": [
                {
                    "id": category.pk,
                    "code": category.code,
                    "name": (category.name_en if english else "") or category.name,
                }
                for category in city.categories.all()
            ],
        }
        for city in cities.order_by("demo", "slug")
    ]


def _home(scope: Scope, own: Own) -> dict[str, object]:
    """Where a caller lands: the own cell, community or subdistrict, or the whole city."""
    if scope.figures.cities or not own:
        return {}
    community, subdistrict, city = own[0]
    if len(own) == 1:
        home = {"city": city, "subdistrict": subdistrict, "community": community}
        cells = scope.figures.cells if not scope.figures.communities else frozenset()
        return {**home, "cell": next(iter(cells))} if len(cells) == 1 else home
    if len({row[1] for row in own}) == 1:
        return {"city": city, "subdistrict": subdistrict}
    return {"city": city}


def _boot(user: User, scope: Scope) -> dict[str, object]:
    """What the page's scripts start from."""
    own = _own(scope)
    return {
        "user": {
            "name": user.get_full_name() or user.get_username(),
            "roles": [_(str(Role(role).label)) for role in sorted(scope.roles)],
        },
        "cities": _cities(scope, own),
        "home": _home(scope, own),
        "now": timezone.now().isoformat(),
        "basemap": bool(settings.TIANDITU_KEY),
        "rail": rail(scope.roles, superuser=user.is_superuser),
        "bell": {"href": reverse("inbox"), "count": reverse("inbox-count"), **bell(scope)},
        "may": {
            "report": bool(RIGHTS["report"] & scope.roles),
            "appoint": bool(RIGHTS["appoint"] & scope.roles),
            "incidents": scope.sees_incidents,
        },
        "light": reverse("light"),
    }


@never_cache
@require_safe
@ensure_csrf_cookie
@login_required
def map_page(request: HttpRequest) -> HttpResponseBase:
    """The page around the map; the feeds' ticket comes with it."""
    user = cast("User", request.user)
    scope = scope_of(user.pk)
    context = {
        "boot": _boot(user, scope),
        "library": MAPLIBRE,
        "modules": modules("gridmap/pages/map.js"),
        "language": translation.get_language(),
        "reads_history": may_read(scope),
    }
    response = render(request, "map.html", context)
    attach(response, scope)
    return response
