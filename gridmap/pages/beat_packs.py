"""Beat packs: the page that hands them out, the files themselves, and the page that takes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gridmap.actions.packs import DAYS, MOST_DAYS, import_results, make_pack, withdraw_pack
from gridmap.errors import OutOfScope, Refusal
from gridmap.layers.checklists import checklist
from gridmap.layers.packs import BeatPack, teams_with_areas
from gridmap.layers.people import Team
from gridmap.layers.pocket import WALKERS, Beat, beat_of, of_cells, pocket
from gridmap.layers.postings import scope_of
from gridmap.layers.scope import Scope
from gridmap.layers.territory import Cell
from gridmap.pages.beat_gpx import gpx
from gridmap.pages.beat_paper import beat_sheet
from gridmap.pages.desk import desk
from gridmap.pages.downloads import attachment
from gridmap.pages.pack_file import pack_file

PAGE = 50  # packs of the list
MOST_BYTES = 400_000  # of a file of results
View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Choice:
    """A beat a pack can be made of."""

    value: str
    title: str
    beat: Beat
    team: Team | None = None


def _choices(scope: Scope) -> list[Choice]:
    """The caller's own beat, and those of the teams of the caller's communities."""
    found = []
    try:
        own = beat_of(scope)
    except OutOfScope:
        own = None
    if own is not None and own.area.cells:
        beat = of_cells(scope, own.city, sorted(own.area.cells))
        found.append(Choice("mine", _title(scope, beat), beat))
    return found + [
        Choice(str(team.pk), team.name, of_cells(scope, team.city, cells), team)
        for team, cells in teams_with_areas(scope)
        if scope.may("visit", team.city_id, team.community_id)
    ]


def _title(scope: Scope, beat: Beat) -> str:
    """What a beat without a team is called: its community, and how many cells."""
    cells = Cell.objects.within(scope).filter(pk__in=beat.cells).select_related("community")
    names = "、".join(sorted({cell.community.name for cell in cells}))
    return ngettext("%(name)s %(n)s 格", "%(name)s %(n)s 格", len(cells)) % {
        "name": names,
        "n": len(cells),
    }


def _refusing(view: View) -> View:
    """Say a refusal of a deed on the page; what is not there is 404."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except OutOfScope as refusal:
            raise Http404(_(refusal.message)) from refusal
        except Refusal as refusal:
            messages.error(request, words(refusal))
            return HttpResponseRedirect(reverse("beat-packs"))

    return asked


def words(refusal: Refusal) -> str:
    """Return a refusal in the caller's language."""
    text = _(refusal.message)
    return text % refusal.detail if refusal.detail else text


@never_cache
@require_safe
@login_required
def packs_page(request: HttpRequest) -> HttpResponse:
    """Show which packs there are and what can be made."""
    scope = scope_of(request.user.pk or 0)
    packs = BeatPack.objects.within(scope).select_related("city", "team")[:PAGE]
    choices = _choices(scope)
    if not choices and not packs:
        raise Http404(_("您现在没有巡区"))
    context = {
        "here": "beat",
        "walks": bool(scope.roles & WALKERS),
        "choices": choices,
        "packs": packs,
        "now": timezone.now(),
        "days": DAYS,
        "most_days": MOST_DAYS,
        "city": choices[0].beat.city if choices else packs[0].city,
    }
    return desk(request, "beat_packs.html", scope, context)


@never_cache
@require_POST
@login_required
@_refusing
def make(request: HttpRequest) -> HttpResponse:
    """Make a pack of one of the beats offered."""
    scope = scope_of(request.user.pk or 0)
    wanted = str(request.POST.get("beat", ""))
    choice = next((one for one in _choices(scope) if one.value == wanted), None)
    if choice is None:
        raise OutOfScope("没有找到，或不在您的范围内")
    days = str(request.POST.get("days", DAYS))
    pack = make_pack(
        by=scope,
        beat=choice.beat,
        title=choice.title,
        days=int(days) if days.isascii() and days.isdigit() and len(days) < 4 else 0,  # noqa: PLR2004
        team=choice.team,
    )
    messages.success(request, _("做好了：%(title)s。下面可以下载。") % {"title": pack.title})
    return HttpResponseRedirect(reverse("beat-packs"))


@never_cache
@require_POST
@login_required
@_refusing
def withdraw(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Withdraw a pack."""
    scope = scope_of(request.user.pk or 0)
    withdraw_pack(by=scope, pack_id=_pack(scope, uid).pk)
    messages.success(request, _("已作废：它的结果不能再导入。"))
    return HttpResponseRedirect(reverse("beat-packs"))


def _pack(scope: Scope, uid: UUID) -> BeatPack:
    pack = BeatPack.objects.within(scope).select_related("city").filter(uid=uid).first()
    if pack is None:
        raise OutOfScope("没有这个离线包，或不在您的范围内")
    return pack


@never_cache
@require_safe
@login_required
@_refusing
def pack_download(request: HttpRequest, uid: UUID, form: str) -> HttpResponse:
    """Give a pack as HTML, GPX or PDF, drawn as its cells stand now."""
    scope = scope_of(request.user.pk or 0)
    pack = _pack(scope, uid)
    now = timezone.now()
    pack.check_good(now)
    beat = of_cells(scope, pack.city, pack.cells)
    held = pocket(scope, beat, now=now)
    lines = checklist(pack.city, translation.get_language() or "")
    if form == "html":
        body: str | bytes = pack_file(pack, held, lines, now=now, demo=pack.city.demo)
        kind = "text/html; charset=utf-8"
    elif form == "gpx":
        body, kind = gpx(pack.title, held), "application/gpx+xml"
    else:
        body, kind = beat_sheet(pack, held, lines, now=now), "application/pdf"
    return attachment(body, f"{pack.title} {now:%F}.{form}", kind)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def results_page(request: HttpRequest) -> HttpResponse:
    """Take back what was done with a pack: pasted, as a file, or scanned."""
    scope = scope_of(request.user.pk or 0)
    context: dict[str, object] = {"here": "beat", "text": ""}
    status = 200
    if request.method == "POST":
        text = _given(request)
        try:
            pack, outcomes = import_results(by=scope, text=text)
        except Refusal as refusal:
            context |= {"trouble": words(refusal), "text": text[:100_000]}
            status = 422
        else:
            context |= {"pack": pack, "city": pack.city, **_counts(outcomes)}
    return desk(request, "beat_results.html", scope, context, status=status)


def _given(request: HttpRequest) -> str:
    upload = request.FILES.get("file")
    if upload is not None:
        return bytes(upload.read(MOST_BYTES)).decode("utf-8", "replace")
    return str(request.POST.get("text", ""))


def _counts(outcomes: list[Any]) -> dict[str, object]:
    refused = [(one.done, words(one.refusal)) for one in outcomes if one.refusal is not None]
    return {
        "new": sum(one.state == "new" for one in outcomes),
        "known": sum(one.state == "known" for one in outcomes),
        "refused": refused,
        "total": len(outcomes),
    }
