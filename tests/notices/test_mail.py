"""Mails arrive through a real server on loopback, once, or are given up with the reason."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from django.contrib.auth.models import User

from gridmap.layers.wording import said
from tests.notices.carrying import BODY, carry, delivery


class Mailbox:
    """A mail server's hands: what it took, and what it answers first."""

    def __init__(self) -> None:
        self.moods: list[str] = []
        self.got: list[Envelope] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:  # noqa: N802
        mood = self.moods.pop(0) if self.moods else "250 OK"
        if mood.startswith("250"):
            self.got.append(envelope)
        return mood

    async def handle_RCPT(  # noqa: N802
        self, _server: object, _session: object, envelope: Envelope, address: str, _options: object
    ) -> str:
        if address.startswith("nobody"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    box = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_FROM = "grid@grid.example"
    yield box
    server.stop()


def to(name: str, address: str) -> str:
    return str(User.objects.create_user(name, email=address).pk)


def test_a_mail_arrives_through_a_real_server_and_is_known_by_its_key(
    town: object, mailbox: Mailbox
) -> None:
    mailbox.moods = ["451 try later"]
    row = delivery("mail", target=to("duty", "duty@grid.example"))
    carry()
    row.refresh_from_db()
    assert (row.state, row.tries) == ("sent", 2)
    (got,) = mailbox.got
    text = got.content.decode() if isinstance(got.content, bytes) else str(got.content)
    assert got.rcpt_tos == ["duty@grid.example"]
    assert f"Message-ID: <{row.key}@grid.example>" in text
    assert "Auto-Submitted: auto-generated" in text


def test_a_mailbox_that_does_not_exist_is_given_up_at_once(town: object, mailbox: Mailbox) -> None:
    wrong = delivery("mail", target=to("gone", "nobody@grid.example"))
    none = delivery("mail", target=to("bare", ""), about="entry 2")
    carry()
    wrong.refresh_from_db()
    none.refresh_from_db()
    assert (wrong.state, wrong.tries, wrong.trouble) == ("given_up", 1, "refused 550")
    assert (none.state, none.trouble) == ("given_up", "no mail address")
    assert not mailbox.got


def test_the_mail_of_a_day_is_one_mail(town: object, mailbox: Mailbox) -> None:
    told = [BODY, BODY | {"number": "20261126-0002"}]
    delivery("mail", target=to("duty", "duty@grid.example"), about="day 2026-11-26",
             body={"day": "2026-11-26", "told": told})  # fmt: skip
    carry()
    (got,) = mailbox.got
    assert said({"told": told}).count("超期 · ") == 2
    assert got.rcpt_tos == ["duty@grid.example"]
