"""Ways inside the house: where somebody may be led back to, and nowhere else."""

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def inside(request: HttpRequest, place: str) -> str:
    """Return an address of this house as it is, and "" for every other one."""
    own = url_has_allowed_host_and_scheme(
        place, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return place if own else ""


def came_from(request: HttpRequest) -> str:
    """Return the path and query of the page the request was sent from; "" if it is not ours.

    Browsers name it in full to us and to nobody else (``Referrer-Policy: same-origin``).
    """
    page = urlsplit(inside(request, request.headers.get("Referer", "")))
    if not page.netloc:
        return ""
    return f"{page.path or '/'}?{page.query}" if page.query else page.path or "/"
