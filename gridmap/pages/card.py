"""The answer card behind a QR code: where this is and who answers. For all, without a script.

No account, no cookie, no question for the place: the same answer for everybody, so that a proxy may
keep it for a minute.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page, require_safe

from gridmap.errors import OutOfScope
from gridmap.layers import cards
from gridmap.layers.answering import Answering
from gridmap.layers.cards import Card, Holder, Rung
from gridmap.layers.people import ChiefTerm
from gridmap.layers.postings import public_scope
from gridmap.pages.picture import picture

MAX_AGE = 60  # seconds: a new chief is known a minute later at the latest
KILOMETRE = 1000
View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Shown:
    """A rung as the template writes it."""

    word: str
    title: str
    note: str
    holder: Holder | None
    front: Holder | None  # who answers now: the holder, or who stands in
    acting: bool
    dial: str
    now: bool  # whom to turn to at this moment


def language_of(request: HttpRequest) -> str:
    """Return the language of the address, else that of the phone; cookies are not read."""
    asked = request.GET.get("lang", "")
    if asked in dict(settings.LANGUAGES):
        return asked
    first = request.headers.get("Accept-Language", "").strip().lower()
    return "en" if first and not first.startswith(("zh", "*")) else "zh-hans"


def _public(view: View) -> View:
    """Give everybody the same answer, in the language of the address, kept for a minute."""

    @wraps(view)
    def answered(request: HttpRequest, **arguments: str) -> HttpResponse:
        language = language_of(request)
        with translation.override(language):
            response = view(request, **arguments)
        response.headers["Content-Language"] = language
        patch_cache_control(response, public=True, max_age=MAX_AGE)
        patch_vary_headers(response, ["Accept-Language"])
        return response

    return require_safe(conditional_page(answered))


@_public
def card_page(request: HttpRequest, code: str) -> HttpResponse:
    """The card of the building, lane or cell with this public code."""
    try:
        card = cards.by_code(public_scope(), code, now=timezone.now())
    except OutOfScope:
        return _missing(request, code)
    return _answer(request, card)


@_public
def card_here(request: HttpRequest) -> HttpResponse:
    """The card of a place (``?lng=&lat=``), the way to a typed code, or the form for it."""
    typed = re.sub(r"\s", "", request.GET.get("code", ""))[:24]
    if typed and "/" not in typed:
        language = request.GET.get("lang")
        query = f"?lang={language}" if language in dict(settings.LANGUAGES) else ""
        return HttpResponseRedirect(reverse("card", kwargs={"code": typed}) + query)
    if not {"lng", "lat"} & set(request.GET):
        return _missing(request, typed, status=200)
    lng, lat = (_degrees(request.GET.get(name, "")) for name in ("lng", "lat"))
    try:
        card = cards.at_place(public_scope(), lng, lat, now=timezone.now())
    except OutOfScope:
        return _missing(request, "")
    return _answer(request, card)


def _degrees(text: str) -> float:
    """Return a coordinate; what is none lies nowhere."""
    try:
        number = float(text)
    except ValueError:
        number = math.inf
    return number if math.isfinite(number) and abs(number) <= 180 else 0.0  # noqa: PLR2004


def addresses(request: HttpRequest) -> dict[str, str]:
    """The same page in either language."""
    found = {}
    for name, language in (("address_zh", "zh-hans"), ("address_en", "en")):
        query = request.GET.copy()
        query["lang"] = language
        found[name] = f"{request.path}?{query.urlencode()}"
    return found


def _missing(request: HttpRequest, typed: str, status: int = 404) -> HttpResponse:
    missing = status != 200  # noqa: PLR2004
    context = {
        "heading": _("没有找到这个编码") if missing else _("有事找谁"),
        "missing": missing,
        "typed": typed[:24],
        "language": request.GET.get("lang", ""),
        **addresses(request),
    }
    return render(request, "card_missing.html", context, status=status)


def _answer(request: HttpRequest, card: Card) -> HttpResponse:
    now = timezone.now()
    zone = ZoneInfo(card.city.time_zone)
    english = translation.get_language() == "en"
    code = card.edition.code if card.edition else card.code
    community = card.community.name if card.community else ""
    context = {
        "card": card,
        "city_name": (card.city.name_en if english else card.city.former_name) or card.city.name,
        "heading": f"{community} {card.edition.name if card.edition else ''}".strip(),
        "code": _grouped(code),
        "retired": _grouped(card.retired),
        "rungs": [_shown(rung, card) for rung in card.rungs],
        "ways_title": _("这里的街长、巷长（%(n)s）") % {"n": len(card.ways)},
        "ways": [_shown(rung, card) for rung in card.ways],
        "now": _told(card.now, card.rungs),
        "dial": dial_of(card.line.phone) if card.line else "",
        "away": _away(card.duty["metres"]) if card.duty else "",
        # To the minute: the answer of one minute has one ETag.
        "moment": f"{now.astimezone(zone):%Y-%m-%d %H:%M}",
        "picture": picture(card, now=now),
        "report": _report(request, card),
        **addresses(request),
    }
    return render(request, "card.html", context)


def _report(request: HttpRequest, card: Card) -> str:
    """Return where something is reported here: the place needs no asking any more."""
    place = card.shape.representative_point()
    query = {"code": card.code} if card.code else {"lng": f"{place.x:.7f}", "lat": f"{place.y:.7f}"}
    if request.GET.get("lang") in dict(settings.LANGUAGES):
        query["lang"] = request.GET["lang"]
    return f"{reverse('report')}?{urlencode(query)}"


def _told(now: Answering, rungs: list[Rung]) -> str:
    """Return in one sentence whom to turn to at this moment."""
    if now.by == "chief":
        return _chief_told(now, rungs[0].office)
    if now.by == "nobody":
        return _("这里还没有人接任，也没有热线和值守点。")
    why = _("现在不是上班时间，") if now.closed else _("各级都空缺，")
    told = {
        "phone": now.phone,
        "point": now.point,
        "hours": f"（{now.hours}）" if now.hours else "",
        "point_hours": f"（{now.point_hours}）" if now.point_hours else "",
    }
    if now.by == "duty":
        return why + _("请去最近的值守点：%(point)s%(point_hours)s。") % told
    if not now.point:
        return why + _("请打社区热线 %(phone)s%(hours)s。") % told
    return why + (_("请打社区热线 %(phone)s%(hours)s；没人接，去%(point)s%(point_hours)s。") % told)


def _chief_told(now: Answering, lowest: str) -> str:
    """Return which chief answers, and why not the lowest rung."""
    office, empty = (_(str(ChiefTerm.Office(name).label)) for name in (now.office, lowest))
    told = {"office": office, "name": now.name, "empty": empty}
    if lowest != now.office:
        return _("%(empty)s空缺，此刻找%(office)s%(name)s。") % told
    if now.substitute:
        return _("此刻找代%(office)s%(name)s。") % told
    return _("此刻找%(office)s%(name)s。") % told


def _shown(rung: Rung, card: Card) -> Shown:
    """Return who answers and how: by the relay number, else by the community's line."""
    front = rung.holder or (rung.stand_in.holder if rung.stand_in else None)
    if rung.holder is None:
        office = str(ChiefTerm.Office(rung.stand_in.office).label) if rung.stand_in else ""
        note = (
            _("空缺，暂由%(office)s代管") % {"office": _(office)} if office else _("还没有人接任")
        )
    else:
        note = _("代理") if rung.holder.substitute else _("在岗")
    relay = front.relay if front else ""
    line = card.line.phone if card.line else ""
    return Shown(
        word=_(str(ChiefTerm.Office(rung.office).label)),
        title=rung.title,
        note=note,
        holder=rung.holder,
        front=front,
        acting=rung.holder is None or rung.holder.substitute,
        dial=dial_of(relay or line) if front else "",
        now=card.now.by == "chief" and rung in card.rungs and rung.office == card.now.office,
    )


def dial_of(phone: str) -> str:
    return re.sub(r"[^0-9+]", "", phone)


def _grouped(code: str) -> str:
    """Return a cell's code as it is read aloud: 350404 001 005 008."""
    if len(code) != 15:  # noqa: PLR2004 -- a building's or lane's
        return code
    return f"{code[:6]} {code[6:9]} {code[9:12]} {code[12:]}"


def _away(metres: float) -> str:
    if metres < KILOMETRE:
        return _("约 %(n)s 米") % {"n": max(10, round(metres / 10) * 10)}
    return _("约 %(n)s 公里") % {"n": f"{metres / KILOMETRE:.1f}"}
