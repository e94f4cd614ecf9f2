"""The desk's list as a spreadsheet: the rows that the filter leaves, in the order of the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from gridmap.geo.workbook import KIND, Cell, Sheet, workbook
from gridmap.layers.desk import listed, waiting, wished
from gridmap.layers.incidents import Incident, State
from gridmap.layers.names import named, place_name
from gridmap.layers.postings import scope_of
from gridmap.pages.case_course import whose
from gridmap.pages.case_times import light_words
from gridmap.pages.desk_rows import found
from gridmap.pages.desk_wish import cities_of, wanted_of
from gridmap.pages.downloads import attachment
from gridmap.pages.rail import must_stop

MOST_ROWS = 5_000


@login_required
@never_cache
@require_safe
def desk_file(request: HttpRequest) -> HttpResponse:
    """The cases of the list; places, kinds and times, no words of a report and no contacts."""
    scope = scope_of(request.user.pk or 0)
    must_stop(scope, "desk")
    city, _cities = cities_of(scope, request.GET)
    wanted = wanted_of(request.GET)
    wait = waiting(scope).get(wanted.wait, Q(pk__in=())) if wanted.wait else None
    rows = listed(wished(scope, city, wanted), wanted.light, wait)
    total = rows.count()
    zone = ZoneInfo(city.time_zone)
    now = timezone.localtime(timezone.now(), zone)
    title = _("事件清单 %(city)s %(at)s") % {"city": city.name, "at": f"{now:%Y-%m-%d %H:%M}"}
    if total > MOST_ROWS:
        told = {"total": total, "most": MOST_ROWS}
        title += " " + _("（共 %(total)s 件，只导出前 %(most)s 件）") % told
    heads = [_("编号"), _("类别"), _("社区"), _("地址"), _("来源"), _("步骤"), _("灯"),
             _("承办部门"), _("上报"), _("立案"), _("时限"), _("结案")]  # fmt: skip
    sheet = Sheet(_("清单"), heads, _lines(rows[:MOST_ROWS], zone), title=title, beside=1)
    return attachment(workbook(sheet), f"{city.slug}-cases-{now:%Y%m%d-%H%M}.xlsx", KIND)


def _lines(rows: Iterable[Any], zone: ZoneInfo) -> Iterator[list[Cell]]:
    def at(moment: datetime | None) -> str:
        return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" if moment else ""

    for row in rows:
        looked, _kind = found(row)
        community = place_name(row.community.name) if row.community else ""
        yield [
            row.number, named(row.category), community, row.address,
            _(str(Incident.Source(row.source).label)),
            looked or _(str(State(row.state).label)), light_words(row.light)[1],
            whose(row).word, at(row.reported_at), at(row.filed_at), at(row.due),
            at(row.closed_at),
        ]  # fmt: skip
