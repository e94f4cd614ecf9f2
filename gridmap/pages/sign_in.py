"""Signing in and out: name and password, then the code; the lock after repeated failures."""

from django.conf import settings
from django.contrib.auth import authenticate, logout
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from gridmap.actions import sign_ins
from gridmap.layers.sign_ins import WINDOW, demo_accounts
from gridmap.pages import entering, ticket

NAMES = {"oidc": gettext_lazy("统一身份认证"), "wechat": gettext_lazy("微信")}
MINUTES = int(WINDOW.total_seconds()) // 60


def _page(request: HttpRequest, trouble: str = "", status: int = 200) -> HttpResponse:
    context = {
        "next": entering.wanted(request),
        "name": str(request.POST.get("name", ""))[:150],
        "trouble": trouble,
        "ended": "ended" in request.GET and not trouble,
        "accounts": demo_accounts(),
        "outside": outside_ways(),
    }
    return render(request, "sign_in.html", context, status=status)


def outside_ways() -> list[tuple[str, str]]:
    """Return the providers by which one may sign in here, with the names people know."""
    return [(way, known["name"] or str(NAMES[way])) for way, known in settings.OUTSIDE.items()]


def locked_words() -> str:
    """Return what is said to whoever must wait, whichever limit was reached."""
    text = _("登录失败的次数太多。请过 %(minutes)s 分钟再试，或请管理员重设密码。")
    return text % {"minutes": MINUTES}


def _refused(request: HttpRequest, left: int) -> HttpResponse:
    if left == 0:
        return _page(request, locked_words(), 429)
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
        signed_in = request.user.pk is not None
        return HttpResponseRedirect(entering.wanted(request)) if signed_in else _page(request)
    name = str(request.POST.get("name", ""))[:150]
    caller = entering.caller_of(request, name)
    left = sign_ins.count_try(by=entering.NOBODY, caller=caller)
    if left == 0:
        return _page(request, locked_words(), 429)
    # A NUL can stand in no name and no password, and PostgreSQL refuses it.
    password = str(request.POST.get("password", ""))[:200]
    user: User | None = None
    if "\0" not in name + password:
        user = authenticate(request, username=name, password=password)
    if user is None:
        return _refused(request, left - 1)
    sign_ins.forget_failures(by=entering.NOBODY, caller=caller)
    return entering.begin(request, user)


@never_cache
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """End the session; the feeds' ticket goes with it."""
    logout(request)
    response = HttpResponseRedirect(resolve_url(settings.LOGIN_URL))
    response.delete_cookie(ticket.COOKIE, path="/feeds", samesite="Lax")
    return response
