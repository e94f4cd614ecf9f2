"""How long a session lasts, and what it may not do before the password is changed.

The session itself carries when it began and when it was last used, so nothing is asked of the
database here.
"""

import time
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

from gridmap.layers.sessions import ROTATE, USER
from gridmap.pages.database_away import AWAY, come_back
from gridmap.pages.ways import came_from

SINCE, USED, IDLE, MUST_CHANGE = "since", "used", "idle", "must_change"
DEVICE, ADDRESS = "device", "address"
# Addresses that are nobody's work: they neither keep a session alive nor need one.
OUTSIDE = frozenset({"words", "healthz", "readyz", "set_language", "sign-out", "card", "card-here"})
BEFORE_CHANGE = OUTSIDE | {"password"}
NOTED_EVERY = 60  # seconds: a session is not written at every request
# Sent by the map when it asks by itself: nobody has touched it since it asked before.
UNTOUCHED = "X-Untouched"
VISITS = ("GET", "HEAD")


def has_ended(session: SessionBase | dict[str, Any], now: float) -> bool:
    """Return whether the session is too old, or was left alone for too long."""
    idle = session.get(IDLE, 0)
    too_old = now - session.get(SINCE, now) > settings.SESSION_COOKIE_AGE
    return too_old or bool(idle and now - session.get(USED, now) > idle)


class Sitting(MiddlewareMixin):
    """Ends what has lasted long enough; stands behind Django's authentication."""

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponse | None:
        """Let the request pass, as somebody or as nobody, or send it to the change of password."""
        try:
            return self._seated(request)
        except AWAY:  # the session is the first thing asked of the database; no view has begun
            return come_back(request)

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Let whoever sent a form after the session's end come back to the page it stood on.

        The address of the form itself takes no visit: signed in, there would be a blank page.
        """
        door, _mark, asked = response.headers.get("Location", "").partition("?")
        if request.method in VISITS or door != resolve_url(settings.LOGIN_URL):
            return response
        if QueryDict(asked).get(REDIRECT_FIELD_NAME) != request.get_full_path():
            return response
        way = {"ended": 1} | ({REDIRECT_FIELD_NAME: page} if (page := came_from(request)) else {})
        return HttpResponseRedirect(f"{door}?{urlencode(way, safe='/')}")

    def _seated(self, request: HttpRequest) -> HttpResponse | None:
        where = request.resolver_match.url_name if request.resolver_match else None
        session = request.session
        if where in OUTSIDE or USER not in session:
            return None
        now = time.time()
        if has_ended(session, now):
            logout(request)
            return None
        if session.pop(ROTATE, False):
            session.cycle_key()
        if USED in session and now - session[USED] >= NOTED_EVERY and not _untouched(request):
            session[USED] = int(now)
        if session.get(MUST_CHANGE) and where not in BEFORE_CHANGE:
            return _change_first(request)
        return None


def _untouched(request: HttpRequest) -> bool:
    return UNTOUCHED in request.headers


def _change_first(request: HttpRequest) -> HttpResponse:
    if request.path.startswith("/api/") or request.resolver_match is None or _is_ticket(request):
        words = _("请先修改密码：现在的密码是管理员给的。")
        return JsonResponse({"code": "NotAllowed", "message": words}, status=403)
    return HttpResponseRedirect(reverse("password"))


def _is_ticket(request: HttpRequest) -> bool:
    return request.resolver_match is not None and request.resolver_match.url_name == "ticket"
