"""Addresses of the pages for people."""

from django.urls import path
from django.views.i18n import set_language

from gridmap.pages import (
    account,
    basemap,
    chief,
    chief_check,
    chiefs,
    health,
    history,
    light,
    second_factor,
    sign_in,
    ticket,
    views,
)

urlpatterns = [
    path("", views.map_page, name="map"),
    path("light", light.light_page, name="light"),
    path("light/map", light.light_drawing, name="light-map"),
    path("chiefs", chiefs.roster_page, name="chiefs"),
    path("chiefs/export.xlsx", chiefs.export, name="chiefs-export"),
    path("chiefs/check", chief_check.check_page, name="chief-check"),
    path("chiefs/<str:office>/<int:object_id>", chief.office_page, name="chief"),
    path("sign-in", sign_in.enter, name="sign-in"),
    path("sign-in/code", second_factor.code, name="sign-in-code"),
    path("sign-in/second-factor", second_factor.enrol, name="sign-in-enrol"),
    path("sign-out", sign_in.leave, name="sign-out"),
    path("account", account.page, name="account"),
    path("account/password", account.password, name="password"),
    path("account/sessions/end", account.end, name="end-sessions"),
    path("account/second-factor", account.two_steps, name="second-factor"),
    path("account/second-factor/off", account.one_step, name="second-factor-off"),
    path("account/recovery-codes", account.recovery_codes, name="recovery-codes"),
    path("history", history.history, name="history"),
    path("history/file/<str:form>", history.history_file, name="history-file"),
    path("ticket", ticket.renew, name="ticket"),
    path("i18n/", set_language, name="set_language"),
    path("i18n/<str:language>.js", views.words, name="words"),
    path("basemap/<slug:layer>/<int:z>/<int:x>/<int:y>", basemap.tile, name="basemap"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
]
