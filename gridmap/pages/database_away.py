"""What people and browsers are told while the database cannot be reached."""

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

AWAY = (OperationalError, InterfaceError)
RETRY_AFTER = "2"  # seconds, as the feeds say it


class DatabaseAway(MiddlewareMixin):
    """Answers 503, which says "come back", where a view found no database; the API has its own."""

    def process_exception(self, request: HttpRequest, fault: Exception) -> HttpResponse | None:
        """Return the answer, or None for every other fault."""
        return come_back(request) if isinstance(fault, AWAY) else None


def come_back(request: HttpRequest) -> HttpResponse:
    """Tell a person or a program that the database is away, and when to ask again."""
    headers = {"Retry-After": RETRY_AFTER, "Cache-Control": "no-store"}
    if "text/html" in request.headers.get("Accept", ""):
        return HttpResponse(render_to_string("503.html"), status=503, headers=headers)
    refusal = {"code": "Busy", "message": _("服务正忙，请稍后再试。")}
    return JsonResponse(refusal, status=503, headers=headers)
