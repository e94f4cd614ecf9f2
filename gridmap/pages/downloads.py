"""Files that a page hands over to be kept."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header


def attachment(body: bytes | str, name: str, kind: str) -> HttpResponse:
    """Return the answer that a browser saves under this name; ``kind`` is its media type."""
    answer = HttpResponse(body, content_type=kind)
    where = content_disposition_header(as_attachment=True, filename=name)
    answer.headers["Content-Disposition"] = where or "attachment"
    return answer
