"""Who enters the administration, and by which door: our own sign-in, no second one."""

from dataclasses import replace
from typing import Any, cast

from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gridmap.layers.postings import operator_scope, scope_of
from gridmap.layers.scope import Scope
from gridmap.pages.entering import wanted
from gridmap.pages.sign_in import leave

HELD = "_administration_scope"


def scope(request: HttpRequest) -> Scope:
    """Return what the caller may keep; a superuser keeps every city, as the operator does."""
    held: Scope | None = getattr(request, HELD, None)
    if held is None:
        user = cast("User", request.user)
        everything = user.is_active and user.is_superuser
        held = replace(operator_scope(), user_id=user.pk) if everything else scope_of(user.pk)
        setattr(request, HELD, held)
    return held


class Administration(AdminSite):
    site_title = site_header = gettext_lazy("系统管理")
    index_title = gettext_lazy("参照数据")
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        """Let in who administers a city, and superusers."""
        user = request.user
        if user.pk is None or not user.is_active:
            return False
        return user.is_superuser or bool(scope(request).cities_where("administer"))

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to the one sign-in page; who is signed in and may not enter finds nothing."""
        del extra_context
        if request.user.pk is not None:
            if self.has_permission(request):
                return HttpResponseRedirect(wanted(request))
            raise Http404(_("没有找到，或不在您的范围内"))
        return cast("HttpResponse", redirect_to_login(wanted(request)))

    def logout(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """End the session as everywhere else."""
        del extra_context
        return leave(request)

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to the own account."""
        del request, extra_context
        return HttpResponseRedirect(reverse("password"))

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Show one list in the order of work, not one for each application."""
        tables = {
            table["object_name"]: table
            for app in super().get_app_list(request, app_label)
            for table in app["models"]
        }
        listed = [tables.pop(name) for name in ORDER if name in tables]
        listed += tables.values()
        if not listed:
            return []
        group = {
            "name": self.index_title,
            "app_label": "layers",
            "app_url": reverse("admin:index"),
            "has_module_perms": True,
            "models": listed,
        }
        return [group]


ORDER = ("User", "Posting", "City", "CitySetting", "Department", "Category", "CalendarDay")
site = Administration(name="admin")
