"""The beat in the pocket: one page that a phone keeps, and what it asks us for.

The page itself names nobody: it is the same for every user of a language, so a phone may keep it
(docs/decisions/0058-the-beat-offline.md). What is the bearer's own comes from ``beat-data`` and is
sealed on the phone with the key that ``beat-key`` gives to whoever is signed in.
"""

from __future__ import annotations

import hmac
import time
from base64 import b64encode
from datetime import UTC, datetime
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from gridmap.errors import OutOfScope
from gridmap.layers.checklists import checklist
from gridmap.layers.pocket import beat_of, pocket
from gridmap.layers.postings import scope_of
from gridmap.pages import beat_files, sitting


def owner_key(user_id: int) -> str:
    """Return the name under which a phone keeps what is this user's; it tells nobody who it is."""
    text = f"beat owner {user_id}"
    return hmac.digest(settings.SECRET_KEY.encode(), text.encode(), "sha256").hex()[:24]


def _sealing_key(user_id: int, device: UUID) -> bytes:
    """The key of one user on one phone: given out again whenever the user signs in there."""
    text = f"beat key {user_id} {device}"
    return hmac.digest(settings.SECRET_KEY.encode(), text.encode(), "sha256")


@never_cache
@require_safe
@ensure_csrf_cookie
@login_required
def beat_page(request: HttpRequest) -> HttpResponse:
    """Show the frame of the page; nothing in it belongs to anybody."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    boot = {
        "version": beat_files.version(language),
        "library": beat_files.library(),
        "data": reverse("beat-data"),
        "key": reverse("beat-key"),
        "worker": reverse("beat-worker"),
        "page": reverse("beat"),
        "sign_in": reverse("sign-in"),
        "map": reverse("map"),
    }
    context = {
        "boot": boot,
        "language": language,
        "modules": beat_files.modules_of_page(),
    }
    return render(request, "beat.html", context)


def _refused(code: str, message: str, status: int) -> JsonResponse:
    return JsonResponse({"code": code, "message": message}, status=status)


def _until(request: HttpRequest) -> datetime:
    """When the session ends however much it is used: until then the phone may show what it kept."""
    began = int(request.session.get(sitting.SINCE, time.time()))
    return datetime.fromtimestamp(began + settings.SESSION_COOKIE_AGE, UTC)


@never_cache
@require_safe
@ensure_csrf_cookie
def beat_data(request: HttpRequest) -> JsonResponse:
    """Give everything of the caller's beat in one answer."""
    if request.user.pk is None:
        return _refused("NotSignedIn", _("登录已过期，请重新登录。"), 401)
    user = request.user
    scope = scope_of(user.pk)
    now = timezone.now()
    language = translation.get_language() or settings.LANGUAGE_CODE
    try:
        beat = beat_of(scope)
    except OutOfScope as refusal:
        return _refused("OutOfScope", _(refusal.message), 404)
    city = beat.city
    return JsonResponse(
        {
            "version": beat_files.version(language),
            "owner": owner_key(user.pk),
            "name": user.get_full_name() or user.get_username(),
            "until": _until(request).isoformat(),
            "made": now.isoformat(),
            "city": {
                "slug": city.slug,
                "name": city.name,
                "demo": city.demo,
                "zone": city.time_zone,
                "approval": city.approval,
            },
            "packs": reverse("beat-packs") if beat.area.cells else None,
            "checklist": checklist(city, translation.get_language() or ""),
            **pocket(scope, beat, now=now),
        }
    )


@never_cache
@require_POST
def beat_key(request: HttpRequest) -> JsonResponse:
    """Give the key with which this phone seals what it keeps for the caller."""
    if request.user.pk is None:
        return _refused("NotSignedIn", _("登录已过期，请重新登录。"), 401)
    try:
        device = UUID(str(request.POST.get("device", "")))
    except ValueError:
        return _refused("BadValue", _("这台手机没有说出它的编号"), 400)
    sealing = _sealing_key(request.user.pk, device)
    return JsonResponse(
        {"owner": owner_key(request.user.pk), "key": b64encode(sealing).decode("ascii")}
    )
