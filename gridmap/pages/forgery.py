"""What is told to whoever sent a form without its token, or with an old one."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _

from gridmap.pages.card import language_of
from gridmap.pages.ways import came_from

# What people write in words; names, numbers and secrets are never shown again.
WRITTEN = ("why", "text", "note", "words", "answer", "title")
LONGEST = 2000


def refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403: why nothing was taken, what to do next, and the words that were written.

    Words are given back only to whoever sent them from a page of ours: a stranger's page cannot
    make ours say anything.
    """
    if "text/html" not in request.headers.get("Accept", ""):
        words = _("页面放得太久，请刷新后再试。")
        return JsonResponse({"code": "NotAllowed", "message": words}, status=403)
    way = came_from(request)
    context = {
        "no_cookie": reason == REASON_NO_CSRF_COOKIE,
        "way": way,
        "written": [
            text for name in WRITTEN if way and (text := request.POST.get(name, "")[:LONGEST])
        ],
        "photos": bool(way and request.FILES),
    }
    with translation.override(_language(request)):
        response = render(request, "csrf.html", context, status=403)
    response.headers["Cache-Control"] = "no-store"
    return response


def _language(request: HttpRequest) -> str:
    """Residents choose their language in the address, everybody else by cookie."""
    match = request.resolver_match
    if match is not None and (match.url_name or "").startswith("report"):
        return language_of(request)
    return translation.get_language() or settings.LANGUAGE_CODE
