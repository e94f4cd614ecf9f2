"""The bell in the top bar of every page: how many notices are unread."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gridmap.layers.channels import needing
from gridmap.layers.notices import unread
from gridmap.layers.scope import Scope

MOST_TOLD = 99


def bell(scope: Scope) -> dict[str, object]:
    """Return the number as it is shown (empty for none), and what is read aloud."""
    found = unread(scope)
    return {
        "unread": found if found <= MOST_TOLD else f"{MOST_TOLD}+",
        "bell": words(found),
    }


def channels_link(scope: Scope) -> dict[str, object]:
    """Return whether the caller minds channels, and how much of theirs waits for somebody."""
    minds = bool(scope.cities_where("carry"))
    return {"minds_channels": minds, "channels_need": needing(scope) if minds else 0}


def words(found: int) -> str:
    """Return what the bell says aloud."""
    if not found:
        return _("通知，没有未读")
    return ngettext("通知，%(n)s 条未读", "通知，%(n)s 条未读", found) % {"n": found}
