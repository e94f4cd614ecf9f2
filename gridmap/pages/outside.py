"""Signing in by an outside identity, and linking one with the own account.

These addresses exist only where a provider is configured. An identity nobody linked opens nothing
and makes no account.
"""

import logging
import time
from collections.abc import Mapping
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gridmap.actions import identities, sign_ins
from gridmap.errors import Refusal
from gridmap.layers.identities import user_called
from gridmap.layers.postings import scope_of
from gridmap.layers.sign_ins import OUTSIDE, Caller
from gridmap.pages import entering, outside_protocol
from gridmap.pages.outside_protocol import CancelledError, Claim, UntrustedError
from gridmap.pages.sign_in import locked_words

log = logging.getLogger(__name__)
CLAIM = "outside_claim"  # in the session: proven just now, not linked yet
CLAIM_SECONDS = 600


def _known(way: str) -> None:
    if way not in settings.OUTSIDE:
        raise Http404(_("没有这个登录方式"))


class NotInError(Exception):
    """Why somebody is not let in."""

    def __init__(self, status: int, why: str, claim: Claim | None = None) -> None:
        super().__init__(why)
        self.status, self.why, self.claim = status, why, claim


def _refused(request: HttpRequest, no: NotInError) -> HttpResponse:
    context = {"why": no.why, "subject": no.claim.subject if no.claim else ""}
    return render(request, "outside_refused.html", context, status=no.status)


def _does_not_fit() -> NotInError:
    text = _("这次登录没有完成：对方的回答核对不上，或已用过。请重新开始。")
    return NotInError(400, text)


@never_cache
@require_safe
def go(request: HttpRequest, way: str) -> HttpResponse:
    """Send the browser to the provider: to sign in, or, signed in, to link."""
    _known(way)
    facts = {"next": entering.wanted(request), "user": request.user.pk}
    try:
        return HttpResponseRedirect(outside_protocol.start(request, way, facts))
    except UntrustedError as wrong:
        log.warning("%s cannot be begun: %s", way, str(wrong)[:200])
        text = _("现在连不上对方，请稍后再试，或用用户名和密码登录。")
        return _refused(request, NotInError(503, text))


@never_cache
@require_safe
def done(request: HttpRequest, way: str) -> HttpResponse:
    """Take the browser back: let it in, have it confirm a link, or say why not."""
    _known(way)
    caller = Caller(name="", address=entering.address_of(request), step=OUTSIDE)
    try:
        if sign_ins.count_try(by=entering.NOBODY, caller=caller) == 0:
            raise NotInError(429, locked_words())  # noqa: TRY301 - said as every other reason is
        claim, facts = _proven(request, way)
        if facts["user"] is not None:
            return _to_confirm(request, claim, facts)
        user = _bearer(claim)
    except NotInError as no:
        return _refused(request, no)
    sign_ins.forget_failures(by=entering.NOBODY, caller=caller)
    return entering.begin(request, user, place=str(facts["next"]))


def _proven(request: HttpRequest, way: str) -> tuple[Claim, dict[str, Any]]:
    try:
        return outside_protocol.finish(request, way)
    except CancelledError as cancelled:
        raise NotInError(403, _("您在对方那里取消了登录。")) from cancelled
    except UntrustedError as wrong:
        log.warning("%s: an answer was not believed: %s", way, str(wrong)[:200])
        raise _does_not_fit() from wrong


def _bearer(claim: Claim) -> User:
    user = user_called(claim.way, claim.subject)
    if user is None:
        text = _("这个外部身份没有关联到任何账号，不能用它登录。")
        raise NotInError(403, text, claim)
    if not user.is_active:
        raise NotInError(403, _("这个账号已停用，请找管理员。"))
    return user


def _to_confirm(request: HttpRequest, claim: Claim, facts: Mapping[str, object]) -> HttpResponse:
    if request.user.pk != facts["user"]:
        raise _does_not_fit()
    until = int(time.time()) + CLAIM_SECONDS
    request.session[CLAIM] = {"way": claim.way, "subject": claim.subject, "until": until}
    return HttpResponseRedirect(reverse("outside-link"))


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def link(request: HttpRequest) -> HttpResponse:
    """Ask for the password, and link what was just proven with the own account."""
    held = request.session.get(CLAIM)
    if not isinstance(held, Mapping) or held["until"] < time.time():
        return HttpResponseRedirect(reverse("account"))
    trouble = ""
    if request.method == "POST":
        try:
            identities.link_own(
                by=scope_of(cast("int", request.user.pk)),
                way=held["way"],
                subject=held["subject"],
                password=str(request.POST.get("password", ""))[:200],
            )
        except Refusal as refusal:
            text = _(refusal.message)
            trouble = text % refusal.detail if refusal.detail else text
        else:
            del request.session[CLAIM]
            request.session.cycle_key()
            return HttpResponseRedirect(reverse("account") + "?linked")
    context = {"way": held["way"], "trouble": trouble}
    return render(request, "outside_link.html", context, status=422 if trouble else 200)


@never_cache
@require_POST
@login_required
def unlink(request: HttpRequest, way: str) -> HttpResponse:
    """Let the own identity of a provider open nothing any more."""
    _known(way)
    try:
        identities.unlink_own(by=scope_of(cast("int", request.user.pk)), way=way)
    except Refusal as refusal:
        raise Http404(_(refusal.message)) from refusal
    request.session.cycle_key()
    return HttpResponseRedirect(reverse("account") + "?unlinked")
