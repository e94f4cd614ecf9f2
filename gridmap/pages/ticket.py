"""Hands the browser the short-lived ticket that the feeds ask for instead of a session."""

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from gridmap.layers import ticket
from gridmap.layers.postings import scope_of
from gridmap.layers.scope import Scope

COOKIE = settings.TICKET_COOKIE


def attach(response: HttpResponseBase, scope: Scope) -> None:
    """Put a fresh ticket for ``scope`` into the answer; only the feeds are sent it."""
    response.set_cookie(
        COOKIE,
        ticket.issue(scope),
        max_age=settings.TICKET_SECONDS,
        path="/feeds",
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


@never_cache
@require_POST
def renew(request: HttpRequest) -> JsonResponse:
    """Give a new ticket to whoever is still signed in."""
    user_id = request.user.pk
    if user_id is None:
        refusal = {"code": "NotSignedIn", "message": _("登录已过期，请重新登录。")}
        return JsonResponse(refusal, status=401)
    response = JsonResponse({"seconds": settings.TICKET_SECONDS})
    attach(response, scope_of(user_id))
    return response
