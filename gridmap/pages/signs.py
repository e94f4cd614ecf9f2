"""The ledger of signs: which must be replaced, which wait to be hung, and the sheets to print."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from gridmap.actions import lines
from gridmap.actions import signs as deeds
from gridmap.actions.signs import MOST, Thing
from gridmap.errors import Refusal
from gridmap.layers import cards, signs
from gridmap.layers.lines import CommunityLine
from gridmap.layers.postings import scope_of
from gridmap.layers.scope import Scope
from gridmap.layers.signs import KINDS, Printing, Sign, Wanted
from gridmap.layers.territory import Cell, City, Community
from gridmap.pages.desk import desk
from gridmap.pages.rail import must_stop
from gridmap.pages.refusals import turn_away
from gridmap.pages.sign_sheet import Sheet, sheets

PAGE = 100  # rows
FILTERS = ("city", "subdistrict", "community", "cell", "kind", "state", "printing")
View = Callable[..., HttpResponse]


def _words() -> dict[str, str]:
    """What changed on a stale sign, in the words of the page; the order is that of the list."""
    return {
        "building": _("楼长"),
        "lane": _("巷长"),
        "street": _("街长"),
        "cell_worker": _("网格员"),
        "cell_head": _("网格长"),
        "ways": _("街巷及其街长、巷长"),
        "name": _("名称"),
        "outline": _("轮廓"),
        "boundary": _("网格边界"),
        "cell": _("网格编码或名称"),
        "community": _("社区"),
        "subdistrict": _("街道"),
        "city": _("城市"),
        "belongs": _("所属街巷"),
        "line": _("社区热线"),
        "approval": _("审图号"),
    }


def _kinds() -> dict[str, str]:
    return {"cell": _("网格"), "lane": _("巷"), "building": _("楼栋")}


def _states() -> dict[str, str]:
    return {
        "stale": _("待换"),
        "printed": _("待挂"),
        "hung": _("在挂"),
        "missing": _("没有牌"),
        "removed": _("已取下"),
    }


@dataclass(frozen=True)
class Asked:
    """What the address asks for, inside the caller's scope."""

    scope: Scope
    wanted: Wanted
    query: dict[str, str]

    @property
    def city(self) -> City:
        """The city of the ledger."""
        return self.wanted.city

    def link(self, **other: object) -> str:
        """Return the address of the page with something else chosen."""
        query = QueryDict(mutable=True)
        chosen = {**self.query, **{key: str(value) for key, value in other.items()}}
        query.update({key: value for key, value in chosen.items() if value})
        return f"{reverse('signs')}?{query.urlencode()}"


def _number(text: str) -> int | None:
    fits = text.isascii() and text.isdigit() and len(text) < 19  # noqa: PLR2004
    return int(text) if fits else None


def _asked(request: HttpRequest, given: QueryDict) -> Asked:
    """Read the filters; what is no filter of ours is not there.

    Raises:
        Http404: the ledger, or the city, community or cell asked for is not the caller's.
    """
    scope = scope_of(request.user.pk or 0)
    must_stop(scope, "signs")
    query = {key: given.get(key, "")[:40] for key in FILTERS}
    cities = City.objects.within(scope).order_by("demo", "slug")
    city = cities.filter(slug=query["city"]).first() if query["city"] else cities.first()
    if city is None:
        raise Http404(_("没有这座城市，或不在您的范围内"))
    state, kind = query["state"] or ("" if query["printing"] else "stale"), query["kind"]
    wanted = Wanted(
        city=city,
        subdistrict=_number(query["subdistrict"]),
        community=_number(query["community"]),
        cell=_number(query["cell"]),
        kind=kind if kind in KINDS else None,
        state=state if state in signs.STATES else None,
        printing=_number(query["printing"]),
    )
    _refuse_foreign(scope, wanted)
    return Asked(scope, wanted, {**query, "city": city.slug})


def _refuse_foreign(scope: Scope, wanted: Wanted) -> None:
    own = (
        (wanted.community, Community.objects.within(scope).own(scope)),
        (wanted.cell, Cell.objects.within(scope).own(scope)),
    )
    if any(asked is not None and not rows.filter(pk=asked).exists() for asked, rows in own):
        raise Http404(_("没有找到，或不在您的范围内"))


def _all(asked: Asked) -> list[dict[str, Any]]:
    """Every sign of the chosen area, whatever its state; a stale one knows of a new one."""
    wanted = Wanted(**{**asked.wanted.__dict__, "state": None})
    found = signs.ledger(asked.scope, wanted, now=timezone.now())
    waiting = {
        (row["kind"], row[row["kind"]]): row["number"]
        for row in found
        if row["state"] == "printed" and not row["outdated"]
    }
    words = _words()
    for row in found:
        row["waiting"] = waiting.get((row["kind"], row[row["kind"]]), "")
        row["why"] = [word for part, word in words.items() if part in row["changed"]]
        row["kind_word"] = _kinds()[row["kind"]]
        row["state_word"] = _states()[row["state"]]
    return found


def _guarded(view: View) -> View:
    """A refusal is said on the page that one comes from."""

    @wraps(view)
    def answered(request: HttpRequest, **arguments: Any) -> HttpResponse:
        try:
            return view(request, **arguments)
        except Refusal as refusal:
            turn_away(refusal)
            messages.error(request, _(refusal.message) % refusal.detail, extra_tags="bad")
            return HttpResponseRedirect(_back(request))

    return answered


def _back(request: HttpRequest, **other: str) -> str:
    """The page with the filters that came with a form."""
    given = QueryDict(request.POST.get("back", "")[:1000], mutable=True)
    for key in set(given) - set(FILTERS):
        del given[key]
    for key, value in other.items():
        given[key] = value
    return f"{reverse('signs')}?{given.urlencode()}"


@never_cache
@require_safe
@login_required
def ledger_page(request: HttpRequest) -> HttpResponse:
    """The list, narrowed as the address says, with what can be done about it."""
    asked = _asked(request, request.GET)
    everything = _all(asked)
    counts = signs.count(everything)
    now, state = timezone.now(), asked.wanted.state
    rows = [row for row in everything if state in {None, row["state"]}]
    if state == "missing":
        lacking = signs.missing(asked.scope, asked.wanted, now=now)
        rows = [{**row, "kind_word": _kinds()[row["kind"]]} for row in lacking]
    page = max(1, _number(request.GET.get("page", "")) or 1)
    shown = rows[PAGE * (page - 1) : PAGE * page]
    to_print = [row for row in rows if not row.get("waiting")] if state in PRINTABLE else []
    tallies = {**counts, "missing": signs.count_missing(asked.scope, asked.wanted, now=now)}
    tabs = [
        (asked.link(state=name), word, tallies[name], name == state)
        for name, word in _states().items()
    ]
    context = {
        "here": "signs",
        "city": asked.city,
        "asked": asked,
        "tabs": tabs,
        "rows": shown,
        "total": len(rows),
        "stale": counts["stale"],
        "to_print": len(to_print),
        "now_print": min(len(to_print), MOST),
        "left": max(0, len(to_print) - MOST),
        "may_print": _may(asked, "sign"),
        "may_hang": _may(asked, "hang"),
        "back": asked.link().partition("?")[2],
        "kinds": _kinds().items(),
        "done": _done(request),
        "earlier": asked.link(page=page - 1) if page > 1 else "",
        "later": asked.link(page=page + 1) if PAGE * page < len(rows) else "",
        "print_list": _print_list(asked),
        **_areas(asked),
    }
    return desk(request, "signs.html", asked.scope, context)


PRINTABLE = ("stale", "missing")


def _may(asked: Asked, verb: str) -> bool:
    """Return whether the caller may do this to signs somewhere in the chosen city."""
    scope, city = asked.scope, asked.city.pk
    return any(scope.may(verb, city, place) for place in (None, *scope.communities)) or any(
        scope.may(verb, city, None, cell) for cell in scope.area.cells
    )


def _areas(asked: Asked) -> dict[str, object]:
    """What the filters offer: only areas of the caller."""
    own = Community.objects.within(asked.scope).own(asked.scope)
    own = own.filter(subdistrict__city=asked.city).select_related("subdistrict").order_by("code")
    subdistricts = {row.subdistrict_id: row.subdistrict.name for row in own}
    wanted = asked.wanted.subdistrict
    return {
        "cities": City.objects.within(asked.scope).order_by("slug"),
        "subdistricts": list(subdistricts.items()),
        "communities": [row for row in own if wanted in {None, row.subdistrict_id}],
    }


def _print_list(asked: Asked) -> Printing | None:
    found = Printing.objects.within(asked.scope).filter(pk=asked.wanted.printing or 0)
    return found.first()


def _done(request: HttpRequest) -> dict[str, str] | None:
    """What was done just now, so that it can be taken back."""
    ids = [part for part in request.GET.get("done", "").split("-") if _number(part)][: MOST * 3]
    if not ids:
        return None
    words = {
        "hang": ngettext("%(n)s 张已挂上。", "%(n)s 张已挂上。", len(ids)),
        "remove": ngettext("%(n)s 张已取下。", "%(n)s 张已取下。", len(ids)),
    }
    word = words.get(request.GET.get("did", ""))
    return {"ids": "-".join(ids), "word": word % {"n": len(ids)}} if word else None


@require_POST
@login_required
@_guarded
def print_them(request: HttpRequest) -> HttpResponse:
    """Enter new sheets into the ledger for what is stale or has none, and show the list."""
    asked = _asked(request, QueryDict(request.POST.get("back", "")[:1000]))
    if not _may(asked, "sign"):
        raise PermissionDenied(_("您的岗位在这里不能做这件事"))
    if asked.wanted.state == "missing":
        rows = signs.missing(asked.scope, asked.wanted, now=timezone.now())
        things = [Thing(row["kind"], row["id"]) for row in rows]
    else:
        rows = [row for row in _all(asked) if row["state"] == "stale" and not row["waiting"]]
        things = list(dict.fromkeys(Thing(row["kind"], row[row["kind"]]) for row in rows))
    printing = deeds.print_signs(
        by=asked.scope,
        city=asked.city,
        things=things[:MOST],
        paper=request.POST.get("paper", Printing.Paper.A4),
    )
    query = QueryDict(mutable=True)
    query.update({"city": asked.city.slug, "printing": str(printing.pk)})
    return HttpResponseRedirect(f"{reverse('signs')}?{query.urlencode()}")


@require_POST
@login_required
@_guarded
def mark(request: HttpRequest) -> HttpResponse:
    """Note that signs were hung or taken down, or take that back."""
    scope = scope_of(request.user.pk or 0)
    for did, deed in (
        ("hang", deeds.hang_signs),
        ("remove", deeds.remove_signs),
        ("undo", deeds.take_back),
    ):
        given = request.POST.get(did, "")
        ids = [number for part in given.split("-") if (number := _number(part))]
        if ids:
            deed(by=scope, ids=ids)
            done = {} if did == "undo" else {"did": did, "done": "-".join(map(str, ids))}
            return HttpResponseRedirect(_back(request, **done))
    return HttpResponseRedirect(_back(request))


@never_cache
@require_safe
@login_required
def print_list(request: HttpRequest, printing: int) -> HttpResponse:
    """The sheets of a print list as one PDF, as they were at the moment of printing."""
    scope = scope_of(request.user.pk or 0)
    made = Printing.objects.within(scope).filter(pk=printing).first()
    found = list(Sign.objects.within(scope).filter(printing=printing).order_by("serial"))
    if made is None or not found:
        raise Http404(_("没有这份打印单，或不在您的范围内"))
    base = (settings.PUBLIC_URL or request.build_absolute_uri("/")).rstrip("/")
    with translation.override("zh-hans"):  # a sign speaks to residents, whoever prints it
        cards_of = (_card(scope, sign, made) for sign in found)
        pages = (
            Sheet(
                card=card,
                number=str(sign),
                page=(n, len(found)),
                address=base + reverse("card", kwargs={"code": card.code}),
                at=made.at,
            )
            for n, (sign, card) in enumerate(zip(found, cards_of, strict=True), 1)
        )
        document = sheets(made.paper, pages)
    response = HttpResponse(document, content_type="application/pdf")
    name = f"signs-{made.pk}-{found[0]}-{found[-1]}.pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response


def _card(scope: Scope, sign: Sign, made: Printing) -> cards.Card:
    kind = next(kind for kind in KINDS if getattr(sign, f"{kind}_id") is not None)
    return cards.of(scope, kind, getattr(sign, f"{kind}_id"), now=made.at)


@never_cache
@require_safe
@login_required
def lines_page(request: HttpRequest) -> HttpResponse:
    """The communities' lines: what stands on signs and cards."""
    asked = _asked(request, request.GET)
    own = Community.objects.within(asked.scope).own(asked.scope)
    own = own.filter(subdistrict__city=asked.city).select_related("subdistrict").order_by("code")
    running = CommunityLine.objects.within(asked.scope).as_of(timezone.now())
    held = {line.community_id: line for line in running.filter(community__in=own)}
    rows = [(row, held.get(row.pk), asked.scope.may("line", asked.city.pk, row.pk)) for row in own]
    context = {"here": "signs", "city": asked.city, "rows": rows, "signs": asked.link()}
    return desk(request, "community_lines.html", asked.scope, context)


@require_POST
@login_required
def set_line(request: HttpRequest) -> HttpResponse:
    """Give a community another line."""
    scope = scope_of(request.user.pk or 0)
    try:
        lines.set_line(
            by=scope,
            community=_number(request.POST.get("community", "")) or 0,
            phone=request.POST.get("phone", "").strip()[:30],
            hours=request.POST.get("hours", "").strip()[:60],
        )
        messages.success(request, _("社区热线已更新。印着旧号码的公示牌现在列为待换。"))
    except Refusal as refusal:
        turn_away(refusal)
        messages.error(request, _(refusal.message) % refusal.detail, extra_tags="bad")
    return HttpResponseRedirect(reverse("community-lines"))
