"""The roof: which door opens at which address."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from gridmap.pages.admin import site

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", site.urls),
    path("api/", include("gridmap.api.urls")),
    path("", include("gridmap.pages.urls")),
]
if settings.OUTSIDE:
    urlpatterns.append(path("", include("gridmap.pages.outside_urls")))
