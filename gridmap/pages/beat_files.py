"""What a phone keeps of the beat's page: the list of its files, the worker that keeps them, icons.

The worker is served with the list and a version made of all of it in front: one changed file is
another worker, which browsers look for at every visit.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import get_template
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.i18n import JavaScriptCatalog

from gridmap.pages.modules import modules

PAGE = "gridmap/pages/beat.js"
WORKER = "gridmap/beat/worker.js"
LIBRARY = "vendor/maplibre-gl-6.17.0"
SHEETS = (
    "gridmap/tokens.css", "gridmap/style.css", "gridmap/beat.css", "gridmap/beat-sheets.css",
    "gridmap/beat-night.css", "gridmap/maplibre.css",
)  # fmt: skip
PICTURES = ("gridmap/icons.svg", "gridmap/mark.svg", "gridmap/beat/icon-192.png")
ICONS = (("gridmap/beat/icon-192.png", "192x192"), ("gridmap/beat/icon-512.png", "512x512"))
# The library names its other halves by the names they were made with.
HALVES = (f"{LIBRARY}/maplibre-gl-shared.mjs", f"{LIBRARY}/maplibre-gl-worker.mjs")


def library() -> dict[str, str]:
    """Return the addresses of the map library and of its worker."""
    return {
        "map": static(f"{LIBRARY}/maplibre-gl.mjs"),
        "worker": settings.STATIC_URL + HALVES[1],
    }


def modules_of_page() -> list[str]:
    """Return the names of the page's modules without the first."""
    return modules(PAGE)


def _kept() -> list[str]:
    return [*SHEETS, *PICTURES, PAGE, *modules_of_page(), f"{LIBRARY}/maplibre-gl.mjs"]


def files(language: str) -> list[str]:
    """Return the addresses a phone keeps, the page's own first."""
    own = [static(name) for name in _kept()]
    halves = [settings.STATIC_URL + name for name in HALVES]
    words = reverse("words", kwargs={"language": language})
    return [reverse("beat"), words, reverse("beat-manifest"), *own, *halves]


def version(language: str) -> str:
    """Return the mark of everything a phone keeps in one language."""
    return _digest(language) if settings.DEBUG else _digest_once(language)


@lru_cache(maxsize=8)
def _digest_once(language: str) -> str:
    return _digest(language)


def _digest(language: str) -> str:
    digest = hashlib.sha256(language.encode())
    for name in (*_kept(), WORKER, *HALVES):
        found = finders.find(name)
        if isinstance(found, str):
            digest.update(name.encode() + Path(found).read_bytes())
    for page in ("base.html", "beat.html"):
        origin = get_template(page).origin  # type: ignore[attr-defined]
        digest.update(Path(str(origin.name)).read_bytes())
    with translation.override(language):
        request = HttpRequest()
        request.method = "GET"
        digest.update(JavaScriptCatalog.as_view()(request).content)  # type: ignore[attr-defined]
    return digest.hexdigest()[:16]


@require_safe
def beat_worker(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Give the worker: the list of files in front of the program."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    found = finders.find(WORKER)
    program = Path(found).read_text("utf-8") if isinstance(found, str) else ""
    kept = {"version": version(language), "page": reverse("beat"), "files": files(language)}
    response = HttpResponse(
        f"self.KEPT = {json.dumps(kept)};\n{program}", content_type="text/javascript"
    )
    response["Service-Worker-Allowed"] = reverse("beat")
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def beat_manifest(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Tell phones how to put the beat on their first screen."""
    kinds = [
        {"src": static(name), "sizes": size, "type": "image/png", "purpose": purpose}
        for name, size in ICONS
        for purpose in ("any", "maskable")
    ]
    manifest = {
        "id": reverse("beat"),
        "name": _("我的巡区"),
        "short_name": _("我的巡区"),
        "start_url": reverse("beat"),
        "scope": reverse("beat"),
        "display": "standalone",
        "orientation": "portrait",
        "background_color": "#ffffff",
        "theme_color": "#ffffff",
        "icons": kinds,
    }
    response = JsonResponse(manifest, content_type="application/manifest+json")
    response["Cache-Control"] = "no-cache"
    return response
