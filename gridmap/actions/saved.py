"""Filters of the desk that users keep under a name."""

from __future__ import annotations

from django.db import transaction

from gridmap.errors import BadValue, NotSignedIn, OutOfScope
from gridmap.layers import journal
from gridmap.layers.desk import MOST_SAVED, NAME, SavedFilter
from gridmap.layers.scope import Scope


@transaction.atomic
def save_filter(*, by: Scope, name: str, query: str) -> SavedFilter:
    """Keep a query under a name; the same name again replaces it.

    Raises:
        NotSignedIn: nobody is signed in.
        BadValue: no name, a long one, or too many are kept.
    """
    if by.user_id is None:
        raise NotSignedIn("请先登录")
    clean = " ".join(name.split())
    if not 1 <= len(clean) <= NAME:
        raise BadValue("名称须有 1 到 %(most)s 个字", most=NAME)
    own = SavedFilter.objects.within(by)
    if own.count() >= MOST_SAVED and not own.filter(name=clean).exists():
        raise BadValue("最多存 %(most)s 个筛选", most=MOST_SAVED)
    saved, _ = SavedFilter.objects.update_or_create(
        user_id=by.user_id, name=clean, defaults={"query": query[:500]}
    )
    journal.record(by=by, verb="save_filter", subject=saved)
    return saved


@transaction.atomic
def forget_filter(*, by: Scope, saved: int) -> None:
    """Forget a kept query.

    Raises:
        OutOfScope: there is none of the caller's.
    """
    found = SavedFilter.objects.within(by).filter(pk=saved).first()
    if found is None:
        raise OutOfScope("没有找到，或不在您的范围内")
    journal.record(by=by, verb="forget_filter", subject=found)
    found.delete()
