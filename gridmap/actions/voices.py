"""Those who reported without an account are heard after the end: how it was done, and once more."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_noop

from gridmap.actions.cases import Done, Said, act
from gridmap.errors import OutOfScope, WrongState
from gridmap.layers import journal
from gridmap.layers.cases import CaseReceipt
from gridmap.layers.incidents import Incident
from gridmap.layers.letters import Letter
from gridmap.layers.life_cycle import MOVES, REPORTER
from gridmap.layers.outcomes import judgement_of, matter_of
from gridmap.layers.scope import Scope

# What the life cycle refuses, in words for whoever never heard of it.
REFUSED = {
    ("evaluate", "State"): gettext_noop("已经办结的事才能评价"),
    ("reopen", "State"): gettext_noop("已经办结的事才能请再办；这件事现在不是办结的"),
    ("evaluate", "ClientIdReused"): gettext_noop("这次办理您已经评价过了"),
    ("reopen", "ClientIdReused"): gettext_noop("这一页已经用过一次，请重新打开再填"),
}


@transaction.atomic
def speak(*, by: Scope, letter: Letter, verb: str, said: Said) -> Done:
    """Judge the matter a letter tells of, or ask for it to be done once more, as its sender.

    A letter that was joined to another report speaks of the original: its sender reported the same
    matter, is told its course, and the original alone is worked on.

    Args:
        by: `gridmap.layers.postings.resident_scope()`.
        letter: found by its secret link.
        verb: ``evaluate`` or ``reopen``.
        said: what the sender tells; to judge, its ``client_id`` is that of
            `gridmap.layers.outcomes.judgement_of`.

    Raises:
        OutOfScope: the verb is none of these two.
        WrongState: the matter has not ended, or too long ago, or this letter has said it before.
        BadValue: no reason, or no such word.
    """
    move = MOVES.get(verb)
    if move is None or move.who != REPORTER:
        raise OutOfScope("没有找到，或不在您的范围内")
    matter = matter_of(letter)
    if verb == "evaluate" and said.client_id != judgement_of(letter, matter):
        _refuse_stale(matter, said)
    try:
        done = act(by=by, incident=matter.pk, verb=verb, said=said, as_reporter=True)
    except WrongState as refusal:
        words = REFUSED.get((verb, str(refusal.detail.get("reason"))), refusal.message)
        raise WrongState(words, **refusal.detail) from refusal
    if done.new and matter.pk != letter.incident_id:
        case = letter.incident
        journal.record(
            by=by,
            verb="speak",
            subject=case,
            where=(case.city_id, case.community_id, case.cell_id),
            change=({}, {"original": matter.number, "verb": verb}),
        )
    return done


def _refuse_stale(matter: Incident, said: Said) -> None:
    """Refuse a judgement of a closing that is not the last one; one that was made stays made.

    Raises:
        WrongState: the page it came from tells of an earlier closing.
    """
    made = CaseReceipt.objects.filter(incident=matter, verb="evaluate")
    if said.client_id is None or not made.filter(client_id=said.client_id).exists():
        raise WrongState("这件事又有了变化，请看现在的进度", reason="Stale")
