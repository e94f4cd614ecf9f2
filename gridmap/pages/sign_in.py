"""Signing in and out, and the lock after repeated wrong passwords."""

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from gridmap.actions import sign_ins
from gridmap.layers.scope import Scope
from gridmap.layers.sign_ins import TRIES, WINDOW, Caller, demo_accounts, tries_left

NOBODY = Scope(user_id=None)
MINUTES = int(WINDOW.total_seconds()) // 60


def _next(request: HttpRequest) -> str:
    """Where the caller wanted to go; a foreign address is forgotten."""
    wanted = str(request.POST.get("next") or request.GET.get("next") or "")
    own = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if own else resolve_url(settings.LOGIN_REDIRECT_URL)


def _page(request: HttpRequest, trouble: str = "", status: int = 200) -> HttpResponse:
    context = {
        "next": _next(request),
        "name": str(request.POST.get("name", ""))[:150],
        "trouble": trouble,
        "ended": "ended" in request.GET and not trouble,
        "accounts": demo_accounts(),
    }
    return render(request, "sign_in.html", context, status=status)


def _locked(request: HttpRequest) -> HttpResponse:
    text = _("试了 %(tries)s 次都不对。请过 %(minutes)s 分钟再试，或请管理员重设密码。")
    return _page(request, text % {"tries": TRIES, "minutes": MINUTES}, 429)


def _refused(request: HttpRequest, left: int) -> HttpResponse:
    if left == 0:
        return _locked(request)
    text = ngettext(
        "用户名或密码不对。还可以试 %(n)s 次。", "用户名或密码不对。还可以试 %(n)s 次。", left
    )
    return _page(request, text % {"n": left}, 422)


@never_cache
@sensitive_post_parameters("password")
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Show the form, or take name and password and go on to where the caller wanted to be."""
    if request.method != "POST":
        return HttpResponseRedirect(_next(request)) if request.user.pk else _page(request)
    name = str(request.POST.get("name", ""))[:150]
    caller = Caller(name=name, address=str(request.META.get("REMOTE_ADDR", "")))
    if tries_left(caller) == 0:
        return _locked(request)
    # A NUL can stand in no name and no password, and PostgreSQL refuses it.
    password = str(request.POST.get("password", ""))[:200]
    user: User | None = None
    if "\0" not in name + password:
        user = authenticate(request, username=name, password=password)
    if user is None:
        sign_ins.note_failure(by=NOBODY, caller=caller)
        return _refused(request, tries_left(caller))
    sign_ins.forget_failures(by=NOBODY, caller=caller)
    login(request, user)
    return HttpResponseRedirect(_next(request))


@never_cache
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """End the session; the feeds' ticket goes with it."""
    logout(request)
    response = HttpResponseRedirect(resolve_url(settings.LOGIN_URL))
    response.delete_cookie("gridmap_ticket", path="/feeds", samesite="Lax")
    return response
