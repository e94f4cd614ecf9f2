"""Accounts and postings of users; a password given here opens its own change only."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from gridmap.actions import identities, users
from gridmap.errors import Refusal
from gridmap.layers.accounts import account_of
from gridmap.layers.identities import Identity
from gridmap.layers.postings import Posting
from gridmap.pages.admin.kept import Kept, KeptForm, OwnCity, Worded, column, words
from gridmap.pages.admin.site import scope, site


class UserForm(KeptForm):
    first_name = forms.CharField(label=gettext_lazy("姓名"), max_length=150)

    class Meta:
        model = User
        fields = ["username", "first_name", "email", "is_active"]
        labels = {
            "username": gettext_lazy("用户名"),
            "email": gettext_lazy("邮箱"),
            "is_active": gettext_lazy("启用"),
        }
        help_texts = {
            "email": gettext_lazy("通知可以发到这里，由本人决定发哪些。"),
            "username": "",
            "is_active": gettext_lazy("停用即刻结束所有登录，不删除账号。"),
        }


class UserPage(Kept):
    form = UserForm
    list_display = ["username", "bearer", "is_active", "staff", "last_login"]
    list_filter = ["is_active"]
    search_fields = ["username", "first_name"]
    ordering = ["username"]
    change_form_template = "admin/account_form.html"

    @admin.display(description=gettext_lazy("姓名"), ordering="first_name")
    def bearer(self, row: User) -> str:
        return row.first_name

    @admin.display(description=gettext_lazy("可进入管理"), boolean=True, ordering="is_staff")
    def staff(self, row: User) -> bool:
        return row.is_staff

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """Accounts posted in the caller's cities only, and those not posted yet."""
        by = scope(request)
        rows: models.QuerySet[Any] = admin.ModelAdmin.get_queryset(self, request)
        if cast("User", request.user).is_superuser:
            return rows
        mine = by.cities_where("administer")
        foreign = Posting._default_manager.exclude(city_id__in=mine).values("user_id")
        return rows.exclude(pk__in=foreign).exclude(is_superuser=True)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask for name and bearer; whether it is open, of an account that there is."""
        del request
        given = ["username", "first_name"]
        return [*given, "why"] if obj is None else [*given, "email", "is_active", "why"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Names stay: the journal and the lock know accounts by them."""
        del request
        return [] if obj is None else ["username"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An account is closed, never deleted: the journal names it."""
        del request, obj
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's order
        """Open or change the account by the deed."""
        by, given = scope(request), form.cleaned_data
        if change:
            users.change_account(
                by=by, user_id=obj.pk, full_name=given["first_name"],
                active=given["is_active"], email=given["email"], why=given["why"],
            )  # fmt: skip
            return
        made, password = users.open_account(
            by=by, name=given["username"], full_name=given["first_name"], why=given["why"]
        )
        obj.pk = made.pk
        self._tell(request, made, password)

    def _tell(self, request: HttpRequest, user: User, password: str) -> None:
        text = _("%(name)s 的临时密码：%(password)s。只显示这一次，本人登录后须立即修改。")
        words_ = text % {"name": user.get_username(), "password": password}
        self.message_user(request, words_, messages.WARNING)

    def get_urls(self) -> list[URLPattern]:
        """Add the two deeds that are no change of a field."""
        wrap = site.admin_view
        return [
            path("<int:user_id>/password/", wrap(self.reset), name="reset-password"),
            path("<int:user_id>/second-factor/", wrap(self.lift), name="lift-second-factor"),
            *super().get_urls(),
        ]

    @method_decorator([require_POST, sensitive_post_parameters()])
    def reset(self, request: HttpRequest, user_id: int) -> HttpResponse:
        """Give a password for one use and show it this once."""
        why = str(request.POST.get("why", ""))[:200]
        try:
            password = users.reset_password(by=scope(request), user_id=user_id, why=why)
        except Refusal as no:
            self.message_user(request, words(no), messages.ERROR)
        else:
            user = self.get_queryset(request).get(pk=user_id)
            self._tell(request, user, password)
        return self._back(user_id)

    @method_decorator(require_POST)
    def lift(self, request: HttpRequest, user_id: int) -> HttpResponse:
        """Turn off a second factor whose telephone and codes are lost."""
        why = str(request.POST.get("why", ""))[:200]
        try:
            users.lift_second_factor(by=scope(request), user_id=user_id, why=why)
        except Refusal as no:
            self.message_user(request, words(no), messages.ERROR)
        else:
            self.message_user(request, _("两步验证已关闭。"), messages.SUCCESS)
        return self._back(user_id)

    def _back(self, user_id: int) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:auth_user_change", args=[user_id]))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:  # fmt: skip
        """Show the account with its postings."""
        extra = dict(extra_context or {})
        if object_id.isdecimal():
            mine = scope(request).cities_where("administer")
            extra["two_steps"] = account_of(int(object_id)).two_steps
            extra["postings"] = Posting._default_manager.filter(
                user_id=object_id, city_id__in=mine
            ).select_related("city", "subdistrict", "community").order_by("-valid")  # fmt: skip
        return super().change_view(request, object_id, form_url, extra)


AREAS = [
    field.name
    for field in Posting._meta.concrete_fields
    if field.name not in {"id", "user", "role", "city", "valid"}
]


class PostingPage(Kept):
    list_display = [column("user"), column("role"), column("city"), "area", column("valid")]
    list_filter = [("city", OwnCity), ("role", Worded)]
    list_select_related = ["user", "city", "subdistrict", "community"]
    search_fields = ["user__username", "user__first_name"]
    ordering = ["-valid"]
    fields = ["user", "role", "city", *AREAS, "valid", "why"]

    @admin.display(description=gettext_lazy("范围"))
    def area(self, row: Posting) -> str:
        parts = [getattr(row, name) for name in AREAS]
        return "、".join(str(part) for part in parts if part is not None) or _("整个城市")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A posting is ended, not rewritten."""
        del request
        return [] if obj is None else ["user", "role", "city", *AREAS]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Offer the accounts the caller may post."""
        if db_field.name == "user":
            page = site._registry[User]
            options["queryset"] = page.get_queryset(request).filter(is_active=True)
        return super().formfield_for_foreignkey(db_field, request, **options)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's order
        """Post, or move the end, by the deed; it takes effect at once."""
        by, why = scope(request), form.cleaned_data["why"]
        if change:
            until = form.cleaned_data["valid"].upper
            users.end_posting(by=by, posting_id=obj.pk, until=until, why=why)
        else:
            users.post(by=by, posting=obj, why=why)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """End the posting now; one that never began is taken away."""
        users.end_posting(by=scope(request), posting_id=obj.pk, until=obj.valid.lower)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Say what ending does; nothing hangs on a posting."""
        del request
        return [_("结束授权：%(posting)s") % {"posting": one} for one in objs], {}, set(), []


class IdentityPage(Kept):
    list_display = [column("user"), column("way"), column("subject"), column("linked_at")]
    list_filter = [("way", Worded)]
    list_select_related = ["user"]
    search_fields = ["user__username", "user__first_name", "subject"]
    fields = ["user", "way", "subject", "why"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An identity is linked and unlinked, never rewritten."""
        del request, obj
        return False

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """Identities of the accounts the caller may keep."""
        rows: models.QuerySet[Any] = admin.ModelAdmin.get_queryset(self, request)
        return rows.filter(user__in=site._registry[User].get_queryset(request))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Offer the accounts the caller may keep."""
        options["queryset"] = site._registry[User].get_queryset(request).filter(is_active=True)
        return super().formfield_for_foreignkey(db_field, request, **options)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's order
        """Link by the deed."""
        del change
        given = form.cleaned_data
        obj.pk = identities.link_for(
            by=scope(request), user_id=obj.user_id, way=obj.way, subject=obj.subject,
            why=given["why"],
        ).pk  # fmt: skip

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Unlink by the deed."""
        identities.unlink_for(by=scope(request), identity=obj.pk)


def register(admin_site: AdminSite) -> None:
    """Put the pages of this module into the administration."""
    if settings.OUTSIDE:
        admin_site.register(Identity, IdentityPage)
    admin_site.register(User, UserPage)
    admin_site.register(Posting, PostingPage)
