"""Two reports of one matter are joined, and parted again (docs/decisions/0096)."""

from __future__ import annotations

from django.db import connection, transaction

from gridmap.actions.cases.case import Case, Said, moment_after, recount_deadlines, take_step
from gridmap.errors import BadValue, OutOfScope, WrongState
from gridmap.layers import journal
from gridmap.layers.cases import Assignment, Step
from gridmap.layers.incidents import ENDED, Incident, State
from gridmap.layers.life_cycle import MOVES
from gridmap.layers.scope import Scope
from gridmap.layers.twins import Twin

TWIN_LOCK = 74_249

Change = tuple[dict[str, object], dict[str, object]]


def _case(by: Scope, ident: int) -> Incident:
    """Return an incident of the caller's, held.

    Raises:
        OutOfScope: there is none, or it is not the caller's business.
        NotYours: the caller verifies nothing there.
    """
    rows = Incident.objects.within(by).select_for_update(of=("self",))
    found = rows.filter(pk=ident).first()
    if found is None:
        raise OutOfScope("没有找到，或不在您的范围内")
    by.must_at("verify", found.spot)
    return found


def _lock(by: Scope, ident: int) -> None:
    """Let only one at a time join or part cases of a city: chains are followed to their end."""
    city = Incident.objects.within(by).filter(pk=ident).values_list("city", flat=True).first()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [TWIN_LOCK, city or 0])


def _last(case: Incident) -> Step:
    return Step.objects.select_for_update().get(incident=case, ends=None)


def _held(by: Scope, verb: str, case: Incident, original: Incident) -> Case:
    """Return a case ready for its step.

    Raises:
        NotYours: it is filed, and the caller does not decide what is worked on.
    """
    if case.filed_at is not None:
        by.must_at("file", case.spot)
    last = _last(case)
    told = {"original": original.number}
    return Case(by, case, last, MOVES[verb], Said(), moment_after(last), detail=told)


def _record(by: Scope, verb: str, case: Incident, change: Change) -> None:
    where = (case.city_id, case.community_id, case.cell_id)
    journal.record(by=by, verb=verb, subject=case, where=where, change=change)


def _end(case: Case) -> Change:
    """Let the case end: what is worked on is the original."""
    before = case.incident.state
    case.incident.closed_at = case.now
    Assignment.objects.filter(incident=case.incident, until=None).update(until=case.now)
    take_step(case)
    case.incident.save()
    return {"state": before}, {"state": case.incident.state, **case.detail}


def _go_on(case: Case) -> Change:
    """Let the case go on where it stood; its limits ran on all the time."""
    joined, incident = case.last, case.incident
    before = incident.state
    case.back_to = Step.objects.get(incident=incident, number=joined.number - 1)
    incident.closed_at = None
    Assignment.objects.filter(incident=incident, until=joined.begins).update(until=None)
    case.recount = True
    recount_deadlines(case)
    take_step(case)
    incident.save()
    return {"state": before, **case.detail}, {"state": incident.state}


def _refuse_leading_astray(case: Incident, first: Incident) -> None:
    """Let a report lead only to an earlier one of the same city that is worked on, or was.

    Raises:
        BadValue: it leads to itself, to another city, or to a later report.
        WrongState: what it leads to is void.
    """
    if first.pk == case.pk or first.city_id != case.city_id:
        raise BadValue("一件事不能并到它自己")
    if (first.reported_at, first.pk) > (case.reported_at, case.pk):
        raise BadValue("只能并到上报更早的那一件：时限从先报的算起")
    if first.state == State.VOID:
        raise WrongState("那件事已作废，不能并过去", reason="Void")


@transaction.atomic
def link_twin(*, by: Scope, incident: int, original: int) -> Twin:
    """Say that an incident tells of the same as an earlier one: it ends as joined.

    What leads to the incident is led on, so that every chain has one end. Both reporters are told
    the progress of the original.

    Raises:
        OutOfScope: one of them does not exist or is not the caller's.
        NotYours: the caller's posts do not include it.
        BadValue: an incident leads neither to itself, nor to another city's, nor to a later one.
        WrongState: it leads elsewhere already, or what it shall lead to is void.
    """
    _lock(by, incident)
    case, first = _case(by, incident), _case(by, original)
    before = Twin.objects.filter(incident=first).select_related("original").first()
    first = before.original if before else first
    there = Twin.objects.filter(incident=case).first()
    if there is not None:
        if there.original_id != first.pk:
            raise WrongState("这件事已并到另一件，先取消再并")
        return there
    _refuse_leading_astray(case, first)
    made = Twin.objects.create(incident=case, original=first, by_id=by.user_id)
    Twin.objects.filter(original=case).update(original=first)
    change: Change = ({}, {"original": first.number})
    if case.state not in ENDED:
        change = _end(_held(by, "link_twin", case, first))
    _record(by, "link_twin", case, change)
    return made


@transaction.atomic
def unlink_twin(*, by: Scope, incident: int) -> None:
    """Say that an incident is a matter of its own after all: it goes on where it stood.

    Raises:
        OutOfScope: no such incident, not the caller's, or joined with none.
        NotYours: the caller's posts do not include it.
    """
    _lock(by, incident)
    case = _case(by, incident)
    twin = Twin.objects.filter(incident=case).select_related("original").first()
    if twin is None:
        raise OutOfScope("没有找到，或不在您的范围内")
    original = twin.original
    twin.delete()
    change: Change = ({"original": original.number}, {})
    if _last(case).verb == "link_twin":
        change = _go_on(_held(by, "unlink_twin", case, original))
    _record(by, "unlink_twin", case, change)
