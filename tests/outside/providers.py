"""A provider of OpenID Connect and one like WeChat, on this machine; they lie when told to."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import padding, rsa

CLIENT, SECRET = "gridmap", "s3cret"


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class Provider:
    """What it knows, and how it lies.

    Attributes:
        subject: who is signed in there.
        lies: parts of the ID token (or ``alg``, ``key``, ``discovery``) that are not so.
        codes: those given and not yet used, with what was asked for them.
        asked: addresses called so far.
    """

    subject: str = "u-1001"
    cancels: bool = False
    lies: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    other: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    def __enter__(self) -> Self:
        provider = self

        class Door(BaseHTTPRequestHandler):
            def log_message(self, *_told: object) -> None:
                """Say nothing."""

            def do_GET(self) -> None:
                provider.answer(self, "")

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                provider.answer(self, self.rfile.read(length).decode())

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, door: BaseHTTPRequestHandler, body: str) -> None:
        """One request."""
        parts = urlsplit(door.path)
        given = {name: values[0] for name, values in parse_qs(parts.query or body).items()}
        self.asked.append(parts.path)
        made = {
            "/.well-known/openid-configuration": self._discovery,
            "/authorize": self._authorize,
            "/connect/qrconnect": self._authorize,
            "/token": self._token,
            "/sns/oauth2/access_token": self._openid,
            "/jwks": self._jwks,
        }[parts.path](given)
        status, text, kind = (302, "", "") if isinstance(made, str) else (made[0], made[1], made[2])
        door.send_response(status)
        if isinstance(made, str):
            door.send_header("Location", made)
        else:
            door.send_header("Content-Type", kind)
        door.end_headers()
        door.wfile.write(text.encode())

    def _discovery(self, given: dict[str, str]) -> Any:
        del given
        told = {
            "issuer": self.lies.get("discovery", self.url),
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }
        return 200, json.dumps(told), "application/json"

    def _authorize(self, given: dict[str, str]) -> str:
        back = {"state": given.get("state", "")}
        if self.cancels:
            back["error"] = "access_denied"
        else:
            back["code"] = secrets.token_hex(8)
            self.codes[back["code"]] = given
        return f"{given['redirect_uri']}?{urlencode(back)}"

    def _token(self, given: dict[str, str]) -> Any:
        asked = self.codes.pop(given.get("code", ""), None)
        proof = b64(hashlib.sha256(given.get("code_verifier", "").encode()).digest())
        if (
            asked is None
            or (given.get("client_id"), given.get("client_secret")) != (CLIENT, SECRET)
            or given.get("redirect_uri") != asked["redirect_uri"]
            or proof != asked["code_challenge"]
        ):
            return 400, '{"error": "invalid_grant"}', "application/json"
        now = int(time.time())
        claims = {
            "iss": self.url, "aud": CLIENT, "sub": self.subject, "iat": now, "exp": now + 60,
            "nonce": asked["nonce"], "name": "外部姓名",
        }  # fmt: skip
        lies = {name: value for name, value in self.lies.items() if name in claims}
        token = {
            "access_token": "a",
            "token_type": "Bearer",
            "id_token": self.signed({**claims, **lies}),
        }
        return 200, json.dumps(token), "application/json"

    def signed(self, claims: dict[str, Any]) -> str:
        """The ID token, with the signature it is told to have."""
        alg = self.lies.get("alg", "RS256")
        head = b64(json.dumps({"alg": alg, "kid": "one", "typ": "JWT"}).encode())
        text = f"{head}.{b64(json.dumps(claims).encode())}"
        if alg == "none":
            return f"{text}."
        if alg == "HS256":
            mac = hmac.HMAC(SECRET.encode(), hashes.SHA256())
            mac.update(text.encode())
            return f"{text}.{b64(mac.finalize())}"
        key = self.other if self.lies.get("key") else self.key
        return f"{text}.{b64(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))}"

    def _jwks(self, given: dict[str, str]) -> Any:
        del given
        numbers = self.key.public_key().public_numbers()
        key = {
            "kty": "RSA", "kid": "one", "use": "sig", "alg": "RS256",
            "n": b64(numbers.n.to_bytes(256, "big")), "e": b64(numbers.e.to_bytes(3, "big")),
        }  # fmt: skip
        return 200, json.dumps({"keys": [key]}), "application/json"

    def _openid(self, given: dict[str, str]) -> Any:
        """WeChat's answer: 200 whatever happens, as text."""
        asked = self.codes.pop(given.get("code", ""), None)
        if asked is None or (given.get("appid"), given.get("secret")) != (CLIENT, SECRET):
            return 200, '{"errcode": 40029, "errmsg": "invalid code"}', "text/plain"
        told = {
            "access_token": "a",
            "expires_in": 7200,
            "openid": self.subject,
            "scope": "snsapi_login",
        }
        return 200, json.dumps(told), "text/plain"
