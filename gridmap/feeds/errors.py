"""The one place of this door where a refusal becomes a status code and words."""

import orjson
from django.conf import settings
from django.utils import translation

from gridmap import errors
from gridmap.layers.ticket import BadTicket, NoTicket, TicketExpired, TicketRevoked

STATUS: dict[type[errors.Refusal], int] = {
    errors.OutOfScope: 404,  # does not tell whether the thing exists
    errors.NoSuchPlace: 404,
    errors.BadValue: 400,
    errors.EditionGone: 410,
    errors.NotAllowed: 405,
    errors.Busy: 503,
    NoTicket: 401,
    BadTicket: 401,
    TicketExpired: 401,
    TicketRevoked: 401,
}
NO_STORE = (b"cache-control", b"no-store")
RETRY_AFTER = 2  # seconds


def language(cookies: dict[str, str], accepted: str) -> str:
    """Return the language of the caller: the cookie's, else the first one of ours accepted."""
    known = [code for code, _ in settings.LANGUAGES]
    wanted = [cookies.get(settings.LANGUAGE_COOKIE_NAME, "")]
    wanted += [part.split(";")[0].strip() for part in accepted.split(",")]
    for want in wanted:
        root = want.lower().split("-")[0]
        for code in known:
            if root and code.split("-")[0] == root:
                return code
    return settings.LANGUAGE_CODE


def answer(refusal: errors.Refusal, tongue: str) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Return status, headers and body of a refusal in the language given."""
    with translation.override(tongue):
        message = translation.gettext(refusal.message)
    body: dict[str, object] = {
        "code": type(refusal).__name__,
        "message": message % refusal.detail if refusal.detail else message,
    }
    if refusal.detail:
        body["detail"] = refusal.detail
    headers = [(b"content-type", b"application/json"), NO_STORE]
    status = STATUS[type(refusal)]
    if isinstance(refusal, errors.Busy):
        headers.append((b"retry-after", str(RETRY_AFTER).encode()))
    if isinstance(refusal, errors.NotAllowed):
        headers.append((b"allow", b"GET, HEAD"))
    return status, headers, orjson.dumps(body)
