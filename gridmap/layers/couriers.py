"""Couriers: how one message reaches a mailbox, a webhook, a robot of a chat group.

Targets are named in the settings by whoever runs the installation; no user can name one, and no
table, log or answer holds an address or a secret. Whether something that broke off had arrived is
not guessed: `NotSent.unsure` says so.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import socket
from collections.abc import Callable
from itertools import islice
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.utils import timezone

from gridmap.layers.deliveries import Delivery
from gridmap.layers.wording import said, subject

PATIENCE = (5.0, 10.0)  # seconds to connect, and between two pieces of an answer
ROBOT_BUSY = 45_009  # its word for: too often
PIECE, MOST_PIECES = 1_024, 10  # of an answer: bytes, and how many are read
DONE = range(200, 300)
PERMANENT = range(500, 600)  # answers of a mail server that no later try changes


class NotSent(Exception):
    """It did not arrive.

    Attributes:
        unsure: it may have arrived; nobody knows.
        forever: another try will do no better.
        busy: the other side asks for patience; that is no failure.
    """

    def __init__(
        self, why: str, *, unsure: bool = False, forever: bool = False, busy: bool = False
    ) -> None:
        super().__init__(why)
        self.unsure, self.forever, self.busy = unsure, forever, busy


def _named(listed: list[dict[str, Any]], name: str) -> dict[str, Any]:
    found = next((one for one in listed if one["name"] == name), None)
    if found is None:
        raise NotSent("no longer in the settings", forever=True)
    return found


def _check_address(channel: dict[str, Any]) -> None:
    """Let a message out only to where it may go.

    Raises:
        NotSent: neither TLS nor a place inside, or the name leads to a machine inside though the
            settings do not say that it stands there.
    """
    parts = urlsplit(channel["url"])
    if channel.get("inside"):
        return
    if parts.scheme != "https":
        raise NotSent("not https, and not said to be inside", forever=True)
    if settings.OUTSIDE_PROXY:
        return  # it knows the names outside, and lets nobody back in
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except OSError as fault:
        raise NotSent("its name is not known") from fault
    if not all(ipaddress.ip_address(one[4][0]).is_global for one in found):
        raise NotSent("its name leads inside, and it is not said to be there", forever=True)


def _post(channel: dict[str, Any], data: bytes, headers: dict[str, str]) -> bytes:
    _check_address(channel)
    with requests.Session() as session:
        session.trust_env = False  # a proxy is named in our settings, or there is none
        if settings.OUTSIDE_PROXY and not channel.get("inside"):
            session.proxies = {"https": settings.OUTSIDE_PROXY, "http": settings.OUTSIDE_PROXY}
        try:
            with session.post(
                channel["url"],
                data=data,
                headers={"Content-Type": "application/json", **headers},
                timeout=PATIENCE,
                allow_redirects=False,  # the address of the settings is the address
                stream=True,
            ) as answer:
                # The reason names no address: the key of a robot stands in it.
                if answer.status_code not in DONE:
                    raise NotSent(f"HTTP {answer.status_code}")
                told = b"".join(islice(answer.iter_content(PIECE), MOST_PIECES))
        except (requests.ConnectTimeout, requests.exceptions.SSLError) as fault:
            raise NotSent(type(fault).__name__) from fault
        except (requests.RequestException, OSError) as fault:
            raise NotSent(type(fault).__name__, unsure=not _refused(fault)) from fault
    return told


def _refused(fault: BaseException) -> bool:
    """Whether no connection came about, so that nothing can have arrived."""
    reason = getattr(fault.args[0] if fault.args else None, "reason", None)
    return type(reason).__name__ in {"NewConnectionError", "NameResolutionError", "ProxyError"}


def to_webhook(row: Delivery) -> None:
    """Send JSON, signed: ``X-Gridmap-Signature: sha256=`` HMAC of time, a full stop and body."""
    channel = _named(settings.WEBHOOKS, row.target)
    data = json.dumps({"id": str(row.key), **row.body}, ensure_ascii=False).encode()
    stamp = str(int(timezone.now().timestamp()))
    secret = str(channel["secret"]).encode()
    signed = hmac.new(secret, stamp.encode() + b"." + data, hashlib.sha256).hexdigest()
    headers = {"Idempotency-Key": str(row.key), "X-Gridmap-Time": stamp,
               "X-Gridmap-Signature": f"sha256={signed}"}  # fmt: skip
    _post(channel, data, headers)


def to_robot(row: Delivery) -> None:
    """Send a message to a group robot of 企业微信, in the form its group can read."""
    channel = _named(settings.ROBOTS, row.target)
    form = channel.get("format", "markdown")
    told = {"msgtype": form, form: {"content": said(row.body, form)}}
    answer = _post(channel, json.dumps(told, ensure_ascii=False).encode(), {})
    try:
        code = json.loads(answer)["errcode"]
    except (ValueError, KeyError, TypeError) as fault:
        raise NotSent("no answer of a robot", unsure=True) from fault
    if code == ROBOT_BUSY:
        raise NotSent(f"errcode {code}", busy=True)
    if code != 0:
        raise NotSent(f"errcode {code}")


def to_mailbox(row: Delivery) -> None:
    """Send a mail; its Message-ID is the key, by which a mailbox knows a second one."""
    user = User.objects.filter(pk=int(row.target), is_active=True).first()
    if user is None or not user.email:
        raise NotSent("no mail address", forever=True)
    host = settings.EMAIL_FROM.rpartition("@")[2]
    mail = EmailMessage(
        subject(row.body), said(row.body), settings.EMAIL_FROM, [user.email],
        headers={"Message-ID": f"<{row.key}@{host}>", "Auto-Submitted": "auto-generated"},
    )  # fmt: skip
    try:
        mail.send()
    except SMTPRecipientsRefused as fault:
        codes = [code for code, _ in fault.recipients.values()]
        forever = all(code in PERMANENT for code in codes)
        raise NotSent(f"refused {min(codes)}", forever=forever) from fault
    except SMTPResponseException as fault:
        raise NotSent(f"SMTP {fault.smtp_code}") from fault
    except (SMTPException, OSError) as fault:
        raise NotSent(type(fault).__name__, unsure=True) from fault


COURIERS: dict[str, Callable[[Delivery], None]] = {
    "webhook": to_webhook, "robot": to_robot, "mail": to_mailbox,
}  # fmt: skip
