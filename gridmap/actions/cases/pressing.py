"""Pressing for a case (督办), and the answer to it."""

from __future__ import annotations

from gridmap.actions.cases.case import Case
from gridmap.errors import BadValue
from gridmap.layers.cases import Supervision


def supervise(case: Case) -> None:
    """Press for it."""
    made = Supervision.objects.create(
        incident=case.incident, by_id=case.by.user_id, at=case.now, words=case.said.why
    )
    case.detail["supervision"] = made.pk


def reply(case: Case) -> None:
    """Answer.

    Raises:
        BadValue: there is no such supervision, or it is answered.
    """
    rows = Supervision.objects.filter(incident=case.incident, replied_at=None)
    found = rows.filter(pk=case.said.supervision or 0).first()
    if found is None:
        raise BadValue("没有编号为 %(supervision)s 的未答复督办", supervision=case.said.supervision)
    found.replied_at, found.replied_by_id = case.now, case.by.user_id
    found.reply = case.said.why
    found.save()
    case.detail["supervision"] = found.pk
