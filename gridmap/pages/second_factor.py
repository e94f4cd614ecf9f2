"""The second step of signing in: the code of the telephone, and its set-up where it is asked."""

import base64

import segno
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from gridmap.actions import accounts, sign_ins
from gridmap.errors import BadValue
from gridmap.layers.accounts import invitation, new_secret, spelled
from gridmap.layers.postings import scope_of
from gridmap.pages import entering
from gridmap.pages.sign_in import locked_words

SECRET = "totp_secret"  # in the session, until the telephone has shown that it has it  # noqa: S105


def square(text: str) -> SafeString:
    """Return a square code (QR) as SVG to stand in the page: nothing is fetched, nothing styled."""
    drawn = segno.make(text, error="m", micro=False)
    paths = [
        f"M{x} {y}h1v1h-1z"
        for y, row in enumerate(drawn.matrix)
        for x, dark in enumerate(row)
        if dark
    ]
    size = len(drawn.matrix)
    return format_html(
        '<svg class="square" role="img" aria-label="{}" viewBox="-4 -4 {} {}" '
        'shape-rendering="crispEdges"><path d="{}"/></svg>',
        _("给手机扫的二维码"), size + 8, size + 8, "".join(paths),
    )  # fmt: skip


def offered(request: HttpRequest, user: User) -> dict[str, object]:
    """Return what the set-up shows; the secret stays the same until it is confirmed."""
    held = request.session.get(SECRET)
    secret = base64.b64decode(held) if isinstance(held, str) else new_secret()
    request.session[SECRET] = base64.b64encode(secret).decode()
    letters = spelled(secret)
    groups = [letters[start : start + 4] for start in range(0, len(letters), 4)]
    return {"square": square(invitation(secret, user)), "secret": " ".join(groups)}


def confirmed(request: HttpRequest, user: User) -> list[str]:
    """Turn the second factor on with the secret shown; return the recovery codes.

    Raises:
        BadValue: the code is not the telephone's.
    """
    held = request.session.get(SECRET)
    if not isinstance(held, str):
        raise BadValue("设置过程已过期，请重新扫码")
    codes = accounts.turn_on_second_factor(
        by=scope_of(user.pk), secret=base64.b64decode(held), code=_typed(request)
    )
    del request.session[SECRET]
    return codes


def _typed(request: HttpRequest) -> str:
    return str(request.POST.get("code", ""))[:40].replace("\0", "")


def _start_again() -> HttpResponse:
    return HttpResponseRedirect(reverse("sign-in") + "?ended")


@never_cache
@sensitive_post_parameters("code")
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the code; the right one opens the session."""
    user = entering.half_way(request)
    if user is None:
        return _start_again()
    if request.method != "POST":
        return render(request, "sign_in_code.html", {"name": user.get_username()})
    caller = entering.caller_of(request, user.get_username(), "code")
    left = sign_ins.count_try(by=entering.NOBODY, caller=caller)
    if left == 0:
        return _code_page(request, user, locked_words(), 429)
    second = accounts.pass_second_factor(by=scope_of(user.pk), code=_typed(request))
    if second:
        return entering.enter(request, user, second=second)
    if left == 1:
        return _code_page(request, user, locked_words(), 429)
    text = ngettext("验证码不对。还可以试 %(n)s 次。", "验证码不对。还可以试 %(n)s 次。", left - 1)
    return _code_page(request, user, text % {"n": left - 1}, 422)


def _code_page(request: HttpRequest, user: User, trouble: str, status: int) -> HttpResponse:
    context = {"name": user.get_username(), "trouble": trouble}
    return render(request, "sign_in_code.html", context, status=status)


@never_cache
@sensitive_post_parameters("code")
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """Have whoever must have a second factor set it up before anything else is shown."""
    user = entering.half_way(request)
    if user is None:
        return _start_again()
    trouble = ""
    if request.method == "POST":
        try:
            codes = confirmed(request, user)
        except BadValue as refusal:
            trouble = _(refusal.message)
        else:
            leading = entering.enter(request, user, second="totp")
            shown = {"codes": codes, "next": leading.headers["Location"]}
            page = render(request, "recovery_codes.html", shown)
            page.cookies = leading.cookies
            return page
    context: dict[str, object] = offered(request, user) | {"trouble": trouble, "entering": True}
    return render(request, "second_factor.html", context, status=422 if trouble else 200)
