"""The frame of every page that is lists and forms: top bar and rail as on the map, no script."""

from collections.abc import Mapping
from typing import cast

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from gridmap.layers import chronicle
from gridmap.layers.postings import Role
from gridmap.layers.scope import Scope
from gridmap.pages.bell import bell
from gridmap.pages.rail import rail


def desk(
    request: HttpRequest,
    template: str,
    scope: Scope,
    context: Mapping[str, object],
    *,
    status: int = 200,
) -> HttpResponse:
    """Render a template that extends ``desk.html``.

    Args:
        request: of somebody signed in.
        template: its name.
        scope: the caller's.
        context: what the template shows. ``here`` names the stop of the rail it belongs to,
            ``city`` the city it is about (its name and whether it is a demo stand in the top bar).
        status: of the answer.
    """
    user = cast("User", request.user)
    frame = {
        "rail": rail(scope.roles, superuser=user.is_superuser),
        **bell(scope),
        "reads_history": chronicle.may_read(scope),
        "user_name": user.get_full_name() or user.get_username(),
        "user_roles": [_(str(Role(role).label)) for role in sorted(scope.roles)],
    }
    return render(request, template, {**frame, **context}, status=status)
