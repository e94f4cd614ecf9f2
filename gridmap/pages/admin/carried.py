"""What went out of the house, as whoever administers sees it: read, sent again, dropped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import AdminSite
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from gridmap.actions.notices import drop_delivery, send_again
from gridmap.errors import Refusal
from gridmap.layers.deliveries import Attempt, Delivery
from gridmap.layers.troubles import in_words
from gridmap.pages.admin.kept import Kept, OwnCity, Worded, column, words
from gridmap.pages.admin.site import scope


class DeliveryPage(Kept):
    own_labels = {"state": gettext_lazy("情况")}
    list_display = [
        column("made_at"), column("channel"), "target_name", "how_it_stands", column("tries"),
        "why",
    ]  # fmt: skip
    list_filter = [("city", OwnCity), ("state", Worded), ("channel", Worded)]
    ordering = ["-pk"]
    actions = ["again", "drop"]  # type: ignore[assignment]
    readonly_fields = [
        "city", "made_at", "channel", "target_name", "about", "state", "tries", "next_at",
        "sent_at", "attempts_made",
    ]  # fmt: skip
    fields = [*readonly_fields]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Triggers and the worker write them, nobody else."""
        del request
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """They go by themselves after 90 days."""
        del request, obj
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A message is read, and sent once more by the deed of the list."""
        del request, obj
        return False

    @admin.display(description=gettext_lazy("发往"))
    def target_name(self, row: Delivery) -> str:
        """The name in the settings; of a mail only the account's number, never an address."""
        if row.channel == Delivery.Channel.MAIL:
            return _("账号 %(user)s 的邮箱") % {"user": row.target}
        return row.target

    @admin.display(description=gettext_lazy("情况"), ordering="state")
    def how_it_stands(self, row: Delivery) -> str:
        return _(str(row.get_state_display()))

    @admin.display(description=gettext_lazy("每次发送"))
    def attempts_made(self, row: Delivery) -> str:
        """When it was tried, and what came of it."""
        tried: models.QuerySet[Attempt] = row.attempts.all()
        return "\n".join(
            f"{one.at:%Y-%m-%d %H:%M:%S} {in_words(one.trouble) or _('已送达')}" for one in tried
        )

    @admin.display(description=gettext_lazy("原因"))
    def why(self, row: Delivery) -> str:
        """Why it did not arrive, in words."""
        return in_words(row.trouble)

    @admin.action(description=gettext_lazy("再发一次"))
    def again(self, request: HttpRequest, rows: models.QuerySet[Delivery]) -> None:
        """Send those once more that were given up or of which nobody knows."""
        by = scope(request)
        done = self._each(
            request, rows, lambda row: send_again(by=by, delivery=row.pk, missing=True)
        )  # fmt: skip
        if done:
            told = ngettext("%(n)s 条消息将再发一次。", "%(n)s 条消息将再发一次。", done)
            self.message_user(request, told % {"n": done}, messages.SUCCESS)

    @admin.action(description=gettext_lazy("不再发"))
    def drop(self, request: HttpRequest, rows: models.QuerySet[Delivery]) -> None:
        """Let those never go out that have not arrived."""
        by = scope(request)
        done = self._each(request, rows, lambda row: drop_delivery(by=by, delivery=row.pk))
        if done:
            told = ngettext("%(n)s 条消息不再发。", "%(n)s 条消息不再发。", done)
            self.message_user(request, told % {"n": done}, messages.SUCCESS)

    def _each(
        self,
        request: HttpRequest,
        rows: models.QuerySet[Delivery],
        deed: Callable[[Delivery], object],
    ) -> int:
        done = 0
        for row in rows:
            try:
                deed(row)
            except Refusal as no:
                self.message_user(request, words(no), messages.WARNING)
            else:
                done += 1
        return done


def register(site: AdminSite) -> None:
    """Put the page of this module into the administration."""
    site.register(Delivery, DeliveryPage)
