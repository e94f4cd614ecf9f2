"""What tests of the figures of a period share: cases of September, who looks, what is contested."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.test import Client

from gridmap.layers.incidents import Incident
from tests import town as toy
from tests.pages.planning import SAID

ZONE = ZoneInfo("Asia/Shanghai")
SPAN = "since=2026-09-01&until=2026-09-30"
SEPTEMBER = datetime(2026, 9, 10, 9, 0, tzinfo=ZONE)


def filed(number: int, *, outside: int = 0, east: float = 50) -> list[Incident]:
    """So many cases filed in September, some of them told by residents."""
    return [
        toy.incident(
            east, 50, source="resident" if n < outside else "worker", address=f"榕树巷 {n} 号",
            reported_at=SEPTEMBER, filed_at=SEPTEMBER + timedelta(hours=1),
            soon_at=SEPTEMBER + timedelta(hours=40), due=SEPTEMBER + timedelta(hours=48),
        )
        for n in range(number)
    ]  # fmt: skip


def said(answer: object) -> list[str]:
    return re.findall(SAID, answer.content.decode())  # type: ignore[attr-defined]


def contested(client: Client, case: Incident, why: str = "道路封闭") -> list[str]:
    form = {"case": case.pk, "rate": "missed", "why": why, "back": f"{SPAN}&rate=missed&side=part"}
    answer = client.post("/figures/contest", form, follow=True)
    assert answer.redirect_chain[-1][0].startswith("/figures?since=2026-09-01")
    return said(answer)
