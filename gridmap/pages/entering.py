"""From a password that is right to a session: second factor, browser cookie, journal."""

import re
import secrets
import time
from collections.abc import Mapping

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from gridmap.actions import accounts, sign_ins
from gridmap.layers.accounts import account_of, must_have_two_steps, sits_at_a_desk
from gridmap.layers.postings import scope_of
from gridmap.layers.rights import PATROL
from gridmap.layers.scope import Scope
from gridmap.layers.sign_ins import Caller
from gridmap.pages import sitting
from gridmap.pages.ways import inside

NOBODY = Scope(user_id=None)
HALF = "half"  # in the session: who has given the password and not yet the code
HALF_SECONDS = 300
BROWSER = f"{settings.COOKIE_PREFIX}browser"
BROWSER_SALT = "gridmap.browser.1"
BROWSER_AGE = 180 * 24 * 3600
MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"
DEVICES = (
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def wanted(request: HttpRequest) -> str:
    """Return where the caller wanted to go; a foreign address is forgotten."""
    place = str(request.POST.get("next") or request.GET.get("next") or "")
    return inside(request, place) or resolve_url(settings.LOGIN_REDIRECT_URL)


def address_of(request: HttpRequest) -> str:
    """Return the address the request came from."""
    return str(request.META.get("REMOTE_ADDR", ""))


def device_of(request: HttpRequest) -> str:
    """Return browser and system in two words, as their owner knows them."""
    agent = request.headers.get("User-Agent", "")[:400]
    found = [
        next((name for mark, name in table if mark in agent), "") for table in (DEVICES, SYSTEMS)
    ]
    return " · ".join(part for part in found if part) or re.sub(r"[^\w./ -]", "", agent)[:40]


def caller_of(request: HttpRequest, name: str, step: str = "password") -> Caller:
    """Return who tries: a browser in which this name was signed in before is told apart."""
    browser = ""
    held = request.get_signed_cookie(BROWSER, "", salt=BROWSER_SALT, max_age=BROWSER_AGE)
    if isinstance(held, str) and ":" in held:
        ident, _, known = held.partition(":")
        if constant_time_compare(known, _known_as(name)):
            browser = ident
    return Caller(name=name, address=address_of(request), browser=browser, step=step)


def _known_as(name: str) -> str:
    """The name in the browser's cookie: a keyed hash, whoever reads the cookie learns nothing."""
    return signing.Signer(salt=BROWSER_SALT).signature(name.casefold())


def begin(request: HttpRequest, user: User, *, place: str = "") -> HttpResponse:
    """Go on with somebody whose first factor is right: to the code, to its set-up, or in.

    Args:
        request: of the first step.
        user: who.
        place: where to go then; without it, where the request wants to be.
    """
    account, place = account_of(user.pk), place or wanted(request)
    if not account.two_steps and not must_have_two_steps(user):
        return enter(request, user, second="", place=place)
    request.session.flush()
    request.session[HALF] = {
        "user": user.pk,
        "hash": user.get_session_auth_hash(),
        "until": int(time.time()) + HALF_SECONDS,
        "next": place,
    }
    return HttpResponseRedirect(reverse("sign-in-code" if account.two_steps else "sign-in-enrol"))


def half_way(request: HttpRequest) -> User | None:
    """Return who has given the password in this browser, and within the last minutes."""
    half = request.session.get(HALF)
    if not isinstance(half, Mapping) or half["until"] < time.time():
        return None
    # A password changed or an account closed in between ends what was begun.
    user = ModelBackend().get_user(half["user"])
    if user is None:
        return None
    return user if constant_time_compare(half["hash"], user.get_session_auth_hash()) else None


def enter(request: HttpRequest, user: User, *, second: str, place: str = "") -> HttpResponse:
    """Open the session of somebody who has shown all that is asked.

    Args:
        request: of the last step.
        user: who.
        second: ``totp``, ``recovery``, or "" where no second factor is asked.
        place: where to go then; without it, where the first step wanted to be.
    """
    half = request.session.pop(HALF, None)
    place = half["next"] if half else place or wanted(request)
    scope = scope_of(user.pk)
    if place == resolve_url(settings.LOGIN_REDIRECT_URL) and _walks(request, scope):
        place = reverse("beat")
    login(request, user, backend=MODEL_BACKEND)
    now = int(time.time())
    session = request.session
    session[sitting.SINCE] = session[sitting.USED] = now
    session[sitting.IDLE] = settings.IDLE_SECONDS if sits_at_a_desk(user) else 0
    session[sitting.DEVICE], session[sitting.ADDRESS] = device_of(request), address_of(request)
    if account_of(user.pk).must_change:
        session[sitting.MUST_CHANGE] = True
    for step in ("password", "code"):
        caller = caller_of(request, user.get_username(), step)
        sign_ins.forget_failures(by=scope, caller=caller)
    facts = {"address": address_of(request), "device": device_of(request), "second": second}
    accounts.note_sign_in(by=scope, facts=facts)
    response = HttpResponseRedirect(place)
    _remember(request, response, user)
    return response


def _walks(request: HttpRequest, scope: Scope) -> bool:
    """Whether this is a patrol with a phone: it begins with its beat, not with the great map."""
    return scope.roles == {PATROL} and "Mobi" in request.headers.get("User-Agent", "")


def _remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    known = caller_of(request, user.get_username()).browser
    response.set_signed_cookie(
        BROWSER,
        f"{known or secrets.token_hex(8)}:{_known_as(user.get_username())}",
        salt=BROWSER_SALT,
        max_age=BROWSER_AGE,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
