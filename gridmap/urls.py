"""The roof: which door opens at which address."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", include("gridmap.api.urls")),
    path("", include("gridmap.pages.urls")),
]
