"""What a deed needs to find before it: asked by the deed itself, and by whoever would offer it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from gridmap.layers.cases import Application, Assignment, Step
from gridmap.layers.incidents import Incident
from gridmap.layers.outcomes import reopens_until
from gridmap.layers.scope import Scope
from gridmap.layers.twins import Twin


def is_called_for(*, by: Scope, case: Incident, verb: str) -> bool:
    """Return whether a deed that the table allows would not be refused for what it finds.

    Of what is asked for and granted, and of supervisions, the forms know themselves.
    """
    if verb in Application.Kind.values:
        return not is_asked(case, verb)
    found = FOUND.get(verb)
    return found is None or found(by, case)


def is_asked(case: Incident, kind: str) -> bool:
    """Return whether the same was asked for and nobody has decided."""
    return Application.objects.filter(incident=case, kind=kind, decided_at=None).exists()


def helping(by: Scope, case: Incident) -> QuerySet[Assignment]:
    """Return the parts in which a department of the caller's helps with a case."""
    mine = set(by.departments) | {
        department for department, community in by.assigned if community == case.community_id
    }
    rows = Assignment.objects.filter(incident=case, part=Assignment.Part.HELP, until=None)
    return rows.filter(department_id__in=mine)


def did(by: Scope, case: Incident) -> bool:
    """Return whether the caller is who said last that it is done."""
    done = Step.objects.filter(incident=case, verb__in=["answer", "settle"])
    last = done.order_by("-number").values_list("by_id", flat=True).first()
    return last is not None and last == by.user_id


def is_too_late(case: Incident, now: datetime) -> bool:
    """Return whether a case ended too long ago to be opened again."""
    until = reopens_until(case)
    return until is not None and now > until


def is_joined(case: Incident) -> bool:
    """Return whether a case leads to another one, which alone is worked on."""
    return Twin.objects.filter(incident=case).exists()


FOUND: dict[str, Callable[[Scope, Incident], bool]] = {
    "file": lambda _by, case: bool(case.verified),  # it is looked at first
    "close": lambda _by, case: bool(case.inspected),
    "resume": lambda _by, case: bool(case.parked),
    "rework": lambda _by, case: case.department_id is not None,
    "contribute": lambda by, case: helping(by, case).exists(),
    "inspect": lambda by, case: not did(by, case),
    "reopen": lambda _by, case: not (is_too_late(case, timezone.now()) or is_joined(case)),
}
