"""A message to be carried, and the carrying of it at once."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from gridmap.layers.deliveries import Delivery
from gridmap.layers.rounds import try_one
from tests import town as toy

BODY = {
    "verb": "late", "kind": "due", "word": "超期", "number": "20261126-0001", "at": "",
    "category": "暴露垃圾", "community": "甲社区", "department": "环卫", "state": "handling",
    "due": "2026-11-26T10:00:00+00:00", "city": "toy", "path": "/cases/20261126-0001?city=toy",
}  # fmt: skip


def delivery(channel: str, about: str = "entry 1", **values: Any) -> Delivery:
    target = values.pop("target", {"webhook": "hook"}.get(channel, channel))
    standard = {"city": toy.city(), "body": BODY, "about": about}
    return Delivery.objects.create(channel=channel, target=target, **{**standard, **values})


def carry(most: int = 50) -> None:
    """Carry everything, whatever it waits for."""
    for _ in range(most):
        Delivery.objects.filter(state="waiting").update(next_at=timezone.now())
        if not try_one():
            return
