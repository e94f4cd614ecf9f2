"""Addresses of signing in by an outside identity; the roof adds them where one is configured."""

from django.urls import path

from gridmap.pages import outside

urlpatterns = [
    path("sign-in/with/<slug:way>", outside.go, name="outside"),
    path("sign-in/with/<slug:way>/done", outside.done, name="outside-done"),
    path("account/outside", outside.link, name="outside-link"),
    path("account/outside/<slug:way>/end", outside.unlink, name="outside-unlink"),
]
