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
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import get_template
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gridmap.pages.modules import modules
from gridmap.pages.script_words import catalogue

PAGE = "gridmap/pages/beat.js"
WORKER = "gridmap/beat/worker.js"
LIBRARY = "vendor/maplibre-gl-6.17.0"
SHEETS = (
    "gridmap/tokens.css", "gridmap/style.css", "gridmap/beat.css", "gridmap/beat-sheets.css",
    "gridmap/beat-night.css", "gridmap/photo-box.css", "gridmap/maplibre.css",
)  # fmt: skip
PICTURES = ("gridmap/icons.svg", "gridmap/mark.svg", "gridmap/beat/icon-192.png")
ICONS = (("gridmap/beat/icon-192.png", "192x192"), ("gridmap/beat/icon-512.png", "512x512"))
# A browser asks its worker for the library's own worker only where that lies below the beat.
PARTS = ("maplibre-gl.mjs", "maplibre-gl-shared.mjs", "maplibre-gl-worker.mjs")
A_YEAR = 31_536_000


def library() -> dict[str, str]:
    """Return the addresses of the map library and of its worker."""
    version = LIBRARY.rpartition("-")[2]
    main, _shared, worker = (
        reverse("beat-library", kwargs={"version": version, "name": name}) for name in PARTS
    )
    return {"map": main, "worker": worker}


@require_safe
def beat_library(request: HttpRequest, version: str, name: str) -> HttpResponse:  # noqa: ARG001
    """Give one of the three files of the map library, as it lies among the static files."""
    found = finders.find(f"{LIBRARY}/{name}")
    if name not in PARTS or not LIBRARY.endswith(f"-{version}") or not isinstance(found, str):
        raise Http404(_("没有这个文件"))
    response = HttpResponse(Path(found).read_bytes(), content_type="text/javascript")
    patch_cache_control(response, public=True, max_age=A_YEAR, immutable=True)
    return response


def modules_of_page() -> list[str]:
    """Return the names of the page's modules without the first."""
    return modules(PAGE)


def _kept() -> list[str]:
    return [*SHEETS, *PICTURES, PAGE, *modules_of_page()]


def files(language: str) -> list[str]:
    """Return the addresses a phone keeps, the page's own first."""
    own = [static(name) for name in _kept()]
    version = LIBRARY.rpartition("-")[2]
    parts = [reverse("beat-library", kwargs={"version": version, "name": name}) for name in PARTS]
    words = reverse("words", kwargs={"page": "beat", "language": language})
    return [reverse("beat"), words, reverse("beat-manifest"), *own, *parts]


def version(language: str) -> str:
    """Return the mark of everything a phone keeps in one language."""
    return _digest(language) if settings.DEBUG else _digest_once(language)


@lru_cache(maxsize=8)
def _digest_once(language: str) -> str:
    return _digest(language)


def _digest(language: str) -> str:
    digest = hashlib.sha256(language.encode())
    for name in (*_kept(), WORKER, *(f"{LIBRARY}/{name}" for name in PARTS)):
        found = finders.find(name)
        digest.update(static(name).encode())  # of collected files the name tells what is in them
        if isinstance(found, str):
            digest.update(Path(found).read_bytes())
    for page in ("base.html", "beat.html"):
        origin = get_template(page).origin  # type: ignore[attr-defined]
        digest.update(Path(str(origin.name)).read_bytes())
    request = HttpRequest()
    request.method = "GET"
    digest.update(catalogue(request, "beat", language).content)
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
