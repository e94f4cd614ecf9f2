"""What people do with incidents from the report on: one verb of the life cycle at a time.

`act` does what every deed has in common: it finds and holds the incident, asks the table of the
life cycle whether this caller may do this now, lets the verb's own part change it, and writes
step, incident and journal in one transaction. Sent again with its ``client_id`` it does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext_noop

from gridmap.actions.cases import asking, dispatching, filing, handling, inspecting, pressing
from gridmap.actions.cases.case import Case, Said, moment_after, refuse_state, spot_of, take_step
from gridmap.actions.cases.offering import is_called_for
from gridmap.actions.cases.receipts import Desk
from gridmap.actions.photos import add_photos
from gridmap.errors import BadValue, NotYours, OutOfScope, Refusal
from gridmap.layers import journal
from gridmap.layers.cases import Step
from gridmap.layers.incidents import Incident
from gridmap.layers.life_cycle import MOVES, OWN, REPORTER, Move
from gridmap.layers.scope import Scope

__all__ = ["VERBS", "Done", "Said", "act", "is_called_for", "is_offered"]

PARTS: dict[str, Callable[[Case], None]] = {
    "verify": filing.verify,
    "file": filing.file,
    "decline": filing.decline,
    "settle": filing.settle,
    "dispatch": dispatching.dispatch,
    "redispatch": dispatching.redispatch,
    "rework": dispatching.rework,
    "accept": handling.accept,
    "reach": handling.reach,
    "answer": handling.answer,
    "contribute": handling.contribute,
    "send": inspecting.send,
    "inspect": inspecting.inspect,
    "close": inspecting.close,
    "reopen": inspecting.reopen,
    "evaluate": inspecting.evaluate,
    **asking.ASKING,
    "extend": asking.extend,
    "park": asking.park,
    "resume": asking.resume,
    "return": asking.send_back,
    "void": asking.void,
    "deny": asking.deny,
    "supervise": pressing.supervise,
    "reply": pressing.reply,
}
VERBS = tuple(PARTS)


class Done(NamedTuple):
    """The incident as it is now, its last step, and whether anything was done now."""

    incident: Incident
    step: Step
    new: bool


@transaction.atomic
def act(
    *,
    by: Scope,
    incident: int,
    verb: str,
    said: Said | None = None,
    as_reporter: bool = False,
    photos: Sequence[bytes] = (),
) -> Done:
    """Do one deed of the life cycle.

    Args:
        by: who does it.
        incident: its id.
        verb: one of `VERBS`.
        said: what the sender tells.
        as_reporter: the door has found that the caller reported it (a secret link).
        photos: files that show it; with one that is no photo nothing is done.

    Raises:
        BadFile: one of the photos cannot be kept.
        OutOfScope: there is no such incident or verb, or it is not the caller's business.
        NotYours: the caller can see it, and may not do this.
        WrongState: its state does not allow this, or the client_id came with another wish.
        BadValue: something that is needed was not told, or makes no sense.
    """
    said = said or Said()
    move = MOVES.get(verb)
    if move is None or verb not in PARTS:
        raise OutOfScope("没有找到，或不在您的范围内")
    desk = Desk(by, verb, said.client_id, incident, *said.wish())
    done_before = desk.before()
    seen = Incident.objects.all() if as_reporter else Incident.objects.within(by)
    held = seen.select_for_update(of=("self",)).filter(pk=incident).first()
    if done_before and (held is not None or done_before.incident_id == incident):
        before = Incident.objects.get(pk=done_before.incident_id)
        return Done(before, Step.objects.filter(incident=before).latest("number"), new=False)
    if held is None:
        raise OutOfScope("没有找到，或不在您的范围内")
    last = Step.objects.select_for_update().get(incident=held, ends=None)
    case = Case(by, held, last, move, said, moment_after(last))
    _must(by, held, move, as_reporter=as_reporter)
    refuse_state(held, move)
    _refuse_half_told(move, said)
    desk.hand_out(held)
    step = _change_and_record(case)
    # The step that follows at once (a case on ground that was ruled on) is told on its own.
    if case.follow is not None:
        step = _change_and_record(_following(case, *case.follow))
    add_photos(by=by, incident=incident, files=photos)
    held.refresh_from_db()
    return Done(held, step, new=True)


def is_offered(*, by: Scope, case: Incident, move: Move) -> bool:
    """Return whether the table lets the caller do this with an incident in its present state."""
    if move.verb not in PARTS:
        return False
    try:
        refuse_state(case, move)
        _must(by, case, move, as_reporter=False)
    except Refusal:
        return False
    return True


def _must(by: Scope, incident: Incident, move: Move, *, as_reporter: bool) -> None:
    """Let only those pass whom the table names.

    Raises:
        NotYours: the caller's postings do not allow it, or another department has the case.
    """
    reporter = as_reporter or (by.user_id is not None and by.user_id == incident.reporter_id)
    if move.who == REPORTER and reporter:
        return
    spot = spot_of(incident)
    by.must_at(move.right, spot)
    if move.who == OWN and not by.may_besides_department(move.right, spot):
        mine = incident.department_id in by.departments or (
            (incident.department_id, incident.community_id) in by.assigned
        )
        if not mine:
            raise NotYours("这件事现在不在您的部门", verb=move.verb)


TOLD = {
    "why": gettext_noop("须写明理由或说明"),
    "finding": gettext_noop("须写明结果：是或否"),
    "amount": gettext_noop("须写明延长多少"),
    "unit": gettext_noop("须写明延长的单位"),
    "application": gettext_noop("须写明批复哪一份申请"),
    "supervision": gettext_noop("须写明答复哪一次督办"),
    "satisfied": gettext_noop("须写明满意程度"),
    "milestone": gettext_noop("须写明完成了哪一个时限"),
}


def _refuse_half_told(move: Move, said: Said) -> None:
    """Refuse a deed that lacks what it needs; a department may be left to the proposal.

    Raises:
        BadValue: it lacks something.
    """
    for name in move.needs:
        if name in TOLD and getattr(said, name) in {None, ""}:
            raise BadValue(TOLD[name], field=name)
    if move.verb == "redispatch" and said.department is None:
        raise BadValue("须写明改派给哪个部门", field="department")
    if move.verb in {"verify", "inspect"} and said.finding is False and not said.why:
        raise BadValue(TOLD["why"], field="why")


def _change_and_record(case: Case) -> Step:
    """Let the verb's part change the case, and write step, incident and journal."""
    before = {"state": case.incident.state, "department": case.incident.department_id}
    PARTS[case.move.verb](case)
    step = take_step(case)
    incident = case.incident
    incident.save()
    journal.record(
        by=case.by,
        verb=case.move.verb,
        subject=incident,
        where=(incident.city_id, incident.community_id, incident.cell_id),
        change=(
            before,
            {"state": incident.state, "department": incident.department_id, **case.detail},
        ),
        why=case.said.why,
    )
    return step


def _following(case: Case, verb: str, said: Said) -> Case:
    last = Step.objects.get(incident=case.incident, ends=None)
    return Case(case.by, case.incident, last, MOVES[verb], said, case.now)
