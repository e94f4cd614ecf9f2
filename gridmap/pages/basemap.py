"""The optional raster base map 天地图, fetched by us so that no browser leaves our host."""

import http.client
import ssl
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

# 天地图's web-mercator sets: ground, aerial picture, and the names that lie over each.
LAYERS = {"vec", "img", "cva", "cia"}
DEEPEST = 18
SECONDS = 5  # a base map that takes longer is no help
KEPT = 7 * 86_400
LARGEST = 1_000_000  # bytes; a 256-pixel tile has some 30,000


def _address(layer: str, z: int, x: int, y: int) -> str:
    query = {"T": f"{layer}_w", "x": x, "y": y, "l": z, "tk": settings.TIANDITU_KEY}
    return f"/DataServer?{urlencode(query)}"


def _fetch(path: str) -> tuple[str, bytes] | None:
    """Return the kind and bytes of one picture, or None when the provider gives none."""
    parts = urlsplit(settings.TIANDITU_URL)
    line: http.client.HTTPConnection
    if parts.scheme == "https":
        line = http.client.HTTPSConnection(
            parts.netloc, timeout=SECONDS, context=ssl.create_default_context()
        )
    else:
        line = http.client.HTTPConnection(parts.netloc, timeout=SECONDS)
    try:
        line.request("GET", path, headers={"User-Agent": "gridmap"})
        answer = line.getresponse()
        kind = answer.headers.get_content_type()
        body = answer.read(LARGEST + 1)
    except (OSError, http.client.HTTPException):
        return None
    finally:
        line.close()
    if answer.status != http.client.OK or kind not in {"image/png", "image/jpeg"}:
        return None
    return (kind, body) if len(body) <= LARGEST else None


@require_safe
@login_required
def tile(_request: HttpRequest, layer: str, z: int, x: int, y: int) -> HttpResponseBase:
    """One picture of the base map; 404 where the installation has no key for it."""
    if not settings.TIANDITU_KEY:
        raise Http404(_("没有设置底图"))
    if layer not in LAYERS or not 1 <= z <= DEEPEST or max(x, y) >= 2**z:
        raise Http404(_("没有这张底图"))
    name = f"basemap.{layer}.{z}.{x}.{y}"
    found = cache.get(name)
    if found is None:
        found = _fetch(_address(layer, z, x, y))
        if found is None:
            # Remembered for a minute, so that a provider that is down is not asked for every tile.
            cache.set(name, (), 60)
        else:
            cache.set(name, found, KEPT)
    if not found:
        return HttpResponse(status=502)
    kind, body = found
    response = HttpResponse(body, content_type=kind)
    response["Cache-Control"] = f"private, max-age={KEPT}"
    return response
