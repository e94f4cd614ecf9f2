"""Two reports of one matter are joined, and parted again."""

from __future__ import annotations

from django.db import connection, transaction

from gridmap.errors import BadValue, OutOfScope, WrongState
from gridmap.layers import journal
from gridmap.layers.incidents import Incident
from gridmap.layers.scope import Scope
from gridmap.layers.twins import Twin

TWIN_LOCK = 74_249


def _case(by: Scope, ident: int) -> Incident:
    found = Incident.objects.within(by).filter(pk=ident).first()
    if found is None:
        raise OutOfScope("没有找到，或不在您的范围内")
    by.must_at("verify", found.spot)
    return found


def _record(by: Scope, verb: str, case: Incident, original: Incident) -> None:
    where = (case.city_id, case.community_id, case.cell_id)
    told = {"original": original.number}
    change = (told, {}) if verb == "unlink_twin" else ({}, told)
    journal.record(by=by, verb=verb, subject=case, where=where, change=change)


@transaction.atomic
def link_twin(*, by: Scope, incident: int, original: int) -> Twin:
    """Say that an incident tells of the same as an earlier one.

    What leads to the incident is led on, so that every chain has one end. Both reporters are told
    the progress of the original.

    Raises:
        OutOfScope: one of them does not exist or is not the caller's.
        NotYours: the caller's posts do not include it.
        BadValue: an incident cannot be its own twin, nor one of another city's.
        WrongState: it leads elsewhere already.
    """
    case, first = _case(by, incident), _case(by, original)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [TWIN_LOCK, case.city_id])
    before = Twin.objects.filter(incident=first).select_related("original").first()
    first = before.original if before else first
    if first.pk == case.pk or first.city_id != case.city_id:
        raise BadValue("一件事不能并到它自己")
    made, new = Twin.objects.get_or_create(
        incident=case, defaults={"original": first, "by_id": by.user_id}
    )
    if made.original_id != first.pk:
        raise WrongState("这件事已并到另一件，先取消再并")
    if new:
        Twin.objects.filter(original=case).update(original=first)
        _record(by, "link_twin", case, first)
    return made


@transaction.atomic
def unlink_twin(*, by: Scope, incident: int) -> None:
    """Say that an incident is a matter of its own after all.

    Raises:
        OutOfScope: no such incident, not the caller's, or joined with none.
        NotYours: the caller's posts do not include it.
    """
    case = _case(by, incident)
    twin = Twin.objects.filter(incident=case).select_related("original").first()
    if twin is None:
        raise OutOfScope("没有找到，或不在您的范围内")
    original = twin.original
    twin.delete()
    _record(by, "unlink_twin", case, original)
