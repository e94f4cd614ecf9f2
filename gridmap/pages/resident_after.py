"""What the page of a resident's report offers after the end: a word on it, and once more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.urls import reverse
from django.utils import timezone, translation

from gridmap.layers.incidents import ENDED, Incident, State
from gridmap.layers.letters import Letter
from gridmap.layers.outcomes import (
    days_to_reopen,
    is_judged,
    judgement_of,
    reopened_at,
    reopens_until,
)
from gridmap.pages.deed_forms import judgements


@dataclass(frozen=True)
class Tried:
    """A form of this page that was refused: which one, why, and what was typed into it."""

    verb: str = ""
    error: str = ""
    why: str = ""


def afterwards(letter: Letter, matter: Incident, tried: Tried) -> dict[str, Any]:
    """Return what may be said of a matter by who sent this letter, and what came of it."""
    closed = matter.state == State.CLOSED
    until = reopens_until(matter) if closed else None
    return {
        "closed": closed,
        "judged": closed and is_judged(letter, matter),
        "judgements": judgements(),
        "judgement": judgement_of(letter, matter),
        "reopens_until": until,
        "may_reopen": until is not None and timezone.now() <= until,
        "days": days_to_reopen(matter),
        "reopen_id": uuid4(),
        "reopened": None if matter.state in ENDED else reopened_at(matter),
        "tried": tried,
        "anew": _anew(letter.incident),
    }


def _anew(case: Incident) -> str:
    """Return the address of a new report at the same place; none where the city takes none."""
    if not case.city.public_card:
        return ""
    query = {"lng": f"{case.place.x:.7f}", "lat": f"{case.place.y:.7f}"}
    if translation.get_language() == "en":
        query["lang"] = "en"
    return f"{reverse('report')}?{urlencode(query)}"
