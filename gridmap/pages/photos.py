"""Photos as files: to whoever sees the incident, and to nobody else."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from gridmap.layers.photos import Photo
from gridmap.layers.postings import scope_of

KEPT = "private, max-age=86400, immutable"  # the address of a photo never shows another one


def sent(path: Path) -> HttpResponse:
    """Return a picture; a file that is gone is a photo that is gone.

    Raises:
        Http404: there is no such file.
    """
    try:
        data = path.read_bytes()  # at most some hundred kilobytes
    except FileNotFoundError as gone:
        raise Http404 from gone
    headers = {"Cache-Control": KEPT, "Content-Disposition": "inline"}
    return HttpResponse(data, content_type="image/jpeg", headers=headers)


@login_required
@require_safe
def photo(request: HttpRequest, uid: UUID, *, small: bool = False) -> HttpResponse:
    """The photo, or its small copy."""
    scope = scope_of(request.user.pk or 0)
    found = Photo.objects.within(scope).filter(uid=uid).first()
    if found is None:
        raise Http404
    return sent(found.small_path if small else found.path)
