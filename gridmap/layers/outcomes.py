"""What may be said of a case after its end by those who reported it, and until when.

Every reporter of a matter is asked once about each closing: whoever's report was joined to another
one (`gridmap.layers.twins`) speaks of the one that is worked on. That a letter has spoken is told
by the receipt of the deed, whose number follows from the letter and the closing: two answers at
once, or two windows, cannot make two.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.utils.crypto import salted_hmac

from gridmap.layers.cases import CaseReceipt, Step
from gridmap.layers.city_settings import CitySetting, city_setting
from gridmap.layers.incidents import Incident
from gridmap.layers.letters import Letter


def matter_of(letter: Letter) -> Incident:
    """Return the case whose course a letter follows: the original, where it was joined to one."""
    twin = getattr(letter.incident, "twin", None)
    return twin.original if twin else letter.incident


def days_to_reopen(case: Incident) -> int:
    """Return how many days after its end a case of this city may be opened again."""
    return city_setting(CitySetting.Name.REOPEN_DAYS, case.city_id)


def reopens_until(case: Incident) -> datetime | None:
    """Return until when a case may be opened again; None where it has not ended."""
    if case.closed_at is None:
        return None
    return case.closed_at + timedelta(days=days_to_reopen(case))


def reopened_at(case: Incident) -> datetime | None:
    """Return when a case was last opened again, if it was."""
    rows = Step.objects.filter(incident=case, verb="reopen").order_by("-number")
    return rows.values_list("begins", flat=True).first()


def worked_at(case: Incident) -> tuple[datetime | None, datetime | None]:
    """Return when a case was last said to be done, and when it was last inspected."""
    rows = Step.objects.filter(incident=case, verb__in=["answer", "settle", "inspect"])
    last = dict(rows.order_by("number").values_list("verb", "begins"))
    answered = [last[verb] for verb in ("answer", "settle") if verb in last]
    return max(answered, default=None), last.get("inspect")


def judgement_of(letter: Letter, case: Incident) -> UUID:
    """Return the number of the one judgement this letter has about the last closing of a case."""
    closing = case.closed_at.timestamp() if case.closed_at else 0
    told = f"{letter.pk} {case.pk} {closing:.6f}"
    return UUID(salted_hmac("gridmap.judgement", told, algorithm="sha256").hexdigest()[:32])


def is_judged(letter: Letter, case: Incident) -> bool:
    """Return whether this letter has told how satisfied its sender is with the last closing."""
    return CaseReceipt.objects.filter(client_id=judgement_of(letter, case)).exists()
