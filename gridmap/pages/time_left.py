"""How long a case has, or how long it has been over: in the time that its rule counts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gridmap.geo.clock import WORKING, elapsed
from gridmap.layers.cases import Deadline
from gridmap.layers.incidents import Light
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City
from gridmap.layers.timing import calendar_of

SHORT = 48  # hours of the wall clock: more is told in days
SHORT_WORK = 10  # working hours: more is told in working days
FAR = timedelta(days=400)  # beyond, the days of the wall clock say enough
HOUR = 60


class Remaining:
    """The time left of the cases of one page; asks the database once for all of them."""

    def __init__(self, scope: Scope, city: City, cases: Iterable[Any]) -> None:
        self._city, self._now = city, timezone.now()
        due = {case.pk: case.due for case in cases if case.due is not None}
        rows = Deadline.objects.within(scope).filter(incident__in=list(due))
        self._units: dict[int, str] = {
            pk: counted or unit
            for pk, until, unit, counted in rows.values_list(
                "incident_id", "due", "unit", "explanation__counted_in"
            )
            if until == due[pk]
        }

    @cached_property
    def _calendar(self) -> Any:
        return calendar_of(self._city)

    def told(self, case: Any) -> str:
        """Return it in words; of a case that is ended, parked or has no limit, that."""
        still = {Light.NONE: _("已结束"), Light.PARKED: _("暂停计时")}
        if case.light in still:
            return still[case.light]
        if case.due is None:
            return _("没有时限")
        left = case.due > self._now
        size = self._size(case.pk, *sorted((case.due, self._now)))
        if not size:
            return _("还剩不到 1 分钟") if left else _("刚超期")
        return (_("还剩 %(time)s") if left else _("超 %(time)s")) % {"time": size}

    def _size(self, pk: int, since: datetime, until: datetime) -> str:
        if self._units.get(pk) in WORKING and until - since < FAR:
            return self._worked(since, until)
        minutes = (until - since).total_seconds() / 60
        if minutes < HOUR:
            return _("%(n)s 分钟") % {"n": int(minutes)} if minutes >= 1 else ""
        hours = minutes / HOUR
        if hours < SHORT:
            return _("%(n)s 小时") % {"n": f"{hours:.1f}"}
        return _("%(n)s 天") % {"n": int(hours // 24)}

    def _worked(self, since: datetime, until: datetime) -> str:
        minutes = float(elapsed(self._calendar, since, until, "work_minute"))
        if minutes < HOUR:
            n = int(minutes)
            return ngettext("%(n)s 工作分钟", "%(n)s 工作分钟", n) % {"n": n} if n else ""
        if minutes < SHORT_WORK * HOUR:
            told = {"n": f"{minutes / HOUR:.1f}"}
            return ngettext("%(n)s 工作时", "%(n)s 工作时", 2) % told  # a fraction: many
        days = float(elapsed(self._calendar, since, until, "work_day"))
        return ngettext("%(n)s 工作日", "%(n)s 工作日", 2) % {"n": f"{days:.1f}"}
