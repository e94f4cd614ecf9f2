"""The residents' report: place, kind, perhaps a photo; no account, no script needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.gis.geos import Point
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from gridmap.actions.incidents import Report
from gridmap.actions.letters import MOST_AT_ONCE, send_letter
from gridmap.errors import BadGeometry, BadValue, OutOfScope, Refusal
from gridmap.geo.photos import MOST_BYTES
from gridmap.layers import cards
from gridmap.layers.cards import Card
from gridmap.layers.letters import Letter, shown_near, with_secret
from gridmap.layers.names import named
from gridmap.layers.outcomes import matter_of
from gridmap.layers.photos import of_case
from gridmap.layers.postings import public_scope, resident_scope
from gridmap.layers.rates import seconds_to_wait
from gridmap.layers.shapes import SRID
from gridmap.layers.spoken import usual_categories
from gridmap.pages.card import addresses, dial_of, language_of
from gridmap.pages.photos import sent
from gridmap.pages.picture import picture
from gridmap.pages.resident_after import Tried, afterwards
from gridmap.pages.resident_words import progress, words_of
from gridmap.pages.where import place_page

View = Callable[..., HttpResponseBase]
GREETING = "new"  # in the address of the page after sending


def resident_page(view: View) -> View:
    """Speak the language of the address or the telephone; nothing is kept by a proxy."""

    @wraps(view)
    def answered(request: HttpRequest, **arguments: Any) -> HttpResponseBase:
        language = language_of(request)
        with translation.override(language):
            response = view(request, **arguments)
        response.headers["Content-Language"] = language
        return response

    return never_cache(answered)


@resident_page
@require_http_methods(["GET", "HEAD", "POST"])
def report_page(request: HttpRequest) -> HttpResponseBase:
    """Where it is, then what it is; POST sends it."""
    if request.method == "POST":
        return _send(request)
    try:
        card = _card(request.GET)
    except OutOfScope as refusal:
        return place_page(request, said=_(refusal.message), status=404)
    if card is None or card.kind == "cell":
        return place_page(request, cell=card)
    return _form(request, card, {"client_id": str(uuid4())})


def _card(values: Mapping[str, str]) -> Card | None:
    """Return the card of the place the values name; None where they name none."""
    now = timezone.now()
    if code := values.get("code", "").strip():
        return cards.by_code(public_scope(), code[:24], now=now)
    if "lng" not in values:
        return None
    try:
        lng, lat = float(values["lng"]), float(values.get("lat", ""))
    except ValueError:
        return None
    if not (abs(lng) <= 180 and abs(lat) <= 90):  # noqa: PLR2004 - degrees; refuses NaN too
        return None
    return cards.at_place(public_scope(), lng, lat, now=now)


def _address(card: Card) -> str:
    if card.kind in {"building", "lane"}:
        return card.title
    near = ("building", "lane", "street")
    return next((rung.title for rung in card.rungs if rung.office in near), "")


def _form(
    request: HttpRequest,
    card: Card,
    values: Mapping[str, str],
    *,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    place = card.shape.representative_point()
    usual, others = usual_categories(card.city)
    context = {
        "card": card,
        "heading": _("我要反映"),
        "address": _address(card),
        "area": " ".join(part.name for part in (card.community, card.edition) if part is not None),
        "lng": values.get("lng") or f"{place.x:.7f}",
        "lat": values.get("lat") or f"{place.y:.7f}",
        "code": values.get("code") or request.GET.get("code", ""),
        "usual": usual,
        "others": others,
        "values": values,
        "error": error,
        "near": shown_near(card.city, place.x, place.y),
        "most_photos": MOST_AT_ONCE,
        "most_megabytes": MOST_BYTES // 1024 // 1024,
        "dial": dial_of(card.line.phone) if card.line else "",
        "picture": picture(card, now=timezone.now()),
        "away": f"{reverse('report')}?{urlencode({'again': 1})}",
        **addresses(request),
    }
    return render(request, "report_form.html", context, status=status)


def _read(values: Mapping[str, str], card: Card) -> Report:
    try:
        client = UUID(values.get("client_id", ""))
        place = Point(float(values["lng"]), float(values["lat"]), srid=SRID)
    except (ValueError, KeyError) as fault:
        raise BadValue("表单不完整，请重新打开再填一次") from fault
    if not (abs(place.x) <= 180 and abs(place.y) <= 90):  # noqa: PLR2004 - degrees
        raise BadGeometry("这个地点在城市范围之外", reason="outside")
    if not values.get("category"):
        raise BadValue("请选一个类别")
    clean = {key: values.get(key, "").replace("\x00", "").strip() for key in LONGEST}
    for key, (longest, word) in LONGEST.items():
        if len(clean[key]) > longest:
            raise BadValue("%(name)s最多 %(longest)s 个字", name=_(word), longest=longest)
    derived = {"place"} if values.get("code") else set()
    if clean["address"] in {"", _address(card)}:
        derived.add("address")
    return Report(
        place=place,
        title="",
        category=values["category"][:60],
        text=clean["text"],
        address=clean["address"] or _address(card),
        client_id=client,
        phone=clean["phone"],
        reporter_name=clean["name"],
        derived=frozenset(derived),
    )


LONGEST = {
    "text": (1000, "说明"), "address": (120, "地址"), "phone": (30, "电话"), "name": (40, "称呼"),
}  # fmt: skip


def _send(request: HttpRequest) -> HttpResponse:
    values = request.POST
    place = {"lng": values.get("lng", ""), "lat": values.get("lat", "")}
    try:
        card = _card(place) or cards.by_code(public_scope(), values["code"], now=timezone.now())
    except (OutOfScope, KeyError):
        return place_page(request, said=_("没有读到地点，请再选一次"), status=400)
    if wait := seconds_to_wait(f"report {request.META.get('REMOTE_ADDR')}", settings.REPORT_RATE):
        said = _("上报太多，请 %(n)s 分钟后再试，或打社区热线。") % {"n": -(-wait // 60)}
        return _form(request, card, values, error=said, status=429)
    files = [file for file in request.FILES.getlist("photo") if isinstance(file, UploadedFile)]
    try:
        _letter, secret, _new = send_letter(
            by=resident_scope(),
            report=_read(values, card),
            private=bool(values.get("private")),
            photos=[file.read(MOST_BYTES + 1) for file in files[: MOST_AT_ONCE + 1]],
        )
    except Refusal as refusal:
        said = _(refusal.message)
        said = said % refusal.detail if refusal.detail else said
        return _form(request, card, values, error=said, status=400)
    query = {GREETING: 1} | ({"lang": request.GET["lang"]} if "lang" in request.GET else {})
    address = reverse("report-status", kwargs={"secret": secret})
    return HttpResponseRedirect(f"{address}?{urlencode(query)}", status=303)


def letter_of(secret: str) -> Letter:
    """Return the letter with this secret.

    Raises:
        Http404: there is none; that takes no longer than finding one.
    """
    found = with_secret(secret)
    if found is None:
        raise Http404
    return found


@resident_page
@require_safe
def status_page(request: HttpRequest, secret: str) -> HttpResponse:
    """How far a report has got, for whoever holds the link."""
    return show_status(request, letter_of(secret), secret)


def show_status(
    request: HttpRequest,
    letter: Letter,
    secret: str,
    tried: Tried | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """Return the page of a report.

    Args:
        request: of whoever holds the link.
        letter: the report.
        secret: of the link.
        tried: a form of this page that was refused.
        status: of the answer.
    """
    case, followed = letter.incident, matter_of(letter)
    context = {
        "heading": _("我的上报"),
        "letter": letter,
        "case": case,
        "followed": None if followed == case else followed,
        "secret": secret,
        "greeting": GREETING in request.GET,
        "category": named(case.category),
        "steps": progress(followed),
        "now_words": words_of(followed),
        "photos": of_case(case.pk),
        "moment": timezone.localtime(),
        **afterwards(letter, followed, tried or Tried()),
        **addresses(request),
    }
    return render(request, "report_status.html", context, status=status)


@require_safe
def status_photo(
    request: HttpRequest,  # noqa: ARG001
    secret: str,
    uid: UUID,
) -> HttpResponseBase:
    """A photo of the report with this secret."""
    photo = of_case(letter_of(secret).incident_id).filter(uid=uid).first()
    if photo is None:
        raise Http404
    return sent(photo.small_path)
