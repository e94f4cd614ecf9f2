"""What is sent from the page of a case: each deed says what came of it, or what it lacks.

A refused form is shown again as it was sent, with the reason beside it: nothing typed is lost.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from gridmap.actions.cases import VERBS, act
from gridmap.actions.contacts import open_contact
from gridmap.actions.letters import judge_letter
from gridmap.actions.photos import add_photos, remove_photo
from gridmap.actions.twins import link_twin, unlink_twin
from gridmap.errors import BadValue, OutOfScope, Refusal
from gridmap.geo.photos import MOST_BYTES
from gridmap.layers.desk import case_numbered
from gridmap.layers.incidents import Incident
from gridmap.layers.postings import scope_of
from gridmap.layers.scope import Scope
from gridmap.layers.twins import Twin
from gridmap.layers.words_of_history import deed_word
from gridmap.pages.case import found_case, refused, show_case
from gridmap.pages.cases import show_desk
from gridmap.pages.deed_forms import PHOTO, Tried, said
from gridmap.pages.desk_links import kept, led_back, way_back
from gridmap.pages.refusals import turn_away

View = Callable[..., HttpResponse]
DONE = "done"  # the mark of a message by which the page forgets what was kept of a form


def deed(view: View) -> View:
    """Do something with a case, say what came of it, and return to where it was done.

    The address of a deed that was refused stays in the browser's bar: visited, it is the case's.
    """

    @wraps(view)
    def done(request: HttpRequest, number: str, **arguments: str) -> HttpResponse:
        scope = scope_of(request.user.pk or 0)
        city = request.POST.get("city") or request.GET.get("city", "")
        case = found_case(scope, number, city)
        if request.method != "POST":
            return HttpResponseRedirect(_page(request, case))
        name = str(arguments.get("verb", view.__name__))
        try:
            words = view(request, scope=scope, case=case, **arguments)
        except Refusal as refusal:
            turn_away(refusal)
            told = Tried(name, _words(refusal), request.POST, str(refusal.detail.get("field", "")))
            return _again(request, scope, found_case(scope, number, city), told)
        messages.success(
            request, str(words), extra_tags=f"{DONE} {case.city.slug}/{case.number}/{name}"
        )
        seen = Incident.objects.within(scope).filter(pk=case.pk).exists()
        if seen and not request.POST.get("beside"):
            return HttpResponseRedirect(_page(request, case))
        return HttpResponseRedirect(led_back(scope, way_back(request)))

    return login_required(never_cache(require_http_methods(["GET", "HEAD", "POST"])(done)))


def _page(request: HttpRequest, case: Incident) -> str:
    asked = {"city": case.city.slug} if request.POST.get("city") or request.GET.get("city") else {}
    asked |= {"back": back} if (back := kept(way_back(request))) else {}
    page = reverse("case", kwargs={"number": case.number})
    return f"{page}?{urlencode(asked)}" if asked else page


def _again(request: HttpRequest, scope: Scope, case: Incident, tried: Tried) -> HttpResponse:
    """The page the form stood on, with the form as it was sent."""
    back = way_back(request)
    if request.POST.get("beside") and back.get("case") == case.number:
        return show_desk(request, scope, back, tried)
    return show_case(request, scope, case, tried)


def _words(refusal: Refusal) -> str:
    """Return a refusal in the reader's words; of several photos, which one it is about."""
    if "photo" not in refusal.detail:
        return refused(refusal)
    told = {"n": refusal.detail["photo"], "why": refused(refusal)}
    return _("第 %(n)s 张：%(why)s。一张也没有加。") % told


def _files(request: HttpRequest) -> list[bytes]:
    """The photos of a form; of too many one more than there may be, so that it is refused."""
    files = request.FILES.getlist(PHOTO)[: settings.PHOTOS_OF_CASE + 1]
    return [file.read(MOST_BYTES + 1) for file in files]


@deed
def do(request: HttpRequest, scope: Scope, case: Incident, verb: str) -> Any:
    """One deed of the life cycle, with the photos that show it."""
    if verb not in VERBS:
        raise OutOfScope("没有找到，或不在您的范围内")
    photos = _files(request)
    act(by=scope, incident=case.pk, verb=verb, said=said(request.POST), photos=photos)
    return capfirst(_("%(deed)s：已记下。") % {"deed": deed_word(verb)})


@deed
def photo_in(request: HttpRequest, scope: Scope, case: Incident) -> Any:
    """Photos more: all of them, or none."""
    files = _files(request)
    if not files:
        raise BadValue("请选照片")
    new = add_photos(by=scope, incident=case.pk, files=files)
    there = len(files) - new
    words = []
    if new:
        words.append(ngettext("加了 %(n)s 张照片。", "加了 %(n)s 张照片。", new) % {"n": new})
    if there:
        known = ngettext(
            "%(n)s 张已经在这件事里，没有再加。", "%(n)s 张已经在这件事里，没有再加。", there
        )
        words.append(known % {"n": there})
    return " ".join(words)


@deed
def photo_out(request: HttpRequest, scope: Scope, case: Incident, uid: Any) -> Any:  # noqa: ARG001
    """A photo less."""
    remove_photo(by=scope, photo=uid)
    return _("照片已删除，日志里留有记录。")


@deed
def contact(request: HttpRequest, scope: Scope, case: Incident) -> Any:
    """The reporter's number in full, with the reason."""
    found = open_contact(by=scope, incident=case.pk, why=request.POST.get("why", ""))
    return f"{found.name} {found.phone}".strip()


@deed
def judge(request: HttpRequest, scope: Scope, case: Incident) -> Any:
    """Let the public read it, or not."""
    show = request.POST.get("show") == "1"
    judge_letter(by=scope, incident=case.pk, show=show)
    return _("这件事现在公开。") if show else _("这件事不公开。")


@deed
def join(request: HttpRequest, scope: Scope, case: Incident) -> Any:
    """It tells of the same as another one, or no longer."""
    number = request.POST.get("original", "").strip()[:40]
    if not number and Twin.objects.within(scope).filter(incident=case).exists():
        unlink_twin(by=scope, incident=case.pk)
        return _("已分开。")
    scope.must_at("verify", case.spot)
    original = case_numbered(scope, number, case.city.slug)
    if original is None or not scope.may_at("verify", original.spot):
        raise BadValue("您的范围里没有编号为 %(number)s 的事件", number=number)
    link_twin(by=scope, incident=case.pk, original=original.pk)
    return _("已和 %(number)s 并为同一件事，两边的上报人都能看到进度。") % {"number": number}
