"""What was changed, by whom, where and why: a searchable page, one object's own, and as a file."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from gridmap.geo.workbook import KIND, Sheet, workbook
from gridmap.layers import chronicle
from gridmap.layers.chronicle import Wanted
from gridmap.layers.postings import scope_of
from gridmap.layers.scope import Scope
from gridmap.layers.telling import Line
from gridmap.layers.territory import City, Community
from gridmap.layers.words_of_history import KINDS, VERBS, deed_word
from gridmap.pages.desk import desk
from gridmap.pages.downloads import attachment

PAGE, MOST_EXPORTED = 50, 10_000
NAMES = ("verb", "kind", "id", "community", "actor", "q", "since", "until", "mine", "before")
LONGEST = 100
# What a spreadsheet would take for a formula (trust.md P11).
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def _whole(given: dict[str, str], name: str) -> int | None:
    value = given[name]
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and len(value) < 19):  # noqa: PLR2004
        raise Http404(_("没有这一页"))
    return int(value)


def _midnight(given: dict[str, str], name: str, *, days: int = 0) -> datetime | None:
    try:
        day = parse_date(given[name])
    except ValueError:
        return None
    if day is None:
        return None
    return datetime.combine(day, time(), timezone.get_current_timezone()) + timedelta(days=days)


def _given(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "").replace("\x00", "")[:LONGEST] for name in NAMES}


def _wanted(given: dict[str, str]) -> Wanted:
    return Wanted(
        verb=given["verb"],
        kind=given["kind"],
        subject=_whole(given, "id"),
        community=_whole(given, "community"),
        actor=given["actor"].strip(),
        words=given["q"].strip(),
        since=_midnight(given, "since"),
        until=_midnight(given, "until", days=1),
    )


def _link(given: dict[str, str], **other: object) -> str:
    chosen = {**given, "before": "", **other}
    query = {name: str(value) for name, value in chosen.items() if value}
    return f"{reverse('history')}?{urlencode(query)}" if query else reverse("history")


def _scope(request: HttpRequest, given: dict[str, str]) -> Scope:
    """Return the caller's scope; who may not read what others did reads the own deeds.

    Raises:
        Http404: an object's history was asked for by somebody who may read none.
    """
    scope = scope_of(request.user.pk or 0)
    if not given["mine"] and not chronicle.may_read(scope):
        if given["id"]:
            raise Http404(_("没有这一页，或不在您的范围内"))
        given["mine"] = "1"
    return scope


@never_cache
@require_safe
@login_required
def history(request: HttpRequest) -> HttpResponseBase:
    """The page; every filter stands in the address."""
    given = _given(request)
    scope = _scope(request, given)
    wanted = _wanted(given)
    mine = bool(given["mine"])
    page = chronicle.page(scope, wanted, size=PAGE, before=_whole(given, "before"), mine=mine)
    own = Community.objects.within(scope).own(scope).order_by("code")
    title = chronicle.title(scope, wanted) if wanted.subject else ""
    context = {
        "here": "history",
        "city": City.objects.within(scope).order_by("pk").first(),
        "lines": page.lines,
        "given": given,
        "title": title,
        "object": wanted.subject is not None,
        "verbs": [(verb, deed_word(verb), verb == given["verb"]) for verb in VERBS],
        "kinds": [(name, _(text), name == given["kind"]) for name, text in KINDS.items()],
        "communities": [(c.pk, c.name, str(c.pk) == given["community"]) for c in own],
        "older": _link(given, before=page.before) if page.before else "",
        "newest": _link(given) if given["before"] else "",
        "xlsx": f"{reverse('history-file', args=['xlsx'])}?{urlencode(given)}",
        "csv": f"{reverse('history-file', args=['csv'])}?{urlencode(given)}",
        "may_read": chronicle.may_read(scope),
        "masked": chronicle.masked(scope),
    }
    return desk(request, "history.html", scope, context)


def _rows(lines: Iterable[Line]) -> Iterable[list[str]]:
    yield [
        _("时间"),
        _("何人"),
        _("何事"),
        _("对象类型"),
        _("对象"),
        _("修改前"),
        _("修改后"),
        _("事由"),
    ]
    for line in lines:
        before = "；".join(f"{c.name} {c.before}" for c in line.changes if c.before)
        after = "；".join(f"{c.name} {c.after}" for c in line.changes if c.after)
        at = f"{timezone.localtime(line.at):%Y-%m-%d %H:%M:%S}"
        yield [at, line.who, line.verb_name, line.kind_name, line.title, before, after, line.why]


def _csv(rows: Iterable[list[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    for row in rows:
        writer.writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in row])
    return out.getvalue().encode("utf-8-sig")


def _xlsx(rows: Iterable[list[str]]) -> bytes:
    heads, *lines = rows
    return workbook(Sheet(_(""), heads, lines))


FILES = {
    "csv": (_csv, "text/csv; charset=utf-8"),
    "xlsx": (_xlsx, KIND),
}


@never_cache
@require_safe
@login_required
def history_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """The same lines as a file, at most 10,000."""
    if form not in FILES:
        raise Http404(_("没有这种文件"))
    given = _given(request)
    scope = _scope(request, given)
    page = chronicle.page(
        scope, _wanted(given), size=MOST_EXPORTED, before=None, mine=bool(given["mine"])
    )
    write, kind = FILES[form]
    name = f"history-{timezone.localdate():%Y%m%d}.{form}"
    return attachment(write(_rows(page.lines)), name, kind)
