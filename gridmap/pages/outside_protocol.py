"""Signing in by an outside identity, as the protocols have it: OpenID Connect, and WeChat.

The steps are django-allauth's (discovery, state in the session, PKCE, exchange of the code, keys).
It leaves out what we insist on: the ID token's signature is verified although it came over TLS, its
nonce is that of the browser that began, and the discovery document names the issuer configured.
Nothing is asked of a provider but who somebody is: no profile, no mail address, no nickname.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.internal import jwtkit, statekit
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.utils import generate_code_challenge
from allauth.socialaccount.providers.oauth2.views import OAuth2Adapter
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from allauth.socialaccount.providers.weixin.views import WeixinOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

# Signatures with a public key; with a shared secret, or none, anybody could sign.
SIGNED = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384"})
OIDC, WECHAT = "oidc", "wechat"


class UntrustedError(Exception):
    """What came back cannot be believed, or nothing came back."""


class CancelledError(Exception):
    """The person said no at the provider."""


@dataclass(frozen=True)
class Claim:
    """Who somebody is at a provider, proven."""

    way: str
    subject: str


class Apps(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Providers come from our settings; nothing of them is kept in the database."""

    def get_app(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        """Return one of ours."""
        del request, client_id
        known = settings.OUTSIDE.get(provider)
        if known is None:
            raise SocialApp.DoesNotExist
        return SocialApp(
            provider="openid_connect" if provider == OIDC else "weixin",
            provider_id=provider,
            name=provider,
            client_id=known["client"],
            secret=known["secret"],
            settings={"server_url": known["url"]},
        )


class Oidc(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """OpenID Connect with the code flow."""

    scopes = ("openid",)

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        """Return where the provider sends the browser back to."""
        del app
        return request.build_absolute_uri(reverse("outside-done", args=[OIDC]))

    @property
    def openid_config(self) -> Any:
        """The discovery document, if it speaks for the issuer we know."""
        found = super().openid_config
        if str(found.get("issuer", "")).rstrip("/") != settings.OUTSIDE[OIDC]["url"].rstrip("/"):
            raise UntrustedError("the discovery document names another issuer")
        return found

    def claim(self, app: Any, answer: Mapping[str, Any], nonce: str) -> Claim:
        """Return who the ID token says somebody is."""
        token = answer.get("id_token")
        if not isinstance(token, str) or _algorithm(token) not in SIGNED:
            raise UntrustedError("no ID token signed with a public key")
        told = jwtkit.verify_and_decode(
            credential=token,
            keys_url=self.openid_config["jwks_uri"],
            issuer=self.openid_config["issuer"],
            audience=app.client_id,
            lookup_kid=jwtkit.lookup_kid_jwk,
        )
        if not hmac.compare_digest(str(told.get("nonce", "")).encode(), nonce.encode()):
            raise UntrustedError("the ID token is not for the browser that asked")
        if told.get("azp", app.client_id) != app.client_id:
            raise UntrustedError("the ID token is for somebody else")
        return Claim(OIDC, str(told["sub"]))


def _algorithm(token: str) -> str:
    head = token.partition(".")[0]
    return str(orjson.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["alg"])


class Wechat(WeixinOAuth2Adapter):  # type: ignore[misc]
    """WeChat's website sign-in: the answer to the code names the person."""

    scopes = ("snsapi_login",)

    @property
    def access_token_url(self) -> str:
        return f"{settings.OUTSIDE[WECHAT]['api']}/sns/oauth2/access_token"

    @property
    def authorize_url(self) -> str:
        return str(settings.OUTSIDE[WECHAT]["url"])

    def get_provider(self) -> Any:
        return Apps(self.request).get_provider(self.request, provider=WECHAT)

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        """Return where the provider sends the browser back to."""
        del app
        return request.build_absolute_uri(reverse("outside-done", args=[WECHAT]))

    def claim(self, app: Any, answer: Mapping[str, Any], nonce: str) -> Claim:
        """Return whose code it was."""
        del app, nonce
        return Claim(WECHAT, str(answer["openid"]))


def _adapter(request: HttpRequest, way: str) -> Any:
    return Oidc(request, OIDC) if way == OIDC else Wechat(request)


def start(request: HttpRequest, way: str, facts: Mapping[str, object]) -> str:
    """Return the provider's address to go to; the session keeps what must match afterwards.

    Args:
        request: of the browser that begins.
        way: which provider.
        facts: what the page wants to know again when the browser is back.

    Raises:
        UntrustedError: the provider cannot be reached, or is not the one we know.
    """
    adapter = _adapter(request, way)
    try:
        app = adapter.get_provider().app
        client = adapter.get_client(request, app)
        proof, nonce = generate_code_challenge(), secrets.token_urlsafe(24)
        kept = {**facts, "verifier": proof.pop("code_verifier"), "nonce": nonce}
        client.state = statekit.stash_state(request, provider_id=way, state=kept)
        more = {"nonce": nonce, **proof} if way == OIDC else {}
        address = client.get_redirect_url(adapter.authorize_url, list(adapter.scopes), more)
    except (OAuth2Error, OSError, ValueError, KeyError, TypeError) as wrong:
        raise UntrustedError(str(wrong)) from wrong
    return address if way == OIDC else f"{address}#wechat_redirect"


def finish(request: HttpRequest, way: str) -> tuple[Claim, dict[str, Any]]:
    """Return who came back, and the facts of the beginning; each beginning is good once.

    Raises:
        CancelledError: the person said no.
        UntrustedError: anything does not fit.
    """
    kept = statekit.unstash_state(
        request, state_id=str(request.GET.get("state", "")), provider_id=way
    )
    if kept is None:
        raise UntrustedError("this browser has not begun it, or it was used")
    if request.GET.get("error") == OAuth2Adapter.login_cancelled_error:
        raise CancelledError
    adapter = _adapter(request, way)
    try:
        app = adapter.get_provider().app
        client = adapter.get_client(request, app)
        verifier = kept["verifier"] if way == OIDC else None
        code = str(request.GET["code"])
        answer = client.get_access_token(code, pkce_code_verifier=verifier)
        claim = adapter.claim(app, answer, kept["nonce"])
    except (OAuth2Error, OSError, ValueError, KeyError, TypeError) as wrong:
        raise UntrustedError(str(wrong)) from wrong
    return claim, kept
