"""The words of a page's script in the reader's language, and no others.

The catalogue of all scripts is several times what one page says, and a phone on the thin line of a
stairwell would wait for all of it before the map draws its first lane.
"""

from functools import cache
from typing import cast

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.i18n import JavaScriptCatalog

from gridmap.pages.modules import source, sources


@require_safe
def words(request: HttpRequest, page: str, language: str) -> HttpResponse:
    """Give the catalogue of one page in one language as a script.

    Both stand in the address, so that a browser may keep it.
    """
    if language not in dict(settings.LANGUAGES):
        raise Http404(_("没有这种语言"))
    if not source(_script(page)):
        raise Http404(_("没有这个页面"))
    response = catalogue(request, page, language)
    patch_cache_control(response, public=True, max_age=0 if settings.DEBUG else 3600)
    return response


def catalogue(request: HttpRequest, page: str, language: str) -> HttpResponse:
    """Return the script that holds a page's words.

    Args:
        request: who asks; nothing of it is read.
        page: `map` for `gridmap/pages/map.js`.
        language: one of the site's.
    """
    with translation.override(language):
        return cast(HttpResponse, _Catalogue.as_view()(request, page=page))


class _Catalogue(JavaScriptCatalog):
    def get_catalog(self) -> dict[str, str | list[str]]:
        text = _said(self.kwargs["page"])
        return {key: said for key, said in super().get_catalog().items() if key in text}


@cache
def _said(page: str) -> str:
    start = _script(page)
    return "\n".join(source(name) for name in (start, *sources(start)))


def _script(page: str) -> str:
    return f"gridmap/pages/{page}.js"
