"""The own account: password, second factor, and where one is signed in."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import cast

from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import password_validators_help_texts
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gridmap.actions import accounts
from gridmap.errors import BadValue, Refusal, WeakPassword
from gridmap.layers.accounts import account_of, codes_left, must_have_two_steps
from gridmap.layers.identities import Identity
from gridmap.layers.postings import Role, scope_of
from gridmap.layers.scope import Scope
from gridmap.layers.sessions import sessions_of
from gridmap.pages import second_factor, sitting
from gridmap.pages.entering import MODEL_BACKEND
from gridmap.pages.sign_in import outside_ways

SAID = {
    "password",
    "ended",
    "off",
    "linked",
    "unlinked",
}  # what was changed


def _moment(seconds: object) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else None


def _sessions(request: HttpRequest) -> Iterator[dict[str, object]]:
    for row in sessions_of(cast("int", request.user.pk)):
        held = row.get_decoded()
        # A session that was left alone too long is over; its row goes with the next sweep.
        if not sitting.has_ended(held, time.time()):
            yield {
                "ident": row.ident,
                "here": row.session_key == request.session.session_key,
                "device": held.get(sitting.DEVICE, ""),
                "address": held.get(sitting.ADDRESS, ""),
                "since": _moment(held.get(sitting.SINCE)),
                "used": _moment(held.get(sitting.USED)),
            }


def _outside(scope: Scope) -> list[dict[str, object]]:
    linked = set(Identity.objects.within(scope).values_list("way", flat=True))
    return [{"way": way, "name": name, "on": way in linked} for way, name in outside_ways()]


def _page(request: HttpRequest, trouble: str = "", place: str = "") -> HttpResponse:
    user = cast("User", request.user)
    account = account_of(user.pk)
    context = {
        "account": account,
        "must_have": must_have_two_steps(user),
        "codes_left": codes_left(user.pk),
        "sessions": list(_sessions(request)),
        "outside": _outside(scope_of(user.pk)),
        "roles": [_(str(Role(role).label)) for role in sorted(scope_of(user.pk).roles)],
        "said": next((word for word in request.GET if word in SAID), ""),
        "trouble": trouble,
        "place": place,
    }
    return render(request, "account.html", context, status=422 if trouble else 200)


def _words(refusal: Refusal) -> str:
    text = _(refusal.message)
    return text % refusal.detail if refusal.detail else text


@never_cache
@require_safe
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """Show the own account."""
    return _page(request)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def password(request: HttpRequest) -> HttpResponse:
    """Change the own password; the other sessions end, this one gets a new key."""
    trouble: list[str] = []
    if request.method == "POST":
        given = [str(request.POST.get(name, ""))[:200] for name in ("old", "new", "again")]
        try:
            user = _changed(request, *given)
        except WeakPassword as weak:
            trouble = list(cast("list[str]", weak.detail["reasons"]))
        except BadValue as refusal:
            trouble = [_words(refusal)]
        else:
            return _after_change(request, user)
    context = {
        "must": request.session.get(sitting.MUST_CHANGE, False),
        "rules": password_validators_help_texts(),
        "trouble": trouble,
    }
    return render(request, "password.html", context, status=422 if trouble else 200)


def _changed(request: HttpRequest, old: str, new: str, again: str) -> User:
    if new != again:
        raise BadValue("两次输入的新密码不一样")
    by, session = scope_of(cast("int", request.user.pk)), request.session.session_key or ""
    return accounts.change_password(by=by, old=old, new=new, session=session)


def _after_change(request: HttpRequest, user: User) -> HttpResponse:
    kept = {key: request.session.get(key) for key in (
        sitting.SINCE, sitting.USED, sitting.IDLE, sitting.DEVICE, sitting.ADDRESS
    )}  # fmt: skip
    must = request.session.get(sitting.MUST_CHANGE, False)
    # The hash of the password stands in the session: signing in anew keeps it and changes the key.
    login(request, user, backend=MODEL_BACKEND)
    request.session.pop(sitting.MUST_CHANGE, None)
    request.session.update({key: value for key, value in kept.items() if value is not None})
    return HttpResponseRedirect("/" if must else reverse("account") + "?password")


@never_cache
@require_POST
@login_required
def end(request: HttpRequest) -> HttpResponse:
    """End one session of the own, or all but this one."""
    ident = str(request.POST.get("session", ""))
    try:
        accounts.end_sessions(
            by=scope_of(cast("int", request.user.pk)),
            ident=ident,
            but="" if ident else request.session.session_key or "",
        )
    except Refusal as refusal:
        return _page(request, _words(refusal), "sessions")
    return HttpResponseRedirect(reverse("account") + "?ended")


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def two_steps(request: HttpRequest) -> HttpResponse:
    """Turn the second factor on: show the square code, take the first code."""
    user = cast("User", request.user)
    if account_of(user.pk).two_steps:
        return HttpResponseRedirect(reverse("account"))
    trouble = ""
    if request.method == "POST":
        try:
            codes = second_factor.confirmed(request, user)
        except Refusal as refusal:
            trouble = _words(refusal)
        else:
            request.session.cycle_key()
            shown = {"codes": codes, "next": reverse("account")}
            return render(request, "recovery_codes.html", shown)
    context: dict[str, object] = second_factor.offered(request, user) | {
        "trouble": trouble,
        "entering": False,
    }
    return render(request, "second_factor.html", context, status=422 if trouble else 200)


@never_cache
@sensitive_post_parameters()
@require_POST
@login_required
def one_step(request: HttpRequest) -> HttpResponse:
    """Turn the second factor off."""
    given = str(request.POST.get("password", ""))[:200]
    try:
        accounts.turn_off_second_factor(by=scope_of(cast("int", request.user.pk)), password=given)
    except Refusal as refusal:
        return _page(request, _words(refusal), "second")
    request.session.cycle_key()
    return HttpResponseRedirect(reverse("account") + "?off")


@never_cache
@sensitive_post_parameters()
@require_POST
@login_required
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes and show them this once."""
    given = str(request.POST.get("password", ""))[:200]
    try:
        codes = accounts.renew_recovery_codes(
            by=scope_of(cast("int", request.user.pk)), password=given
        )
    except Refusal as refusal:
        return _page(request, _words(refusal), "second")
    return render(request, "recovery_codes.html", {"codes": codes, "next": reverse("account")})
